//! What there is to say about the policies of a site. Equal findings of several pages become one.

use std::collections::BTreeMap;

use super::field::{Fitting, MAX_LEN};
use super::page::{Blocked, BlockedKind};
use super::strict::Loose;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::ingest::Site;
use crate::tabulate::{AssetEntry, AssetTable};
use crate::transform::html::shipped::{Shipped, ShippedKind};

/// Number of different attributes of a kind that are reported one by one.
const MAX_ATTRIBUTES: usize = 50;

/// Maximum number of characters of an attribute in a message.
const MAX_QUOTED: usize = 60;

/// The findings, by what they have in common. Pages are numbers in the table.
pub(super) struct Reports<'t> {
    table: &'t AssetTable,
    site: &'t Site,
    blocked: BTreeMap<Blocked, Places>,
    /// The reasons why policies lack `'strict-dynamic'`, which the options ask for.
    loose: BTreeMap<Loose, Places>,
    without: Vec<Diagnostic>,
    /// The pages whose policy allows any inline style, and the length that it would have else.
    shortened: Vec<(usize, usize)>,
    /// The pages that have no policy, since it would be too long.
    too_long: Vec<(usize, usize)>,
    /// The pages whose policy a rule decides about.
    ruled: Vec<usize>,
}

/// The places of what is blocked.
struct Places {
    /// The first page.
    first: usize,
    /// The number of pages.
    pages: usize,
    /// The last page that was added.
    last: usize,
}

impl Places {
    fn from(page: usize) -> Self {
        Self { first: page, pages: 0, last: usize::MAX }
    }

    fn add(&mut self, page: usize) {
        self.pages += usize::from(self.last != page);
        self.last = page;
    }
}

impl<'t> Reports<'t> {
    pub(super) fn new(table: &'t AssetTable, site: &'t Site) -> Self {
        Self {
            table,
            site,
            blocked: BTreeMap::new(),
            loose: BTreeMap::new(),
            without: Vec::new(),
            shortened: Vec::new(),
            too_long: Vec::new(),
            ruled: Vec::new(),
        }
    }

    fn entry(&self, page: usize) -> &'t AssetEntry {
        &self.table.entries()[page]
    }

    /// Reports a page that cannot have a policy.
    pub(super) fn without_policy(&mut self, page: usize, cause: &str) {
        let message = format!("has no content security policy: {cause}");
        let help = "save it as UTF-8, with markup that browsers need not correct";
        let name = &self.entry(page).name;
        self.without.push(Diagnostic::warning(Code::CspNoPolicy, name, message).with_help(help));
    }

    /// Reports a policy that does not fit into a response.
    pub(super) fn shortened(&mut self, page: usize, fitting: &Fitting) {
        let Some(len) = fitting.too_long else { return };
        match fitting.directives {
            Some(_) => self.shortened.push((page, len)),
            None => self.too_long.push((page, len)),
        }
    }

    /// Reports what the policy of a page blocks. Pages are added in the order of the table.
    pub(super) fn blocked<'b>(&mut self, page: usize, blocked: impl Iterator<Item = &'b Blocked>) {
        for one in blocked {
            self.blocked.entry(one.clone()).or_insert_with(|| Places::from(page)).add(page);
        }
    }

    /// Reports why the policy of a page lacks `'strict-dynamic'`. Pages are added in the order of the table.
    pub(super) fn loose(&mut self, page: usize, loose: Option<Loose>) {
        if let Some(loose) = loose {
            self.loose.entry(loose).or_insert_with(|| Places::from(page)).add(page);
        }
    }

    /// Reports a page whose policy a rule decides about.
    pub(super) fn ruled(&mut self, page: usize) {
        self.ruled.push(page);
    }

    /// Returns the diagnostics.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut all = self.blocked_parts();
        all.extend(self.loose.iter().map(|(loose, places)| self.not_strict(loose, places)));
        let name = |page: usize| self.entry(page).name.clone();
        if let Some((page, len)) = self.shortened.first().copied() {
            let message = format!(
                "the content security policy{} allows any inline style: with all hashes it would have {len} bytes, and {MAX_LEN} fit into a response",
                others(self.shortened.len())
            );
            all.push(Diagnostic::warning(Code::CspShortened, name(page), message).with_help(
                "move inline styles into style sheets, or make them equal on all pages",
            ));
        }
        if let Some((page, len)) = self.too_long.first().copied() {
            let message = format!(
                "there is no content security policy{}: it would have {len} bytes, and {MAX_LEN} fit into a response",
                others(self.too_long.len())
            );
            all.push(
                Diagnostic::warning(Code::CspTooLong, name(page), message)
                    .with_help("move inline scripts into files, or make them equal on all pages"),
            );
        }
        if let Some(page) = self.ruled.first().copied() {
            let message = format!(
                "a rule of `_headers` decides about the content security policy{}, in place of the one that was made",
                others(self.ruled.len())
            );
            all.push(Diagnostic::note(Code::CspOwnRule, name(page), message));
        }
        all.extend(self.without);
        all
    }

    /// Returns a warning for each attribute and each script that is blocked.
    fn blocked_parts(&self) -> Vec<Diagnostic> {
        let mut all = Vec::new();
        let mut counts = BTreeMap::<BlockedKind, usize>::new();
        let mut sources = BTreeMap::<usize, Option<(String, Shipped)>>::new();
        for (blocked, places) in &self.blocked {
            let count = counts.entry(blocked.kind).or_default();
            *count += 1;
            if *count > MAX_ATTRIBUTES {
                continue;
            }
            let source = sources.entry(places.first).or_insert_with(|| self.source(places.first));
            let excerpt = source.as_ref().and_then(|(text, shipped)| place(text, shipped, blocked));
            all.push(self.blocked_part(blocked, places, excerpt));
        }
        for (kind, count) in counts.into_iter().filter(|(_, count)| *count > MAX_ATTRIBUTES) {
            let of_kind = self.blocked.iter().filter(|(blocked, _)| blocked.kind == kind);
            let Some((_, places)) = of_kind.clone().nth(MAX_ATTRIBUTES) else { continue };
            let more = count - MAX_ATTRIBUTES;
            let message =
                format!("the content security policy blocks {more} more {}", kind.plural());
            let name = &self.entry(places.first).name;
            all.push(Diagnostic::warning(Code::CspBlocked, name, message).with_help(kind.remedy()));
        }
        all
    }

    fn not_strict(&self, loose: &Loose, places: &Places) -> Diagnostic {
        let message = format!(
            "the content security policy{} has no `'strict-dynamic'`: {}",
            others(places.pages),
            loose.text()
        );
        let name = &self.entry(places.first).name;
        let diagnostic =
            Diagnostic::warning(Code::CspNotStrict, name, message).with_help(loose.remedy());
        let excerpt = || {
            let Loose::NoIntegrity(url) = loose else { return None };
            let (source, shipped) = self.source(places.first)?;
            let load = shipped.loads.iter().find(|load| load.url == *url)?;
            Some(Excerpt::at(&source, load.offset))
        };
        match excerpt() {
            Some(excerpt) => diagnostic.with_excerpt(excerpt),
            None => diagnostic,
        }
    }

    fn blocked_part(
        &self,
        blocked: &Blocked,
        places: &Places,
        excerpt: Option<Excerpt>,
    ) -> Diagnostic {
        let Blocked { kind, text } = blocked;
        let quoted: String = text.chars().take(MAX_QUOTED).collect();
        let more = if quoted.len() < text.len() { "…" } else { "" };
        let message = format!(
            "the content security policy{} blocks {}: `{quoted}{more}`",
            others(places.pages),
            kind.singular()
        );
        let diagnostic =
            Diagnostic::warning(Code::CspBlocked, &self.entry(places.first).name, message)
                .with_help(kind.remedy());
        match excerpt {
            Some(excerpt) => diagnostic.with_excerpt(excerpt),
            None => diagnostic,
        }
    }

    /// Returns the text of a page as the build wrote it, whose lines people know, and what it ships.
    fn source(&self, page: usize) -> Option<(String, Shipped)> {
        let route = &self.entry(page).route;
        let file = self.site.files.iter().find(|file| file.route == *route)?;
        let text = String::from_utf8(file.content.read().ok()?).ok()?;
        let shipped = Shipped::of(&text).ok()?;
        Some((text, shipped))
    }
}

