//! The decision about files whose names stand for keys, passwords or data.

use std::path::Path;

use walkdir::DirEntry;

use super::Walk;
use crate::exposure::key_file::{self, KeyFile};
use crate::exposure::publishing_rule;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// The reason why a file is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Publication {
    /// No rule says otherwise. What it contains is looked at.
    Usual,
    /// A rule publishes this very file, whatever it contains.
    ByRule,
}

/// The decision about a file that no rule leaves out.
pub(super) enum Admission {
    Public(Publication),
    /// Its content is that of a file with keys or passwords.
    Secret,
}

impl Walk<'_> {
    /// Warns of a file that is left out because of its content, or a name that stands for it, unless
    /// it would be hidden anyway.
    pub(super) fn warn_of_secret(&mut self, path: &Path, file: &str) {
        let Ok(below) = path.strip_prefix(&self.root) else { return };
        if !self.exclusions.is_hidden(below) {
            let message = "left out: it may hold private keys or passwords";
            let warning = Diagnostic::warning(Code::IngestSecretFile, file, message);
            let rule = publishing_rule(&format!("/{}", self.name_below_root(below)));
            self.diagnostics.push(warning.with_help(format!("remove it from the site; {rule}")));
        }
    }

    /// Looks at a public file whose name stands for keys or data. Decides whether it is public.
    pub(super) fn admit(&mut self, entry: &DirEntry, name: &str) -> Admission {
        let path = entry.path();
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        if self.exclusions.is_published_by_rule(relative) {
            return Admission::Public(Publication::ByRule);
        }
        // A link is judged by its target, too.
        let target = if entry.path_is_symlink() { path.canonicalize().ok() } else { None };
        match KeyFile::of(path).or_else(|| KeyFile::of(&target?)) {
            Some(KeyFile::Secret) => return Admission::Secret,
            Some(KeyFile::Database) => {
                let message = "is a database, or a dump of one, and public";
                let warning = Diagnostic::warning(Code::IngestDatabase, name, message);
                let below = path.strip_prefix(&self.root).unwrap_or(path);
                let rule = publishing_rule(&format!("/{}", self.name_below_root(below)));
                self.diagnostics.push(warning.with_help(format!(
                    "remove it from the site unless pages use it; {rule} without a warning"
                )));
            }
            None => {}
        }
        Admission::Public(Publication::Usual)
    }

    fn name_below_root(&self, below: &Path) -> String {
        self.name(&self.folder.join(below))
    }
}

/// Returns whether a change of a file's content may change what is public.
pub(crate) fn decides_by_content(path: &Path) -> bool {
    path.file_name().is_some_and(|name| key_file::is_judged(&name.to_string_lossy()))
}
