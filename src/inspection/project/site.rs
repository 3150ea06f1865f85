//! Rules on the files of a build as a whole.

use serde_json::Value;
use walkdir::{DirEntry, WalkDir};
use worker_pack_runtime::behaviour::NotFoundHandling;
use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::pattern::{SCHEME, matches};

use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::text::TextFile;
use crate::inspection::subject::{Data, Subject};
use crate::options::HeadersOnSsr;
use crate::project::layout::Layout;
use crate::rules::HeaderRule;

/// Finds rules of `_headers` that no file matches, on a site with a server: its responses have none
/// of them.
pub(super) fn headers(subject: &Subject) -> Vec<Diagnostic> {
    let (Some(site), Some(project)) = (subject.site(), subject.project()) else {
        return Vec::new();
    };
    let has_server = project.layout.server_entry(&project.dist).is_some();
    if !has_server || subject.pack.headers_on_ssr() != HeadersOnSsr::Off {
        return Vec::new();
    }
    let name = subject.source_name(&project.layout.asset_name("_headers"));
    let Ok(file) = TextFile::read(name, project.asset_root().join("_headers")) else {
        return Vec::new();
    };
    let behaviour = site.rules.behaviour;
    let urls: Vec<String> = site
        .files
        .iter()
        .flat_map(|file| [encode(&file.route.url_path_in(behaviour)), encode(file.route.as_str())])
        .collect();
    let mut found = Vec::new();
    for rule in &site.rules.headers {
        let path = match rule.pattern.strip_prefix(SCHEME) {
            Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => &rule.pattern,
        };
        if urls.iter().any(|url| matches(path, url).is_some()) || is_for_files(rule) {
            continue;
        }
        let offset = line_of(&file.text, &rule.pattern);
        let message = format!(
            "`{}` matches no file, and responses of the server get no fields of `_headers`",
            rule.pattern
        );
        let warning = file.warning(Code::ProjectHeadersSsr, offset, message);
        found.push(warning.with_help(
            "set `headers-on-ssr = \"on\"` below `[worker]` in worker-pack.toml, or set the fields in the code of the server",
        ));
    }
    found
}

/// Returns whether a rule only makes files immutable, as the one that the adapter adds even if Astro has
/// written no such file.
fn is_for_files(rule: &HeaderRule) -> bool {
    let is_immutable =
        |(name, value): &(String, String)| name == "cache-control" && value.contains("immutable");
    rule.remove.is_empty() && !rule.set.is_empty() && rule.set.iter().all(is_immutable)
}

/// Returns the offset of the line with a pattern, as far as it is written as it is read.
fn line_of(text: &str, pattern: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim() == pattern {
            return at;
        }
        at += line.len();
    }
    0
}

/// Finds Astro's `base` on a site without a file below it: the adapter writes links with it, and
/// files without.
pub(super) fn base(subject: &Subject) -> Vec<Diagnostic> {
    let (Some(config), Some(site)) = (subject.astro_config(), subject.site()) else {
        return Vec::new();
    };
    let Some(property) = config.property("base") else { return Vec::new() };
    let Some(base) = property.text.as_deref().map(|base| base.trim_matches('/')) else {
        return Vec::new();
    };
    let below = format!("/{base}/");
    let has_files = site.files.iter().any(|file| file.route.as_str().starts_with(&below));
    let is_redirected = {
        let redirects = &site.rules.redirects;
        let fixed = redirects.fixed.iter().map(|redirect| &redirect.from);
        let mut all = fixed.chain(redirects.dynamic.iter().map(|redirect| &redirect.from));
        all.any(|from| from.starts_with(&format!("/{base}")))
    };
    let assets = subject.project().and_then(|project| project.config.assets());
    let is_served_below = assets.is_some_and(|assets| assets.get("base_path").is_some());
    if base.is_empty() || has_files || is_redirected || is_served_below {
        return Vec::new();
    }
    let message = format!(
        "`base` is `/{base}`, and no file of the build is below it: each link to a file is broken"
    );
    let warning = config.file.warning(Code::ProjectBasePath, property.offset, message);
    vec![warning.with_help(format!(
        "serve the files below `/{base}`: with `assets.base_path` in the configuration for wrangler, with `build.client` \
         in Astro's, or with a redirect `/{base}/* /:splat 200` in `public/_redirects`; or remove `base`"
    ))]
}

/// Finds a site without a page for paths that do not exist.
pub(super) fn not_found(subject: &Subject) -> Vec<Diagnostic> {
    let (Some(site), Some(project)) = (subject.site(), subject.project()) else {
        return Vec::new();
    };
    let has_server = project.layout.server_entry(&project.dist).is_some();
    let has_main = project.config.get("main").is_some();
    let has_page = site.files.iter().any(|file| file.route.as_str().ends_with("/404.html"));
    let handling = site.rules.behaviour.not_found_handling;
    if has_server || has_main || has_page || handling != NotFoundHandling::NearestPage {
        return Vec::new();
    }
    // Its own diagnostic says more of a site with a single page.
    if subject.examined.diagnostics.iter().any(|found| found.code == Code::RulesOnlyPage) {
        return Vec::new();
    }
    let help = "add `src/pages/404.astro`; until then a path that does not exist gets a plain 404";
    let message = "has no `404.html` for paths that do not exist";
    let code = Code::ProjectNo404;
    let asked = Data::values(subject.config.as_ref()).and_then(|config| {
        let set = config.get("assets")?.get("not_found_handling")?;
        (set == &Value::from("404-page")).then_some(config)
    });
    let finding = match asked {
        Some(config) => {
            let offset = config.offset(&["assets".into(), "not_found_handling".into()]);
            let message = "`not_found_handling` is `404-page`, and the site has no `404.html`";
            config.file.warning(code, offset, message)
        }
        None => Diagnostic::note(code, subject.dist_name(""), message),
    };
    vec![finding.with_help(help)]
}

/// Finds files of secrets in the build.
pub(super) fn secret_files(subject: &Subject) -> Vec<Diagnostic> {
    let Some(project) = subject.project() else { return Vec::new() };
    let is_secret = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let is_named = |start: &str| {
            name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_sample = ["example", "sample", "template"].iter().any(|it| name.ends_with(it));
        (is_named(".env") || is_named(".dev.vars")) && !is_sample
    };
    let is_package = |entry: &DirEntry| entry.file_name() == "node_modules";
    let entries = WalkDir::new(&project.folder).sort_by_file_name().into_iter();
    let entries = entries.filter_entry(|entry| !is_package(entry)).flatten();
    let files = entries.filter(|entry| !entry.file_type().is_dir() && is_secret(entry));
    let finding = |entry: DirEntry| {
        let below = entry.path().strip_prefix(&project.folder).unwrap_or(entry.path());
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let name = subject.dist_name(&parts.join("/"));
        let is_public = match project.layout {
            Layout::ClientAndServer => below.starts_with("client"),
            Layout::Static | Layout::PagesWorker => true,
        };
        let (severity, message) = if is_public {
            ("error", "is a file of secrets among the public files")
        } else {
            ("warning", "is a file of secrets in the build, which is passed on with it")
        };
        let code = Code::ProjectDevVarsShipped;
        let found = if severity == "error" {
            Diagnostic::error(code, name, message)
        } else {
            Diagnostic::warning(code, name, message)
        };
        found.with_help(
            "remove it from `public`, or after the build; give the Worker its secrets by `wrangler secret put`, \
             and replace those that were deployed",
        )
    };
    files.map(finding).collect()
}
