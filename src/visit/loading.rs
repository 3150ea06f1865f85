//! The visit of a page: what it names is requested, with what that names in turn.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;
use worker_pack_runtime::Table;

use super::font::{self, Slope};
use super::import_map::ImportMap;
use super::page::{Form, Named, Page};
use super::reply::{Outcome, Replies, site_url, target};
use super::report::{Load, LoadKind, LoadTime, PageWeight, Traffic};
use super::site::{Facts, is_page, text};
use super::style::{Face, StyleFacts};
use crate::feedback::error::PackError;
use crate::transform::javascript::Imports;

/// Maximum number of pages within each other (`<iframe>`).
const MAX_INNER_PAGES: usize = 4;

/// A visit of a page, with what has been loaded so far.
pub(super) struct Visit<'v, 't> {
    replies: &'v Replies<'t>,
    table: &'v Table<'v>,
    facts: &'v Facts,
    loads: Vec<Load>,
    /// The places in `loads`, by URL.
    known: BTreeMap<String, usize>,
    elsewhere: BTreeSet<String>,
    missing: BTreeSet<String>,
    /// The files whose content has been followed, with the time.
    followed: BTreeMap<(usize, Reading), LoadTime>,
    /// The dictionaries that pages announce, by the targets of the pages.
    announced: BTreeMap<String, Vec<String>>,
}

/// The way in which the content of a file is followed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reading {
    Page,
    Module,
    Style,
    /// As a style sheet none of whose rules apply.
    OtherMedium,
}

/// The fonts that the style sheets of a document declare and use.
#[derive(Default)]
struct Fonts {
    /// The fonts, each with the URL of its style sheet.
    faces: Vec<(Url, Face)>,
    families: BTreeSet<String>,
    weights: BTreeSet<u16>,
    is_italic: bool,
    /// The style sheets that have been read.
    sheets: BTreeSet<usize>,
}

impl<'v, 't> Visit<'v, 't> {
    pub(super) fn new(replies: &'v Replies<'t>, table: &'v Table<'v>, facts: &'v Facts) -> Self {
        Self {
            replies,
            table,
            facts,
            loads: Vec::new(),
            known: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            missing: BTreeSet::new(),
            followed: BTreeMap::new(),
            announced: BTreeMap::new(),
        }
    }

    /// Returns the weight of the page, without its second visit.
    pub(super) fn weight(self, url: String, file: String) -> PageWeight {
        let (mut first, mut later) = (Traffic::default(), Traffic::default());
        for load in &self.loads {
            let traffic = if load.time == LoadTime::First { &mut first } else { &mut later };
            traffic.add(load.bytes);
        }
        PageWeight {
            url,
            file,
            first,
            second: Traffic::default(),
            later,
            loads: self.loads,
            elsewhere: self.elsewhere.into_iter().collect(),
            missing: self.missing.into_iter().collect(),
        }
    }

    /// Loads a page and what it needs. `depth` is the number of pages around it.
    pub(super) fn document(&mut self, named: &Named, depth: usize) -> Result<(), PackError> {
        let Some((index, url)) = self.request(named) else { return Ok(()) };
        if !self.is_to_follow(index, Reading::Page, named.time) {
            return Ok(());
        }
        self.dictionaries(&url);
        let entry = self.replies.asset(index);
        if depth <= MAX_INNER_PAGES && is_page(&entry.media_type) {
            let page = Page::read(&text(entry)?, &url);
            self.page(&page, named.time, depth)?;
        }
        Ok(())
    }

    /// Loads the dictionaries that the page at a URL announces.
    fn dictionaries(&mut self, page: &Url) {
        let Some(announced) = self.announced.remove(&target(page)) else { return };
        for url in announced.iter().filter_map(|one| page.join(one).ok()) {
            let (kind, time, form) = (LoadKind::Dictionary, LoadTime::Later, Form::Plain);
            self.request(&Named { url, kind, time, form });
        }
    }

    /// Returns whether the content of a file has not been followed as early, and remembers that it is now.
    fn is_to_follow(&mut self, index: usize, reading: Reading, time: LoadTime) -> bool {
        match self.followed.get_mut(&(index, reading)) {
            Some(earlier) if *earlier <= time => false,
            _ => {
                self.followed.insert((index, reading), time);
                true
            }
        }
    }

    /// Requests a file, and adds it to the loads. Returns its number and its URL if it is one of the site.
    fn request(&mut self, named: &Named) -> Option<(usize, Url)> {
        let fetched = match self.replies.fetch(self.table, &named.url, named.kind, None) {
            Outcome::Elsewhere(url) => {
                self.elsewhere.insert(url);
                return None;
            }
            Outcome::Fetched(fetched) => fetched,
        };
        for one in &fetched {
            if let Some(known) = self.known.get(&one.target) {
                let load = &mut self.loads[*known];
                if named.time < load.time {
                    (load.time, load.kind) = (named.time, named.kind);
                }
                continue;
            }
            self.known.insert(one.target.clone(), self.loads.len());
            self.loads.push(Load {
                url: one.target.clone(),
                kind: named.kind,
                time: named.time,
                bytes: one.bytes,
                coding: one.coding.clone(),
                freshness: one.freshness,
            });
        }
        let last = fetched.last()?;
        if last.status >= 400 && !self.loads.is_empty() && self.loads[0].url != last.target {
            self.missing.insert(last.target.clone());
            return None;
        }
        if !last.dictionaries.is_empty() {
            self.announced.insert(last.target.clone(), last.dictionaries.clone());
        }
        let url = site_url(&last.target);
        last.asset.map(|asset| (asset, url))
    }

