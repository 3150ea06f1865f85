//! A module of a built Worker, and its files.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::rules::RuleType;
use crate::asset::blob::Blob;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::project::path::{between, normalised, slashes};

/// A module to upload.
#[derive(Clone, Debug)]
pub(super) struct BuiltModule {
    pub(super) name: String,
    pub(super) kind: RuleType,
    /// The files that it is made of, each with its name and bytes. A bundle has several.
    pub(super) files: Vec<(String, Blob)>,
}

/// Reads a module.
pub(super) fn read(path: &Path) -> Result<Blob, PackError> {
    let read = || {
        // A pipe would be read for ever.
        if path.metadata()?.is_file() {
            fs::read(path)
        } else {
            Err(ErrorKind::InvalidInput.into())
        }
    };
    read().map(Blob::new).map_err(PackError::io(Stage::Output, "read", path))
}

/// Returns the path of a file from a folder, for reports.
pub(super) fn display(path: &Path, folder: &Path) -> String {
    between(&normalised(folder), path).map_or_else(|| slashes(path), |relative| slashes(&relative))
}

/// Returns the name of a module in messages, without the hash that wrangler writes before it.
pub(super) fn label(name: &str) -> &str {
    match name.split_once('-') {
        Some((hash, rest)) if hash.len() == 40 && hash.bytes().all(|it| it.is_ascii_hexdigit()) => {
            rest
        }
        _ => name,
    }
}

/// Reports an import of a file that does not exist.
pub(super) fn missing(importer: &str, specifier: &str) -> Diagnostic {
    let message = format!("imports `{specifier}`, which is missing");
    let error = Diagnostic::error(Code::WorkerMissingModule, importer, message);
    error.with_help("build the Worker again")
}
