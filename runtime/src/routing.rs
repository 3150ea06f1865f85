//! The division of paths between the assets and the server: `run_worker_first` of Workers Static
//! Assets, and `_routes.json` of Pages.

use crate::named::named;
use crate::path::RequestPath;

/// The paths that a server answers even if they have an asset.
#[derive(Clone, Copy, Debug)]
pub struct Routing<'a> {
    /// The server answers the paths that match one of these patterns, in which `*` matches any
    /// characters, …
    pub server: &'a [&'a str],
    /// … unless they match one of these.
    pub except: &'a [&'a str],
    /// The answer to all other paths.
    pub others: OtherPaths,
}

impl Routing<'_> {
    /// The server answers paths without an asset.
    pub const ASSETS_FIRST: Self =
        Self { server: &[], except: &[], others: OtherPaths::AssetsThenServer };
}

named! {
    /// The answer to paths that no pattern gives to the server.
    pub enum OtherPaths {
        /// The assets answer, and the server answers paths without an asset: as on Workers.
        AssetsThenServer = "assets-then-server",
        /// The assets alone answer: as on Pages with a `_routes.json`.
        Assets = "assets",
        /// As the first, but a navigation to a path without an asset gets what `not_found_handling` has
        /// for it, if anything: as on Workers, to the letter, from 2025-04-01 on.
        AssetsForNavigations = "assets-for-navigations",
        /// As the first, but every request for a path without an asset gets what `not_found_handling` has
        /// for it, if anything, and the assets alone answer the exceptions: as on Workers, to the
        /// letter, with patterns in `run_worker_first`.
        AssetsWithFallback = "assets-with-fallback",
    }
}

impl OtherPaths {
    /// Reads the number of a variant, as a binary table contains it. An unknown number means the
    /// variant of Workers.
    pub(crate) const fn from_number(number: u32) -> Self {
        const ALL: [OtherPaths; 4] = OtherPaths::ALL;
        let number = number as usize;
        if number < ALL.len() { ALL[number] } else { Self::AssetsThenServer }
    }
}

/// The part of a Worker that answers a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answerer {
    /// The server, whether or not the path has an asset.
    Server,
    /// The assets, or the server for a path without an asset.
    AssetsThenServer,
    /// The assets, or the server for a path without an asset, unless these requests have a fallback.
    AssetsWithFallback(FallbackFor),
    /// The assets alone.
    Assets,
}

/// The requests for a missing asset that its fallback answers although there is a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FallbackFor {
    /// Those by which a browser opens a page.
    Navigations,
    /// All of them.
    Everything,
}

/// Returns who answers a path.
///
/// The server may protect its paths. So the patterns are compared with both forms of the path, the
/// normal one, as Cloudflare compares them, and the decoded one, by which an asset is found: if either
/// belongs to the server, the server answers.
pub(crate) fn answerer<'p, S, E>(
    path: &RequestPath<'_>,
    server: impl Fn() -> S,
    except: impl Fn() -> E,
    others: OtherPaths,
) -> Answerer
where
    S: Iterator<Item = &'p str>,
    E: Iterator<Item = &'p str>,
{
    let is_servers = |path: &str| {
        server().any(|pattern| matches(pattern, path))
            && !except().any(|pattern| matches(pattern, path))
    };
    if is_servers(path.normal()) || path.decoded().is_ok_and(is_servers) {
        return Answerer::Server;
    }
    match others {
        OtherPaths::AssetsThenServer => Answerer::AssetsThenServer,
        OtherPaths::Assets => Answerer::Assets,
        OtherPaths::AssetsForNavigations => Answerer::AssetsWithFallback(FallbackFor::Navigations),
        OtherPaths::AssetsWithFallback if except().any(|it| matches(it, path.normal())) => {
            Answerer::Assets
        }
        OtherPaths::AssetsWithFallback => Answerer::AssetsWithFallback(FallbackFor::Everything),
    }
}

/// Returns whether a pattern matches a whole path. Each `*` matches any characters, perhaps none.
///
/// Unlike a [pattern](crate::pattern) of rules it has no names, may contain several `*`, and captures
/// nothing, so that it needs no allocation.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut path) = path.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').map_or(("", rest), |(middle, end)| (middle, end));
    // The first place of each part leaves most of the path to the others.
    for part in middle.split('*') {
        let Some(at) = path.find(part) else { return false };
        path = &path[at + part.len()..];
    }
    path.ends_with(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_match_any_characters() {
        for (pattern, path, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("*", "/a", true),
            ("/a/*", "/a/", true),
            ("/a/*", "/a", false),
            ("/*/b", "/a/b", true),
            ("/a*a", "/a", false),
            ("/*b*b/*", "/ab/b/c", true),
            ("/*b*b/*", "/ab/c", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    /// Matches by trying every length of every `*`.
    fn backtracked(pattern: &str, path: &str) -> bool {
        match pattern.strip_prefix('*') {
            Some(rest) => (0..=path.len()).any(|len| backtracked(rest, &path[len..])),
            None if pattern.is_empty() => path.is_empty(),
            None => {
                pattern[..1] == path[..path.len().min(1)] && backtracked(&pattern[1..], &path[1..])
            }
        }
    }

    proptest! {
        #[test]
        fn patterns_match_as_every_way_to_try_them(pattern in "[/a*]{0,8}", path in "[/a]{0,8}") {
            prop_assert_eq!(matches(&pattern, &path), backtracked(&pattern, &path));
        }
    }
}
