//! The division of paths between assets and server: `run_worker_first` in the configuration for
//! wrangler, or `_routes.json` of Pages.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::{Compat, Fidelity};
use worker_pack_runtime::packer::path::decode;
use worker_pack_runtime::routing::OtherPaths;

use super::behaviour::ROUTES;
use crate::asset::route::RoutePath;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::project::Project;
use crate::project::layout::Layout;
use crate::project::wrangler::WranglerConfig;

/// The division of paths between assets and server, as
/// [`worker_pack_runtime::Routing`] describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Routing {
    /// The patterns of the server's paths.
    pub(crate) server: Vec<String>,
    /// The patterns of the exceptions.
    pub(crate) except: Vec<String>,
    /// The answer to all other paths.
    pub(crate) others: OtherPaths,
}

/// Patterns of paths as the user writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Patterns {
    paths: Vec<String>,
    except: Vec<String>,
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

impl Default for Routing {
    fn default() -> Self {
        Self::assets_first()
    }
}

impl Routing {
    /// Reads the routing of a site: from `_routes.json` in a build for Pages that follows Pages, else
    /// from `run_worker_first` in the configuration for wrangler.
    pub(crate) fn of_site(project: &Project, behaviour: Behaviour) -> Result<Self, PackError> {
        let compat = behaviour.compat;
        let Project { layout, config, folder, .. } = project;
        let is_pages = (*layout, compat) == (Layout::PagesWorker, Compat::Pages);
        let name = Path::new(ROUTES);
        let from_routes = if is_pages {
            let read = project.file(name).and_then(|file| file.read());
            Self::from_routes(&folder.join(name), read)?
        } else {
            None
        };
        let invalid = |message| PackError::Config {
            path: config.path().to_owned(),
            message: format!("assets.run_worker_first: {message}"),
        };
        let from_config = match config.asset_option("run_worker_first") {
            Some(value) => Self::from_run_worker_first(value).map_err(invalid)?,
            None => None,
        };
        // Without `_routes.json`, Pages sends every request to the server.
        let default = if is_pages { Self::server_only() } else { Self::assets_first() };
        let has_patterns = config.asset_option("run_worker_first").is_some_and(Value::is_array);
        let routing = from_routes.or(from_config).unwrap_or(default);
        // Otherwise a server behind the assets is asked for every path without one.
        let others = match (behaviour.compat, behaviour.fidelity) {
            (Compat::Workers, Fidelity::Strict) if has_patterns => OtherPaths::AssetsWithFallback,
            (Compat::Workers, Fidelity::Strict) if answers_navigations(config) => {
                OtherPaths::AssetsForNavigations
            }
            _ => routing.others,
        };
        Ok(Self { others, ..routing })
    }

    /// The server answers paths without an asset.
    fn assets_first() -> Self {
        Self { server: Vec::new(), except: Vec::new(), others: OtherPaths::AssetsThenServer }
    }

    /// The server answers all paths.
    fn server_only() -> Self {
        Self { server: vec!["*".to_owned()], ..Self::assets_first() }
    }

    /// Reads `_routes.json`, which the adapter for Pages writes. Returns `None` if it is missing.
    fn from_routes(path: &Path, read: io::Result<Vec<u8>>) -> Result<Option<Self>, PackError> {
        let text = match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(PackError::io(Stage::Ingest, "read", path))?,
        };
        let invalid = |message| PackError::Config { path: path.to_owned(), message };
        let routes: Routes =
            serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))?;
        let patterns = Patterns { paths: routes.include, except: routes.exclude };
        patterns.check().map_err(invalid)?;
        let of_pages = |patterns: &[String]| {
            with_decoded(patterns.iter().flat_map(|pattern| patterns_of_pages(pattern)))
        };
        let mut except = of_pages(&patterns.except);
        // Its exceptions are the files of the build. The adapter does not know those that are made later.
        except.push(format!("*/{}/*", RoutePath::OWN_FOLDER));
        let server = of_pages(&patterns.paths);
        Ok(Some(Self { server, except, others: OtherPaths::Assets }))
    }

    /// Reads the value of `assets.run_worker_first`, as wrangler does.
    ///
    /// # Errors
    /// If its patterns are invalid. The error describes the problem.
    fn from_run_worker_first(value: &Value) -> Result<Option<Self>, String> {
        let patterns = match value {
            Value::Bool(true) => return Ok(Some(Self::server_only())),
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
        Ok(Some(Self {
            server: with_decoded(all.paths),
            except: with_decoded(all.except),
            ..Self::assets_first()
        }))
    }
}

/// Returns whether Workers Static Assets answer navigations to missing files before they ask the Worker: by
/// a flag, or from a date on. A Worker without a date gets a later one when it is packed.
fn answers_navigations(config: &WranglerConfig) -> bool {
    const SINCE: &str = "2025-04-01";
    let date = config.get("compatibility_date").and_then(Value::as_str);
    config.has_flag("assets_navigation_prefers_asset_serving")
        || date.is_none_or(|date| date >= SINCE)
            && !config.has_flag("assets_navigation_has_no_effect")
}

/// Returns patterns with the meaning that a pattern has for Pages: `/folder/*` matches `/folder` too,
/// and a slash at the end of a path makes no difference.
fn patterns_of_pages(pattern: &str) -> Vec<String> {
    match (pattern.strip_suffix("/*"), pattern.ends_with('*')) {
        (Some(folder), _) => vec![pattern.to_owned(), folder.to_owned()],
        (None, true) => vec![pattern.to_owned()],
        (None, false) => {
            let folder = pattern.trim_end_matches('/');
            vec![format!("{folder}/"), folder.to_owned()]
        }
    }
}

/// Adds the decoded form of each pattern, since the runtime compares patterns with the decoded path
/// too. An escaped `*` must not become a wildcard, so such a pattern stays as it is.
fn with_decoded(patterns: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut all = Vec::new();
    for pattern in patterns {
        let stars = |text: &str| text.matches('*').count();
        let decoded = decode(&pattern).ok().map(Cow::into_owned);
        let decoded =
            decoded.filter(|decoded| *decoded != pattern && stars(decoded) == stars(&pattern));
        all.push(pattern);
        all.extend(decoded);
    }
    all
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
    fn patterns_of_pages_match_folders_and_slashes_at_the_end() {
        assert_eq!(patterns_of_pages("/api/*"), ["/api/*", "/api"]);
        assert_eq!(patterns_of_pages("/api*"), ["/api*"]);
        assert_eq!(patterns_of_pages("/board/"), ["/board/", "/board"]);
        assert_eq!(patterns_of_pages("/"), ["/", ""]);
    }

    #[test]
    fn encoded_patterns_are_also_compared_decoded() {
        let patterns = ["/a", "/%C3%BC/*", "/%2a", "/%zz"].map(str::to_owned);
        assert_eq!(with_decoded(patterns), ["/a", "/%C3%BC/*", "/ü/*", "/%2a", "/%zz"]);
    }
}
