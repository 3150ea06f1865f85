//! A text file of the project, which may be edited.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::migration::error::MigrationError;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text file of the project.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    /// The path relative to the project's folder, with the target of a link instead of the link.
    pub(crate) path: PathBuf,
    /// The text without a byte order mark.
    pub(crate) text: String,
    /// The byte order mark, or nothing.
    mark: &'static str,
}

impl TextFile {
    /// Reads a file below the project's folder, which has no links in its path. Returns `None` if it is
    /// missing.
    ///
    /// # Errors
    /// If it is not a file, not UTF-8, read-only, or a link that leads out of the project.
    pub(crate) fn read(
        root: &Path,
        name: impl AsRef<Path>,
    ) -> Result<Option<Self>, MigrationError> {
        let name = name.as_ref();
        let shown = name.to_owned();
        let failed = |source: io::Error| MigrationError::Read { path: shown.clone(), source };
        let path = root.join(name);
        let protected = |message| Err(MigrationError::Protected { path: shown.clone(), message });
        match path.symlink_metadata() {
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
            Ok(_) => {}
        }
        let Ok(target) = path.canonicalize() else {
            return protected("is a link to a missing file; remove the link, or create the file");
        };
        let Ok(relative) = target.strip_prefix(root) else {
            return protected(
                "is a link that leads out of the project; run `init` where the file is, or replace the link by a copy",
            );
        };
        let metadata = target.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return protected("is not a file; move it away");
        }
        if metadata.permissions().readonly() {
            return protected("is read-only; make it writable, and run `init` again");
        }
        let bytes = fs::read(&target).map_err(failed)?;
        let Ok(text) = String::from_utf8(bytes) else {
            let message = "is not UTF-8".to_owned();
            return Err(MigrationError::Invalid { path: shown, message });
        };
        let (mark, text) = match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => ("\u{feff}", rest.to_owned()),
            None => ("", text),
        };
        Ok(Some(Self { path: relative.to_owned(), text, mark }))
    }

    /// Returns a text with the byte order mark of this file.
    pub(crate) fn marked(&self, text: &str) -> String {
        format!("{}{text}", self.mark)
    }

    /// Returns the name of the file, for messages.
    pub(crate) fn name(&self) -> String {
        shown(&self.path)
    }
}

/// Returns a path with slashes.
pub(crate) fn shown(path: &Path) -> String {
    path.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