/// Returns the place of what is blocked.
fn place(source: &str, shipped: &Shipped, blocked: &Blocked) -> Option<Excerpt> {
    let kind = match blocked.kind {
        BlockedKind::Handler => ShippedKind::Handler,
        BlockedKind::StyleAttribute => ShippedKind::StyleAttribute,
        BlockedKind::ScriptUrl => ShippedKind::ScriptUrl,
        BlockedKind::ScriptWithoutHost => {
            let is_it = |url: &str| url.to_ascii_lowercase().starts_with(&blocked.text);
            let load = shipped.loads.iter().find(|load| is_it(&load.url))?;
            return Some(Excerpt::at(source, load.offset));
        }
    };
    let is_it = |code: &&crate::transform::html::shipped::ShippedCode| {
        code.kind == kind && code.text == blocked.text
    };
    Some(Excerpt::at(source, shipped.code.iter().find(is_it)?.offset))
}

/// Names the number of pages after the first.
fn others(pages: usize) -> String {
    match pages {
        0 | 1 => String::new(),
        2 => " (and that of 1 more page)".to_owned(),
        count => format!(" (and that of {} more pages)", count - 1),
    }
}

impl BlockedKind {
    fn singular(self) -> &'static str {
        match self {
            Self::Handler => "this event handler",
            Self::StyleAttribute => "this `style` attribute",
            Self::ScriptUrl => "this `javascript:` URL",
            Self::ScriptWithoutHost => "a script from a URL that contains it",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Self::Handler => "event handlers",
            Self::StyleAttribute => "`style` attributes",
            Self::ScriptUrl => "`javascript:` URLs",
            Self::ScriptWithoutHost => "scripts from URLs that contain them",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Handler => {
                "add the listener in a script, or set `csp-attributes = \"hash\"`, which allows it by its hash"
            }
            Self::StyleAttribute => {
                "move it into a style sheet, or set `csp-attributes = \"hash\"`, which allows it by its hash"
            }
            Self::ScriptUrl => "use a button, and add the listener in a script",
            Self::ScriptWithoutHost => "write the script into the page, or into a file of its own",
        }
    }
}
