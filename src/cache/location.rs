//! The location of the cache.

use std::env;
use std::path::{Path, PathBuf};

/// The environment variable that overrides the conventional folder.
const VARIABLE: &str = "WORKER_PACK_CACHE_DIR";

/// The location of the cache, which holds results from one run to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CacheLocation {
    /// The first of these folders:
    ///
    /// 1. the value of the environment variable `WORKER_PACK_CACHE_DIR`
    /// 2. in a Node project: `node_modules/.cache/worker-pack`
    /// 3. in a build script: `worker-pack-cache` in Cargo's target folder
    /// 4. `worker-pack` in the platform's folder for caches
    ///
    /// A build script and the command share a cache if the packed folder is in a Node project.
    #[default]
    ByConvention,
    /// The given folder.
    Folder(PathBuf),
    /// No cache: every run starts from nothing, and holds all bodies in memory.
    Nowhere,
}

impl CacheLocation {
    /// Returns the folder of the cache for the packed folder `dist`, or `None` without a cache.
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

/// Returns the cache folder of the Node project that contains `dist`.
///
/// A package of a workspace may have its `node_modules` in a folder further up.
fn in_node_project(dist: &Path) -> Option<PathBuf> {
    let dist = std::path::absolute(dist).ok()?;
    let is_package = |folder: &&Path| folder.join("package.json").exists();
    let package = dist.ancestors().skip(1).find(is_package)?;
    let mut modules = package.ancestors().map(|folder| folder.join("node_modules"));
    modules.find(|modules| modules.is_dir()).map(|modules| modules.join(".cache/worker-pack"))
}

/// Returns the cache folder in Cargo's target folder, if this is a build script.
///
/// `OUT_DIR` lies deep in the target folder, which Cargo marks with `CACHEDIR.TAG`.
fn in_cargo_target() -> Option<PathBuf> {
    let out = PathBuf::from(env::var_os("OUT_DIR")?);
    let target = out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists())?;
    Some(target.join("worker-pack-cache"))
}
