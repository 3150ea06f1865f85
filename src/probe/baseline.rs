//! Baselines: the answers of a deployment, kept in a file to be compared with later ones.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::error::ProbeError;
use super::observation::Observation;

/// The version of the format. It changes when a field is removed or changes its meaning.
const VERSION: u32 = 1;

/// The answers of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    generator: String,
    version: u32,
    /// The deployment.
    pub(crate) url: String,
    pub(crate) answers: Vec<Observation>,
}

/// The part of a baseline that every version has.
#[derive(Deserialize)]
struct Head {
    generator: String,
    version: u32,
}

/// The generator that files of this format name.
const GENERATOR: &str = "worker-pack probe";

impl Baseline {
    pub(crate) fn new(url: String, mut answers: Vec<Observation>) -> Self {
        answers.sort_by(|a, b| (&a.path, a.asked).cmp(&(&b.path, b.asked)));
        Self { generator: GENERATOR.to_owned(), version: VERSION, url, answers }
    }

    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, ProbeError> {
        let text = fs::read_to_string(path).map_err(|source| ProbeError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        let invalid = |message: String| ProbeError::Baseline { path: path.to_owned(), message };
        let head: Head = serde_json::from_str(&text)
            .ok()
            .filter(|head: &Head| head.generator == GENERATOR)
            .ok_or_else(|| invalid("`worker-pack probe --save` writes them".to_owned()))?;
        if head.version > VERSION {
            let version = head.version;
            return Err(invalid(format!(
                "a newer worker-pack wrote it (version {version} of the format, and this one reads \
                 {VERSION}); update worker-pack"
            )));
        }
        serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))
    }

    /// Checks that a file can be written, before all is asked for in vain.
    pub(crate) fn check_place(path: &Path) -> Result<(), ProbeError> {
        let failed = |source| ProbeError::Io { action: "write", path: path.to_owned(), source };
        match fs::metadata(path) {
            Ok(place) if place.is_dir() => Err(failed(io::ErrorKind::IsADirectory.into())),
            Ok(place) if !place.is_file() => Ok(()),
            _ => {
                let folder = folder_of(path);
                fs::metadata(folder).and_then(|_| NamedTempFile::new_in(folder)).map_err(failed)?;
                Ok(())
            }
        }
    }

    /// Writes a file, which is whole or not there.
    pub(crate) fn write(&self, path: &Path) -> Result<(), ProbeError> {
        let failed = |source| ProbeError::Io { action: "write", path: path.to_owned(), source };
        let mut text = serde_json::to_string_pretty(self).expect("a baseline is plain data");
        text.push('\n');
        // A device or a pipe is written to: a file in its place would replace it.
        if fs::metadata(path).is_ok_and(|place| !place.is_file()) {
            return fs::write(path, text).map_err(failed);
        }
        // A link stays a link.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut file = NamedTempFile::new_in(folder_of(&target)).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.persist(&target).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}
