//! Who is asked first: the assets or the server.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;

/// Who answers which paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Routing {
    /// The server is asked for what is no asset.
    AssetsFirst,
    /// The server is asked for everything: `run_worker_first: true`.
    ServerOnly,
    /// The server alone is asked for what some pattern matches and no `except` does:
    /// `run_worker_first: [...]`. For the rest, it is asked for what is no asset.
    ServerFirst(Patterns),
    /// As above, but for the rest the assets alone are asked: `_routes.json` of Pages.
    ByRoutes(Patterns),
}

/// Paths, each with `*` for any characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patterns {
    pub(crate) paths: Vec<String>,
    pub(crate) except: Vec<String>,
}

impl Patterns {
    /// How many patterns Cloudflare takes, and how long each may be.
    const MOST: usize = 100;
    const LONGEST: usize = 100;

    /// Says what is wrong with patterns that Cloudflare would not take.
    fn check(&self) -> Result<(), String> {
        if self.paths.is_empty() {
            return Err("it includes no path".to_owned());
        }
        if self.paths.len() + self.except.len() > Self::MOST {
            return Err(format!("it has more than {} paths, the limit of Cloudflare", Self::MOST));
        }
        Self::check_list(&self.paths)?;
        Self::check_list(&self.except)
    }

    fn check_list(paths: &[String]) -> Result<(), String> {
        for (index, path) in paths.iter().enumerate() {
            if !path.starts_with('/') {
                return Err(format!("`{path}` does not begin with a slash"));
            }
            if path.len() > Self::LONGEST {
                return Err(format!(
                    "`{path}` is longer than {} characters, the limit of Cloudflare",
                    Self::LONGEST
                ));
            }
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
    /// Reads `_routes.json`, which the adapter for Pages writes.
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
    /// With what is wrong with its patterns.
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

    /// Renders the function that the Worker calls with a path, or nothing for the usual order.
    pub(crate) fn to_script(&self) -> Option<String> {
        let (regex, patterns, rest): (fn(&str) -> String, _, _) = match self {
            Self::AssetsFirst => return None,
            Self::ServerOnly => return Some("() => 'server'".to_owned()),
            Self::ServerFirst(patterns) => (escaped, patterns, "both"),
            Self::ByRoutes(patterns) => (pages_regex, patterns, "assets"),
        };
        let is_match = |patterns: &[String]| {
            let all: Vec<String> = patterns.iter().map(|pattern| regex(pattern)).collect();
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

/// Renders a pattern as Pages reads it: one that ends with `/*` matches the folder itself too, and a
/// slash at the end of a path makes no difference.
fn pages_regex(pattern: &str) -> String {
    match (pattern.strip_suffix("/*"), pattern.ends_with('*')) {
        (Some(folder), _) => format!("{}(?:\\/.*)?", escaped(folder)),
        (None, true) => escaped(pattern),
        (None, false) => format!("{}\\/?", escaped(pattern.trim_end_matches('/'))),
    }
}

/// Renders a pattern literally, but for `*`, so that it can stand in a regular expression between
/// slashes.
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
    fn patterns_that_cloudflare_would_not_take_are_refused() {
        let read = |patterns: &[&str]| {
            Routing::from_run_worker_first(&serde_json::json!(patterns)).map_err(|_| ())
        };
        let long = format!("/{}", "a".repeat(100));
        let many: Vec<String> = (0..101).map(|n| format!("/{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for refused in [
            &[][..],
            &["!/assets"],
            &["api/*", "!asset"],
            &["/api", "!asset"],
            &[&long],
            &["/api/*", "/api/some/route"],
            &["/api", "/oauth", "/api"],
            &many,
        ] {
            assert_eq!(read(refused), Err(()), "{refused:?}");
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
