//! The behaviour of a site: which of Cloudflare's servers it follows and why, and how. Options come
//! first, then the site's configuration for wrangler, then its layout and files.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::{Compat, Fidelity, NotFoundHandling};

use crate::feedback::error::PackError;
use crate::options::Options;
use crate::project::Project;
use crate::project::layout::Layout;
use crate::project::wrangler::WranglerConfig;

/// The rules of Pages for the paths of the server.
pub(super) const ROUTES: &str = "_routes.json";

/// The reason why a site follows one of Cloudflare's servers, as the end of “since …”.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The user has chosen the server.
    Option,
    /// The configuration for wrangler has a setting of the server.
    Setting {
        /// The name of the configuration's file.
        file: String,
        /// The name of the setting.
        setting: &'static str,
    },
    /// The build contains a file or folder that only the server knows.
    Build(&'static str),
    /// The project has a folder of Pages Functions.
    Functions,
    /// Nothing in the project names a server, so that it follows Workers Static Assets.
    #[default]
    Default,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => f.write_str("the option `compat` says so"),
            Self::Setting { file, setting } => write!(f, "{file} has `{setting}`"),
            Self::Build(name) => write!(f, "the build has `{name}`"),
            Self::Functions => write!(f, "the project has `{}/`", Project::FUNCTIONS),
            Self::Default => f.write_str("nothing says that it is a project of Pages"),
        }
    }
}

/// Returns the behaviour of a site, and the reason why it follows that server.
///
/// # Errors
/// If the configuration sets an option to an unknown value.
pub(super) fn of_site(
    project: &Project,
    options: &Options,
) -> Result<(Behaviour, Reason), PackError> {
    let config = &project.config;
    let (compat, reason) = match options.compat {
        Some(chosen) => (chosen, Reason::Option),
        None => server_of(project),
    };
    let default = Behaviour::DEFAULT;
    // By default a site's 404 page is served. Workers Static Assets does so only if configured to.
    let not_found = match options.fidelity {
        Fidelity::Improved => default.not_found_handling,
        Fidelity::Strict => NotFoundHandling::None,
    };
    let html_handling = match options.html_handling {
        Some(chosen) => chosen,
        None => configured(config, "html_handling")?.unwrap_or(default.html_handling),
    };
    let not_found_handling = match options.not_found_handling {
        Some(chosen) => chosen,
        None => configured(config, "not_found_handling")?.unwrap_or(not_found),
    };
    let fidelity = options.fidelity;
    Ok((Behaviour { compat, html_handling, not_found_handling, fidelity }, reason))
}

/// Returns the server that a project is deployed to.
///
/// The adapter that writes `client` supports Workers alone. What a configuration says comes before
/// what only lies in the build: Workers give no meaning to `_worker.js`, `_routes.json` and
/// `functions/`.
fn server_of(project: &Project) -> (Compat, Reason) {
    let Project { layout, config, .. } = project;
    let setting = |setting| Reason::Setting { file: config.file_name(), setting };
    let has_routes = || project.asset_root().join(ROUTES).is_file();
    match layout {
        Layout::ClientAndServer => (Compat::Workers, Reason::Build("client/")),
        _ if config.get("pages_build_output_dir").is_some() => {
            (Compat::Pages, setting("pages_build_output_dir"))
        }
        _ if config.assets().is_some() => (Compat::Workers, setting("assets")),
        Layout::PagesWorker => (Compat::Pages, Reason::Build("_worker.js")),
        Layout::Static if has_routes() => (Compat::Pages, Reason::Build(ROUTES)),
        Layout::Static if project.has_functions() => (Compat::Pages, Reason::Functions),
        Layout::Static => (Compat::Workers, Reason::Default),
    }
}

/// Reads an option from `assets` in the wrangler configuration.
fn configured<T: FromStr<Err = String>>(
    config: &WranglerConfig,
    name: &str,
) -> Result<Option<T>, PackError> {
    let Some(value) = config.asset_option(name).and_then(Value::as_str) else { return Ok(None) };
    value.parse().map(Some).map_err(|error| PackError::Config {
        path: config.path().to_owned(),
        message: format!("assets.{name}: {error}"),
    })
}
