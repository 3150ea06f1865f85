//! What the table holds: routes, representations, policies.

use std::io::Read;

use worker_pack::{CachePolicy, Coding, Compat, HtmlHandling, Options};
use worker_pack_runtime::table_binary::{BinaryTable, BinaryTableError, FileHeader, Modules};
use worker_pack_runtime::{Coding as ContentCoding, Method, Request, Table};

use crate::support::site::{Site, get, paths, warnings, workers};

/// Text that compresses well.
fn text() -> String {
    "All work and no play makes a dull site. ".repeat(50)
}

#[test]
fn a_page_whose_url_another_file_has_is_answered_at_its_own_name_and_warned_of() {
    let site =
        Site::new(&[("about", "x"), ("about.html", "y"), ("ok/index.html", "x"), ("ok.html", "z")]);
    for compat in Compat::ALL {
        let packed = site.pack_with(Options { compat: Some(compat), ..Options::default() });
        assert_eq!(
            warnings(&packed),
            [
                "about.html: ingest: is answered at its own name alone: `/about` is `about` (rename or remove one of them)"
            ]
        );
        let image = packed.table().to_image().unwrap();
        let table = image.table();
        for (path, body) in [("/about", "x"), ("/about.html", "y"), ("/ok/", "x"), ("/ok", "z")] {
            let reply = get(&table, path);
            assert_eq!((reply.status(), reply.body().bytes().unwrap()), (200, body.as_bytes()));
        }
    }
}

/// `/both` is the one URL of both.
#[test]
fn a_page_without_a_url_of_its_own_is_warned_of_however_pages_are_handled() {
    let site = Site::new(&[("both.html", "file"), ("both/index.html", "folder")]);
    let handled = |handling| {
        let html_handling = Some(handling);
        warnings(&site.pack_with(Options { html_handling, ..workers() })).len()
    };
    assert_eq!(handled(HtmlHandling::AutoTrailingSlash), 0);
    assert_eq!(handled(HtmlHandling::DropTrailingSlash), 1);
    assert_eq!(handled(HtmlHandling::ForceTrailingSlash), 1);
}

#[test]
fn routes_are_sorted_by_bytes_and_unique() {
    let site = Site::new(&[
        ("b.txt", "x"),
        ("a/b.txt", "x"),
        ("a.txt", "x"),
        ("Z.txt", "x"),
        ("ä.txt", "x"),
    ]);
    assert_eq!(paths(&site.pack()), ["/Z.txt", "/a.txt", "/a/b.txt", "/b.txt", "/ä.txt"]);
}

#[test]
fn an_encoding_is_kept_only_where_it_saves_enough() {
    // xorshift64: what no encoder can do anything with.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut noise = Vec::new();
    for _ in 0..500 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend(state.to_le_bytes());
    }
    let site = Site::new(&[
        ("page.txt", text().as_bytes()),
        ("short.txt", b"short"),
        ("photo.jpg", text().as_bytes()),
        ("noise.bin", &noise),
        ("again.txt", text().as_bytes()),
    ]);
    let image = site.pack().table().to_image().unwrap();
    let table = image.table();
    let encodings = |path: &str| -> Vec<ContentCoding> {
        table.asset(path).unwrap().encoded().map(|one| one.coding()).collect()
    };
    assert_eq!(encodings("/page.txt"), [ContentCoding::Brotli]);
    assert!(encodings("/short.txt").is_empty(), "too small to gain");
    assert!(encodings("/photo.jpg").is_empty(), "of a type that is compressed already");
    assert!(encodings("/noise.bin").is_empty(), "not compressible");
}

#[test]
fn every_encoded_body_decodes_to_the_file_and_has_its_own_tag() {
    let options = Options { encodings: Coding::ALL.into(), ..Options::default() };
    let image = Site::new(&[("page.txt", text())]).pack_with(options).table().to_image().unwrap();
    let table = image.table();
    let asset = table.asset("/page.txt").unwrap();
    let mut tags = vec![asset.identity().etag()];
    for representation in asset.encoded() {
        let encoded = representation.body().bytes().unwrap();
        let mut decoded = Vec::new();
        match representation.coding() {
            ContentCoding::Brotli => {
                brotli_decompressor::Decompressor::new(encoded, 4096).read_to_end(&mut decoded)
            }
            ContentCoding::Gzip => flate2::read::GzDecoder::new(encoded).read_to_end(&mut decoded),
            ContentCoding::Identity => panic!("identity is not encoded"),
        }
        .unwrap();
        assert_eq!(decoded, text().into_bytes());
        tags.push(representation.etag());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3);
}

