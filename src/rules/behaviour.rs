//! The behaviour of a site: which of Cloudflare's servers it follows, and how. Options come first,
//! then the site's configuration for wrangler, then the default for its layout.

use std::str::FromStr;

use serde_json::Value;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::{Compat, Fidelity, NotFoundHandling};

use crate::feedback::error::PackError;
use crate::options::Options;
use crate::project::Project;
use crate::project::layout::Layout;
use crate::project::wrangler::WranglerConfig;

/// Returns the behaviour of a site.
///
/// A wrangler configuration with `assets` deploys to Workers Static Assets, and so does the adapter
/// that writes `client`. Any other site is assumed to come from Pages.
///
/// # Errors
/// If the configuration sets an option to an unknown value.
pub(super) fn of_site(project: &Project, options: &Options) -> Result<Behaviour, PackError> {
    let Project { layout, config, .. } = project;
    let is_for_workers = *layout == Layout::ClientAndServer
        || *layout == Layout::Static && config.assets().is_some();
    let default_compat = if is_for_workers { Compat::Workers } else { Compat::Pages };
    let compat = options.compat.unwrap_or(default_compat);
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
    Ok(Behaviour { compat, html_handling, not_found_handling, fidelity: options.fidelity })
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
