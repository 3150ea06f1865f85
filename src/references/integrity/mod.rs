//! The `integrity` attributes that pages get, and the hashes in their import maps (W3C Subresource Integrity).
//!
//! A file gets one if its URL never gets other bytes: the build has named it by its bytes, or the packer has. Another
//! URL may answer with the bytes of the next deployment while a page of this one is open or cached, and a browser
//! would refuse them.

mod modules;
mod page;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rayon::prelude::*;
use sha2::{Digest as _, Sha384};

use super::answers::answered;
use super::locate::{Locator, Spot};
use super::parsers::Parsers;
use super::report::{IntegrityReason, IntegrityReport, TextPlace};
use crate::asset::cache_policy::CachePolicy;
use crate::asset::digest::ContentHash;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::ingest::{Site, TypeSource};
use crate::options::{Integrity, Options};
use crate::survey::Survey;
use crate::transform::html::attribute;
use crate::transform::rewrite::Insertion;
use crate::transform::{Minifier, transform};
use modules::{Listed, Modules};
use page::{Load, LoadKind, Page};

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
            Integrity::Add | Integrity::Modules => Minifier::new(options).ok(),
            Integrity::Off => None,
        };
        let Some(minifier) = minifier else { return Self::default() };
        let locator = Locator::new(site);
        let modules = match options.integrity {
            Integrity::Modules => Modules::of_site(site),
            Integrity::Add | Integrity::Off => Modules::default(),
        };
        let indices: Vec<usize> = (0..site.files.len()).collect();
        let pages = indices.par_iter().filter_map(|index| {
            Some((*index, Page::of_file(site, survey, &locator, &modules, *index, parsers)?))
        });
        let lasting = indices.iter().copied();
        let lasting = lasting.filter(|index| !named.contains(index) && is_lasting(site, *index));
        let mut all =
            Self { pages: pages.collect(), lasting: lasting.collect(), ..Self::default() };
        modules::share_among_routed(all.pages.values_mut());
        let targets: BTreeSet<usize> = all.pages.values().flat_map(Page::targets).collect();
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

    /// Returns the hash of a page as packed, with the attributes that go into it, and the hashes for its import map.
    /// `spots` are the places where fingerprints go, and `fingerprint` returns that of a file.
    pub(super) fn attributes(
        &self,
        index: usize,
        spots: &[Spot],
        fingerprint: impl Fn(usize) -> Option<String>,
    ) -> Option<(ContentHash, Vec<Insertion>)> {
        let page = self.pages.get(&index)?;
        let tags = page.tags.iter().filter_map(|load| {
            let value = self.value(page, load, spots)?;
            Some(Insertion { at: load.at, text: attribute(value) })
        });
        let mut attributes: Vec<Insertion> = tags.collect();
        if let Some(listed) = &page.listed {
            let hashes = listed.modules.iter().filter_map(|(url, module)| {
                let value = self.value_of(module.target)?;
                Some(match fingerprint(module.target) {
                    Some(fingerprint) => (module.named(url, &fingerprint)?, value),
                    None => (url.clone(), value),
                })
            });
            let hashes: BTreeMap<String, &str> = hashes.collect();
            attributes.extend((!hashes.is_empty()).then(|| listed.place.insertion(&hashes)));
            attributes.sort_by_key(|attribute| attribute.at);
        }
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

    /// Returns the value for a module, which has one URL: with its fingerprint, if it has one.
    fn value_of(&self, target: usize) -> Option<&str> {
        self.named.get(&target).or_else(|| self.own.get(&target)).map(String::as_str)
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
            for target in page.listed.iter().flat_map(Listed::targets) {
                let route = site.files[target].route.as_str();
                let report = files.entry(route).or_insert_with(|| IntegrityReport::new(route));
                match self.value_of(target) {
                    Some(value) => report.integrity = Some(value.to_owned()),
                    None => report.reason = report.reason.or(self.without.get(&target).copied()),
                }
            }
        }
        (files.into_values().collect(), notes)
    }
}

/// Returns whether a file is a script or style sheet whose own name never gets other bytes.
fn is_lasting(site: &Site, index: usize) -> bool {
    let file = &site.files[index];
    file.cache_policy(site.rules.behaviour.fidelity) == CachePolicy::Immutable
        && LoadKind::of(file).is_some()
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
