//! Links of pages that the server answers.

use std::collections::BTreeMap;

use super::requests::Client;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;

/// Maximum number of links that are followed.
const MAX_LINKS: usize = 100;

/// The paths of the site to which its pages link, percent-encoded, each with its first place.
pub(super) struct Links<'s>(pub(super) BTreeMap<String, (&'s TextFile, usize)>);

impl<'s> Links<'s> {
    /// Reads the links of all pages that begin with a slash.
    pub(super) fn of(subject: &'s Subject) -> Self {
        const HREF: &str = "href=";
        let mut paths = BTreeMap::new();
        for page in subject.pages() {
            let text = &page.file.text;
            // An attribute, wherever it is: a path that is not one does no harm.
            for (at, _) in text.match_indices(HREF) {
                let start = at + HREF.len();
                let start = start + usize::from(text[start..].starts_with(['"', '\'']));
                let rest = &text[start..];
                let end = rest.find(['"', '\'', ' ', '>', '?', '#']).unwrap_or(rest.len());
                let path = &rest[..end];
                if path.starts_with('/') && !path.starts_with("//") && path.is_ascii() {
                    paths.entry(path.to_owned()).or_insert((&page.file, start));
                }
            }
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
