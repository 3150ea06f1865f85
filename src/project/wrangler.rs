//! Reads a configuration for wrangler: `wrangler.json`, `wrangler.jsonc` or `wrangler.toml`.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use jsonc_parser::ParseOptions;
use serde_json::{Map, Value};

use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::project::Project;
use crate::project::layout::Layout;

/// The name that a packed Worker gives the binding of Workers Static Assets.
pub(crate) const PACKED_BINDING: &str = "WORKER_PACK_ASSETS";

/// The name that a packed Worker gives the binding of the R2 bucket with its bodies.
pub(crate) const PACKED_BODIES: &str = "WORKER_PACK_BODIES";

/// The compatibility date from which Workers have Node.js without a flag (Cloudflare's changelog of the same
/// day).
pub(crate) const NODE_BY_DEFAULT: &str = "2026-08-04";

/// A configuration, as text and as data.
#[derive(Clone, Debug, Default)]
pub(crate) struct WranglerConfig {
    path: PathBuf,
    /// The text of the file. `None` if it is missing.
    text: Option<String>,
    values: Map<String, Value>,
    /// The environment that deploys the packed folder, if the top level does not.
    environment: Option<String>,
}

impl WranglerConfig {
    /// The names of a project's configuration, in wrangler's order of preference.
    pub(crate) const NAMES: [&str; 3] = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

    /// The number of folders above the packed one in which the user's configuration may be.
    pub(crate) const MAX_ABOVE: usize = 2;

    /// Reads a configuration. A missing file has no values.
    pub(crate) fn read(path: &Path) -> Result<Self, PackError> {
        Self::parse(path, fs::read(path))
    }

