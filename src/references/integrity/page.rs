//! The pages of a site that load code of it, with the places where hashes go.

use std::ops::Range;

use super::modules::{Listed, Modules};
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::feedback::diagnostic::Excerpt;
use crate::ingest::{Site, SourceFile};
use crate::references::locate::Locator;
use crate::references::parsers::Parsers;
use crate::references::planned::of_link;
use crate::references::text::{Allowance, Contents, Reading, Text};
use crate::survey::Survey;
use crate::transform::html::code_tags;
use crate::transform::reference::Base;

/// A page that loads code of the site.
#[derive(Debug)]
pub(super) struct Page {
    /// The hash of its bytes as packed.
    pub(super) hash: ContentHash,
    /// The start tags, in the order of the page.
    pub(super) tags: Vec<Load>,
    /// The links in its `Link` field.
    pub(super) links: Vec<Load>,
    /// The modules that its import map lists, with the option.
    pub(super) listed: Option<Listed>,
    /// True if Astro's `ClientRouter` may load its style sheets.
    pub(super) is_routed: bool,
}

/// A place that loads a file.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// The start tag, or the URL in a `Link` field.
    pub(super) range: Range<usize>,
    /// The place where the attribute, or the parameter, goes.
    pub(super) at: usize,
    pub(super) target: usize,
    pub(super) kind: LoadKind,
    /// The place in the page, for people.
    pub(super) excerpt: Excerpt,
}

/// The kind of code that a page loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoadKind {
    Script,
    Style,
}

impl Page {
    /// Returns the files that the page loads by their hashes, in as far as these are known.
    pub(super) fn targets(&self) -> impl Iterator<Item = usize> {
        let modules = self.listed.iter().flat_map(Listed::targets);
        self.tags.iter().map(|load| load.target).chain(modules)
    }

    /// Reads a file. Returns `None` if it is not a page that may change, or loads no code of the site.
    pub(super) fn of_file(
        site: &Site,
        survey: &Survey,
        locator: &Locator<'_>,
        modules: &Modules,
        index: usize,
        parsers: Parsers<'_>,
    ) -> Option<Self> {
        let file = &site.files[index];
        let language = file.media_type(|| file.head()).ok()?.media_type.language();
        if language != Some(Language::Html) {
            return None;
        }
        let bytes = file.content.read().ok()?;
        let text = Text::of_file(site, survey, index, bytes, Reading::ByType, parsers)?;
        let Contents::Read { references, allowance } = &text.contents else { return None };
        if *allowance == Allowance::None {
            return None;
        }
        let address = locator.address(index)?;
        let source = &text.source;
        let tags = code_tags(source).ok()?.into_iter().filter_map(|tag| {
            let start = tag.range.start;
            let target = locator.target(&tag.url, start, &references.base, &address)?;
            let kind = LoadKind::of(&site.files[target])?;
            let (at, excerpt) = (tag.after_name(source), Excerpt::at(source, start));
            Some(Load { range: tag.range, at, target, kind, excerpt })
        });
        let tags: Vec<Load> = tags.collect();
        let listed = modules.of_page(site, index, source, *allowance);
        if tags.is_empty() && listed.is_none() {
            return None;
        }
        let surveyed = &survey.files[index];
        let field = surveyed.early_links.field.as_deref().unwrap_or_default();
        let links = of_link(field).all.into_iter().filter_map(|reference| {
            let range = reference.range;
            let target =
                locator.target(&field[range.clone()], range.start, &Base::Own, &address)?;
            // Only what a start tag of the page loads as code. The parameter goes behind the angle bracket.
            let tag = tags.iter().find(|tag| tag.target == target)?;
            Some(Load { at: range.end + 1, range, ..tag.clone() })
        });
        let links = links.collect();
        Some(Self { hash: text.hash, tags, links, listed, is_routed: surveyed.has_router })
    }
}

impl LoadKind {
    /// Returns the kind of a file. Returns `None` if it is no code.
    pub(super) fn of(file: &SourceFile) -> Option<Self> {
        match file.certain_type()?.language()? {
            Language::Code(CodeLanguage::JavaScript) => Some(Self::Script),
            Language::Code(CodeLanguage::Css) => Some(Self::Style),
            _ => None,
        }
    }
}
