//! The code that texts fetch as data, so that people may read it.

use std::collections::{BTreeMap, BTreeSet};

use super::naming::fetched;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::asset::route::RoutePath;
use crate::ingest::{Site, SourceFile};

/// Patterns of the paths that texts fetch, each with the first text that does. Most pages share theirs,
/// so each is compared with the files once.
#[derive(Default)]
pub(super) struct Fetching {
    known: BTreeSet<String>,
    /// Patterns and names of texts, in the order of the texts.
    patterns: Vec<(String, String)>,
}

impl Fetching {
    /// Adds the patterns of a text.
    pub(super) fn add(&mut self, name: &str, patterns: &[String]) {
        for pattern in patterns {
            if self.known.insert(pattern.clone()) {
                self.patterns.push((pattern.clone(), name.to_owned()));
            }
        }
    }

    /// Returns the code of a site that is fetched, each with the name of a text that does.
    pub(super) fn find(&self, site: &Site) -> BTreeMap<RoutePath, String> {
        let by = |route: &RoutePath| {
            let mut patterns = self.patterns.iter();
            let first = patterns.find(|(pattern, _)| fetched::matches(pattern, route.as_str()));
            first.map(|(_, name)| name.clone())
        };
        let code = site.files.iter().filter(|file| is_code(file));
        code.filter_map(|file| Some((file.route.clone(), by(&file.route)?))).collect()
    }
}

/// Returns whether a file is code, which browsers run or apply rather than show.
fn is_code(file: &SourceFile) -> bool {
    let language = file.certain_type().and_then(|media_type| media_type.language());
    matches!(language, Some(Language::Code(CodeLanguage::Css | CodeLanguage::JavaScript)))
}
