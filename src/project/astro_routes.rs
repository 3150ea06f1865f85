//! The routes of Astro's server, from the manifest that Astro writes into it.

use std::fs;

use regress::Regex;
use serde_json::{Deserializer, Value};
use worker_pack_runtime::packer::path::decode;

use super::layout::ServerEntry;

/// The text before the routes in the manifest.
const ROUTES: &str = "\"routes\":";

/// A route of Astro's server.
#[derive(Debug)]
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only `check` asks for the rest"))]
pub(crate) struct ServerRoute {
    /// The route as in the folder `src/pages`, such as `/blog/[slug]`.
    pub(crate) route: String,
    pub(crate) kind: RouteKind,
    pub(crate) rendering: Rendering,
    /// The path with Astro's `base`, if it is the same for all requests.
    pub(crate) path: Option<String>,
    /// The module in `src/pages`.
    pub(crate) component: String,
    pattern: Option<Regex>,
    /// Astro's `base` without a slash at its end, which the pattern does not contain. It may be empty.
    base: String,
}

/// The manifest that Astro writes into its server, as far as paths are concerned.
#[derive(Debug)]
#[cfg_attr(
    not(any(feature = "cli", test)),
    expect(dead_code, reason = "only `check` asks for the rest")
)]
pub(crate) struct Manifest {
    pub(crate) routes: Vec<ServerRoute>,
    pub(crate) localisation: Localisation,
}

/// Astro's own code for several languages (`i18n`), which answers too if there is some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Localisation {
    None,
    /// It redirects paths without a route to those with a language.
    Redirects,
}

/// The kind of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouteKind {
    Page,
    Endpoint,
    /// A redirect, or a route of Astro's own.
    Other,
}

/// The time at which a route is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rendering {
    /// Once, by the build.
    AtBuild,
    /// For each request.
    OnDemand,
}

impl ServerRoute {
    /// Returns whether the server answers a path, percent-encoded, by a route that was written for such paths:
    /// its first segment has text of its own, as in `/files/[name]`. Routes such as `/[...path]` and
    /// `/[language]/[page]` match whatever is left.
    pub(crate) fn claims(&self, path: &str) -> bool {
        let first = self.route.trim_start_matches('/').split('/').next().unwrap_or_default();
        let mut texts = first.split('[').map(|part| part.rsplit(']').next().unwrap_or(part));
        let is_specific = !first.contains("[...") && texts.any(|text| !text.is_empty());
        let is_understood = self.pattern.is_some();
        is_specific && is_understood && self.rendering == Rendering::OnDemand && self.matches(path)
    }

    /// Returns whether a path, percent-encoded, may be one of the route. A pattern that is not understood may
    /// match anything.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        let below = path.strip_prefix(&self.base).filter(|it| it.is_empty() || it.starts_with('/'));
        // Astro accepts a path without `base` too, and decodes it.
        let below = match below.unwrap_or(path) {
            "" => "/",
            below => below,
        };
        let decoded = decode(below).map(|it| it.to_string()).unwrap_or_default();
        [below, &decoded].into_iter().any(|path| {
            // Astro redirects to the path that `trailingSlash` asks for.
            let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
            pattern.find(path).is_some() || pattern.find(&other).is_some()
        })
    }
}

/// Reads the routes of a build's server, if it is Astro's.
pub(crate) fn of_server(entry: &ServerEntry) -> Vec<ServerRoute> {
    let texts = entry.modules().into_iter().filter_map(|path| fs::read_to_string(path).ok());
    let manifest = texts.into_iter().find_map(|text| manifest_in(&text));
    manifest.map(|manifest| manifest.routes).unwrap_or_default()
}

/// Reads the manifest, if a module contains it.
pub(crate) fn manifest_in(text: &str) -> Option<Manifest> {
    let mut places = text.match_indices(ROUTES);
    places.find_map(|(at, _)| {
        // The value ends where the manifest goes on.
        let list = first_value(&text[at + ROUTES.len()..])?;
        // The options around it are JSON too, unless Astro changes how it writes them.
        let all = text[..at].rfind("({").and_then(|start| first_value(&text[start + 1..]));
        let option = |name: &str| all.as_ref().and_then(|all| all.get(name));
        let base = option("base").and_then(Value::as_str).unwrap_or_default().trim_matches('/');
        let base = if base.is_empty() { String::new() } else { format!("/{base}") };
        let mut routes = Vec::new();
        for data in list.as_array()?.iter().filter_map(|it| it.get("routeData")) {
            routes.extend(route(data, &base));
            // Paths of a language that get the page of another one.
            let others = data.get("fallbackRoutes").and_then(Value::as_array);
            routes.extend(others.into_iter().flatten().filter_map(|data| route(data, &base)));
        }
        let localisation = match option("i18n") {
            None | Some(Value::Null) => Localisation::None,
            Some(_) => Localisation::Redirects,
        };
        (!routes.is_empty()).then_some(Manifest { routes, localisation })
    })
}

/// Reads the value that a text begins with.
fn first_value(text: &str) -> Option<Value> {
    Deserializer::from_str(text).into_iter::<Value>().next()?.ok()
}

