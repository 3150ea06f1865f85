//! Links of pages that the server answers.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::requests::Client;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::inspection::subject::page::Page;
use crate::inspection::subject::text::TextFile;
use crate::transform::html::inventory::{Inventory, Purpose};

/// Maximum number of links that are followed.
const MAX_LINKS: usize = 100;

/// The paths of the site to which its pages link, percent-encoded, each with its first place.
pub(super) struct Links<'s>(pub(super) BTreeMap<String, (&'s TextFile, usize)>);

impl<'s> Links<'s> {
    /// Reads the links of all pages that begin with a slash, but for those that Cloudflare answers.
    pub(super) fn of(subject: &'s Subject) -> Self {
        let of_page = |page: &'s Page| -> Vec<(String, (&'s TextFile, usize))> {
            let inventory = Inventory::of(&page.file.text).unwrap_or_default();
            let links = inventory.references.into_iter().filter_map(|link| {
                let path = link.url.split(['?', '#']).next().unwrap_or_default();
                let is_path = path.starts_with('/')
                    && !path.starts_with("//")
                    && !path.starts_with("/cdn-cgi/")
                    && path.is_ascii();
                (link.purpose == Purpose::Link && is_path)
                    .then(|| (path.to_owned(), (&page.file, link.offset)))
            });
            links.collect()
        };
        let of_pages: Vec<_> = subject.pages().par_iter().map(of_page).collect();
        let mut paths = BTreeMap::new();
        for (path, place) in of_pages.into_iter().flatten() {
            paths.entry(path).or_insert(place);
        }
        Self(paths)
    }

    /// Follows those that are chosen, and reports the ones that lead to nothing.
    pub(super) fn broken(
        &self,
        client: &Client,
        is_chosen: impl Fn(&String) -> bool,
    ) -> Vec<Diagnostic> {
        let chosen = self.0.iter().filter(|(path, _)| is_chosen(path)).take(MAX_LINKS);
        let is_missing = |path: &str| client.ask(path).is_ok_and(|reply| reply.status == 404);
        let missing = chosen.filter(|(path, _)| is_missing(path));
        let finding = |(path, (file, offset)): (&String, &(&TextFile, usize))| {
            let message =
                format!("links to `{path}`, which the server answers with the status 404");
            file.warning(Code::PageBrokenLink, *offset, message)
                .with_help("correct the link, add the page, or add a line to `_redirects`")
        };
        missing.map(finding).collect()
    }
}
