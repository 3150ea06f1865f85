//! The configuration in `worker-pack.toml`, merged with the arguments.

mod doors;
mod merged;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use serde::Deserialize;
use worker_pack::cache::CacheLocation;
use worker_pack::options::{Budget, KeepBounds, Options, WorkerOptions};

use crate::cli::allowances::CheckConfig;
use crate::cli::args::{PlaceArguments, ServeArguments, SiteArguments, TargetKind};
use crate::cli::exit::Failure;

const FILE_NAME: &str = "worker-pack.toml";

/// The default output folder of a Worker.
const WORKER_OUT: &str = "dist-worker";

/// The configuration file. Paths in it are relative to its folder.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// The folder of the build.
    dist: Option<PathBuf>,
    /// The folder that `build` writes into.
    out: Option<PathBuf>,
    /// The target of `build`. `None` for the default one.
    target: Option<TargetKind>,
    /// The engine of a Worker.
    engine: Option<PathBuf>,
    /// The folder of the cache, or `none`.
    cache_dir: Option<PathBuf>,
    /// The size above which old results are removed from the cache.
    cache_size: Option<ByteSize>,
    /// The budgets, which are options of the pack.
    budget: Vec<Budget>,
    /// The options of the pack.
    pack: Options,
    /// The options of a Worker.
    worker: WorkerOptions,
    /// The address of `serve`.
    serve: ServeConfig,
    /// The settings of `check`.
    check: CheckConfig,
    /// The folder that paths are relative to.
    #[serde(skip)]
    folder: PathBuf,
    /// The name and the text of the file.
    #[serde(skip)]
    source: Option<(PathBuf, String)>,
}

/// The address that `serve` listens on.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ServeConfig {
    host: IpAddr,
    port: u16,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self { host: Ipv4Addr::LOCALHOST.into(), port: 8787 }
    }
}

/// The purpose of a pack, which decides its default effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To pack once.
    Once,
    /// To pack after each change.
    Watch,
}

impl Purpose {
    pub(crate) fn from_watch_flag(watch: bool) -> Self {
        if watch { Self::Watch } else { Self::Once }
    }
}

impl Config {
    /// Reads the file that the arguments name, else the one in the current folder if it exists.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Failure> {
        let path = match named {
            Some(path) => path,
            None if Path::new(FILE_NAME).exists() => Path::new(FILE_NAME),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::ConfigUnreadable { path: path.to_owned(), source })?;
        let mut config: Self = toml::from_str(&text).map_err(|source| Failure::ConfigInvalid {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        config.pack.keep = config.pack.keep.with(|bounds| KeepBounds {
            store: bounds.store.map(|store| folder.join(store)),
            ..bounds
        });
        Ok(Self { folder, source: Some((path.to_owned(), text)), ..config })
    }

    /// Returns the address that `serve` listens on.
    pub(crate) fn address(&self, arguments: &ServeArguments) -> SocketAddr {
        let ServeConfig { host, port } = self.serve;
        SocketAddr::new(arguments.host.unwrap_or(host), arguments.port.unwrap_or(port))
    }

    /// Returns the folder of the build.
    pub(crate) fn dist(&self, arguments: &SiteArguments) -> PathBuf {
        match (&arguments.dist, &self.dist) {
            (Some(dist), _) => dist.clone(),
            (None, Some(dist)) => self.folder.join(dist),
            (None, None) => self.folder.join("dist"),
        }
    }

    /// Returns the place of the cache.
    pub(crate) fn cache(&self, arguments: &PlaceArguments) -> CacheLocation {
        let none = Path::new("none");
        match (&arguments.cache_dir, &self.cache_dir) {
            (Some(folder), _) | (None, Some(folder)) if folder == none => CacheLocation::Nowhere,
            (Some(folder), _) => CacheLocation::Folder(folder.clone()),
            (None, Some(folder)) => CacheLocation::Folder(self.folder.join(folder)),
            (None, None) => CacheLocation::ByConvention,
        }
    }
}
