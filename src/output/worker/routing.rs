//! The order of assets and server, which may depend on the path.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;

/// The division of paths between assets and server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Routing {
    /// The server answers paths without an asset.
    AssetsFirst,
    /// The server answers all paths: `run_worker_first: true`.
    ServerOnly,
    /// The server answers all paths that match one of `paths` and none of `except`, and other paths
    /// without an asset: `run_worker_first: [...]`.
    ServerFirst(Patterns),
    /// The same, but the assets alone answer other paths: `_routes.json` of Pages.
    ByRoutes(Patterns),
}

/// Patterns of paths, in which `*` matches any characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patterns {
    pub(crate) paths: Vec<String>,
    pub(crate) except: Vec<String>,
}

impl Patterns {
    /// Maximum number of patterns, and of characters in each, on Cloudflare.
    const MAX_PATTERNS: usize = 100;
    const MAX_CHARACTERS: usize = 100;

    /// Checks the patterns as Cloudflare does. Returns a description of the first problem.
    fn check(&self) -> Result<(), String> {
        if self.paths.is_empty() {
            return Err("it includes no paths".to_owned());
        }
        if self.paths.len() + self.except.len() > Self::MAX_PATTERNS {
            let max = Self::MAX_PATTERNS;
            return Err(format!("it contains more than {max} paths, the limit on Cloudflare"));
        }
        Self::check_list(&self.paths)?;
        Self::check_list(&self.except)
    }

    fn check_list(paths: &[String]) -> Result<(), String> {
        for (index, path) in paths.iter().enumerate() {
            if !path.starts_with('/') {
                return Err(format!("`{path}` does not begin with a slash"));
            }
            if path.len() > Self::MAX_CHARACTERS {
                return Err(format!(
                    "`{path}` is longer than {} characters, the limit on Cloudflare",
                    Self::MAX_CHARACTERS
                ));
            }
            // Cloudflare rejects a pattern that another one makes redundant.
            let covers = |(other, earlier): (usize, &String)| {
                let prefix = earlier.strip_suffix('*');
                other != index
                    && (earlier == path || prefix.is_some_and(|prefix| path.starts_with(prefix)))
            };
            if paths.iter().enumerate().any(covers) {
                return Err(format!(
                    "`{path}` is a duplicate, or already covered by another pattern; remove it"
                ));
            }
        }
        Ok(())
    }
}

/// `_routes.json`.
#[derive(Deserialize)]
struct Routes {
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
}

impl Routing {
    /// Reads `_routes.json`, which the adapter for Pages writes. Returns `None` if it is missing.
    pub(crate) fn from_routes(path: &Path) -> Result<Option<Self>, PackError> {
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read(path).map_err(PackError::io(Stage::Output, "read", path))?;
        let invalid = |message| PackError::Config { path: path.to_owned(), message };
        let routes: Routes =
            serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))?;
        let patterns = Patterns { paths: routes.include, except: routes.exclude };
        patterns.check().map_err(invalid)?;
        Ok(Some(Self::ByRoutes(patterns)))
    }

    /// Reads the value of `assets.run_worker_first`, as wrangler does.
    ///
    /// # Errors
    /// If its patterns are invalid. The error describes the problem.
    pub(crate) fn from_run_worker_first(value: &Value) -> Result<Option<Self>, String> {
        let patterns = match value {
            Value::Bool(true) => return Ok(Some(Self::ServerOnly)),
            Value::Array(patterns) => patterns.iter().filter_map(Value::as_str),
            _ => return Ok(None),
        };
        let mut all = Patterns::default();
        for pattern in patterns {
            match pattern.strip_prefix('!') {
                Some(path) => all.except.push(path.to_owned()),
                None => all.paths.push(pattern.to_owned()),
            }
        }
        all.check()?;
        Ok(Some(Self::ServerFirst(all)))
    }

    /// Renders the function that tells the Worker who answers a path. Returns `None` for the
    /// default order.
    pub(crate) fn to_script(&self) -> Option<String> {
        let (regex, patterns, rest): (fn(&str) -> String, _, _) = match self {
            Self::AssetsFirst => return None,
            Self::ServerOnly => return Some("() => 'server'".to_owned()),
            Self::ServerFirst(patterns) => (escaped, patterns, "both"),
            Self::ByRoutes(patterns) => (pages_regex, patterns, "assets"),
        };
        let is_match = |patterns: &[String]| {
            let all: Vec<String> = patterns.iter().map(|pattern| regex(pattern)).collect();
            // With the flag `s`, a dot also matches the line breaks of a decoded path.
            format!("/^(?:{})$/s.test(path)", all.join("|"))
        };
        let condition = match (patterns.paths.is_empty(), patterns.except.is_empty()) {
            (true, _) => "false".to_owned(),
            (false, true) => is_match(&patterns.paths),
            (false, false) => {
                format!("{} && !{}", is_match(&patterns.paths), is_match(&patterns.except))
            }
        };
        Some(format!("(path) => ({condition} ? 'server' : '{rest}')"))
    }
}

/// Renders a pattern with the semantics of Pages: `/folder/*` matches `/folder` too, and a slash at
/// the end of a path makes no difference.
fn pages_regex(pattern: &str) -> String {
    match (pattern.strip_suffix("/*"), pattern.ends_with('*')) {
        (Some(folder), _) => format!("{}(?:\\/.*)?", escaped(folder)),
        (None, true) => escaped(pattern),
        (None, false) => format!("{}\\/?", escaped(pattern.trim_end_matches('/'))),
    }
}

/// Escapes a pattern for a regular expression between slashes, where `*` becomes `.*`.
fn escaped(pattern: &str) -> String {
    let mut escaped = String::new();
    for character in pattern.chars() {
        match character {
            '*' => escaped.push_str(".*"),
            plain if plain.is_ascii_alphanumeric() || plain == '_' => escaped.push(plain),
            other if other.is_ascii_graphic() => escaped.extend(['\\', other]),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_cloudflare_rejects_are_rejected() {
        let read = |patterns: &[&str]| {
            Routing::from_run_worker_first(&serde_json::json!(patterns)).map_err(|_| ())
        };
        let long = format!("/{}", "a".repeat(100));
        let many: Vec<String> = (0..101).map(|n| format!("/{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for rejected in [
            &[][..],
            &["!/assets"],
            &["api/*", "!asset"],
            &["/api", "!asset"],
            &[&long],
            &["/api/*", "/api/some/route"],
            &["/api", "/oauth", "/api"],
            &many,
        ] {
            assert_eq!(read(rejected), Err(()), "{rejected:?}");
        }
        assert!(read(&["/api/*", "/oauth/callback", "!/api/assets/*"]).is_ok());
    }

    #[test]
    fn patterns_become_a_function_of_the_path() {
        let list = |paths: &[&str]| paths.iter().map(|&path| path.to_owned()).collect();
        let patterns = Patterns { paths: list(&["/api/*", "/board"]), except: list(&["/api/v*x"]) };
        assert_eq!(
            Routing::ByRoutes(patterns).to_script().as_deref(),
            Some(
                r"(path) => (/^(?:\/api(?:\/.*)?|\/board\/?)$/s.test(path) && !/^(?:\/api\/v.*x\/?)$/s.test(path) ? 'server' : 'assets')"
            )
        );
        assert_eq!(Routing::AssetsFirst.to_script(), None);
        assert_eq!(escaped("/ü`"), r"\/\u00fc\`");
    }
}
