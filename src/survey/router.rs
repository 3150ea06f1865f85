//! Pages whose inline code Astro's `ClientRouter` compares.
//!
//! It runs an inline script of the next page only if no script before it had the same text, and leaves a `<style>` with
//! the same text where it is. (In Astro 7, `transitions/swap-functions.js` and `transitions/router.js`.) So code that
//! several pages share has to stay equal: minified on all of them, or on none.

use super::Survey;
use crate::ingest::{Site, SourceFile};
use crate::options::{MinifiedLanguage, Minify};
use crate::rules::InlineHashes;

/// The treatment of inline code in pages with a `ClientRouter`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum RoutedCode {
    /// It may be minified: that is done on all pages.
    #[default]
    Free,
    /// It keeps its bytes: the server renders pages, whose code is not minified.
    LikeServer,
    /// It keeps its bytes: this page does.
    LikePage(String),
}

impl RoutedCode {
    /// Returns the reason why the code is not minified, in words.
    pub(super) fn reason(&self) -> Option<String> {
        let with = match self {
            Self::Free => return None,
            Self::LikeServer => "that of pages which the server renders".to_owned(),
            Self::LikePage(name) => format!("that of `{name}`, which is not minified"),
        };
        Some(format!("`ClientRouter` compares it with {with}"))
    }
}

impl Survey {
    /// Decides on the inline code of pages with a router.
    pub(super) fn decide_on_routed_code(&mut self, site: &Site) {
        let project = &site.project;
        let has_server = project.layout.server_entry(&project.folder).is_some();
        let mut routed = (0..site.files.len()).filter(|index| self.files[*index].has_router);
        self.routed_code = if has_server {
            if routed.next().is_some() { RoutedCode::LikeServer } else { RoutedCode::Free }
        } else {
            let kept = routed.find(|index| self.keeps_code(site, *index));
            kept.map_or_else(RoutedCode::default, |index| {
                RoutedCode::LikePage(site.files[index].name.clone())
            })
        };
    }

    /// Returns whether a page keeps its inline code for a reason of its own.
    fn keeps_code(&self, site: &Site, index: usize) -> bool {
        let SourceFile { route, settings, .. } = &site.files[index];
        let surveyed = &self.files[index];
        let languages =
            [MinifiedLanguage::Html, MinifiedLanguage::Css, MinifiedLanguage::JavaScript];
        // What the option leaves out is left out on all pages.
        let is_changed_by_rule = matches!(settings.minify, Minify::ByRule(_))
            && languages.iter().any(|language| !settings.minify.has(*language));
        is_changed_by_rule
            || surveyed.is_doubtful
            || surveyed.has_hashed_code()
            || surveyed.named_by.is_some()
            || self.usage.checked_by(route).is_some()
            || self.usage.doubted_by(route).is_some()
            || site.rules.inline_hashes == InlineHashes::InHeaders
    }
}
