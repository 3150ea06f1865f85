//! The `integrity` attributes that pages get (W3C Subresource Integrity).
//!
//! A file gets one if its URL never gets other bytes: the build has named it by its bytes, or the packer has. Another
//! URL may answer with the bytes of the next deployment while a page of this one is open or cached, and a browser
//! would refuse them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rayon::prelude::*;
use sha2::{Digest as _, Sha384};

use super::answers::answered;
use super::locate::{Locator, Spot};
use super::parsers::Parsers;
use super::planned::of_link;
use super::report::{IntegrityReason, IntegrityReport, TextPlace};
use super::text::{Allowance, Contents, Reading, Text};
use crate::asset::cache_policy::CachePolicy;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::ingest::{Site, SourceFile, TypeSource};
use crate::options::{Integrity, Options};
use crate::survey::Survey;
use crate::transform::html::{attribute, code_tags};
use crate::transform::reference::Base;
use crate::transform::rewrite::Insertion;
use crate::transform::{Minifier, transform};

/// The attributes of a site's pages. Files are given by their indices in the site.
#[derive(Debug, Default)]
pub(super) struct Integrities {
    pages: BTreeMap<usize, Page>,
    /// The values of files whose own names never get other bytes.
    own: BTreeMap<usize, String>,
    /// The values of files at their names with a fingerprint, as far as they are known.
    named: BTreeMap<usize, String>,
    /// The files that get no attribute at their own names.
    without: BTreeMap<usize, IntegrityReason>,
    /// The scripts and style sheets that keep their bytes, since their names never get others and pages load them by
    /// their hashes. Minified, they would have other bytes after an update of the minifier, and a browser that has the
    /// earlier ones would refuse them.
    lasting: BTreeSet<usize>,
}

/// A page that loads code of the site.
#[derive(Debug)]
struct Page {
    /// The hash of its bytes as packed.
    hash: ContentHash,
    /// The start tags, in the order of the page.
    tags: Vec<Load>,
    /// The links in its `Link` field.
    links: Vec<Load>,
    /// True if Astro's `ClientRouter` may load its style sheets.
    is_routed: bool,
}

/// A place that loads a file.
#[derive(Clone, Debug)]
struct Load {
    /// The start tag, or the URL in a `Link` field.
    range: Range<usize>,
    /// The place where the attribute, or the parameter, goes.
    at: usize,
    target: usize,
    kind: LoadKind,
    /// The place in the page, for people.
    excerpt: Excerpt,
}

/// The kind of code that a page loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LoadKind {
    Script,
    Style,
}

impl Integrities {
    /// Finds what pages load, and the values of the files whose names never get other bytes. `named` are the files that
    /// get a name with a fingerprint.
    pub(super) fn plan(
        site: &Site,
        survey: &Survey,
        options: &Options,
        named: &BTreeSet<usize>,
        parsers: Parsers<'_>,
    ) -> Self {
        let minifier = match options.integrity {
            // Without a minifier, the next stage tells what is wrong with the options.
            Integrity::Add => Minifier::new(options).ok(),
            Integrity::Off => None,
        };
        let Some(minifier) = minifier else { return Self::default() };
        let locator = Locator::new(site);
        let indices: Vec<usize> = (0..site.files.len()).collect();
        let pages = indices.par_iter().filter_map(|index| {
            Some((*index, Page::of_file(site, survey, &locator, *index, parsers)?))
        });
        let lasting = indices.iter().copied();
        let lasting = lasting.filter(|index| !named.contains(index) && is_lasting(site, *index));
        let mut all =
            Self { pages: pages.collect(), lasting: lasting.collect(), ..Self::default() };
        let targets: BTreeSet<usize> =
            all.pages.values().flat_map(|page| &page.tags).map(|load| load.target).collect();
        let answered = answered(site, &targets);
        for target in &targets {
            if !answered.contains(target) {
                all.without.insert(*target, IntegrityReason::AnsweredOtherwise);
            } else if !all.lasting.contains(target) {
                all.without.insert(*target, IntegrityReason::Revalidated);
            }
        }
        let lasting: Vec<usize> =
            targets.into_iter().filter(|target| !all.without.contains_key(target)).collect();
        let values = lasting.par_iter().filter_map(|target| {
            Some((*target, value_of(site, survey, options, &minifier, *target)?))
        });
        all.own = values.collect();
        all
    }

    /// Returns whether a file keeps its bytes.
    pub(super) fn keeps_bytes(&self, index: usize) -> bool {
        self.lasting.contains(&index)
    }

    /// Gives a file that keeps its own name its value, from the bytes that are served.
    pub(super) fn keep_name(&mut self, index: usize, bytes: &[u8]) {
        self.without.remove(&index);
        self.own.insert(index, hash(bytes));
    }

    /// Gives a file that has a name with a fingerprint its value, from the bytes that are served.
    pub(super) fn name(&mut self, index: usize, bytes: &[u8]) {
        self.named.insert(index, hash(bytes));
    }

    /// Returns whether the value of a file is needed once it has a name with a fingerprint.
    pub(super) fn is_loaded(&self, index: usize) -> bool {
        self.without.get(&index) == Some(&IntegrityReason::Revalidated)
    }

