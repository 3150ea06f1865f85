//! Stage 1: finds the files of a build, and says of each whether it is public.

mod conflict;
mod exclusion;
mod link;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

pub use exclusion::LeftOutReason;
pub(crate) use exclusion::is_source_map;

use crate::asset::route::RoutePath;
use crate::cache::{FileState, now};
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::feedback::stage::Stage;
use crate::options::Options;
use crate::project::Project;
use crate::rules::SiteRules;
use exclusion::Exclusions;

/// Cloudflare takes no single asset above this size, in bytes.
pub(crate) const LARGEST_ASSET: u64 = 25 * 1024 * 1024;

/// The files of a build.
#[derive(Debug)]
pub(crate) struct Site {
    /// The project that the build belongs to.
    pub project: Project,
    /// The public files, sorted by route.
    pub files: Vec<SourceFile>,
    /// What is not public, sorted by path.
    pub left_out: Vec<LeftOut>,
    /// The rules for its URLs and header fields.
    pub rules: SiteRules,
    /// The time just before the first file was looked at.
    pub looked_at: SystemTime,
}

/// A public file.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Where the table has it.
    pub route: RoutePath,
    /// Where it lies.
    pub path: PathBuf,
    /// How it is called in messages: its path below the packed folder, with slashes.
    pub name: String,
    /// What the file system says of it.
    pub state: FileState,
}

/// A file or folder that is not public. The name of a folder ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its path below the packed folder, with slashes.
    pub file: String,
    /// Why.
    pub reason: LeftOutReason,
}

/// Finds the public files below `dist`.
pub(crate) fn ingest(
    project: Project,
    options: &Options,
    findings: &mut Findings,
) -> Result<Site, PackError> {
    let exclusions = Exclusions::new(&project, options)?;
    let mut walk = Walk {
        root: project.asset_root(),
        folder: &project.folder,
        exclusions,
        linked_folders: Vec::new(),
        files: Vec::new(),
        left_out: Vec::new(),
        diagnostics: Vec::new(),
        begun: now(),
    };
    walk.run();
    let (rules, diagnostics) = SiteRules::read(&project, options)?;
    walk.diagnostics.extend(diagnostics);
    let walked = walk.finish(&rules);
    let Walked { files, left_out, diagnostics, begun } = walked;
    findings.add(diagnostics);
    if files.is_empty() && findings.check().is_ok() {
        return Err(PackError::EmptySite { path: project.dist, left_out: left_out.len() });
    }
    Ok(Site { project, files, left_out, rules, looked_at: begun })
}

/// A walk under way.
struct Walk<'w> {
    /// The packed folder, without symbolic links in its path.
    folder: &'w Path,
    /// The folder below which files are public.
    root: PathBuf,
    exclusions: Exclusions,
    /// Folders that the walk has entered through a link.
    linked_folders: Vec<PathBuf>,
    files: Vec<SourceFile>,
    left_out: Vec<LeftOut>,
    diagnostics: Vec<Diagnostic>,
    begun: SystemTime,
}

/// The result of a walk.
struct Walked {
    files: Vec<SourceFile>,
    left_out: Vec<LeftOut>,
    diagnostics: Vec<Diagnostic>,
    begun: SystemTime,
}

impl Walk<'_> {
    fn run(&mut self) {
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
            match self.exclusion(&entry) {
                Some(reason) => {
                    if entry.file_type().is_dir() {
                        entries.skip_current_dir();
                    }
                    self.leave_out(&entry, reason);
                }
                None if entry.file_type().is_dir() => {}
                None => self.keep(&entry),
            }
        }
    }

    /// Returns why an entry is not public, if it is not. A link, and what is found through one, is
    /// judged by its name and by what it leads to, so that no link publishes what would not be
    /// public itself.
    fn exclusion(&mut self, entry: &DirEntry) -> Option<LeftOutReason> {
        let (path, file_type) = (entry.path(), entry.file_type());
        let relative = path.strip_prefix(self.folder).ok()?;
        if let Some(reason) = self.exclusions.reason(relative, file_type) {
            return Some(reason);
        }
        let is_link = entry.path_is_symlink();
        if !is_link && !self.linked_folders.iter().any(|folder| path.starts_with(folder)) {
            return None;
        }
        match link::target_within(path, &self.root) {
            Err(reason) => Some(reason),
            Ok(target) => {
                if is_link && file_type.is_dir() {
                    self.linked_folders.push(path.to_owned());
                }
                let target = target.strip_prefix(self.folder).ok()?;
                self.exclusions.reason_for_target(target, file_type)
            }
        }
    }

    fn leave_out(&mut self, entry: &DirEntry, reason: LeftOutReason) {
        let mut file = self.name(entry.path());
        if entry.file_type().is_dir() {
            file.push('/');
        }
        self.note_left_out(file, reason);
    }

    fn note_left_out(&mut self, file: String, reason: LeftOutReason) {
        if let Some(warning) = reason.warning() {
            let message = format!("left out: {reason}");
            let diagnostic = Diagnostic::warning(Stage::Ingest, &file, message);
            self.diagnostics.push(diagnostic.with_help(warning));
        }
        self.left_out.push(LeftOut { file, reason });
    }

    fn keep(&mut self, entry: &DirEntry) {
        let name = self.name(entry.path());
        let relative = entry.path().strip_prefix(&self.root).ok();
        let Some(route) = relative.and_then(RoutePath::from_relative) else {
            self.note_left_out(name, LeftOutReason::NameNotUtf8);
            return;
        };
        let state = match entry.metadata() {
            Ok(metadata) => FileState::of(&metadata),
            Err(error) => return self.unreadable(&error),
        };
        let len = state.len();
        if len > LARGEST_ASSET {
            let message = format!("{:.1} MiB is a lot for a Worker", mib(len));
            let warning = Diagnostic::warning(Stage::Ingest, &name, message);
            self.diagnostics.push(warning.with_help(
                "Cloudflare takes no asset above 25 MiB and no Worker above 64 MiB; serve large files from R2",
            ));
        }
        self.files.push(SourceFile { route, path: entry.path().to_owned(), name, state });
    }

    /// Notes what the walk could not enter or read.
    fn unreadable(&mut self, error: &walkdir::Error) {
        let path = error.path().unwrap_or(self.folder);
        let file = self.name(path);
        // What is excluded by name need not be readable.
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
            self.diagnostics.push(Diagnostic::error(Stage::Ingest, file, message));
        }
    }

    fn name(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        let names = relative.iter().map(|name| name.to_string_lossy());
        names.collect::<Vec<_>>().join("/")
    }

    fn finish(mut self, rules: &SiteRules) -> Walked {
        self.files.sort_by(|a, b| a.route.cmp(&b.route));
        self.diagnostics.extend(conflict::find(&self.files, rules.behaviour));
        self.warn_of_case_twins();
        let Self { files, mut left_out, diagnostics, begun, .. } = self;
        left_out.sort();
        Walked { files, left_out, diagnostics, begun }
    }

    fn warn_of_case_twins(&mut self) {
        let mut twins = BTreeMap::<String, Vec<&SourceFile>>::new();
        for file in &self.files {
            twins.entry(file.route.as_str().to_lowercase()).or_default().push(file);
        }
        for files in twins.into_values().filter(|files| files.len() > 1) {
            for pair in files.windows(2) {
                let message = format!("differs from `{}` only in case", pair[0].name);
                let warning = Diagnostic::warning(Stage::Ingest, &pair[1].name, message);
                self.diagnostics.push(warning.with_help(
                    "both are served, but a file system that ignores case keeps only one of them",
                ));
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
