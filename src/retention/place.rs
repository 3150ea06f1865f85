//! The place of a store, and the name of the site that it belongs to.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::feedback::error::PackError;
use crate::feedback::printable::PrintablePath;
use crate::options::KeepBounds;
use crate::project::Project;

/// The folder beside the output that contains stores.
const STORES: &str = ".worker-pack";

impl KeepBounds {
    /// Returns the folder of the store that belongs to an output folder by default: beside it, so that it
    /// outlives the output, and is one folder for CI to keep.
    pub fn store_beside(out: &Path) -> Option<PathBuf> {
        let out = std::path::absolute(out).ok()?;
        Some(out.parent()?.join(STORES).join(out.file_name()?))
    }
}

/// Returns the folder of a store. Without an output folder there is none, unless it is named.
pub(super) fn store(bounds: &KeepBounds, out: Option<&Path>) -> Option<PathBuf> {
    bounds.store.clone().or_else(|| KeepBounds::store_beside(out?))
}

/// Rejects a named store inside the packed folder, which would be published, and one inside the output
/// folder, which is uploaded.
pub(super) fn reject_overlap(
    bounds: &KeepBounds,
    project: &Project,
    out: Option<&Path>,
) -> Result<(), PackError> {
    let Some(store) = &bounds.store else { return Ok(()) };
    let message = if is_inside(store, &project.folder) {
        "is inside the packed folder"
    } else if out.is_some_and(|out| is_inside(store, &resolved(out))) {
        "is inside the output folder"
    } else {
        return Ok(());
    };
    let store = PrintablePath(store);
    Err(PackError::Option {
        option: "keep",
        message: format!("the store `{store}` {message}; set `store` to another folder"),
    })
}

fn is_inside(path: &Path, folder: &Path) -> bool {
    resolved(path).starts_with(folder)
}

/// Returns a path without the links in the part of it that exists.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let resolve = |above: &Path| {
        let rest = absolute.strip_prefix(above).ok()?;
        Some(above.canonicalize().ok()?.join(rest))
    };
    absolute.ancestors().find_map(resolve).unwrap_or_else(|| absolute.clone())
}

/// Returns the name by which the store of a site is told from that of another one: the name in the
/// configuration for wrangler, else in `package.json`, else of the project's folder. A path would differ
/// from one machine to the next.
pub(super) fn site_name(project: &Project) -> String {
    let configured = [Some(&project.config), project.user_config.as_ref()];
    let configured =
        configured.into_iter().flatten().find_map(|config| config.get("name")?.as_str());
    let in_package = || {
        let text = fs::read(project.root()?.join("package.json")).ok()?;
        let package = serde_json::from_slice::<Value>(&text).ok()?;
        Some(package.get("name")?.as_str()?.to_owned())
    };
    let name = configured.map(str::to_owned).or_else(in_package);
    name.or_else(|| project.name()).unwrap_or_default()
}
