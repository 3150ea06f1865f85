//! The subject of all rules: a project, its configurations, and its build. Everything is read once.

pub(super) mod astro_config;
pub(super) mod data;
pub(super) mod page;
pub(super) mod sources;
pub(super) mod text;

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use crate::feedback::error::PackError;
use crate::ingest::Site;
use crate::inspection::start::Start;
use crate::pack::Pack;
use crate::pack::examined::Examined;
use crate::project::wrangler::WranglerConfig;
use crate::project::{Project, environment};
use astro_config::AstroConfig;
use data::{DataError, DataFile};
use page::Page;
use text::TextFile;

/// The folder whose files Astro copies into the build.
const PUBLIC: &str = "public";

/// Size up to which a file of the build is compared with that in `public`, in bytes.
const MAX_COMPARED: u64 = 4 << 20;

/// A project to look for faults in.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The project's folder: the nearest one above the build with a `package.json`, else the one
    /// that contains the build. Files in findings are relative to it.
    pub(crate) root: PathBuf,
    /// The pack of the build, for a rule that needs one with another target.
    pub(crate) pack: Pack,
    /// The occasions on which the packed Worker is started.
    pub(crate) start: Start,
    /// All that packing the build tells.
    pub(crate) examined: Examined,
    /// The configuration for wrangler that the user wrote. `None` if there is none.
    pub(crate) config: Option<Data>,
    /// The configuration for wrangler that the adapter wrote into the build. `None` if there is
    /// none.
    pub(crate) adapter_config: Option<Data>,
    /// `package.json`. `None` if it is missing.
    pub(crate) package: Option<Data>,
    /// The files `.env*` and `.dev.vars*` of the project, sorted.
    pub(crate) environment: Vec<TextFile>,
    astro_config: OnceLock<Option<AstroConfig>>,
    sources: OnceLock<Vec<TextFile>>,
    server: OnceLock<Vec<TextFile>>,
    pages: OnceLock<Vec<Page>>,
}

/// A file of JSON or TOML that may not be valid.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    pub(crate) file: TextFile,
    pub(crate) parsed: Result<DataFile, DataError>,
}

impl Subject {
    /// Packs a build in memory, and reads the project around it.
    pub(crate) fn read(pack: &Pack) -> Result<Self, PackError> {
        let dist = absolute(pack.dist());
        let above = || dist.parent().unwrap_or(&dist).to_owned();
        let root = environment::project_folder(&dist).unwrap_or_else(above);
        let examined = pack.examine()?;
        let mut subject = Self {
            root,
            pack: pack.clone(),
            start: Start::default(),
            examined,
            config: None,
            adapter_config: None,
            package: None,
            environment: Vec::new(),
            astro_config: OnceLock::new(),
            sources: OnceLock::new(),
            server: OnceLock::new(),
            pages: OnceLock::new(),
        };
        subject.config = subject.user_config().and_then(|path| subject.data(&path));
        subject.adapter_config = subject.project().and_then(|project| {
            let name = project.layout.adapter_config(&project.folder)?;
            subject.data(&project.dist.join(name))
        });
        subject.package = subject.data(&subject.root.join("package.json"));
        let files = environment::files(&dist);
        let texts =
            files.iter().filter_map(|path| TextFile::read(subject.name_of(path), path).ok());
        subject.environment = texts.collect();
        Ok(subject)
    }

    /// Returns the folder of the build, as the user named it.
    pub(crate) fn dist(&self) -> &Path {
        self.pack.dist()
    }

    /// Returns the name in findings of a file of the build, given by its path below the packed
    /// folder.
    pub(crate) fn dist_name(&self, file: &str) -> String {
        let dist = self.name_of(self.dist());
        if file.is_empty() { dist } else { format!("{dist}/{file}") }
    }

    /// Returns the name in findings of the file that a user changes to change a file of the build:
    /// the one in `public` that Astro has copied, if it is the same, else the file of the build.
    pub(crate) fn source_name(&self, file: &str) -> String {
        let prefix = self.project().map(|project| project.layout.asset_prefix());
        let below = Path::new(file).strip_prefix(prefix.unwrap_or(Path::new(""))).ok();
        let source = below.map(|below| self.root.join(PUBLIC).join(below));
        let is_same = source.as_ref().is_some_and(|source| {
            let len = |path: &Path| path.metadata().map(|it| it.len()).ok();
            let built = self.dist().join(file);
            source.is_file()
                && len(source) == len(&built)
                && len(source).is_some_and(|len| len <= MAX_COMPARED)
                && fs::read(source).ok() == fs::read(built).ok()
        });
        match source {
            Some(source) if is_same => self.name_of(&source),
            _ => self.dist_name(file),
        }
    }

