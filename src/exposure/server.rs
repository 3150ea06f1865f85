//! Parses what looks like server code, since code for browsers may contain the same bytes.

use super::server_finding;
use crate::asset::route::RoutePath;
use crate::feedback::diagnostic::{Diagnostic, Severity};
use crate::transform::javascript::{DefaultExport, Imports};

/// The judgement on a script that may be server code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmed {
    Server,
    Harmless,
    /// It does not parse, or only running it would tell.
    Unknown,
}

impl Confirmed {
    /// Judges a script at a place where hosts look for the entry of a server.
    pub(super) fn entry(route: &str, bytes: &[u8]) -> Self {
        let path = route.trim_start_matches('/');
        // These places are proof enough.
        if path == "server/entry.mjs" || path.starts_with("functions/") {
            return Self::Server;
        }
        let source = std::str::from_utf8(bytes).ok();
        match source.and_then(|source| DefaultExport::of(source).ok()) {
            Some(DefaultExport::Handler) => Self::Server,
            Some(DefaultExport::Other) => Self::Harmless,
            Some(DefaultExport::Unknown) | None => Self::Unknown,
        }
    }

    /// Judges a script with a text that looks like an import that only a server resolves.
    pub(super) fn imports(bytes: &[u8]) -> Self {
        let is_of_server = |name: &String| {
            name.starts_with("cloudflare:") || name.contains("@astrojs-ssr-adapter")
        };
        let source = std::str::from_utf8(bytes).ok();
        match source.and_then(|source| Imports::of(source).ok()) {
            Some(imports) if imports.specifiers.iter().any(is_of_server) => Self::Server,
            Some(_) => Self::Harmless,
            None => Self::Unknown,
        }
    }

    /// Returns an error for server code, and a warning for what may be some.
    pub(super) fn finding(self, name: &str, route: &RoutePath) -> Option<Diagnostic> {
        let error = server_finding(name, route);
        // A package contains code for every host, and not the server of this site.
        let is_in_package = route.as_str().split('/').any(|part| part == "node_modules");
        match self {
            Self::Server if !is_in_package => Some(error),
            Self::Harmless => None,
            Self::Server | Self::Unknown => Some(Diagnostic {
                severity: Severity::Warning,
                message: "may be code of a server among public files".to_owned(),
                ..error
            }),
        }
    }
}
