//! Content security policies of pages (CSP3), made of what the pages ship after minifying.
//!
//! A policy restricts only what a page shows: its scripts, its style sheets, plug-ins and `<base>`. What scripts
//! fetch at run time is unknown, so there is no `default-src`, and images, fonts and connections are not restricted.
//!
//! Policies are added to the table, when the bytes of all files are known.

mod code;
mod field;
mod page;
mod report;
mod rules;
mod source;
mod strict;

use std::sync::Arc;

use rayon::prelude::*;
use worker_pack_runtime::packer::path::encode;

use crate::asset::media_type::Language;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::ingest::Site;
use crate::options::{Csp, Options};
use crate::tabulate::{AssetEntry, AssetTable};
use crate::transform::html::shipped::Shipped;
use code::SiteCode;
use field::Directives;
use page::{Blocked, PagePolicy};
use report::Reports;
use strict::{Loose, SiteModules, Strictness};

/// A page, and what its policy has to allow.
struct Page {
    /// Its number in the table.
    index: usize,
    policy: PagePolicy,
    strictness: Strictness,
    blocked: Vec<Blocked>,
    own: OwnPolicy,
    /// True if Astro's `<ClientRouter />` may put its content into another page.
    has_client_router: bool,
}

/// The policy that a page has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnPolicy {
    Missing,
    /// In a `<meta>`.
    InPage,
}

/// A page without a policy, and the reason.
struct Unread {
    index: usize,
    cause: String,
}

/// Adds policies to the pages of a table, if the options ask for them.
///
/// # Errors
/// If a body cannot be read, because the site or the cache has changed.
pub(crate) fn for_pages(
    table: AssetTable,
    site: &Site,
    options: &Options,
) -> Result<(AssetTable, Vec<Diagnostic>), PackError> {
    if options.csp == Csp::Off {
        return Ok((table, Vec::new()));
    }
    let code = SiteCode::of(&table)?;
    let modules = strict::modules(&table, options)?;
    let read: Vec<_> = table
        .entries()
        .par_iter()
        .enumerate()
        .filter(|(_, entry)| is_page(entry))
        .map(|(index, entry)| read(index, entry, &table, &code, modules.as_ref(), options))
        .collect::<Result<_, PackError>>()?;
    let mut reports = Reports::new(&table, site);
    let count = read.len();
    let mut pages = Vec::new();
    for result in read {
        match result {
            Ok(page) => pages.push(page),
            Err(Unread { index, cause }) => reports.without_policy(index, &cause),
        }
    }
    // The content of each of these pages may get into any other, and is then subject to that one's policy.
    let routed =
        pages.iter().filter(|page| page.has_client_router && page.own == OwnPolicy::Missing);
    let nothing = (PagePolicy::default(), Strictness::Hosts);
    let (shared, mut strictness) = routed.fold(nothing, |(policy, strictness), page| {
        (policy.merged(&page.policy), strictness.merged(&page.strictness))
    });
    // The router may show a page of the server, or one that was not read.
    let has_server = site.project.layout.server_entry(&site.project.folder).is_some();
    let is_open = has_server || pages.len() < count;
    if is_open && matches!(strictness, Strictness::Hashes(_)) {
        strictness = Strictness::Loose(Loose::Routed);
    }
    let mut entries = table.entries().to_vec();
    for page in &pages {
        if page.own == OwnPolicy::InPage {
            continue;
        }
        let (policy, strictness) = if page.has_client_router {
            (&shared, &strictness)
        } else {
            (&page.policy, &page.strictness)
        };
        let (directives, loose) = directives(policy, strictness, options);
        // Where a rule of `_headers` decides, the policy is not sent.
        let loose = loose.filter(|_| !rules::decide(&table, &table.entries()[page.index]));
        reports.loose(page.index, loose);
        let fitting = directives.fitting();
        reports.shortened(page.index, &fitting);
        let Some(directives) = fitting.directives else { continue };
        let blocked = page.blocked.iter().filter(|one| !directives.allow(one));
        reports.blocked(page.index, blocked);
        entries[page.index].content_security_policy = Some(directives.to_string());
    }
    rules::note(&table, &entries, &mut reports);
    let diagnostics = reports.into_diagnostics();
    Ok((AssetTable::new(entries, table.rules().clone()), diagnostics))
}

/// Returns the directives of a policy, and the reason why scripts do not run by their hashes alone, if they should.
fn directives(
    policy: &PagePolicy,
    strictness: &Strictness,
    options: &Options,
) -> (Directives, Option<Loose>) {
    let by_hosts = || Directives::of(policy, &options.csp_add);
    match strictness {
        Strictness::Hosts => (by_hosts(), None),
        Strictness::Loose(loose) => (by_hosts(), Some(loose.clone())),
        Strictness::Hashes(hashes) => {
            let strict = Directives::of(&policy.strict(hashes), &options.csp_add);
            if strict.fit() { (strict, None) } else { (by_hosts(), Some(Loose::TooLong)) }
        }
    }
}

/// Returns whether an asset is a page in HTML.
fn is_page(entry: &AssetEntry) -> bool {
    entry.media_type.language() == Some(Language::Html)
}

/// Reads a page.
fn read(
    index: usize,
    entry: &AssetEntry,
    table: &AssetTable,
    code: &SiteCode,
    modules: Option<&SiteModules>,
    options: &Options,
) -> Result<Result<Page, Unread>, PackError> {
    let unread = |cause: &str| Ok(Err(Unread { index, cause: cause.to_owned() }));
    let bytes: Arc<[u8]> = entry.identity.read()?;
    // Browsers hash the text in UTF-8, whatever the encoding of the page.
    let Ok(text) = str::from_utf8(&bytes) else { return unread("it is not UTF-8") };
    if !text.is_ascii() && !entry.content_type.to_ascii_lowercase().contains("charset=utf-8") {
        return unread("it is sent with another charset than UTF-8");
    }
    let shipped = match Shipped::of(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        Ok(shipped) => shipped,
        Err(cause) => return unread(&cause),
    };
    let path = encode(&entry.route.url_path_in(table.rules().behaviour));
    let (policy, blocked) = PagePolicy::of(&shipped, &path, code, options.csp_attributes);
    let strictness = Strictness::of(&shipped, &path, modules);
    let own = if shipped.has_policy { OwnPolicy::InPage } else { OwnPolicy::Missing };
    let has_client_router = shipped.has_client_router;
    Ok(Ok(Page { index, policy, strictness, blocked, own, has_client_router }))
}
