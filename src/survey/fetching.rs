//! The code that texts fetch as data, so that people may read it.

use std::collections::BTreeMap;

use super::naming::fetched;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::asset::route::RoutePath;
use crate::ingest::{Site, SourceFile};

/// Patterns of the paths that texts fetch, each with the first text that does.
#[derive(Default)]
pub(super) struct Fetching {
    /// Paths without a wildcard, which are looked up. A site may have one for each of its pages.
    paths: BTreeMap<String, First>,
    /// The other patterns, of which most pages share theirs.
    wildcards: BTreeMap<String, First>,
}

/// The first text with a pattern. Its number orders it among all.
struct First {
    number: usize,
    name: String,
}

impl Fetching {
    /// Adds the patterns of a text.
    pub(super) fn add(&mut self, name: &str, patterns: &[String]) {
        for pattern in patterns {
            let number = self.paths.len() + self.wildcards.len();
            let all = if pattern.contains('*') { &mut self.wildcards } else { &mut self.paths };
            let first = || First { number, name: name.to_owned() };
            all.entry(pattern.clone()).or_insert_with(first);
        }
    }

    /// Returns the code of a site that is fetched, each with the name of a text that does.
    pub(super) fn find(&self, site: &Site) -> BTreeMap<RoutePath, String> {
        let code = site.files.iter().filter(|file| is_code(file));
        code.filter_map(|file| Some((file.route.clone(), self.by(file.route.as_str())?))).collect()
    }

    /// Returns the name of the first text that fetches a route.
    fn by(&self, route: &str) -> Option<String> {
        let ends = route.match_indices('/').map(|(at, _)| &route[at + 1..]);
        let exact = ends.filter_map(|end| self.paths.get(end));
        let wildcards = self.wildcards.iter();
        let similar = wildcards.filter(|(pattern, _)| fetched::matches(pattern, route));
        let first = exact.chain(similar.map(|(_, first)| first)).min_by_key(|first| first.number);
        first.map(|first| first.name.clone())
    }
}

/// Returns whether a file is code, which browsers run or apply rather than show.
fn is_code(file: &SourceFile) -> bool {
    let language = file.certain_type().and_then(|media_type| media_type.language());
    matches!(language, Some(Language::Code(CodeLanguage::Css | CodeLanguage::JavaScript)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_text_that_fetches_a_file_is_named() {
        let mut fetching = Fetching::default();
        fetching.add("a", &["examples/a.js".to_owned(), "other/*".to_owned()]);
        fetching.add("b", &["examples/*.js".to_owned(), "a.js".to_owned()]);
        fetching.add("c", &["examples/b.js".to_owned()]);
        for (route, name) in [
            ("/examples/a.js", Some("a")),
            ("/examples/b.js", Some("b")),
            ("/docs/a.js", Some("b")),
            ("/docs/other/a.css", Some("a")),
            ("/extra.js", None),
        ] {
            assert_eq!(fetching.by(route).as_deref(), name, "{route}");
        }
    }
}