    /// Loads what a page needs.
    fn page(&mut self, page: &Page, time: LoadTime, depth: usize) -> Result<(), PackError> {
        let map = ImportMap::read(&page.import_maps, &page.base);
        let mut fonts = Fonts { is_italic: page.is_italic, ..Fonts::default() };
        fonts.weights.insert(font::REGULAR);
        fonts.weights.extend(page.is_bold.then_some(font::BOLD));
        for named in &page.named {
            let named = Named { time: named.time.max(time), ..named.clone() };
            match (named.kind, named.form) {
                (LoadKind::Style, Form::Plain | Form::OtherMedium) => {
                    self.sheet(&named, &mut fonts);
                }
                (_, Form::Module) => {
                    if let Some((index, url)) = self.request(&named) {
                        self.imports(index, &url, named.time, &map);
                    }
                }
                (_, Form::Frame) => self.document(&named, depth + 1)?,
                _ => drop(self.request(&named)),
            }
        }
        for (style, form) in &page.styles {
            let (facts, url) = (StyleFacts::of_sheet(style), page.base.clone());
            let named = Named { url, kind: LoadKind::Style, time, form: *form };
            self.imported_sheets(&facts, &page.base, &named, &mut fonts);
            if *form == Form::Plain {
                self.style(&facts, &page.base, &mut fonts);
            }
        }
        for style in &page.attributes {
            self.style(&StyleFacts::of_attribute(style), &page.base, &mut fonts);
        }
        for module in &page.modules {
            let imports = Imports::of(module).unwrap_or_default();
            self.imported(&imports, &page.base, time, &map);
        }
        for script in &page.scripts {
            let imports = Imports::of(script).unwrap_or_default();
            self.imported(&imports, &page.base, time.max(LoadTime::Later), &map);
        }
        self.fonts(&fonts, &page.characters, time);
        for inner in &page.inner {
            if depth < MAX_INNER_PAGES {
                self.page(&Page::read(inner, &page.base), time, depth + 1)?;
            }
        }
        Ok(())
    }

    /// Loads a style sheet, with those that it imports.
    fn sheet(&mut self, named: &Named, fonts: &mut Fonts) {
        let found = self.request(named);
        let Some((index, url)) = found else { return };
        let facts: &'v Facts = self.facts;
        let Some(style) = facts.styles.get(&index) else { return };
        let is_other = named.form == Form::OtherMedium;
        let reading = if is_other { Reading::OtherMedium } else { Reading::Style };
        let is_new = !is_other && fonts.sheets.insert(index);
        if self.is_to_follow(index, reading, named.time) || is_new {
            self.imported_sheets(style, &url, named, fonts);
        }
        if is_new {
            self.style(style, &url, fonts);
        }
    }

    fn imported_sheets(&mut self, style: &StyleFacts, url: &Url, named: &Named, fonts: &mut Fonts) {
        for import in &style.imports {
            let form = if import.is_for_screen { named.form } else { Form::OtherMedium };
            let url = url.join(&import.url).ok().filter(|url| !url.cannot_be_a_base());
            if let Some(url) = url {
                self.sheet(&Named { url, form, ..named.clone() }, fonts);
            }
        }
    }

    /// Applies a style sheet that is loaded, or a part of the page.
    fn style(&mut self, style: &StyleFacts, url: &Url, fonts: &mut Fonts) {
        for image in &style.named {
            if let Some(url) = url.join(image).ok().filter(|url| url.scheme() == "https") {
                let time = LoadTime::Perhaps;
                self.request(&Named { url, kind: LoadKind::Image, time, form: Form::Plain });
            }
        }
        fonts.faces.extend(style.faces.iter().map(|face| (url.clone(), face.clone())));
        fonts.families.extend(style.families.iter().cloned());
        fonts.weights.extend(&style.weights);
        fonts.is_italic |= style.is_italic;
    }

    /// Loads the fonts of the families that a style names, if they are for a character of the page.
    fn fonts(&mut self, fonts: &Fonts, characters: &BTreeSet<char>, time: LoadTime) {
        let slopes = [Slope::Upright, Slope::Italic];
        let slopes = if fonts.is_italic { &slopes[..] } else { &slopes[..1] };
        for name in &fonts.families {
            let family = fonts.faces.iter().map(|(_, face)| face);
            let family: Vec<&Face> = family.filter(|face| face.family == *name).collect();
            let chosen = font::chosen(&family, &fonts.weights, slopes);
            for (base, face) in &fonts.faces {
                let is_chosen = chosen.iter().any(|one| std::ptr::eq(*one, face));
                if !is_chosen || !face.has_any_of(characters) {
                    continue;
                }
                let url = face.url.as_ref().and_then(|url| base.join(url).ok());
                if let Some(url) = url.filter(|url| url.scheme() == "https") {
                    self.request(&Named { url, kind: LoadKind::Font, time, form: Form::Plain });
                }
            }
        }
    }

    /// Loads what a module imports.
    fn imports(&mut self, index: usize, url: &Url, time: LoadTime, map: &ImportMap) {
        let facts: &'v Facts = self.facts;
        let Some(imports) = facts.modules.get(&index) else { return };
        if self.is_to_follow(index, Reading::Module, time) {
            self.imported(imports, url, time, map);
        }
    }

    fn imported(&mut self, imports: &Imports, base: &Url, time: LoadTime, map: &ImportMap) {
        for specifier in &imports.specifiers {
            let is_linked = imports.linked.contains(specifier);
            let time = if is_linked { time } else { time.max(LoadTime::Later) };
            let Some(url) = map.resolve(specifier, base) else { continue };
            let named = Named { url, kind: LoadKind::Script, time, form: Form::Module };
            if let Some((index, url)) = self.request(&named) {
                self.imports(index, &url, time, map);
            }
        }
    }
}
