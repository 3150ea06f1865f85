//! Where the cache is.

use std::env;
use std::path::{Path, PathBuf};

/// Names the folder of the cache, where it is not left to convention.
const VARIABLE: &str = "WORKER_PACK_CACHE_DIR";

/// Where results are kept from one run to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CacheLocation {
    /// In the folder that the environment variable `WORKER_PACK_CACHE_DIR` names; else, if the packed
    /// folder is one of a Node project, in `node_modules/.cache/worker-pack`; else, in a build script,
    /// in Cargo's target folder; else where the platform keeps caches.
    ///
    /// So a build script and the command share a cache wherever there is a Node project.
    #[default]
    ByConvention,
    /// In this folder.
    Folder(PathBuf),
    /// Nowhere: every run begins with nothing, and holds all bodies in memory.
    Nowhere,
}

impl CacheLocation {
    /// Returns the folder of the cache for a packed folder, if there is one.
    pub fn folder(&self, dist: &Path) -> Option<PathBuf> {
        match self {
            Self::Nowhere => None,
            Self::Folder(folder) => Some(folder.clone()),
            Self::ByConvention => env::var_os(VARIABLE)
                .filter(|named| !named.is_empty())
                .map(PathBuf::from)
                .or_else(|| in_node_project(dist))
                .or_else(in_cargo_target)
                .or_else(|| Some(dirs::cache_dir()?.join("worker-pack"))),
        }
    }
}

/// A package of a workspace may have its modules further up.
fn in_node_project(dist: &Path) -> Option<PathBuf> {
    let dist = std::path::absolute(dist).ok()?;
    let is_package = |folder: &&Path| folder.join("package.json").exists();
    let package = dist.ancestors().skip(1).find(is_package)?;
    let mut modules = package.ancestors().map(|folder| folder.join("node_modules"));
    modules.find(|modules| modules.is_dir()).map(|modules| modules.join(".cache/worker-pack"))
}

/// Cargo tells build scripts a folder deep in the one that it marks as a cache.
fn in_cargo_target() -> Option<PathBuf> {
    let out = PathBuf::from(env::var_os("OUT_DIR")?);
    let target = out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists())?;
    Some(target.join("worker-pack-cache"))
}
