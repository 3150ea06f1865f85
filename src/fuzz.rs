//! Doors for the project's fuzz targets to parsers and minifiers that are private otherwise. They are
//! not a stable API.

use std::path::Path;

use worker_pack_runtime::Behaviour;

use crate::asset::debug_id::DebugIds;
use crate::asset::media_type::MediaType;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::{CspAttributes, Minify, Options};
use crate::output::worker::wrangler::{Merged, Needs, OwnConfig, Settings, merge};
use crate::project::wrangler::WranglerConfig;
use crate::rules::{HeaderRules, Redirect, parse_redirects};
use crate::transform::{
    ByteOrderMark, Minifier, Outcome, OwnPolicies, Preserve, ScriptKind, TransformContext,
    Transformed, transform,
};

/// A rule of `_redirects`: its pattern, its destination, its status and its line.
pub type RedirectRule = (String, String, u16, u32);

/// A rule of `_headers`: its pattern, the fields to remove, and the fields to set.
pub type HeaderRule = (String, Vec<String>, Vec<(String, String)>);

/// Parses a `_redirects` file into static and dynamic rules.
pub fn redirects(text: &str, behaviour: Behaviour) -> ([Vec<RedirectRule>; 2], Vec<Diagnostic>) {
    let (redirects, diagnostics) = parse_redirects(text, "_redirects", behaviour);
    let rule = |Redirect { from, to, status, line }| (from, to, status, line);
    let rules = [redirects.fixed, redirects.dynamic];
    (rules.map(|rules| rules.into_iter().map(rule).collect()), diagnostics)
}

/// Parses a `_headers` file.
pub fn headers(text: &str) -> (Vec<HeaderRule>, Vec<Diagnostic>) {
    let HeaderRules { rules, diagnostics } = HeaderRules::parse(text, "_headers");
    let rules = rules.into_iter().map(|rule| (rule.pattern, rule.remove, rule.set));
    (rules.collect(), diagnostics)
}

/// Minifies a file of a media type, and its inline code, with default options.
///
/// # Errors
/// Never, since the default options are valid.
pub fn minify(
    media_type: &str,
    text: &str,
) -> Result<(String, Outcome, Vec<Diagnostic>), PackError> {
    let options = Options::default();
    let minifier = Minifier::new(&options)?;
    let context = TransformContext {
        preserve: Preserve::Nothing,
        script_kind: ScriptKind::Unknown,
        mark: ByteOrderMark::Removed,
        minify: &Minify::ByOption(options.minify),
        debug_ids: DebugIds::None,
        own_policies: OwnPolicies::Completed(CspAttributes::Hash),
    };
    let media_type = MediaType::essence(media_type);
    let Transformed { bytes, outcome, diagnostics } =
        transform("file", text.into(), &media_type, context, &minifier);
    Ok((String::from_utf8_lossy(&bytes).into_owned(), outcome, diagnostics))
}

/// Parses a configuration for wrangler, in the format of its name.
///
/// # Errors
/// If it is invalid.
pub fn wrangler(name: &str, bytes: &[u8]) -> Result<serde_json::Value, PackError> {
    let config = WranglerConfig::parse(Path::new(name), Ok(bytes.to_vec()))?;
    Ok(config.values().clone().into())
}

/// Updates the configuration of a packed Worker, in JSON with comments, for a site with another one.
///
/// # Errors
/// If one of the two is invalid.
pub fn merged_wrangler(own: &[u8], site: &[u8]) -> Result<(String, Vec<Diagnostic>), PackError> {
    let [own, site] = [own, site]
        .map(|bytes| WranglerConfig::parse(Path::new("wrangler.jsonc"), Ok(bytes.to_vec())));
    let (own, site) = (OwnConfig { config: own?, earlier: None }, site?);
    let needs = Needs::all(&own, &site);
    let settings = Settings::new(&site, None, Path::new("out"), &needs);
    let Merged { text, notes, .. } = merge(&own, &settings, "site", &needs)?;
    Ok((text, notes))
}