    /// Returns the hash of a page as packed, with the attributes that go into it. `spots` are the places where
    /// fingerprints go.
    pub(super) fn attributes(
        &self,
        index: usize,
        spots: &[Spot],
    ) -> Option<(ContentHash, Vec<Insertion>)> {
        let page = self.pages.get(&index)?;
        let tags = page.tags.iter().filter_map(|load| {
            let value = self.value(page, load, spots)?;
            Some(Insertion { at: load.at, text: attribute(value) })
        });
        let attributes: Vec<Insertion> = tags.collect();
        (!attributes.is_empty()).then_some((page.hash, attributes))
    }

    /// Returns the parameters that go into the `Link` field of a page, since a browser does not use what it has
    /// preloaded without the hash.
    pub(super) fn parameters(&self, index: usize, spots: &[Spot]) -> Vec<Insertion> {
        let Some(page) = self.pages.get(&index) else { return Vec::new() };
        let links = page.links.iter().filter_map(|load| {
            let value = self.value(page, load, spots)?;
            Some(Insertion { at: load.at, text: format!(";{}", attribute(value)) })
        });
        links.collect()
    }

    /// Returns the value for a place that loads a file.
    fn value(&self, page: &Page, load: &Load, spots: &[Spot]) -> Option<&str> {
        // The router preloads the style sheets of the next page without a hash.
        if page.is_routed && load.kind == LoadKind::Style {
            return None;
        }
        let is_named =
            spots.iter().any(|spot| spot.target == load.target && load.range.contains(&spot.at));
        let values = if is_named { &self.named } else { &self.own };
        values.get(&load.target).map(String::as_str)
    }

    /// Describes each script and style sheet that pages load, in the order of the routes, with a note for each that
    /// a page loads without the hash of its bytes. `spots` returns the places of a page where fingerprints go.
    pub(super) fn report(
        &self,
        site: &Site,
        spots: impl Fn(usize) -> Vec<Spot>,
    ) -> (Vec<IntegrityReport>, Vec<Diagnostic>) {
        let mut files = BTreeMap::<&str, IntegrityReport>::new();
        let mut notes = Vec::new();
        for (index, page) in &self.pages {
            let name = &site.files[*index].name;
            let spots = spots(*index);
            for load in &page.tags {
                let route = site.files[load.target].route.as_str();
                let report = files.entry(route).or_insert_with(|| IntegrityReport::new(route));
                if let Some(value) = self.value(page, load, &spots) {
                    report.integrity = Some(value.to_owned());
                } else if report.reason.is_none() {
                    let reason = self.without.get(&load.target).copied();
                    let reason = reason.unwrap_or(IntegrityReason::Routed);
                    let Excerpt { line, column, .. } = load.excerpt;
                    report.reason = Some(reason);
                    report.place = Some(TextPlace { file: name.clone(), line, column });
                    let message = format!("loads `{route}` without `integrity`: {}", reason.text());
                    let note = Diagnostic::note(Code::HtmlNoIntegrity, name, message);
                    notes.push(note.with_help(reason.remedy()).with_excerpt(load.excerpt.clone()));
                }
            }
        }
        (files.into_values().collect(), notes)
    }
}

impl Page {
    /// Reads a file. Returns `None` if it is not a page that may change, or loads no code of the site.
    fn of_file(
        site: &Site,
        survey: &Survey,
        locator: &Locator<'_>,
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
        if tags.is_empty() {
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
        Some(Self { hash: text.hash, tags, links, is_routed: surveyed.has_router })
    }
}

/// Returns whether a file is a script or style sheet whose own name never gets other bytes.
fn is_lasting(site: &Site, index: usize) -> bool {
    let file = &site.files[index];
    file.cache_policy(site.rules.behaviour.fidelity) == CachePolicy::Immutable
        && LoadKind::of(file).is_some()
}

impl LoadKind {
    /// Returns the kind of a file. Returns `None` if it is no code.
    fn of(file: &SourceFile) -> Option<Self> {
        match file.certain_type()?.language()? {
            Language::Code(CodeLanguage::JavaScript) => Some(Self::Script),
            Language::Code(CodeLanguage::Css) => Some(Self::Style),
            _ => None,
        }
    }
}

/// Returns the value of the attribute for a file that the build has named by its bytes. Besides the bytes that are
/// served, it allows those that are served without the option: a browser may have them under this name.
fn value_of(
    site: &Site,
    survey: &Survey,
    options: &Options,
    minifier: &Minifier,
    index: usize,
) -> Option<String> {
    let file = &site.files[index];
    let bytes = file.content.read().ok()?;
    let served = hash(&bytes);
    let media_type = file.certain_type()?;
    let context = survey.context(site, index, &media_type, TypeSource::Certain, options);
    let minified = transform(&file.name, bytes, &media_type, context, minifier).bytes;
    let other = hash(&minified);
    Some(if other == served { served } else { format!("{served} {other}") })
}

/// Returns the hash of some bytes, as in an attribute.
fn hash(bytes: &[u8]) -> String {
    format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(bytes)))
}