#[test]
fn equal_bodies_are_stored_once() {
    let packed = Site::new(&[("a.txt", text()), ("b/c.txt", text())]).pack();
    assert_eq!(packed.table().entries().len(), 2);
    assert_eq!(packed.table().bodies().len(), 2, "one with Brotli, one without");
}

#[test]
fn equal_bodies_of_different_types_keep_their_own_encodings() {
    let site = Site::new(&[("a.txt", text()), ("b.jpg", text())]);
    let packed = site.pack();
    let image = packed.table().to_image().unwrap();
    let table = image.table();
    assert_eq!(table.asset("/a.txt").unwrap().encoded().count(), 1);
    assert_eq!(table.asset("/b.jpg").unwrap().encoded().count(), 0);
}

#[test]
fn hashed_files_are_immutable_and_the_users_rules_win() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("_astro/app.D4f5G6h7.js", "f()"),
        ("_astro/legacy.js", "f()"),
        ("fonts/a.woff2", "x"),
    ]);
    let cache =
        vec!["/fonts/*=immutable".parse().unwrap(), "/index.html=no-store".parse().unwrap()];
    let image = site.pack_with(Options { cache, ..Options::default() }).table().to_image().unwrap();
    let table = image.table();
    let policy = |path: &str| get(&table, path).headers().get("Cache-Control").map(str::to_owned);
    assert_eq!(policy("/_astro/app.D4f5G6h7.js"), Some(CachePolicy::Immutable.to_string()));
    assert_eq!(policy("/_astro/legacy.js"), Some(CachePolicy::Revalidate.to_string()));
    assert_eq!(policy("/fonts/a.woff2"), Some(CachePolicy::Immutable.to_string()));
    assert_eq!(policy("/"), Some(CachePolicy::NoStore.to_string()));
}

#[test]
fn a_cache_rule_that_matches_nothing_is_told() {
    let site = Site::new(&[("index.html", "<p>"), ("about/index.html", "<p>")]);
    let cache = ["/=no-store", "/about/=no-store", "/fnots/*=immutable"];
    let cache = cache.map(|rule| rule.parse().unwrap()).into();
    let packed = site.pack_with(Options { cache, ..Options::default() });
    let warnings = warnings(&packed);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].starts_with("/fnots/*: tabulate:"), "{warnings:?}");
}

#[test]
fn an_image_is_told_from_other_bytes_and_versions() {
    let image = Site::new(&[("a.txt", text())]).pack().table().to_image().unwrap();
    let read = |bytes: &[u8]| BinaryTable::read(bytes, Modules::Host).map(drop);
    let whole = image.bytes();
    assert_eq!(read(whole), Ok(()));
    assert_eq!(read(&[]), Err(BinaryTableError::Truncated));
    assert_eq!(read(&whole[..40]), Err(BinaryTableError::Truncated));
    let mut other = whole.to_vec();
    other[0] = b'x';
    assert_eq!(read(&other), Err(BinaryTableError::NotATable));
    other[0] = whole[0];
    other[4] = 99;
    assert_eq!(read(&other), Err(BinaryTableError::OtherVersion(99)));
}

/// A damaged image must not bring the Worker down.
#[test]
fn what_does_not_fit_in_an_image_is_not_there() {
    let image = Site::new(&[("a.txt", text()), ("b/index.html", text())])
        .pack()
        .table()
        .to_image()
        .unwrap();
    let whole = image.bytes();
    let mut missing = 0;
    for at in size_of::<FileHeader>()..whole.len() {
        let mut damaged = whole.to_vec();
        damaged[at] ^= 0xff;
        let table = Table::from_binary(BinaryTable::read(&damaged, Modules::Host).unwrap());
        missing += table.len() - table.assets().count();
        let request = Request::new(Method::Get, "/b/");
        let _ = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
    }
    assert!(missing > 0, "no damage was noticed");
}
