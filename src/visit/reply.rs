//! The replies of a packed site to a browser, by the runtime itself: so that sizes, redirects, header
//! rules and cache policies are those of the Worker.

use std::collections::BTreeMap;

use url::Url;
use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::{Answer, Coding, Method, Reply, Request, Stored, Table};

use super::report::{Freshness, LoadKind};
use crate::asset::dictionary::available_dictionary;
use crate::asset::digest::ContentHash;
use crate::output::table_binary::render_with_bodies;
use crate::tabulate::{AssetEntry, AssetTable};

/// The content codings that browsers accept.
const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// The same, of a browser that has a dictionary for the URL (RFC 9842 §3).
const ACCEPTED_WITH_DICTIONARY: &str = "gzip, deflate, br, zstd, dcb, dcz";

/// The media types that browsers name for an image.
const IMAGES: &str = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

/// The host of the site, which is unknown when it is packed (RFC 2606 §2).
const SITE: &str = "https://site.invalid";

/// Maximum number of redirects that a browser follows (Fetch §4.4).
const MAX_REDIRECTS: usize = 20;

/// The replies of a packed site.
pub(super) struct Replies<'t> {
    assets: &'t AssetTable,
    binary: Vec<u8>,
    /// The hashes of the bodies, by their numbers in the binary table.
    bodies: Vec<ContentHash>,
    /// The assets by the hashes of their representations.
    by_body: BTreeMap<ContentHash, usize>,
    server: Server,
}

/// The presence of a server that answers paths without a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Server {
    Present,
    Missing,
}

/// A reply, as far as a browser's traffic depends on it.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    /// The path and the query of the request.
    pub(super) target: String,
    pub(super) status: u16,
    /// The length of the body as sent.
    pub(super) bytes: usize,
    /// The content coding, or `identity`.
    pub(super) coding: String,
    pub(super) freshness: Freshness,
    /// The number of the asset in the table, if the reply is one.
    pub(super) asset: Option<usize>,
    /// The dictionaries that the reply announces, as they are written (RFC 9842 §3.2).
    pub(super) dictionaries: Vec<String>,
    /// The target of a redirect.
    location: Option<String>,
}

/// The end of a request.
pub(super) enum Outcome {
    /// All replies: redirects, and the last one.
    Fetched(Vec<Fetched>),
    /// Another host answers, or the site's server does.
    Elsewhere(String),
}

impl Outcome {
    /// Returns the length of the body of the reply at a path.
    pub(super) fn bytes_of(&self, target: &str) -> usize {
        match self {
            Self::Fetched(all) => {
                all.iter().find(|one| one.target == target).map_or(0, |one| one.bytes)
            }
            Self::Elsewhere(_) => 0,
        }
    }
}

impl<'t> Replies<'t> {
    pub(super) fn of(assets: &'t AssetTable, server: Server) -> Self {
        let (binary, bodies) = render_with_bodies(assets);
        let bodies = bodies.into_iter().map(crate::asset::blob::Blob::hash).collect();
        let mut by_body = BTreeMap::new();
        for (index, entry) in assets.entries().iter().enumerate() {
            for (_, blob) in entry.required_bodies(crate::options::Identity::Stored) {
                by_body.entry(blob.hash()).or_insert(index);
            }
        }
        Self { assets, binary, bodies, by_body, server }
    }

    /// Returns the table, in which requests are looked up.
    pub(super) fn table(&self) -> Table<'_> {
        let binary = BinaryTable::read(&self.binary, Modules::Host);
        Table::from_binary(binary.expect("it was rendered as a binary table"))
    }

    /// Returns an asset.
    pub(super) fn asset(&self, index: usize) -> &'t AssetEntry {
        &self.assets.entries()[index]
    }

    /// Returns the asset that a request ends at, if it does.
    pub(super) fn asset_of(&self, outcome: &Outcome) -> Option<&'t AssetEntry> {
        match outcome {
            Outcome::Fetched(all) => Some(self.asset(all.last()?.asset?)),
            Outcome::Elsewhere(_) => None,
        }
    }

    /// Requests a URL as a browser does, and follows redirects. `dictionary` is one that it has for pages.
    pub(super) fn fetch(
        &self,
        table: &Table<'_>,
        url: &Url,
        kind: LoadKind,
        dictionary: Option<ContentHash>,
    ) -> Outcome {
        let dictionary = dictionary.map(available_dictionary);
        let mut url = url.clone();
        let mut all: Vec<Fetched> = Vec::new();
        while all.len() <= MAX_REDIRECTS {
            if !is_own(&url) {
                return if all.is_empty() {
                    Outcome::Elsewhere(url.into())
                } else {
                    Outcome::Fetched(all)
                };
            }
            let mut request = Request::new(Method::Get, url.path());
            request.query = url.query();
            request.accept_encoding =
                Some(if dictionary.is_some() { ACCEPTED_WITH_DICTIONARY } else { ACCEPTED });
            request.available_dictionary = dictionary.as_deref();
            request.accept = (kind == LoadKind::Image).then_some(IMAGES);
            let reply = match table.answer(&request) {
                Answer::Reply(reply) => reply,
                // A server that is asked first most likely passes the file on.
                Answer::Server { .. } => table.respond_to_server(&request),
            };
            if reply.status() == 404 && self.server == Server::Present {
                return Outcome::Elsewhere(target(&url));
            }
            let fetched = self.fetched(&url, &reply);
            let next = fetched.location.as_deref().and_then(|location| url.join(location).ok());
            all.push(fetched);
            match next {
                Some(next) => url = next,
                None => break,
            }
        }
        Outcome::Fetched(all)
    }

    fn fetched(&self, url: &Url, reply: &Reply<'_>) -> Fetched {
        let headers = reply.headers();
        let location = headers.get("Location").filter(|_| (300..400).contains(&reply.status()));
        let body = match reply.body().stored() {
            Stored::Module { index, .. } => self.bodies.get(index as usize),
            _ => None,
        };
        Fetched {
            target: target(url),
            status: reply.status(),
            bytes: reply.body().len(),
            coding: headers.get("Content-Encoding").unwrap_or(Coding::Identity.token()).to_owned(),
            freshness: Freshness::of(headers.get("Cache-Control"), headers.get("ETag")),
            asset: body.and_then(|hash| self.by_body.get(hash)).copied(),
            dictionaries: headers.get("Link").map(dictionaries).unwrap_or_default(),
            location: location.map(str::to_owned),
        }
    }
}

/// Returns the targets of the dictionaries in a value of `Link` (RFC 8288 §3), as the packer writes them.
fn dictionaries(link: &str) -> Vec<String> {
    let announced = link.split('<').filter_map(|one| one.split_once('>'));
    let announced =
        announced.filter(|(_, parameters)| parameters.contains("compression-dictionary"));
    announced.map(|(target, _)| target.to_owned()).collect()
}

/// Returns whether a URL is one of the site.
pub(super) fn is_own(url: &Url) -> bool {
    url.scheme() == "https" && url.host_str() == Some(&SITE["https://".len()..])
}

/// Returns the path and the query of a URL.
pub(super) fn target(url: &Url) -> String {
    url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
}

/// Returns the URL of a path of the site.
pub(super) fn site_url(path: &str) -> Url {
    let site = Url::parse(SITE).expect("it is a URL");
    site.join(path).unwrap_or(site)
}
