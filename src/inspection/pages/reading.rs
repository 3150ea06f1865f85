//! The pages of a site, parsed.

use rayon::prelude::*;
use url::Url;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::packer::path::encode;

use crate::inspection::subject::Subject;
use crate::inspection::subject::page::Page;
use crate::transform::html::inventory::{CodeKind, Inventory, Purpose};

/// Stands in for the origin of the site, which is unknown at build time.
const ORIGIN: &str = "https://site.invalid";

/// The pages of a site that can be parsed, sorted by route.
#[derive(Debug)]
pub(super) struct ReadPages<'s>(pub(super) Vec<ReadPage<'s>>);

/// A page of a site, parsed.
#[derive(Debug)]
pub(super) struct ReadPage<'s> {
    pub(super) page: &'s Page,
    /// The path at which it is served, percent-encoded.
    pub(super) path: String,
    pub(super) inventory: Inventory,
}

impl<'s> ReadPages<'s> {
    /// Parses all pages. One that cannot be parsed is reported by the pack.
    pub(super) fn of(subject: &'s Subject, behaviour: Behaviour) -> Self {
        let read = |page: &'s Page| {
            let inventory = Inventory::of(&page.file.text).ok()?;
            let path = encode(&page.source.route.url_path_in(behaviour));
            Some(ReadPage { page, path, inventory })
        };
        Self(subject.pages().par_iter().filter_map(read).collect())
    }

    /// Returns the page with a route.
    pub(super) fn get(&self, route: &str) -> Option<&ReadPage<'s>> {
        let found = self.0.binary_search_by(|one| one.page.source.route.as_str().cmp(route));
        found.ok().map(|index| &self.0[index])
    }
}

impl ReadPage<'_> {
    /// Returns the URL of the page.
    fn url(&self) -> Option<Url> {
        url_of(&self.path)
    }

    /// Returns the URL that the page's URLs are relative to.
    pub(super) fn base(&self) -> Option<Url> {
        let own = self.url()?;
        match &self.inventory.base {
            Some(href) => own.join(href).ok().or(Some(own)),
            None => Some(own),
        }
    }

    /// Returns the URL of the page on its host, if the page tells it by `<link rel="canonical">`.
    pub(super) fn canonical(&self) -> Option<Url> {
        let url = Url::parse(self.inventory.canonical.as_deref()?).ok()?;
        let trimmed = |path: &str| path.trim_end_matches(".html").trim_end_matches('/').to_owned();
        // A page whose original is elsewhere, at another path, tells nothing of this site.
        (trimmed(url.path()) == trimmed(&self.path)).then_some(url)
    }

    /// Returns whether scripts of the page may add elements to it.
    pub(super) fn has_scripts(&self) -> bool {
        let Inventory { references, code, .. } = &self.inventory;
        references.iter().any(|one| matches!(one.purpose, Purpose::Script | Purpose::Module))
            || code.iter().any(|one| one.kind == CodeKind::Script)
    }
}

/// Returns the URL of a path of the site.
pub(super) fn url_of(path: &str) -> Option<Url> {
    Url::parse(&format!("{ORIGIN}{path}")).ok()
}

/// Returns whether a URL is one of the site.
pub(super) fn is_own(url: &Url) -> bool {
    url.host_str() == Some("site.invalid")
}