fn route(data: &Value, base: &str) -> Option<ServerRoute> {
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let kind = match text("type")? {
        "page" => RouteKind::Page,
        "endpoint" => RouteKind::Endpoint,
        _ => RouteKind::Other,
    };
    let is_of_project = text("origin").is_none_or(|origin| origin == "project");
    let rendering = match data.get("prerender").and_then(Value::as_bool) {
        Some(true) => Rendering::AtBuild,
        _ => Rendering::OnDemand,
    };
    let pattern = text("pattern").and_then(|pattern| Regex::new(pattern).ok());
    // With `trailingSlash: "always"`, the pattern asks for a slash that the path does not have.
    let slash = |path: &str| {
        let needs = pattern.as_ref().is_some_and(|pattern| {
            pattern.find(path).is_none() && pattern.find(&format!("{path}/")).is_some()
        });
        if needs { "/" } else { "" }
    };
    Some(ServerRoute {
        route: text("route")?.to_owned(),
        kind: if is_of_project { kind } else { RouteKind::Other },
        rendering,
        path: text("pathname").map(|path| format!("{base}{path}{}", slash(path))),
        component: text("component").unwrap_or_default().to_owned(),
        pattern,
        base: base.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"const m=deserializeManifest({"assetsDir":"_astro","routes":[
        {"file":"","routeData":{"type":"page","route":"/a/[b]","pattern":"^\\/a\\/([^/]+?)\\/?$",
         "component":"src/pages/a/[b].astro","prerender":false,"origin":"project"}},
        {"file":"","routeData":{"type":"page","route":"/404","pathname":"/404","pattern":"^\\/404\\/?$",
         "component":"src/pages/404.astro","prerender":true,"origin":"project"}}],"base":"/"});"#;

    fn may_answer(routes: &[ServerRoute], path: &str) -> bool {
        routes.iter().any(|route| route.rendering == Rendering::OnDemand && route.matches(path))
    }

    #[test]
    fn routes_are_read_from_the_manifest() {
        let routes = manifest_in(MANIFEST).expect("routes").routes;
        assert!(may_answer(&routes, "/a/c") && may_answer(&routes, "/a/c/"));
        assert!(!may_answer(&routes, "/a/") && !may_answer(&routes, "/404"));
    }

    #[test]
    fn a_route_claims_paths_that_its_first_segment_names() {
        let claims = |name: &str, pattern: &str, path: &str| {
            let data = serde_json::json!({ "type": "page", "route": name, "pattern": pattern });
            route(&data, "/docs").expect("a route").claims(path)
        };
        for (name, pattern, path) in [
            ("/_astro/[file]", r"^\/_astro\/([^/]+?)\/?$", "/docs/_astro/a.js"),
            ("/_astro/[...path]", r"^\/_astro(?:\/(.*?))?\/?$", "/_astro/a.js"),
            ("/a.js", r"^\/a\.js$", "/docs/a.js"),
            ("/[name].png", r"^\/([^/]+?)\.png\/?$", "/docs/a.png"),
        ] {
            assert!(claims(name, pattern, path), "{name} {path}");
        }
        for (name, pattern, path) in [
            ("/[...path]", r"^(?:\/(.*?))?\/?$", "/docs/_astro/a.js"),
            ("/[...path].js", r"^(?:\/(.*?))?\.js\/?$", "/docs/_astro/a.js"),
            ("/[a][b]/[page]", r"^\/([^/]+?)([^/]+?)\/([^/]+?)\/?$", "/docs/_astro/a.js"),
            ("/_astro/[file]", r"^\/_astro\/([^/]+?)\/?$", "/docs/_astro/a/b.js"),
            ("/_astro/[file]", "(", "/docs/_astro/a.js"),
        ] {
            assert!(!claims(name, pattern, path), "{name} {path}");
        }
    }

    #[test]
    fn paths_of_routes_are_below_the_base_decoded_and_with_either_ending() {
        let text = r#"var m = deserializeManifest({"rootDir":"file:///a/","routes":[
            {"routeData":{"type":"page","route":"/über","pathname":"/über","pattern":"^\\/über\\/$",
             "fallbackRoutes":[{"type":"fallback","route":"/fr/über","pattern":"^\\/fr\\/über\\/$"}]}},
            {"routeData":{"type":"endpoint","route":"/a.json","pathname":"/a.json","pattern":"^\\/a\\.json$"}},
            {"routeData":{"type":"page","route":"/","pathname":"/","pattern":"^\\/$"}}],
            "base":"/docs/","trailingSlash":"always"});"#;
        let manifest = manifest_in(text).expect("a manifest");
        assert_eq!(manifest.localisation, Localisation::None);
        let paths: Vec<_> = manifest.routes.iter().map(|route| route.path.as_deref()).collect();
        let below = ["/docs/über/", "/docs/a.json", "/docs/"].map(Some);
        assert_eq!(paths, [below[0], None, below[1], below[2]]);
        let routes = manifest.routes;
        for path in
            ["/docs/%C3%BCber/", "/docs/%C3%BCber", "/docs/fr/%C3%BCber/", "/docs", "/docs/"]
        {
            assert!(may_answer(&routes, path), "{path}");
        }
        assert!(may_answer(&routes, "/docs/a.json") && may_answer(&routes, "/a.json"));
        for path in ["/docs/other/", "/docsa.json", "/docs/docs/a.json"] {
            assert!(!may_answer(&routes, path), "{path}");
        }
        let localised =
            text.replace("\"trailingSlash", "\"i18n\":{\"locales\":[\"en\"]},\"trailingSlash");
        let manifest = manifest_in(&localised).expect("a manifest");
        assert_eq!(manifest.localisation, Localisation::Redirects);
    }
}
