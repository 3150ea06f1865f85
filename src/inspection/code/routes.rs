//! The paths that the code of a Worker answers.

use std::path::Path;

use serde_json::Value;

use crate::inspection::subject::Subject;
use crate::output::Target;
use crate::project::astro_routes::{Localisation, Manifest, Rendering, ServerRoute, manifest_in};

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
        // A middleware, and an entry of the user's own, may answer paths without a route. Sources elsewhere
        // are not read.
        let has_middleware = subject.sources().iter().any(|file| is_middleware(&file.name))
            || subject.astro_config().is_some_and(|config| config.property("srcDir").is_some());
        let main = subject.config.as_ref().and_then(|data| data.parsed.as_ref().ok()?.get("main"));
        let own_main =
            main.and_then(Value::as_str).is_some_and(|main| !main.starts_with("@astrojs/"));
        match manifest(subject) {
            Some(Manifest { routes, localisation: Localisation::None })
                if !has_middleware && !own_main && !is_own_program =>
            {
                Self::Known(routes)
            }
            _ => Self::Unknown,
        }
    }

    /// Returns the routes of Astro's server, whether or not other code answers too.
    pub(in crate::inspection) fn all(subject: &Subject) -> Vec<ServerRoute> {
        manifest(subject).map(|manifest| manifest.routes).unwrap_or_default()
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

/// Reads the manifest of a project's server.
fn manifest(subject: &Subject) -> Option<Manifest> {
    subject.server().iter().find_map(|module| manifest_in(&module.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middleware_is_a_file_or_the_index_of_a_folder() {
        assert!(is_middleware("src/middleware.ts") && is_middleware("src/middleware/index.js"));
        assert!(
            !is_middleware("src/lib/middleware.ts") && !is_middleware("src/middleware/auth.ts")
        );
    }
}