    /// Parses the bytes of a configuration, or returns the error of reading it.
    pub(crate) fn parse(path: &Path, read: io::Result<Vec<u8>>) -> Result<Self, PackError> {
        let path = path.to_owned();
        let text = match read {
            Ok(bytes) => match text_of(bytes) {
                Ok(text) => text,
                Err(message) => return Err(PackError::Config { path, message }),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path, ..Self::default() });
            }
            Err(error) => return Err(PackError::io(Stage::Ingest, "read", path)(error)),
        };
        let values = if path.extension().is_some_and(|extension| extension == "toml") {
            toml::from_str::<Value>(&text).map_err(|error| error.to_string())
        } else {
            jsonc_parser::parse_to_serde_value::<Value>(&text, &ParseOptions::default())
                .map_err(|error| error.to_string())
        };
        match values {
            Ok(Value::Object(values)) => {
                Ok(Self { path, text: Some(text), values, environment: None })
            }
            Ok(_) => Err(PackError::Config {
                path,
                message: "its top level is not an object".to_owned(),
            }),
            Err(message) => Err(PackError::Config { path, message }),
        }
    }

    /// Reads the configuration that a site is deployed with: the one that the adapter wrote into
    /// the build, else the project's.
    pub(super) fn of_site(project: &Project) -> Result<Self, PackError> {
        let Project { dist, folder, layout, .. } = project;
        if let Some(name) = layout.adapter_config(folder) {
            let read = project.file(&name).and_then(|file| file.read());
            let config = Self::parse(&dist.join(name), read);
            // A static site may contain any file of that name.
            if *layout != Layout::Static || config.as_ref().is_ok_and(Self::serves_its_folder) {
                return config;
            }
        }
        let public = layout.asset_root(folder);
        let (parent, found) = Self::beside(dist);
        if found.is_none()
            && let Some(config) = Self::above(&parent, &public)
        {
            return Ok(config);
        }
        let mut config = Self::read(&found.unwrap_or_else(|| parent.join(Self::NAMES[1])))?;
        config.environment = config.environment_of(&public);
        Ok(config)
    }

    /// Reads the configuration in the folder above a project's, if it names the public folder: the packed
    /// folder may be `build/site`. Another project's configuration, as in a monorepo, does not.
    fn above(parent: &Path, public: &Path) -> Option<Self> {
        let above = folder_around(parent);
        let (_, found) = Self::beside(&above.join("any"));
        let mut config = Self::read(&found?).ok()?;
        let is_public = |folder: Option<&Value>| {
            let folder = folder.and_then(Value::as_str).map(|folder| above.join(folder));
            folder.is_some_and(|folder| folder.canonicalize().is_ok_and(|it| it == public))
        };
        let directory = |settings: &Map<String, Value>| {
            is_public(settings.get("assets")?.get("directory")).then_some(())
        };
        if directory(&config.values).is_none() && !is_public(config.get("pages_build_output_dir")) {
            let mut environments = config.environments();
            environments.find(|(_, settings)| directory(settings).is_some())?;
        }
        config.environment = config.environment_of(public);
        Some(config)
    }

    /// Returns the first environment that deploys a folder, unless the top level does.
    fn environment_of(&self, folder: &Path) -> Option<String> {
        let deploys = |assets: &Value| match assets.get("directory").and_then(Value::as_str) {
            Some(directory) => {
                self.folder().join(directory).canonicalize().is_ok_and(|it| it == folder)
            }
            None => true,
        };
        if self.get("assets").is_some_and(deploys) {
            return None;
        }
        let mut environments = self.environments();
        let found = environments.find(|(_, settings)| settings.get("assets").is_some_and(deploys));
        found.map(|(name, _)| name.to_owned())
    }

    /// Reads the configuration that the user wrote, if this one was made of it by an adapter.
    pub(super) fn of_user(&self, project: &Project) -> Option<Self> {
        let (_, beside) = Self::beside(&project.dist);
        let path = beside.or_else(|| self.user_path(project))?;
        // What the adapter made of it counts, so an invalid one does no harm.
        let user = Self::read(&path).ok()?;
        (user.path != self.path).then_some(user)
    }

    /// Returns the path that the adapter names, if it is that of a folder above the packed one, which
    /// may be `client`. A build that was moved names another one.
    fn user_path(&self, project: &Project) -> Option<PathBuf> {
        let path = self.folder().join(self.get("userConfigPath")?.as_str()?);
        let found = path.canonicalize().ok()?;
        let above = project.folder.ancestors().skip(1).take(Self::MAX_ABOVE);
        let is_above = above.into_iter().any(|folder| found.parent() == Some(folder));
        (is_above && found.is_file()).then_some(path)
    }

    /// Returns the folder of the project, and its configuration.
    fn beside(dist: &Path) -> (PathBuf, Option<PathBuf>) {
        // The packed folder may be a link: the project is where the link is.
        let parent = folder_around(dist);
        let found = Self::NAMES.iter().map(|name| parent.join(name)).find(|path| path.exists());
        (parent, found)
    }

    /// Returns whether the files that it makes public are those of its own folder.
    fn serves_its_folder(&self) -> bool {
        let directory = self.asset_option("directory").and_then(Value::as_str);
        directory.is_some_and(|it| Path::new(it).components().all(|part| part == Component::CurDir))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder that it is in, from which its paths lead.
    pub(crate) fn folder(&self) -> &Path {
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.unwrap_or(Path::new("."))
    }

    /// Returns the name of its file, for messages.
    pub(crate) fn file_name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Returns the text. Returns `None` if the file is missing.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    pub(crate) fn exists(&self) -> bool {
        self.text.is_some()
    }

    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Returns its environments with their settings.
    pub(crate) fn environments(&self) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        let all = self.get("env").and_then(Value::as_object).into_iter().flatten();
        all.filter_map(|(name, settings)| Some((name.as_str(), settings.as_object()?)))
    }

    /// Returns whether its `main` module is this file.
    pub(crate) fn has_main(&self, module: &Path) -> bool {
        let main = self.main();
        main.is_some() && main == module.canonicalize().ok()
    }

    /// Returns the path of its `main` module, if that exists.
    pub(crate) fn main(&self) -> Option<PathBuf> {
        self.folder().join(self.get("main")?.as_str()?).canonicalize().ok()
    }

    /// Returns its `assets`, unless worker-pack wrote them: those of a packed Worker contain what
    /// moved out of it, and say nothing about the site. They are those of an environment if only that
    /// deploys the packed folder.
    pub(crate) fn assets(&self) -> Option<&Value> {
        let own = match &self.environment {
            Some(name) => self.get("env")?.get(name)?.get("assets"),
            None => self.get("assets"),
        };
        own.filter(|assets| assets.get("binding") != Some(&PACKED_BINDING.into()))
    }

    /// Returns an option in its `assets`.
    pub(crate) fn asset_option(&self, name: &str) -> Option<&Value> {
        self.assets()?.get(name)
    }

    /// Returns whether the Worker has a compatibility flag.
    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        let flags = self.values.get("compatibility_flags").and_then(Value::as_array);
        flags.is_some_and(|flags| flags.iter().any(|one| one == flag))
    }
}

/// Returns the folder around another, as the user names it.
fn folder_around(folder: &Path) -> PathBuf {
    // `.` and `..` have no name.
    match folder.file_name().and(folder.parent()) {
        Some(around) if around.as_os_str().is_empty() => PathBuf::from("."),
        Some(around) => around.to_owned(),
        None => folder.join(".."),
    }
}

/// Decodes a configuration as wrangler does: a byte order mark of UTF-8 is left out, and bytes that
/// are not UTF-8, as in a comment, are replaced.
fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    const OTHERS: [(&[u8], &str); 4] = [
        (&[0xff, 0xfe, 0, 0], "UTF-32"),
        (&[0, 0, 0xfe, 0xff], "UTF-32"),
        (&[0xff, 0xfe], "UTF-16"),
        (&[0xfe, 0xff], "UTF-16"),
    ];
    if let Some((_, encoding)) = OTHERS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Err(format!("is encoded as {encoding}; save it as UTF-8"));
    }
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}
