//! `.assetsignore`: patterns in the syntax of `.gitignore` for files that are not public.

use std::fs;
use std::io;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::project::Project;

/// The name of the file.
const NAME: &str = ".assetsignore";

/// The patterns of a site's `.assetsignore`. Paths are relative to the public folder.
pub(crate) struct AssetsIgnore(Gitignore);

impl AssetsIgnore {
    /// Reads the file. A missing one has no patterns.
    pub(super) fn read(project: &Project) -> Result<Self, PackError> {
        let read = || project.asset_file(NAME).and_then(|file| file.read());
        Self::of(&project.asset_root(), read)
    }

    /// Reads the file in a folder that is not packed.
    pub(crate) fn of_folder(folder: &Path) -> Result<Self, PackError> {
        Self::of(folder, || fs::read(folder.join(NAME)))
    }

    fn of(root: &Path, read: impl FnOnce() -> io::Result<Vec<u8>>) -> Result<Self, PackError> {
        let mut patterns = GitignoreBuilder::new(root);
        let file = root.join(NAME);
        let invalid = |error| PackError::Config { path: file.clone(), message: message(&error) };
        if file.is_file() {
            let text = read().map_err(PackError::io(Stage::Ingest, "read", &file))?;
            let text = String::from_utf8_lossy(&text);
            add_lines(&mut patterns, &file, &text).map_err(invalid)?;
        }
        Ok(Self(patterns.build().map_err(invalid)?))
    }

    /// Returns the file or folder that a pattern matches: a path itself or the first folder around it.
    pub(crate) fn ignored<'p>(&self, path: &'p Path, is_folder: bool) -> Option<&'p Path> {
        let is_ignored = self.0.matched_path_or_any_parents(path, is_folder).is_ignore();
        let is_ignored_folder = |folder: &&Path| self.0.matched(folder, true).is_ignore();
        is_ignored
            .then(|| path.ancestors().skip(1).filter(is_ignored_folder).last().unwrap_or(path))
    }

    /// Returns whether a line with `!` matches the file itself.
    pub(super) fn includes(&self, path: &Path) -> bool {
        self.0.matched(path, false).is_whitelist()
    }

    /// Returns whether a rule such as `!/keys/demo.pem` publishes a file that would be left out because
    /// of its content. Its last part has to be the very name of the file or of a folder around it, so
    /// that no pattern publishes a secret by accident.
    pub(super) fn publishes(&self, path: &Path) -> bool {
        if self.0.num_whitelists() == 0 {
            return false;
        }
        path.ancestors().filter(|path| !path.as_os_str().is_empty()).any(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            [false, true].into_iter().any(|is_folder| {
                let rule = self.0.matched(path, is_folder);
                rule.inner().is_some_and(|rule| {
                    let pattern = rule.original().trim_end_matches('/');
                    let last = pattern.rsplit('/').next().unwrap_or_default();
                    let last = last.strip_prefix('!').unwrap_or(last).replace('\\', "");
                    rule.is_whitelist() && last == *name
                })
            })
        })
    }
}

fn add_lines(
    patterns: &mut GitignoreBuilder,
    file: &Path,
    text: &str,
) -> Result<(), ignore::Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut errors = Vec::new();
    for (line, text) in (1_u64..).zip(text.lines()) {
        if let Err(error) = patterns.add_line(Some(file.to_owned()), text) {
            errors.push(ignore::Error::WithLineNumber { line, err: Box::new(error) });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(ignore::Error::Partial(errors)) }
}

/// Describes an error without the path of the file, which the error around it names.
fn message(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. } => message(err),
        ignore::Error::Partial(errors) => errors.iter().map(message).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}
