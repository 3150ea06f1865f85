//! Visits of a site in Chromium.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::json;

use super::Bench;
use super::contender::Servers;
use super::sites::Site;
use crate::bench::report::float;
use crate::command::output;
use crate::files::repository;

/// The visits of a site, as `xtask/bytes/visits.mjs` prints them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Visits {
    /// Each page as the first one of a visitor.
    first: Vec<Vec<Response>>,
    /// The pages after the first one, by links.
    next: Vec<Vec<Response>>,
    /// The same pages, prefetched before.
    prefetched: Vec<Vec<Response>>,
    /// All pages again, after a redeploy.
    returned: Vec<Vec<Response>>,
    /// As `first`, by a browser that names no picture type beyond PNG. Empty for a site without pictures.
    without_webp: Vec<Vec<Response>>,
}

/// A part of the visits.
#[derive(Clone, Copy)]
pub(super) enum Part {
    First,
    Next,
    Prefetched,
    Returned,
    WithoutWebp,
}

/// A response as the browser received it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    path: String,
    /// The status that the server sent, or 0 if it was not asked.
    status: u16,
    coding: String,
    /// The media type.
    #[serde(rename = "type")]
    media_type: String,
    /// A page has announced it as the dictionary of others.
    is_dictionary: bool,
    /// The bytes of the status line and the header fields.
    head: usize,
    body: usize,
}

/// The bytes of some responses.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub(super) struct Bytes {
    pub(super) html: f64,
    /// Scripts, style sheets and all other text but pages.
    pub(super) other_text: f64,
    pub(super) dictionary: f64,
    /// Pictures but SVG, which is text.
    pub(super) pictures: f64,
    /// Fonts and all other bodies.
    pub(super) others: f64,
    /// Status lines and header fields, in HTTP/1.1.
    pub(super) heads: f64,
    /// The number of requests that reached the server.
    pub(super) requests: f64,
}

impl Visits {
    /// Visits a site that two servers serve, one before and one after a redeploy.
    pub(super) fn of(bench: &Bench, site: &Site, servers: &Servers) -> Result<Self> {
        let plan = json!({
            "before": servers.before.port(),
            "after": servers.after.port(),
            "pages": site.pages,
            "hasPictures": site.pictures > 0,
        });
        let mut command = bench.tools.node();
        command.arg(repository("xtask/bytes/visits.mjs")).arg(plan.to_string());
        command.env("WORKER_PACK_CHROMIUM", &bench.chromium);
        Ok(serde_json::from_str(&output(&mut command)?)?)
    }

    /// Returns the bytes of a part of the visits.
    pub(super) fn bytes(&self, part: Part) -> Bytes {
        let pages = match part {
            Part::First => &self.first,
            Part::Next => &self.next,
            Part::Prefetched => &self.prefetched,
            Part::Returned => &self.returned,
            Part::WithoutWebp => &self.without_webp,
        };
        Bytes::of(pages.iter().flatten())
    }

    /// Returns the HTML of each page after a redeploy, in bytes, in the order of the visit.
    pub(super) fn returned_pages(&self) -> Vec<f64> {
        self.returned.iter().map(|responses| Bytes::of(responses.iter()).html).collect()
    }

    /// Returns the body of a file after a redeploy, in bytes, with its coding. Returns `None` if no page asked the
    /// server for it.
    pub(super) fn returned_file(&self, path: &str) -> Option<(f64, &str)> {
        let is_it = |response: &&Response| response.path == path && response.status == 200;
        let response = self.returned.iter().flatten().find(is_it)?;
        Some((float(response.body), &response.coding))
    }

    /// Returns the dictionary that the first page of a visitor brings, in bytes.
    pub(super) fn dictionary(&self) -> f64 {
        Bytes::of(self.first.first().into_iter().flatten()).dictionary
    }

    /// Describes the codings of the pages after the first one, each with its number of pages.
    pub(super) fn codings(&self) -> String {
        let pages = self.next.iter().flatten().filter(|response| response.is_page());
        let mut codings = BTreeMap::<&str, usize>::new();
        for page in pages {
            *codings.entry(&page.coding).or_default() += 1;
        }
        let codings = codings.into_iter().map(|(coding, count)| format!("{count} {coding}"));
        codings.collect::<Vec<_>>().join(", ")
    }
}

impl Response {
    fn is_page(&self) -> bool {
        self.media_type == "text/html" && !self.is_dictionary
    }

    fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }

    fn is_text(&self) -> bool {
        let kinds = ["text/", "javascript", "json", "xml"];
        kinds.iter().any(|kind| self.media_type.contains(kind))
    }
}

impl Bytes {
    fn of<'r>(responses: impl Iterator<Item = &'r Response>) -> Self {
        let mut bytes = Self::default();
        for response in responses.filter(|response| response.status != 0) {
            let part = match response {
                Response { is_dictionary: true, .. } => &mut bytes.dictionary,
                response if response.is_page() => &mut bytes.html,
                response if response.is_text() => &mut bytes.other_text,
                response if response.is_picture() => &mut bytes.pictures,
                _ => &mut bytes.others,
            };
            *part += float(response.body);
            bytes.heads += float(response.head);
            bytes.requests += 1.0;
        }
        bytes
    }

    /// Returns the bodies that are text, without the dictionary.
    pub(super) fn text(&self) -> f64 {
        self.html + self.other_text
    }

    /// Returns all bodies.
    pub(super) fn bodies(&self) -> f64 {
        self.text() + self.dictionary + self.pictures + self.others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_apart_by_their_kind() {
        let response = |kind: &str, is_dictionary: bool, status: u16| {
            json!({ "path": "/a", "status": status, "coding": "dcb", "type": kind,
                    "isDictionary": is_dictionary, "head": 1, "body": 100 })
        };
        let page = response("text/html", false, 200);
        let first = [
            response("text/html", false, 200),
            response("text/html", true, 200),
            response("text/javascript", false, 304),
            response("image/webp", false, 200),
            response("font/woff2", false, 200),
            response("text/css", false, 0),
        ];
        let visits = json!({ "first": [first], "next": [[page]], "prefetched": [],
                             "returned": [[page], first], "withoutWebp": [] });
        let visits: Visits = serde_json::from_value(visits).unwrap();
        let bytes = visits.bytes(Part::First);
        let expected = Bytes {
            html: 100.0,
            other_text: 100.0,
            dictionary: 100.0,
            pictures: 100.0,
            others: 100.0,
            heads: 5.0,
            requests: 5.0,
        };
        assert_eq!(bytes, expected);
        assert_eq!((bytes.text(), bytes.bodies()), (200.0, 500.0));
        assert_eq!(visits.returned_pages(), [100.0, 100.0]);
        assert_eq!(visits.returned_file("/a"), Some((100.0, "dcb")));
        assert_eq!(visits.returned_file("/b"), None);
        assert_eq!((visits.dictionary(), &*visits.codings()), (100.0, "1 dcb"));
    }
}
