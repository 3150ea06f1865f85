//! The decision about files whose names stand for keys, passwords or data.

use std::path::Path;

use walkdir::DirEntry;

use super::walk::Walk;
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

/// The decision about a file by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Public,
    /// It holds keys or passwords.
    Secret,
}

impl Walk<'_> {
    /// Warns of a file that is left out because of its content, or a name that stands for it. `below` is
    /// its path below the public folder.
    pub(super) fn warn_of_secret(&mut self, below: &Path, file: &str) {
        let message = "left out: it may hold private keys or passwords";
        let warning = Diagnostic::warning(Code::IngestSecretFile, file, message);
        let rule = publishing_rule(&self.path_below_root(below));
        self.diagnostics.push(warning.with_help(format!("remove it from the site; {rule}")));
    }

    /// Looks at a file whose name stands for keys or data. Decides whether it is public.
    pub(super) fn admit(&mut self, entry: &DirEntry, name: &str) -> Admission {
        let path = entry.path();
        // A link is judged by its target, too.
        let target = if entry.path_is_symlink() { path.canonicalize().ok() } else { None };
        match KeyFile::of(path).or_else(|| KeyFile::of(&target?)) {
            Some(KeyFile::Secret) => return Admission::Secret,
            Some(KeyFile::Database) => {
                let message = "is a database, or a dump of one, and public";
                let warning = Diagnostic::warning(Code::IngestDatabase, name, message);
                let below = path.strip_prefix(&self.root).unwrap_or(path);
                let rule = publishing_rule(&self.path_below_root(below));
                self.diagnostics.push(warning.with_help(format!(
                    "remove it from the site unless pages use it; {rule} without a warning"
                )));
            }
            None => {}
        }
        Admission::Public
    }
}

/// Returns whether a change of a file's content may change what is public.
pub(crate) fn decides_by_content(path: &Path) -> bool {
    path.file_name().is_some_and(|name| key_file::is_judged(&name.to_string_lossy()))
}
