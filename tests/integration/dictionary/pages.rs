//! Sites of pages that are much alike, and looks at their dictionaries.

use worker_pack::options::{Compat, Dictionaries};
use worker_pack::table::{AssetEntry, AssetTable};
use worker_pack::{Options, Packed};
use worker_pack_runtime::{Method, Reply, Request, Table};

use crate::support::site::Site;

/// The codings that a browser with a dictionary accepts.
pub(crate) const ACCEPTED: &str = "gzip, deflate, br, zstd, dcb, dcz";

/// Returns words that hardly compress, and differ for each seed.
pub(crate) fn words(seed: u32, count: u32) -> String {
    let word = |n: u32| {
        let mixed = (seed * 100_003 + n).wrapping_mul(2_654_435_761);
        format!("{:x} ", (mixed ^ mixed >> 15).wrapping_mul(2_246_822_519) >> 4)
    };
    (0..count).map(word).collect()
}

/// Returns a page with the layout of a site, a head of its own and a text of its own.
pub(crate) fn page(layout: u32, head: &str, text: u32) -> String {
    let navigation = words(layout, 300);
    let attributes = if head.starts_with("lang=") { head } else { "lang=en" };
    let head = if head.starts_with("lang=") { "" } else { head };
    format!(
        "<!doctype html><html {attributes}><head><meta charset=utf-8><title>{text}</title>{head}</head>\
         <body><nav>{navigation}</nav><main>{}</main></body></html>",
        words(1_000 + text, 60)
    )
}

/// Returns six pages with the same layout and the same text in their heads.
pub(crate) fn alike_pages(head: &str) -> Vec<(String, String)> {
    let name = |n| if n == 0 { "index.html".to_owned() } else { format!("{n}/index.html") };
    (0..6).map(|n| (name(n), page(1, head, n))).collect()
}

/// A site of six pages, and some other files.
pub(crate) fn alike(files: &[(&str, &str)]) -> Site {
    let site = Site::new(files);
    for (name, page) in alike_pages("") {
        site.write(&name, page);
    }
    site
}

/// Writes six pages with a layout and a text in their heads.
pub(crate) fn write(site: &Site, layout: u32, head: &str) {
    for n in 0..6 {
        let name = if n == 0 { "index.html".to_owned() } else { format!("{n}/index.html") };
        site.write(&name, page(layout, head, n));
    }
}

/// Pages of a site, and those of its next edition: half of what they have in common is new.
pub(crate) fn editions() -> [String; 2] {
    let common = words(500, 150);
    [words(600, 150), words(700, 150)].map(|own| format!("<meta name=a content='{common}{own}'>"))
}

pub(crate) fn options() -> Options {
    let compat = Some(Compat::Workers);
    Options { dictionaries: Dictionaries::Pages, compat, ..Options::default() }
}

/// Returns the dictionaries of a table.
pub(crate) fn dictionaries(table: &AssetTable) -> Vec<&AssetEntry> {
    table.entries().iter().filter(|entry| entry.use_as_dictionary.is_some()).collect()
}

/// Returns the name of the page that a dictionary is a copy of.
pub(crate) fn page_of(packed: &Packed, dictionary: &AssetEntry) -> String {
    let is_page = |entry: &&AssetEntry| {
        entry.identity == dictionary.identity && entry.name != dictionary.name
    };
    packed.table().entries().iter().find(is_page).unwrap().name.clone()
}

/// Returns the entry of a route.
pub(crate) fn entry<'p>(packed: &'p Packed, route: &str) -> &'p AssetEntry {
    let entries = packed.table().entries();
    let found = entries.iter().find(|entry| entry.route.as_str() == route);
    found.unwrap_or_else(|| panic!("{route} is not in the table"))
}

/// Returns the value of `Available-Dictionary` for a dictionary.
pub(crate) fn available(dictionary: &AssetEntry) -> String {
    use base64::Engine;
    use sha2::{Digest, Sha256};

    let bytes = dictionary.identity.read().unwrap();
    format!(":{}:", base64::prelude::BASE64_STANDARD.encode(Sha256::digest(&*bytes)))
}

/// Asks for a path with codings and a dictionary.
pub(crate) fn ask<'t>(
    table: &Table<'t>,
    path: &str,
    accept_encoding: &str,
    dictionary: Option<&str>,
) -> Reply<'t> {
    let mut request = Request::new(Method::Get, path);
    request.accept_encoding = Some(accept_encoding);
    request.available_dictionary = dictionary;
    table.respond(&request).unwrap_or_else(|| table.not_found(&request))
}

/// Decodes a body as a browser does that has a dictionary.
pub(crate) fn decoded(body: &[u8], dictionary: &[u8]) -> Vec<u8> {
    use std::io::Read;

    use sha2::{Digest, Sha256};

    assert_eq!(body[..4], [0xff, b'D', b'C', b'B']);
    assert_eq!(body[4..36], *Sha256::digest(dictionary));
    let stream = &body[36..];
    let mut decoded = Vec::new();
    brotli_decompressor::Decompressor::new_with_custom_dict(
        stream,
        4096,
        dictionary.to_vec().into(),
    )
    .read_to_end(&mut decoded)
    .unwrap();
    decoded
}
