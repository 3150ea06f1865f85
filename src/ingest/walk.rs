//! The walk through the packed folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use walkdir::{DirEntry, WalkDir};

use super::admission::Admission;
use super::exclusion::{Exclusion, Exclusions, Extent, Judgement};
use super::notice::Notices;
use super::rule_use::RuleUse;
use super::{LeftOut, LeftOutReason, Publication, SourceFile, conflict, link, size};
use crate::asset::route::RoutePath;
use crate::cache::{FileState, now};
use crate::disk::{FileIn, Folder};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::{HeadersOnSsr, Options};
use crate::project::Project;
use crate::rules::SiteRules;

/// A walk through the packed folder.
pub(super) struct Walk<'w> {
    /// The packed folder, without symbolic links in its path.
    pub(super) folder: &'w Path,
    /// The same folder, held open.
    held: &'w Arc<Folder>,
    /// The folder below which files are public.
    pub(super) root: PathBuf,
    pub(super) exclusions: Exclusions<'w>,
    rules: &'w SiteRules,
    /// Folders that the walk has entered through a link.
    linked_folders: Vec<PathBuf>,
    files: Vec<SourceFile>,
    left_out: Vec<LeftOut>,
    notices: Notices,
    rule_use: RuleUse<'w>,
    pub(super) diagnostics: Vec<Diagnostic>,
    started: SystemTime,
}

/// The result of a walk.
pub(super) struct Walked {
    pub(super) files: Vec<SourceFile>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The time before the first file was looked at.
    pub(super) started: SystemTime,
}

