//! The landing of a URL: what a visitor gets who follows it, by the runtime's own resolution.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;
use worker_pack_runtime::packer::path::decode;
use worker_pack_runtime::packer::resolve::{Resolution, resolve};
use worker_pack_runtime::request::{Method, Request};
use worker_pack_runtime::{Answer, Reply, Table};

use super::reading::{ReadPage, ReadPages, is_own, url_of};
use crate::inspection::code::routes::ServerRoutes;
use crate::inspection::subject::Subject;

/// Number of redirects after which a browser gives up.
const MAX_REDIRECTS: usize = 20;

/// The answers of a site to the URLs in its pages.
pub(super) struct Landings<'t> {
    table: Table<'t>,
    server: ServerRoutes,
    /// The origins that are the site's own, as its pages tell.
    origins: BTreeSet<String>,
    /// The paths of all files as they are spelled, by their spelling in lower case.
    spellings: BTreeMap<String, String>,
}

/// The place where a visitor lands who follows a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Landing {
    /// A file of the site, by its route. It is unknown after a rewrite.
    File(Option<String>),
    /// A page for every path that has none, which a script fills.
    App,
    /// The server answers.
    Server,
    /// Nothing is there.
    Missing,
    /// Redirects lead in a circle.
    Circle,
    /// Another site, or a path that belongs to Cloudflare.
    Elsewhere,
}

/// The way of a visitor to a landing.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) landing: Landing,
    /// The last URL, if redirects lead there.
    pub(super) redirected: Option<Url>,
}

impl<'t> Landings<'t> {
    pub(super) fn new(subject: &Subject, table: Table<'t>, pages: &ReadPages<'_>) -> Self {
        let canonical = pages.0.iter().filter_map(ReadPage::canonical);
        let origins = canonical.map(|url| url.origin().ascii_serialization()).collect();
        let mut spellings = BTreeMap::new();
        for asset in table.assets() {
            spellings.insert(asset.path().to_lowercase(), asset.path().to_owned());
        }
        for page in &pages.0 {
            spellings.insert(page.path.to_lowercase(), page.path.clone());
        }
        Self { table, server: ServerRoutes::of(subject), origins, spellings }
    }

    /// Returns the reply of the table to a request for a path.
    pub(super) fn reply(&self, path: &str) -> Option<Reply<'t>> {
        self.table.respond(&Request::new(Method::Get, path))
    }

    /// Resolves a URL of a page. Returns `None` if it is not one of the site.
    pub(super) fn own(&self, base: &Url, url: &str) -> Option<Url> {
        let url = base.join(url).ok()?;
        if is_own(&url) {
            return Some(url);
        }
        // A `blob:` URL has the origin of a page, and is made by a script.
        let is_http = matches!(url.scheme(), "http" | "https");
        if !is_http || !self.origins.contains(&url.origin().ascii_serialization()) {
            return None;
        }
        let mut own = url_of(url.path())?;
        own.set_query(url.query());
        own.set_fragment(url.fragment());
        Some(own)
    }

    /// Follows a URL of the site.
    pub(super) fn follow(&self, url: &Url) -> Way {
        let mut way = Way { landing: Landing::Missing, redirected: None };
        let mut at = url.clone();
        for _ in 0..MAX_REDIRECTS {
            match self.step(&at) {
                Step::Landed(landing) => {
                    way.landing = landing;
                    return way;
                }
                Step::To(next) if is_own(&next) => {
                    way.redirected = Some(next.clone());
                    at = next;
                }
                Step::To(_) => {
                    way.landing = Landing::Elsewhere;
                    return way;
                }
            }
        }
        way.landing = Landing::Circle;
        way
    }

    fn step(&self, url: &Url) -> Step {
        let path = url.path();
        // Cloudflare answers these paths before any Worker.
        if path.starts_with("/cdn-cgi/") {
            return Step::Landed(Landing::Elsewhere);
        }
        let mut request = Request::new(Method::Get, path);
        request.query = url.query();
        let reply = match self.table.answer(&request) {
            Answer::Reply(reply) => reply,
            Answer::Server { path, .. } if self.server.may_answer(&path) => {
                return Step::Landed(Landing::Server);
            }
            Answer::Server { .. } => self.table.not_found(&request),
        };
        match reply.status() {
            200 | 206 | 304 => Step::Landed(self.file(path)),
            300..=399 => {
                let location = reply.headers().get("location").unwrap_or_default();
                url.join(location).map_or(Step::Landed(Landing::Missing), Step::To)
            }
            _ => Step::Landed(Landing::Missing),
        }
    }

    /// Names the file of a successful reply.
    fn file(&self, path: &str) -> Landing {
        let Ok(decoded) = decode(path) else { return Landing::File(None) };
        match resolve(&self.table, &decoded) {
            Resolution::Asset(asset) => Landing::File(Some(asset.path().to_owned())),
            // A rewrite by a rule, or the page of an application.
            _ if self.is_rewritten(path) => Landing::File(None),
            _ => Landing::App,
        }
    }

    /// Returns whether a rule for the path, and not the behaviour for missing files, answers it.
    fn is_rewritten(&self, path: &str) -> bool {
        let unknown = format!("{}/{UNKNOWN}", path.trim_end_matches('/'));
        self.table.not_found(&Request::new(Method::Get, &unknown)).status() != 200
    }

    /// Returns a path of the site that differs from another only in case.
    pub(super) fn spelled(&self, path: &str) -> Option<&str> {
        let lower = path.to_lowercase();
        let spelled = |path: &str| self.spellings.get(path).map(String::as_str);
        spelled(&lower).or_else(|| spelled(&format!("{lower}/"))).or_else(|| {
            let decoded = decode(&lower).ok()?;
            spelled(&decoded)
        })
    }
}

/// The name of a file that no site has.
const UNKNOWN: &str = "worker-pack-asks-for-a-missing-file";

/// A reply on the way.
enum Step {
    Landed(Landing),
    To(Url),
}
