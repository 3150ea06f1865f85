//! The form that a client gets, and results from the cache.

use std::fs;

use worker_pack::cache::CacheLocation;
use worker_pack::options::{Pictures, Strictness};
use worker_pack::{Options, PackError, Packed};
use worker_pack_runtime::{Method, Request};

use super::files::Png;
use super::{Forms, forms_of, report, screenshot, site};
use crate::support::site::{Site, files_below};

#[test]
fn a_client_that_names_webp_gets_it_under_the_same_url() {
    let site = site(&screenshot());
    let packed = site.pack();
    let Forms { png, webp, .. } = forms_of(&packed, "a.png");
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    let mut tags = Vec::new();
    for (accept, body, content_type) in [
        (None, &png, "image/png"),
        (Some("image/*,*/*;q=0.8"), &png, "image/png"),
        (Some("image/webp;q=0,*/*"), &png, "image/png"),
        (Some("image/avif,image/webp,*/*;q=0.8"), webp.as_ref().unwrap(), "image/webp"),
    ] {
        let mut request = Request::new(Method::Get, "/a.png");
        request.accept = accept;
        let reply = table.respond(&request).unwrap();
        assert_eq!(reply.body().bytes(), Some(&**body), "{accept:?}");
        let field = |name: &str| {
            let found = reply.headers().iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_string()).unwrap_or_default()
        };
        assert_eq!(field("content-type"), content_type);
        assert!(field("vary").contains("Accept"), "{:?}", field("vary"));
        tags.push(field("etag"));
    }
    assert_ne!(tags[0], tags[3]);
}

fn pack(site: &Site, pictures: Pictures) -> Packed {
    let cache = CacheLocation::Folder(site.project().join("cache"));
    let options = Options { pictures, ..Options::default() };
    site.packing(options).cache(cache).run().unwrap()
}

fn worked_on(packed: &Packed) -> bool {
    packed.timings().files.iter().any(|time| time.file == "a.png")
}

#[test]
fn equal_pictures_are_optimised_once() {
    let site = site(&screenshot());
    for name in ["b.png", "c/d.png"] {
        site.write(name, screenshot());
    }
    site.write("other.png", Png::screenshot(48, 64).encoded());
    let packed = site.pack();
    let is_equal = |name: &&str| ["a.png", "b.png", "c/d.png"].contains(name);
    let files = packed.timings().files.iter().map(|time| &*time.file);
    assert_eq!(files.filter(is_equal).count(), 1, "only one of three costs time");
    let first = forms_of(&packed, "a.png");
    assert!(first.webp.is_some());
    for name in ["b.png", "c/d.png"] {
        let Forms { outcome, png, webp } = forms_of(&packed, name);
        assert_eq!((outcome, &png, &webp), (first.outcome, &first.png, &first.webp), "{name}");
    }
    assert_ne!(forms_of(&packed, "other.png").png, first.png);
}

#[test]
fn equal_pictures_that_are_damaged_are_each_named() {
    let picture = screenshot();
    let damaged = &picture[..picture.len() / 2];
    let site = site(damaged);
    site.write("b.png", damaged);
    let packed = site.pack();
    let of = |file: &str| packed.report().diagnostics.iter().filter(|one| one.file == file).count();
    assert_eq!((of("a.png"), of("b.png")), (1, 1));
    // So they are if the first one fails the pack.
    let strict = Options { strictness: Strictness::Strict, ..Options::default() };
    let Err(PackError::Files { diagnostics }) = site.try_pack(strict) else { panic!("it fails") };
    let files: Vec<_> = diagnostics.iter().map(|one| &*one.file).collect();
    assert_eq!(files, ["a.png", "b.png"]);
}

#[test]
fn results_are_cached_by_option_and_checked() {
    let site = site(&screenshot());
    let first = pack(&site, Pictures::Lossless);
    assert!(worked_on(&first), "its time is told");
    let Forms { png, webp, outcome } = forms_of(&first, "a.png");
    let again = pack(&site, Pictures::Lossless);
    assert!(!worked_on(&again));
    let cached = forms_of(&again, "a.png");
    assert_eq!((cached.png, cached.webp, cached.outcome), (png.clone(), webp.clone(), outcome));
    assert_eq!(report(&again, "a.png").transformed, png.len());
    let off = forms_of(&pack(&site, Pictures::Off), "a.png");
    assert!(off.webp.is_none() && off.png == screenshot());

    // A result with another body is made anew.
    let webp = webp.unwrap();
    let mut damaged = 0;
    for path in files_below(&site.project().join("cache")) {
        let path = site.project().join("cache").join(path);
        let mut bytes = fs::read(&path).unwrap();
        if let Some(at) = bytes.windows(webp.len()).position(|part| part == webp) {
            bytes[at + webp.len() / 2] ^= 1;
            fs::write(path, bytes).unwrap();
            damaged += 1;
        }
    }
    assert_eq!(damaged, 1);
    let anew = pack(&site, Pictures::Lossless);
    assert!(worked_on(&anew));
    assert_eq!(forms_of(&anew, "a.png").webp, Some(webp));
}

#[test]
fn a_damaged_picture_is_reported_by_its_own_name_from_the_cache_too() {
    let png = screenshot();
    let site = site(&png[..png.len() - 1]);
    for name in ["a.png", "b.png"] {
        site.write(name, &png[..png.len() - 1]);
        let packed = pack(&site, Pictures::Lossless);
        let found = packed.report().diagnostics.iter();
        let files: Vec<_> =
            found.filter(|found| !found.file.is_empty()).map(|found| &found.file).collect();
        assert!(files.iter().any(|file| *file == name), "{files:?}");
    }
}
