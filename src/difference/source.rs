//! Where a manifest comes from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::Comparison;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::output::manifest::{BodyFiles, MARK, Manifest, VERSION};
use crate::pack::Pack;

/// The places of a manifest in the output of each target.
const PLACES: [&str; 4] =
    ["manifest.json", "bundle/manifest.json", "table/manifest.json", "build/table/manifest.json"];

/// Reads the manifest that a name stands for.
pub(super) fn read(name: &str, comparison: &Comparison) -> Result<Manifest, PackError> {
    let path = Path::new(name);
    if path.is_file() {
        return of_file(path);
    }
    if path.is_dir() {
        let inner = PLACES.map(|place| path.join(place)).into_iter().find(|path| is_manifest(path));
        return match inner {
            Some(manifest) => of_file(&manifest),
            None => of_build(path, comparison),
        };
    }
    match name.split_once(':') {
        // A letter before a colon is a drive.
        Some((revision, path)) if revision.len() > 1 => of_revision(name, revision, path),
        _ => Err(PackError::NotBuilt {
            path: path.to_owned(),
            message: "does not exist; name a manifest, a folder, or `REVISION:PATH`".to_owned(),
        }),
    }
}

/// Reads the manifest of an output, if its folder has one that this version reads.
pub(super) fn of_output(folder: &Path) -> Option<Manifest> {
    let path = PLACES.map(|place| folder.join(place)).into_iter().find(|path| is_manifest(path))?;
    of_file(&path).ok()
}

fn is_manifest(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.starts_with(MARK))
}

fn of_file(path: &Path) -> Result<Manifest, PackError> {
    let text = fs::read_to_string(path).map_err(PackError::io(Stage::Check, "read", path))?;
    parse(path, &text)
}

/// Packs a build in memory.
fn of_build(dist: &Path, comparison: &Comparison) -> Result<Manifest, PackError> {
    let pack = Pack::from_dir(dist).options(comparison.options.clone());
    let packed = pack.cache(comparison.cache.clone()).run()?;
    Ok(Manifest::new(packed.table(), BodyFiles::None))
}

/// Reads a manifest, or the one in a folder, from a revision of the repository around this folder.
fn of_revision(name: &str, revision: &str, path: &str) -> Result<Manifest, PackError> {
    let failed = |message: String| PackError::NotBuilt { path: PathBuf::from(name), message };
    let folder = path.trim_end_matches('/');
    let inner =
        PLACES.map(
            |place| if folder.is_empty() { place.to_owned() } else { format!("{folder}/{place}") },
        );
    let mut reason = String::new();
    for path in [path.to_owned()].into_iter().chain(inner) {
        // Relative to this folder, as all other paths are.
        let object = format!("{revision}:./{path}");
        let shown = Command::new("git").args(["show", "--end-of-options", &object]).output();
        let shown =
            shown.map_err(|error| failed(format!("needs git, which cannot be run: {error}")))?;
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        if shown.status.success() && text.starts_with(MARK) {
            return parse(Path::new(name), &text);
        }
        if reason.is_empty() && !shown.status.success() {
            reason.push_str(String::from_utf8_lossy(&shown.stderr).trim());
        }
    }
    let reason = if reason.is_empty() { "it is not a manifest".to_owned() } else { reason };
    Err(failed(format!(
        "is not a manifest in a revision of git ({reason}); commit one to compare with it"
    )))
}

/// The part of a manifest that every version has.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

fn parse(path: &Path, text: &str) -> Result<Manifest, PackError> {
    let invalid = |message: String| PackError::Config { path: path.to_owned(), message };
    if !text.starts_with(MARK) {
        return Err(invalid("it is not a manifest that worker-pack wrote".to_owned()));
    }
    let head: Head = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
    if head.version > VERSION {
        let version = head.version;
        return Err(invalid(format!(
            "a newer worker-pack wrote it (version {version} of the format, and this one reads {VERSION}); update worker-pack"
        )));
    }
    serde_json::from_str(text).map_err(|error| invalid(error.to_string()))
}