impl<'w> Walk<'w> {
    /// Finds the files of a project.
    ///
    /// # Errors
    /// If `.assetsignore` cannot be read.
    pub(super) fn through(
        project: &'w Project,
        options: &'w Options,
        headers_on_ssr: HeadersOnSsr,
        rules: &'w SiteRules,
    ) -> Result<Walked, PackError> {
        let mut walk = Self {
            root: project.asset_root(),
            folder: &project.folder,
            held: &project.held,
            exclusions: Exclusions::new(project, options, rules.behaviour)?,
            rules,
            linked_folders: Vec::new(),
            files: Vec::new(),
            left_out: Vec::new(),
            notices: Notices::default(),
            rule_use: RuleUse::new(options, headers_on_ssr, rules.behaviour),
            diagnostics: Vec::new(),
            started: now(),
        };
        walk.run();
        Ok(walk.finish())
    }

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
            if entry.file_type().is_dir() {
                if let Err(exclusion) = self.judge_folder(&entry) {
                    let path = self.relative(entry.path());
                    if !self.exclusions.may_publish_below(path) {
                        entries.skip_current_dir();
                    }
                    self.leave_out(&entry, exclusion);
                }
            } else {
                self.note_route(entry.path());
                match self.judge_file(&entry) {
                    Ok((judgement, real)) => self.add_file(&entry, judgement, &real),
                    Err(exclusion) => self.leave_out(&entry, exclusion),
                }
            }
        }
    }

    /// Notes which rules match a path.
    fn note_route(&mut self, path: &Path) {
        let below = path.strip_prefix(&self.root).ok();
        if let Some(route) = below.and_then(RoutePath::from_relative) {
            self.rule_use.note(&route);
        }
    }

    fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.folder).unwrap_or(path)
    }

    /// Decides whether a folder is public. A link, and a folder reached through one, is judged by its
    /// own name and by its target, so that no link publishes a file that would not be public by itself.
    fn judge_folder(&mut self, entry: &DirEntry) -> Result<(), Exclusion> {
        let path = entry.path();
        if let Some(exclusion) = self.exclusions.judge_folder(self.relative(path)) {
            self.note_route(&path.join("any"));
            return Err(exclusion);
        }
        let Some(target) = self.target(entry)? else { return Ok(()) };
        if entry.path_is_symlink() {
            self.linked_folders.push(path.to_owned());
        }
        self.exclusions.judge_folder(self.relative(&target)).map_or(Ok(()), Err)
    }

    /// Decides whether a file is public, and returns its path below the packed folder, without links.
    /// A link is judged like that of a folder.
    fn judge_file(&mut self, entry: &DirEntry) -> Result<(Judgement, PathBuf), Exclusion> {
        let relative = self.relative(entry.path());
        let judgement = self.exclusions.judge_file(relative, entry.file_type())?;
        let Some(target) = self.target(entry)? else { return Ok((judgement, relative.to_owned())) };
        let target = self.relative(&target);
        self.exclusions.judge_file(target, entry.file_type())?;
        Ok((judgement, target.to_owned()))
    }

    /// Returns the canonical path of an entry that is a link, or was reached through one.
    fn target(&self, entry: &DirEntry) -> Result<Option<PathBuf>, Exclusion> {
        let path = entry.path();
        let is_link = entry.path_is_symlink();
        if !is_link && !self.linked_folders.iter().any(|folder| path.starts_with(folder)) {
            return Ok(None);
        }
        link::target_within(path, &self.root).map(Some).map_err(Exclusion::of)
    }

    /// Records an entry that is not public, unless a folder around it is recorded.
    fn leave_out(&mut self, entry: &DirEntry, exclusion: Exclusion) {
        let mut file = self.name(entry.path());
        if entry.file_type().is_dir() {
            file.push('/');
        }
        if let Ok(below) = entry.path().strip_prefix(&self.root) {
            let below = below.to_owned();
            if exclusion.reason == LeftOutReason::Secret
                && !self.exclusions.names().is_hidden(&below)
            {
                self.warn_of_secret(&below, &file);
            } else {
                let slash = if entry.file_type().is_dir() { "/" } else { "" };
                let path = format!("{}{slash}", self.path_below_root(&below));
                self.notices.add(exclusion, &file, &path);
            }
        }
        if exclusion.extent == Extent::Own {
            self.note_left_out(file, exclusion.reason);
        }
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
    fn add_file(&mut self, entry: &DirEntry, judgement: Judgement, real: &Path) {
        let name = self.name(entry.path());
        let Judgement { publication, settings } = judgement;
        let relative = entry.path().strip_prefix(&self.root).ok();
        let Some(route) = relative.and_then(RoutePath::from_relative) else {
            self.note_left_out(name, LeftOutReason::NameNotUtf8);
            return;
        };
        if publication == Publication::Usual && self.admit(entry, &name) == Admission::Secret {
            return self.leave_out(entry, Exclusion::of(LeftOutReason::Secret));
        }
        let state = match entry.metadata() {
            Ok(metadata) => FileState::of(&metadata),
            Err(error) => return self.unreadable(&error),
        };
        match size::judge(&name, state.len()) {
            Ok(warning) => self.diagnostics.extend(warning),
            Err(error) => return self.diagnostics.push(error),
        }
        let (path, content) = (entry.path().to_owned(), FileIn::new(self.held, real));
        let sniffing = self.rules.sniffing(&route);
        self.files.push(SourceFile {
            route,
            path,
            content,
            name,
            state,
            publication,
            settings,
            sniffing,
        });
    }

    /// Records an entry that could not be read: an error, unless its name excludes it anyway or it
    /// is a bad link.
    fn unreadable(&mut self, error: &walkdir::Error) {
        let path = error.path().unwrap_or(self.folder);
        let file = self.name(path);
        // A file that is not public need not be readable.
        if let Some(exclusion) = self.exclusions.judge_folder(self.relative(path)) {
            if exclusion.extent == Extent::Own {
                self.left_out.push(LeftOut { file, reason: exclusion.reason });
            }
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
    pub(super) fn name(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        let names = relative.iter().map(|name| name.to_string_lossy());
        names.collect::<Vec<_>>().join("/")
    }

    /// Returns the path of a file below the public folder, as in a rule.
    pub(super) fn path_below_root(&self, below: &Path) -> String {
        format!("/{}", self.name(&self.folder.join(below)))
    }

    /// Checks the files against each other and the rules.
    fn finish(mut self) -> Walked {
        // The walk sorts the names within each folder, which is not the order of whole routes.
        self.files.sort_by(|a, b| a.route.cmp(&b.route));
        self.diagnostics.extend(conflict::find(&self.files, self.rules.behaviour));
        self.diagnostics.extend(conflict::find_cases(&self.files));
        self.diagnostics.extend(self.rule_use.diagnostics());
        let Self { exclusions, notices, files, mut left_out, mut diagnostics, started, .. } = self;
        diagnostics.extend(notices.diagnostics(exclusions.names()));
        left_out.sort();
        Walked { files, left_out, diagnostics, started }
    }
}
