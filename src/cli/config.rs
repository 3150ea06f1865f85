//! `worker-pack.toml`, and how arguments and file come together.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use serde::Deserialize;
use worker_pack::{
    CacheLocation, EarlyHints, Effort, Engine, Fidelity, HeadersOnSsr, Options, Pack, Strictness,
    WorkerOptions, find_dist,
};

use super::args::{BuildArguments, Host, PackArguments, PlaceArguments, WorkerArguments};
use super::exit::Failure;

const FILE_NAME: &str = "worker-pack.toml";

/// Where a Worker is written when nobody says.
const WORKER_OUT: &str = "dist-worker";

/// Returns the engine that the arguments name, else the one that this command has.
pub(crate) fn engine(arguments: &WorkerArguments) -> Result<Engine, Failure> {
    match &arguments.engine {
        Some(path) => Ok(Engine::from_file(path)?),
        None => Engine::embedded().ok_or(Failure::NoEngine),
    }
}

/// The configuration file. Paths in it are relative to its folder.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// What the build wrote.
    dist: Option<PathBuf>,
    /// Where `build` writes.
    out: Option<PathBuf>,
    /// What `build` packs for.
    host: Host,
    /// The folder of the cache, or `none`.
    cache_dir: Option<PathBuf>,
    /// How large the cache may become.
    cache_size: Option<ByteSize>,
    /// How the site is packed.
    pack: Options,
    /// How a Worker is put together.
    worker: WorkerOptions,
    /// Where `serve` listens.
    pub(crate) serve: ServeConfig,
    /// The folder that paths are relative to.
    #[serde(skip)]
    folder: PathBuf,
}

/// Where `serve` listens.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServeConfig {
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self { host: Ipv4Addr::LOCALHOST.into(), port: 8787 }
    }
}

impl Config {
    /// Reads the file that the arguments name, else the one in the current folder, if any.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Failure> {
        let path = match named {
            Some(path) => path,
            None if Path::new(FILE_NAME).exists() => Path::new(FILE_NAME),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::ConfigUnreadable { path: path.to_owned(), source })?;
        let config: Self = toml::from_str(&text).map_err(|source| Failure::ConfigInvalid {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self { folder: path.parent().map(Path::to_owned).unwrap_or_default(), ..config })
    }

    /// Returns the pack that file and arguments ask for; the arguments win.
    pub(crate) fn pack(&self, arguments: &PackArguments) -> Pack {
        let pack = Pack::from_dir(self.dist(arguments.dist.as_deref()))
            .options(self.options(arguments))
            .cache(self.cache(&arguments.place));
        match self.cache_size {
            Some(size) => pack.cache_size(size.as_u64()),
            None => pack,
        }
    }

    /// Like [`Config::pack`], in less time unless the effort is given.
    pub(crate) fn pack_to_watch(&self, arguments: &PackArguments) -> Pack {
        let options = self.options(arguments);
        let effort = options.effort.or(Some(Effort::Fast));
        self.pack(arguments).options(Options { effort, ..options })
    }

    /// Returns the folder to pack.
    pub(crate) fn dist(&self, argument: Option<&Path>) -> PathBuf {
        argument.map_or_else(
            || match &self.dist {
                Some(dist) => self.folder.join(dist),
                None => find_dist(&self.folder),
            },
            Path::to_owned,
        )
    }

    /// Returns where the cache is.
    pub(crate) fn cache(&self, arguments: &PlaceArguments) -> CacheLocation {
        let none = Path::new("none");
        match (&arguments.cache_dir, &self.cache_dir) {
            (Some(folder), _) | (None, Some(folder)) if folder == none => CacheLocation::Nowhere,
            (Some(folder), _) => CacheLocation::Folder(folder.clone()),
            (None, Some(folder)) => CacheLocation::Folder(self.folder.join(folder)),
            (None, None) => CacheLocation::ByConvention,
        }
    }

    /// Returns what the site is packed for.
    pub(crate) fn host(&self, arguments: &BuildArguments) -> Host {
        arguments.host.unwrap_or(self.host)
    }

    /// Returns the folder to write into.
    pub(crate) fn out(&self, arguments: &BuildArguments) -> Result<PathBuf, Failure> {
        let configured = || self.out.as_ref().map(|out| self.folder.join(out));
        let usual = || match self.host(arguments) {
            Host::Rust => Err(Failure::NoOut),
            Host::Worker => Ok(self.folder.join(WORKER_OUT)),
        };
        arguments.out.clone().or_else(configured).map_or_else(usual, Ok)
    }

    /// Returns how a Worker is put together.
    pub(crate) fn worker(&self, arguments: &WorkerArguments) -> WorkerOptions {
        let options = self.worker.clone();
        let headers = arguments.headers_on_ssr.then_some(HeadersOnSsr::On);
        WorkerOptions {
            headers_on_ssr: headers.unwrap_or(options.headers_on_ssr),
            server_code: arguments.server_code.unwrap_or(options.server_code),
            spill_above: arguments.spill_above.or(options.spill_above),
            budget: arguments.budget.or(options.budget),
            ..options
        }
    }

    fn options(&self, arguments: &PackArguments) -> Options {
        let mut options = self.pack.clone();
        if let Some(languages) = &arguments.minify {
            options.minify = languages.0.iter().copied().collect();
        }
        if let Some(codings) = &arguments.encodings {
            options.encodings = codings.0.iter().copied().collect();
        }
        if !arguments.css_targets.is_empty() {
            options.css_targets.clone_from(&arguments.css_targets);
        }
        options.effort = arguments.effort.or(options.effort);
        options.identity = arguments.identity.unwrap_or(options.identity);
        options.source_maps = arguments.source_maps.unwrap_or(options.source_maps);
        options.dotfiles = arguments.dotfiles.unwrap_or(options.dotfiles);
        if arguments.strict {
            options.strictness = Strictness::Strict;
        }
        // The last rule that matches counts, so those of the arguments go behind.
        options.cache.extend(arguments.cache.iter().cloned());
        if arguments.early_hints {
            options.early_hints = EarlyHints::On;
        }
        let rules = &arguments.rules;
        options.compat = rules.compat.or(options.compat);
        options.html_handling = rules.html_handling.or(options.html_handling);
        options.not_found_handling = rules.not_found_handling.or(options.not_found_handling);
        if rules.strict_compat {
            options.fidelity = Fidelity::Strict;
        }
        options
    }
}
