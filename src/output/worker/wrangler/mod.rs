//! `wrangler.jsonc` in the output folder: created once, and updated by each build.

mod bucket;
mod memory;
mod merge;
mod paths;
mod scope;
mod settings;

use std::io::ErrorKind;
use std::path::Path;

use serde_json::Value;

use crate::disk::Folder;
use crate::feedback::error::PackError;
use crate::named::named;
use crate::options::{ServerCode, SiteData};
use crate::output::folder;
use crate::output::worker::Places;
use crate::output::worker::bundling::Bundling;
use crate::output::worker::node::Decoder;
#[cfg(feature = "fuzz")]
use crate::output::worker::node::{NodeCompat, NodeGlobals};
use crate::project::Project;
use crate::project::layout::Layout;
use crate::project::wrangler::WranglerConfig;
pub use bucket::Bucket;
pub(crate) use memory::WrittenSettings;
pub(crate) use merge::{Merged, merge};
pub(super) use paths::Rebase;
pub(crate) use settings::Settings;

/// The name of the configuration in the output folder.
pub(crate) const FILE_NAME: &str = "wrangler.jsonc";

/// The module that a Worker with the engine begins with, below its output folder.
pub(crate) const MAIN: &str = "bundle/worker/index.js";

/// The module that a Worker with a program begins with, below its output folder. wrangler names the first
/// module as if it lay in `base_dir`, by which the others find each other.
pub(crate) const MAIN_OF_PROGRAM: &str = "worker-pack.js";

/// Returns whether the `main` of a configuration is the first module of a packed Worker.
pub(crate) fn is_packed(main: &str) -> bool {
    main.ends_with(MAIN) || main.ends_with(MAIN_OF_PROGRAM)
}

named! {
    /// The program that answers the requests of a packed Worker.
    pub enum ProgramIs {
        /// The engine, among the modules of the Worker. The configuration is in the output folder.
        Engine = "engine",
        /// The user's, which `worker-build` compiles into the output folder, beside the bundle. The
        /// configuration is in the folder above, that of the program's source.
        Compiled = "compiled",
    }
}

impl ProgramIs {
    /// Returns a path below the output folder, as seen from the folder of the configuration.
    pub(in crate::output::worker) fn path_of(self, path: &str) -> String {
        match self {
            Self::Engine => path.to_owned(),
            Self::Compiled => format!("{BUILD}/{path}"),
        }
    }

    /// Returns the first module, as seen from the folder of the configuration.
    pub(super) fn main(self) -> String {
        match self {
            Self::Engine => self.path_of(MAIN),
            Self::Compiled => self.path_of(MAIN_OF_PROGRAM),
        }
    }

    /// Returns the folder that contains all modules, as seen from the folder of the configuration.
    pub(in crate::output::worker) fn base_dir(self) -> &'static str {
        match self {
            Self::Engine => "bundle/worker",
            Self::Compiled => BUILD,
        }
    }
}

/// The folder that `worker-build` writes into, below that of the program's source.
pub(crate) const BUILD: &str = "build";

/// The command that compiles a program, unless the user sets another one.
const BUILD_COMMAND: &str = "cargo install --quiet worker-build@^0.8 && worker-build --release";

/// The default of `compatibility_date`.
pub(crate) const COMPATIBILITY_DATE: &str = "2026-06-01";

/// The compatibility flag that provides the host's Brotli decoder.
pub(crate) const NODE_FLAG: &str = "nodejs_compat";

/// The place of the site's own Worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnWorkerIs {
    /// The packed Worker replaces it, and the settings that only it needs are left out.
    Replaced,
    /// The packed Worker imports it, and wrangler bundles it as before.
    Imported,
}

/// The requirements of a packed Worker that depend on the site.
#[derive(Clone, Debug)]
pub(crate) struct Needs {
    /// The program that answers.
    pub(crate) program: ProgramIs,
    /// True if files are in Workers Static Assets.
    pub(crate) static_assets: bool,
    /// True if files are in R2.
    pub(crate) r2: bool,
    /// The host's decoder, if bodies are decoded.
    pub(crate) decoder: Option<Decoder>,
    /// The modules that wrangler bundles.
    pub(crate) bundling: Bundling,
    /// The place of the site's own Worker.
    pub(crate) own_worker: OwnWorkerIs,
    /// The form of the modules that it makes.
    pub(crate) code: ServerCode,
    /// The place of the site, if the program is in Rust.
    pub(crate) site_data: SiteData,
}

