//! The replies of a table. Section numbers are those of RFC 9110 unless they say otherwise.

mod content;
mod negotiation;
mod path;
mod precondition;
mod range;
mod spelling;

use worker_pack::Options;
use worker_pack::options::Coding;
use worker_pack::table::MemoryTable;
use worker_pack_runtime::{Method, Reply, Request};

use crate::support::site::{Site, workers};

pub(crate) fn page() -> String {
    format!("<h1>Page</h1>{}", "<p>All work and no play.</p>".repeat(40))
}

/// Packs a site with a page in three codings, a file in one, and pages in every form that Astro
/// writes.
fn site() -> MemoryTable {
    let site = Site::new(&[
        ("index.html", page().as_bytes()),
        ("about.html", b"<h1>about</h1>"),
        ("blog/index.html", b"<h1>blog</h1>"),
        ("blog/404.html", b"<h1>no such post</h1>"),
        ("404.html", page().as_bytes()),
        ("both.html", b"<h1>file</h1>"),
        ("both/index.html", b"<h1>folder</h1>"),
        ("tune.mp3", b"0123456789"),
        ("empty.txt", b""),
        ("a b.txt", b"space"),
    ]);
    let options = Options { encodings: Coding::ALL.into(), ..workers() };
    site.pack_with(options).table().to_memory().unwrap()
}

pub(crate) fn header<'r>(reply: &'r Reply<'_>, name: &str) -> Option<&'r str> {
    reply.headers().get(name)
}

const MP3: Request<'static> = Request::new(Method::Get, "/tune.mp3");

pub(crate) const HOME: Request<'static> =
    Request { accept_encoding: Some("br, gzip"), ..Request::new(Method::Get, "/") };
