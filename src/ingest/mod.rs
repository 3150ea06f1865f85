//! Stage 1: finds the files of a build, and decides which of them are public.

mod admission;
mod conflict;
mod exclusion;
mod hidden;
mod link;
mod only_page;
mod server_entry;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

pub(crate) use admission::{Publication, decides_by_content};
pub use exclusion::LeftOutReason;
pub(crate) use exclusion::is_source_map;

use crate::asset::route::RoutePath;
use crate::cache::{FileState, now};
use crate::disk::{FileIn, Folder};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::options::Options;
use crate::project::Project;
use crate::rules::SiteRules;
use admission::Admission;
use exclusion::Exclusions;

/// Cloudflare's limit for a single asset, in bytes.
pub(crate) const MAX_ASSET_SIZE: u64 = 25 * 1024 * 1024;

/// The size in bytes that every file stays below, since the lengths of a table have 32 bits.
pub(crate) const TOO_LARGE: u64 = u32::MAX as u64;

/// The files of a build.
#[derive(Debug)]
pub(crate) struct Site {
    /// The project that the build belongs to.
    pub project: Project,
    /// The public files, sorted by route.
    pub files: Vec<SourceFile>,
    /// The files and folders that are not public, sorted by path.
    pub left_out: Vec<LeftOut>,
    /// The site's rules for URLs and header fields.
    pub rules: SiteRules,
    /// The time before the state of the first file was read.
    pub looked_at: SystemTime,
}

/// A public file.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Its route in the table.
    pub route: RoutePath,
    /// Its path in the file system.
    pub path: PathBuf,
    /// Its bytes. If a link leads to them, they are those of its target.
    pub content: FileIn,
    /// Its name in diagnostics: the path below the packed folder, with slashes.
    pub name: String,
    /// Its metadata, by which a later change is detected.
    pub state: FileState,
    /// The reason why it is public.
    pub publication: Publication,
}

/// A file or folder that is not public. The name of a folder ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its path below the packed folder, with slashes.
    pub file: String,
    /// The reason why it is not public.
    pub reason: LeftOutReason,
}

/// Finds the public files of a project, and reads the rules of the site.
///
/// # Errors
/// If the site has no public file, or the configuration cannot be read. Problems with single files
/// are findings.
pub(crate) fn ingest(
    project: Project,
    options: &Options,
    findings: &mut Findings,
) -> Result<Site, PackError> {
    let exclusions = Exclusions::new(&project, options)?;
    let mut walk = Walk {
        root: project.asset_root(),
        folder: &project.folder,
        held: &project.held,
        exclusions,
        linked_folders: Vec::new(),
        files: Vec::new(),
        left_out: Vec::new(),
        diagnostics: Vec::new(),
        started: now(),
    };
    walk.run();
    let (rules, diagnostics) = SiteRules::read(&project, options)?;
    walk.diagnostics.extend(diagnostics);
    let walked = walk.finish(&rules);
    let Walked { files, left_out, diagnostics, started } = walked;
    findings.add(diagnostics);
    findings.add(server_entry::find(&project, &files, &left_out));
    let rules_file = project.layout.asset_name(SiteRules::REDIRECTS);
    findings.add(hidden::find(&files, &rules, &rules_file));
    findings.add(only_page::find(&project, &files, &rules, options).into_iter().collect());
    // If files could not be read, their errors say more than that the site is empty.
    if files.is_empty() && findings.check().is_ok() {
        return Err(PackError::EmptySite { path: project.dist, left_out: left_out.len() });
    }
    Ok(Site { project, files, left_out, rules, looked_at: started })
}

/// A walk through the packed folder.
struct Walk<'w> {
    /// The packed folder, without symbolic links in its path.
    folder: &'w Path,
    /// The same folder, held open.
    held: &'w Arc<Folder>,
    /// The folder below which files are public.
    root: PathBuf,
    exclusions: Exclusions,
    /// Folders that the walk has entered through a link.
    linked_folders: Vec<PathBuf>,
    files: Vec<SourceFile>,
    left_out: Vec<LeftOut>,
    diagnostics: Vec<Diagnostic>,
    started: SystemTime,
}

/// The result of a walk.
struct Walked {
    files: Vec<SourceFile>,
    left_out: Vec<LeftOut>,
    diagnostics: Vec<Diagnostic>,
    started: SystemTime,
}

