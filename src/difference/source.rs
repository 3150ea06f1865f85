//! Where a manifest comes from.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::CacheLocation;
use crate::feedback::error::PackError;
use crate::options::Options;
use crate::output::manifest::{BodyFiles, Manifest, PLACES, is_manifest};
use crate::pack::Pack;

/// Reads the manifest that a name stands for. A build is packed with the options.
pub(crate) fn read(
    name: &str,
    options: &Options,
    cache: &CacheLocation,
) -> Result<Manifest, PackError> {
    let path = Path::new(name);
    if path.is_file() {
        return Manifest::read(path);
    }
    if path.is_dir() {
        return match Manifest::place_in(path) {
            Some(manifest) => Manifest::read(&manifest),
            None => of_build(path, options, cache),
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

/// Packs a build in memory.
fn of_build(dist: &Path, options: &Options, cache: &CacheLocation) -> Result<Manifest, PackError> {
    let packed = Pack::from_dir(dist).options(options.clone()).cache(cache.clone()).run()?;
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
        if shown.status.success() && is_manifest(&text) {
            return Manifest::parse(Path::new(name), &text);
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
