//! The routes of Astro's server, from the manifest that Astro writes into it.

use std::path::Path;

use regress::Regex;
use serde_json::{Deserializer, Value};

use crate::inspection::subject::Subject;
use crate::output::Target;

/// The text before the routes in the manifest.
const ROUTES: &str = "\"routes\":";

/// The paths that the code of a Worker answers.
#[derive(Debug)]
pub(in crate::inspection) enum ServerRoutes {
    /// The site has no code.
    None,
    /// The code may answer any path.
    Unknown,
    /// Astro's server, which answers the paths of its routes only.
    Known(Vec<ServerRoute>),
}

/// A route of Astro's server.
#[derive(Debug)]
pub(in crate::inspection) struct ServerRoute {
    /// The route as in the folder `src/pages`, such as `/blog/[slug]`.
    pub(in crate::inspection) route: String,
    pub(in crate::inspection) kind: RouteKind,
    pub(in crate::inspection) rendering: Rendering,
    /// The path, if it is the same for all requests.
    pub(in crate::inspection) path: Option<String>,
    /// The module in `src/pages`.
    pub(in crate::inspection) component: String,
    pattern: Option<Regex>,
}

/// The kind of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inspection) enum RouteKind {
    Page,
    Endpoint,
    /// A redirect, or a route of Astro's own.
    Other,
}

/// The time at which a route is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inspection) enum Rendering {
    /// Once, by the build.
    AtBuild,
    /// For each request.
    OnDemand,
}

impl ServerRoute {
    /// Returns whether a path may be one of the route. A pattern that is not understood may match anything.
    pub(in crate::inspection) fn matches(&self, path: &str) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.find(path).is_some())
    }
}

impl ServerRoutes {
    /// Reads the routes of a project's server.
    pub(in crate::inspection) fn of(subject: &Subject) -> Self {
        let Some(project) = subject.project() else { return Self::Unknown };
        let has_code = project.layout.server_entry(&project.folder).is_some();
        let is_own_program =
            matches!(subject.pack.chosen_target(), Target::RustModule(_) | Target::RustWorker(_));
        if !has_code {
            let has_own =
                is_own_program || project.has_functions() || project.config.get("main").is_some();
            return if has_own { Self::Unknown } else { Self::None };
        }
        // A middleware, and an entry of the user's own, may answer paths without a route.
        let has_middleware = subject.sources().iter().any(|file| is_middleware(&file.name));
        let main = subject.config.as_ref().and_then(|data| data.parsed.as_ref().ok()?.get("main"));
        let own_main =
            main.and_then(Value::as_str).is_some_and(|main| !main.starts_with("@astrojs/"));
        let routes = subject.server().iter().find_map(|module| routes_in(&module.text));
        match routes {
            Some(routes) if !has_middleware && !own_main && !is_own_program => Self::Known(routes),
            _ => Self::Unknown,
        }
    }

    /// Returns the routes of Astro's server, whether or not other code answers too.
    pub(in crate::inspection) fn all(subject: &Subject) -> Vec<ServerRoute> {
        subject.server().iter().find_map(|module| routes_in(&module.text)).unwrap_or_default()
    }

    /// Returns whether the code may answer a path.
    pub(in crate::inspection) fn may_answer(&self, path: &str) -> bool {
        match self {
            Self::None => false,
            Self::Unknown => true,
            Self::Known(routes) => routes
                .iter()
                .any(|route| route.rendering == Rendering::OnDemand && route.matches(path)),
        }
    }
}

/// Returns whether a file is the middleware of a project.
pub(in crate::inspection) fn is_middleware(name: &str) -> bool {
    let path = Path::new(name);
    let stem = path.file_stem().unwrap_or_default();
    let below = path.parent().unwrap_or(path);
    stem == "middleware" && below == "src" || stem == "index" && below == "src/middleware"
}

/// Reads the routes in the manifest, if a module contains it.
fn routes_in(text: &str) -> Option<Vec<ServerRoute>> {
    let mut places = text.match_indices(ROUTES);
    places.find_map(|(at, _)| {
        let rest = &text[at + ROUTES.len()..];
        // The value ends where the manifest goes on.
        let value = Deserializer::from_str(rest).into_iter::<Value>().next()?.ok()?;
        let routes: Vec<ServerRoute> =
            value.as_array()?.iter().filter_map(|it| route(it.get("routeData")?)).collect();
        (!routes.is_empty()).then_some(routes)
    })
}

fn route(data: &Value) -> Option<ServerRoute> {
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
    Some(ServerRoute {
        route: text("route")?.to_owned(),
        kind: if is_of_project { kind } else { RouteKind::Other },
        rendering,
        path: text("pathname").map(str::to_owned),
        component: text("component").unwrap_or_default().to_owned(),
        pattern: text("pattern").and_then(|pattern| Regex::new(pattern).ok()),
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

    #[test]
    fn routes_are_read_from_the_manifest() {
        let routes = ServerRoutes::Known(routes_in(MANIFEST).expect("routes"));
        assert!(routes.may_answer("/a/c") && routes.may_answer("/a/c/"));
        assert!(!routes.may_answer("/a/") && !routes.may_answer("/404"));
    }

    #[test]
    fn the_middleware_is_a_file_or_the_index_of_a_folder() {
        assert!(is_middleware("src/middleware.ts") && is_middleware("src/middleware/index.js"));
        assert!(
            !is_middleware("src/lib/middleware.ts") && !is_middleware("src/middleware/auth.ts")
        );
    }
}