impl Walk<'_> {
    /// Visits every entry, except inside of folders that are not public.
    fn run(&mut self) {
        // Links are followed here, and `exclusion` decides which targets are public. The order of
        // the names makes diagnostics the same on every system.
        let mut entries = WalkDir::new(self.folder)
            .min_depth(1)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(&error);
                    continue;
                }
            };
            match self.judge(&entry) {
                Err(reason) => {
                    if entry.file_type().is_dir() {
                        entries.skip_current_dir();
                    }
                    self.leave_out(&entry, reason);
                }
                Ok(_) if entry.file_type().is_dir() => {}
                Ok(real) => self.add_file(&entry, &real),
            }
        }
    }

    /// Returns the path of an entry below the packed folder, without links, or the reason why it is not
    /// public. A link, and an entry reached through one, is judged by its own name and by its target, so
    /// that no link publishes a file that would not be public by itself.
    fn judge(&mut self, entry: &DirEntry) -> Result<PathBuf, LeftOutReason> {
        let (path, file_type) = (entry.path(), entry.file_type());
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        if let Some(reason) = self.exclusions.reason(relative, file_type) {
            return Err(reason);
        }
        // An entry that was not reached through a link is judged by its own path alone.
        let is_link = entry.path_is_symlink();
        if !is_link && !self.linked_folders.iter().any(|folder| path.starts_with(folder)) {
            return Ok(relative.to_owned());
        }
        let target = link::target_within(path, &self.root)?;
        if is_link && file_type.is_dir() {
            self.linked_folders.push(path.to_owned());
        }
        let target = target.strip_prefix(self.folder).unwrap_or(&target);
        match self.exclusions.reason_for_target(target, file_type) {
            Some(reason) => Err(reason),
            None => Ok(target.to_owned()),
        }
    }

    /// Records an entry that is not public.
    fn leave_out(&mut self, entry: &DirEntry, reason: LeftOutReason) {
        let mut file = self.name(entry.path());
        if entry.file_type().is_dir() {
            file.push('/');
        }
        if reason == LeftOutReason::Secret {
            self.warn_of_secret(entry.path(), &file);
        }
        self.note_left_out(file, reason);
    }

    /// Records a name that is not public, and warns if it was probably left out by mistake.
    fn note_left_out(&mut self, file: String, reason: LeftOutReason) {
        if let Some((code, help)) = reason.warning() {
            let message = format!("left out: {reason}");
            self.diagnostics.push(Diagnostic::warning(code, &file, message).with_help(help));
        }
        self.left_out.push(LeftOut { file, reason });
    }

    /// Adds a public file. `real` is its path below the packed folder, without links.
    fn add_file(&mut self, entry: &DirEntry, real: &Path) {
        let name = self.name(entry.path());
        let relative = entry.path().strip_prefix(&self.root).ok();
        let Some(route) = relative.and_then(RoutePath::from_relative) else {
            self.note_left_out(name, LeftOutReason::NameNotUtf8);
            return;
        };
        let publication = match self.admit(entry, &name) {
            Admission::Public(publication) => publication,
            Admission::Secret => return self.leave_out(entry, LeftOutReason::Secret),
        };
        let state = match entry.metadata() {
            Ok(metadata) => FileState::of(&metadata),
            Err(error) => return self.unreadable(&error),
        };
        let len = state.len();
        if len >= TOO_LARGE {
            let message = format!("{:.1} MiB is too large: the limit is 4 GiB", mib(len));
            let error = Diagnostic::error(Code::IngestTooLarge, &name, message);
            self.diagnostics.push(
                error.with_help(
                    "serve it from elsewhere, such as R2, and list it in `.assetsignore`",
                ),
            );
            return;
        }
        // Not an error, since a Worker of 64 MiB may have room for it.
        if len > MAX_ASSET_SIZE {
            let message = format!("{:.1} MiB is very large for a Worker", mib(len));
            let warning = Diagnostic::warning(Code::IngestLargeFile, &name, message);
            self.diagnostics.push(warning.with_help(
                "Cloudflare accepts Workers up to 64 MiB and static assets up to 25 MiB; serve \
                 large files from R2",
            ));
        }
        let (path, content) = (entry.path().to_owned(), FileIn::new(self.held, real));
        self.files.push(SourceFile { route, path, content, name, state, publication });
    }

    /// Records an entry that could not be read: an error, unless its name excludes it anyway or it
    /// is a bad link.
    fn unreadable(&mut self, error: &walkdir::Error) {
        let path = error.path().unwrap_or(self.folder);
        let file = self.name(path);
        // A file that is not public need not be readable.
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        if let Some(reason) = self.exclusions.reason_by_name(relative) {
            self.left_out.push(LeftOut { file, reason });
        } else if error.loop_ancestor().is_some() {
            self.note_left_out(file, LeftOutReason::LinkLoop);
        } else if path.is_symlink() && !path.exists() {
            self.note_left_out(file, LeftOutReason::LinkBroken);
        } else {
            let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
            let message = format!("cannot be read: {cause}");
            self.diagnostics.push(Diagnostic::error(Code::IngestUnreadable, file, message));
        }
    }

    /// Returns the name of a path in diagnostics.
    fn name(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        let names = relative.iter().map(|name| name.to_string_lossy());
        names.collect::<Vec<_>>().join("/")
    }

    /// Checks the files against each other and the rules.
    fn finish(mut self, rules: &SiteRules) -> Walked {
        // The walk sorts the names within each folder, which is not the order of whole routes.
        self.files.sort_by(|a, b| a.route.cmp(&b.route));
        self.diagnostics.extend(conflict::find(&self.files, rules.behaviour));
        self.warn_of_case_conflicts();
        let Self { files, mut left_out, diagnostics, started, .. } = self;
        left_out.sort();
        Walked { files, left_out, diagnostics, started }
    }

    /// Warns of routes that differ only in case.
    fn warn_of_case_conflicts(&mut self) {
        let mut by_lower_case = BTreeMap::<String, Vec<&SourceFile>>::new();
        for file in &self.files {
            by_lower_case.entry(file.route.as_str().to_lowercase()).or_default().push(file);
        }
        for files in by_lower_case.into_values().filter(|files| files.len() > 1) {
            for pair in files.windows(2) {
                let message = format!("differs from `{}` only in case", pair[0].name);
                let code = Code::IngestNamesDifferInCase;
                let warning = Diagnostic::warning(code, &pair[1].name, message);
                self.diagnostics.push(warning.with_help(
                    "both are served, but a file system that ignores case can hold only one of \
                     them; rename one",
                ));
            }
        }
    }
}

/// Converts bytes to mebibytes, for messages.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