    /// Returns the name of a file in findings: its path from the project's folder, with slashes. One outside
    /// of the repository keeps its path.
    pub(crate) fn name_of(&self, path: &Path) -> String {
        let target = absolute(path);
        let is_in = |above: &Path| target.starts_with(above);
        let mut above = self.root.ancestors().take_while(|it| it.starts_with(self.repository()));
        let (ups, below) = match above.by_ref().enumerate().find(|(_, above)| is_in(above)) {
            Some((ups, above)) => (ups, target.strip_prefix(above).unwrap_or(path)),
            None => (0, path),
        };
        let ups = std::iter::repeat_n("..".into(), ups);
        let parts: Vec<_> = ups.chain(below.iter().map(|part| part.to_string_lossy())).collect();
        parts.join("/")
    }

    /// Returns the root of the project's git repository, else the project's folder.
    pub(crate) fn repository(&self) -> &Path {
        let mut above = self.root.ancestors();
        above.find(|folder| folder.join(".git").exists()).unwrap_or(&self.root)
    }

    /// Returns the files of the build. Returns `None` without a build.
    pub(crate) fn site(&self) -> Option<&Site> {
        self.examined.site.as_ref()
    }

    /// Returns what the project states about itself. Returns `None` without a build.
    pub(crate) fn project(&self) -> Option<&Project> {
        Some(&self.site()?.project)
    }

    /// Returns Astro's configuration, if it is a valid module.
    pub(crate) fn astro_config(&self) -> Option<&AstroConfig> {
        self.astro_config.get_or_init(|| AstroConfig::of_project(self)).as_ref()
    }

    /// Returns the texts that the user wrote: `astro.config.*`, and the scripts, components and
    /// pages below `src` and `functions`, sorted.
    pub(crate) fn sources(&self) -> &[TextFile] {
        self.sources.get_or_init(|| sources::of_project(self))
    }

    /// Returns the modules of the server in the build, sorted: `.js`, `.mjs` and `.cjs`.
    pub(crate) fn server(&self) -> &[TextFile] {
        self.server.get_or_init(|| sources::of_server(self))
    }

    /// Returns the public pages, sorted by route. One that cannot be read is left out.
    pub(crate) fn pages(&self) -> &[Page] {
        self.pages.get_or_init(|| page::pages(self))
    }

    /// Returns the path of the configuration that the user wrote, if it exists.
    fn user_config(&self) -> Option<PathBuf> {
        let known = self.project().and_then(|project| {
            let own = project.user_config.as_ref().unwrap_or(&project.config);
            let is_in_build = absolute(own.path()).starts_with(absolute(&project.dist));
            let is_of_user = own.exists() && !is_in_build;
            is_of_user.then(|| own.path().to_owned())
        });
        // The adapter reads a configuration that its option names.
        let named = self.astro_config().and_then(|config| {
            let path = config.adapter_option("configPath")?.text.as_ref()?;
            Some(self.root.join(path)).filter(|path| path.is_file())
        });
        let in_root = WranglerConfig::NAMES.iter().map(|name| self.root.join(name));
        named.or(known).or_else(|| in_root.into_iter().find(|path| path.exists()))
    }

    /// Reads a file of JSON or TOML. Returns `None` if it is missing.
    pub(crate) fn data(&self, path: &Path) -> Option<Data> {
        fs::symlink_metadata(path).ok()?;
        let name = self.name_of(path);
        Some(match TextFile::read(&name, path) {
            Ok(file) => Data { parsed: DataFile::parse(&file), file },
            Err(error) => {
                let file = TextFile { name, path: path.to_owned(), text: String::new() };
                let message = format!("it cannot be read: {error}");
                Data { file, parsed: Err(DataError { message, offset: 0 }) }
            }
        })
    }
}

impl Data {
    /// Returns the values, if the file is valid.
    pub(crate) fn values(data: Option<&Self>) -> Option<&DataFile> {
        data?.parsed.as_ref().ok()
    }
}

/// Returns an absolute path without `.` and `..`.
fn absolute(path: &Path) -> PathBuf {
    normal(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// Removes `.` and `..` from a path, without asking the file system.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