#[cfg(feature = "fuzz")]
impl Needs {
    /// Returns the requirements that change most of a configuration.
    pub(crate) fn all(own: &OwnConfig, site: &WranglerConfig) -> Self {
        Self {
            program: ProgramIs::Engine,
            static_assets: true,
            r2: true,
            decoder: Some(Decoder::new(NodeGlobals::Any, NodeCompat::of(own, site))),
            bundling: Bundling::AllModules,
            own_worker: OwnWorkerIs::Imported,
            code: ServerCode::Minified,
            site_data: SiteData::Compiled,
        }
    }
}

/// The configuration in the output folder, as an earlier build or the user left it.
#[derive(Clone, Debug)]
pub(crate) struct OwnConfig {
    pub(crate) config: WranglerConfig,
    /// The settings in it that an earlier build wrote. `None` if it is not known.
    pub(crate) earlier: Option<WrittenSettings>,
}

impl OwnConfig {
    /// Returns a setting of the user's. Those that a build wrote follow the site.
    pub(crate) fn setting(&self, name: &str) -> Option<&Value> {
        self.config.get(name).filter(|_| !self.has_written(name))
    }

    /// Returns whether a setting is as an earlier build wrote it.
    pub(crate) fn has_written(&self, name: &str) -> bool {
        let (value, earlier) = (self.config.get(name), self.earlier.as_ref());
        value.zip(earlier).is_some_and(|(value, earlier)| earlier.has(name, value))
    }
}

/// Reads the configuration in the output folder. A missing one has no values.
///
/// # Errors
/// If it is the site's own configuration, in the project's folder, or gives paths to a Worker first: a
/// packed Worker in the place of that one would take away what it protects. If a crate has a configuration
/// in another form.
pub(super) fn read(
    places: &Places,
    project: &Project,
    program: ProgramIs,
) -> Result<OwnConfig, PackError> {
    let earlier = Folder::open(&places.out).ok().as_ref().and_then(WrittenSettings::read);
    let out = &places.config;
    let folder = Folder::open(out);
    if let Ok(folder) = &folder {
        folder::refuse_link(folder, FILE_NAME)?;
    }
    let read = folder.and_then(|folder| folder.read(FILE_NAME));
    // A file in the place of the folder is refused before anything is written.
    let read = read.map_err(|error| match error.kind() {
        ErrorKind::NotADirectory => ErrorKind::NotFound.into(),
        _ => error,
    });
    let path = out.join(FILE_NAME);
    if read.as_ref().is_ok_and(|bytes| std::str::from_utf8(bytes).is_err()) {
        // Writing it again would damage it.
        return Err(PackError::Config { path, message: "is not valid UTF-8".to_owned() });
    }
    if matches!(program, ProgramIs::Compiled) {
        refuse_other_configurations(out, read.is_ok())?;
    }
    let config = WranglerConfig::parse(&path, read)?;
    let main = config.get("main").and_then(Value::as_str);
    let is_packed = main.is_some_and(is_packed);
    let (is_of_site, message) = match program {
        ProgramIs::Engine => (
            config.exists() && !is_packed,
            "it configures the Worker of the site itself; choose another output folder",
        ),
        // A crate may be in the folder of a site, and its configuration is the user's. But an adapter
        // builds a Worker by it, and wrangler publishes the assets that it names.
        ProgramIs::Compiled => (
            project.layout != Layout::Static
                || !is_packed && (main.is_some() || config.get("assets").is_some())
                || config.get("pages_build_output_dir").is_some(),
            "it is the place of the site's own configuration; put the crate into a folder of its own, such as `worker`",
        ),
    };
    let is_of_site = is_of_site && project.is_in(out);
    if is_of_site || config.asset_option("run_worker_first").is_some() {
        return Err(PackError::OutputInTheWay { path, message });
    }
    Ok(OwnConfig { config, earlier })
}

/// Fails if the folder of a crate has a configuration that wrangler would read instead of ours, or ours
/// instead of that one, whose bindings the Worker would then lack. The output folder of a Worker with the
/// engine is not the user's.
fn refuse_other_configurations(folder: &Path, has_ours: bool) -> Result<(), PackError> {
    let refuse = |name, message| match folder.join(name).symlink_metadata() {
        Ok(_) => Err(PackError::OutputInTheWay { path: folder.join(FILE_NAME), message }),
        Err(_) => Ok(()),
    };
    refuse(
        "wrangler.json",
        "`wrangler.json` is beside it, which wrangler reads instead; rename that to `wrangler.jsonc`",
    )?;
    if has_ours {
        return Ok(());
    }
    refuse(
        "wrangler.toml",
        "`wrangler.toml` is beside it, which wrangler would then ignore; move its settings into `wrangler.jsonc`",
    )
}
