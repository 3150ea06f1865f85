//! Results of parsers, which the cache keeps: the next run parses only the texts that have changed.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::locate::Spot;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::cache::{Cache, CacheKey};
use crate::transform::reference::{Base, Reference, References, Role};
use crate::transform::rewrite::{Insertion, rewrite};
use crate::transform::{app_manifest, astro_manifest, css, html, javascript, svg};

/// The parsers, with what the cache remembers of them.
#[derive(Clone, Copy)]
pub(super) struct Parsers<'c> {
    cache: &'c Cache,
}

impl<'c> Parsers<'c> {
    pub(super) fn new(cache: &'c Cache) -> Self {
        Self { cache }
    }

    /// Returns the references of a text. JSON is read as the manifest of a web app. Returns `None` if the text is not
    /// understood.
    pub(super) fn references(self, source: &str, language: Language) -> Option<References> {
        let (kind, parse): (&str, fn(&str) -> Option<References>) = match language {
            Language::Html => ("page", |source| html::references(source).ok()),
            Language::Code(CodeLanguage::Css) => ("style sheet", |it| Some(css::references(it))),
            Language::Code(CodeLanguage::Svg) => ("drawing", |it| svg::references(it).ok()),
            Language::Code(CodeLanguage::JavaScript) => {
                ("script", |source| javascript::references(source).ok())
            }
            Language::Code(CodeLanguage::Json) => {
                ("manifest", |source| app_manifest::references(source).ok())
            }
            Language::Code(CodeLanguage::Xml) => return None,
        };
        self.found(kind, source, parse)
    }

    /// Returns the references of the manifest of Astro's server in a module, if it has one.
    pub(super) fn server_references(self, module: &str) -> Option<References> {
        self.found("manifest of a server", module, astro_manifest::references)
    }

    fn found(
        self,
        kind: &str,
        source: &str,
        parse: impl FnOnce(&str) -> Option<References>,
    ) -> Option<References> {
        let make = || parse(source).as_ref().map(Stored::of);
        let stored: Option<Stored> = self.remembered(kind, source, &[], make);
        stored.map(Stored::references)
    }

    /// Returns whether a text would be the same with other fingerprints at some places. `stand_in` is such a
    /// fingerprint.
    pub(super) fn can_be_rewritten(
        self,
        source: &str,
        language: Language,
        spots: &[Spot],
        stand_in: &str,
    ) -> bool {
        let insertion = |spot: &Spot| Insertion { at: spot.at, text: stand_in.to_owned() };
        let insertions: Vec<Insertion> = spots.iter().map(insertion).collect();
        let places: Vec<u8> = spots.iter().flat_map(|spot| spot.at.to_le_bytes()).collect();
        let parts = [format!("{language:?}").into_bytes(), places];
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        self.remembered("rewriting", source, &parts, || {
            rewrite(source, language, &insertions).is_some()
        })
    }

    /// Returns the place where a script reads its own URL, if it does.
    pub(super) fn own_url(self, script: &str) -> Option<usize> {
        self.remembered("own URL", script, &[], || javascript::own_url(script))
    }

    /// Returns the places of what a program imports itself, and of its comments.
    pub(super) fn own_imports(self, program: &str) -> Vec<Range<usize>> {
        let make = || spans(&javascript::own_imports(program));
        ranges(&self.remembered("own imports", program, &[], make))
    }

    fn remembered<T: Serialize + DeserializeOwned>(
        self,
        kind: &str,
        source: &str,
        parts: &[&[u8]],
        make: impl FnOnce() -> T,
    ) -> T {
        let all: Vec<&[u8]> = parts.iter().copied().chain([source.as_bytes()]).collect();
        let key = CacheKey::new(&format!("references: {kind}"), &all);
        // Each place has two numbers and a word in JSON, and there are not more places than bytes.
        let max_len = source.len().saturating_mul(64).saturating_add(1000);
        let known = self.cache.get_meta(key, max_len, |_: &T| true);
        known.unwrap_or_else(|| {
            let stored = self.cache.put(key, make(), &[]);
            stored.map_or_else(|made| made, |entry| entry.meta)
        })
    }
}

/// References as the cache stores them.
#[derive(Serialize, Deserialize)]
struct Stored {
    base: Base,
    all: Vec<Span>,
    roles: Vec<Role>,
    inert: Vec<Span>,
}

/// A place: how far it begins behind the one before, and its length, both in bytes.
type Span = (usize, usize);

impl Stored {
    fn of(references: &References) -> Self {
        let References { base, all, inert } = references;
        let places: Vec<Range<usize>> = all.iter().map(|one| one.range.clone()).collect();
        let roles = all.iter().map(|one| one.role).collect();
        Self { base: base.clone(), all: spans(&places), roles, inert: spans(inert) }
    }

    fn references(self) -> References {
        let Self { base, all, roles, inert } = self;
        let all = ranges(&all).into_iter().zip(roles);
        let all = all.map(|(range, role)| Reference { range, role }).collect();
        References { base, all, inert: ranges(&inert) }
    }
}

/// Returns places, which are sorted by their beginnings, as spans.
fn spans(ranges: &[Range<usize>]) -> Vec<Span> {
    let mut before = 0;
    let span = |range: &Range<usize>| {
        let gap = range.start - before;
        before = range.start;
        (gap, range.len())
    };
    ranges.iter().map(span).collect()
}

fn ranges(spans: &[Span]) -> Vec<Range<usize>> {
    let mut start = 0;
    let range = |(gap, len): &Span| {
        start += gap;
        start..start + len
    };
    spans.iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use bytesize::ByteSize;

    use super::*;

    #[test]
    fn the_cache_returns_what_a_parser_has_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(folder.path()), ByteSize::mb(1));
        let page = "<base href=/a/><!-- b --><img src=b.svg srcset='c.svg 1x, d.svg 2x'><p>e</p>\
                    <script>import('./f.js')</script>";
        let script = "import(a); /* b */ import('./c.js'); import.meta.url;";
        let parsed = || {
            let parsers = Parsers::new(&cache);
            let language = Language::Code(CodeLanguage::JavaScript);
            let spot = Spot { at: script.find(".js").unwrap(), target: 0 };
            let references = parsers.references(page, Language::Html);
            let rewritable = [spot.at, 0]
                .map(|at| parsers.can_be_rewritten(script, language, &[Spot { at, ..spot }], ".0"));
            (references, rewritable, parsers.own_url(script), parsers.own_imports(script))
        };
        let (first, second) = (parsed(), parsed());
        assert_eq!(first, second);
        assert_eq!(first.0, html::references(page).ok());
        assert!(first.0.is_some_and(|found| found.all.len() > 3 && found.inert.len() > 1));
        assert_eq!(first.1, [true, false]);
        assert!(first.2.is_some());
        assert_eq!(first.3.len(), 3);
    }
}
