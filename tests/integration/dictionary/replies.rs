//! Replies of sites with dictionaries.

use worker_pack::Options;
use worker_pack::options::EarlyHints;
use worker_pack_runtime::{Method, Request};

use super::pages::{ACCEPTED, alike, ask, available, decoded, dictionaries, entry, options};
use crate::support::site::workers;

#[test]
fn a_page_is_sent_as_its_difference_to_the_dictionary_that_a_client_has() {
    let site = alike(&[]);
    let packed = site.pack_with(options());
    let memory = packed.table().to_memory().unwrap();
    let table = memory.table();
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    let (bytes, available) = (dictionary.identity.read().unwrap(), available(dictionary));
    for path in ["/1/", "/2/", "/5/"] {
        let plain = ask(&table, path, "br", None);
        let reply = ask(&table, path, ACCEPTED, Some(&available));
        let value = |name| reply.headers().get(name);
        assert_eq!(reply.status(), 200);
        assert_eq!(value("Content-Encoding"), Some("dcb"), "{path}");
        assert_eq!(value("Content-Type"), Some("text/html; charset=utf-8"));
        assert_eq!(value("Vary"), Some("Accept-Encoding, Available-Dictionary"));
        assert_eq!(value("Cloudflare-CDN-Cache-Control"), Some("no-store"));
        assert_ne!(value("ETag"), plain.headers().get("ETag"));
        let body = reply.body().bytes().unwrap();
        assert!(body.len() * 3 < plain.body().len(), "{path}: {} bytes", body.len());
        let page = entry(&packed, &format!("{path}index.html")).identity.read().unwrap();
        assert_eq!(decoded(body, &bytes), *page, "{path}");
    }
}

#[test]
fn a_dictionary_is_announced_by_each_page_and_served_for_a_year_under_its_hash() {
    let site = alike(&[]);
    let packed = site.pack_with(options());
    let memory = packed.table().to_memory().unwrap();
    let table = memory.table();
    let reply = ask(&table, "/", ACCEPTED, None);
    let link = reply.headers().get("Link").unwrap();
    let (url, rel) = link.trim_start_matches('<').split_once('>').unwrap();
    assert_eq!(rel, "; rel=\"compression-dictionary\"");
    for path in ["/1/", "/2/", "/3/", "/4/", "/5/"] {
        let page = ask(&table, path, ACCEPTED, None);
        assert_eq!(page.headers().get("Link"), Some(link), "{path}");
        // A page is never a dictionary itself.
        assert_eq!(page.headers().get("Use-As-Dictionary"), None);
    }
    let reply = ask(&table, url, ACCEPTED, None);
    let value = |name| reply.headers().get(name);
    assert_eq!(reply.status(), 200);
    let pattern = "match=\"/*\", match-dest=(\"document\" \"\")";
    assert_eq!(value("Use-As-Dictionary"), Some(pattern));
    assert_eq!(value("Cache-Control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(value("Content-Type"), Some("application/octet-stream"));
    assert_eq!(value("Content-Encoding"), Some("br"));
    assert_eq!(value("Vary"), Some("Accept-Encoding, Available-Dictionary"));
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    let hash = dictionary.identity.hash().to_string();
    assert_eq!(url, format!("/_worker-pack/dictionary.{}.dat", &hash[..16]));
}

#[test]
fn clients_without_the_dictionary_get_brotli() {
    let site = alike(&[]);
    let packed = site.pack_with(options());
    let memory = packed.table().to_memory().unwrap();
    let table = memory.table();
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    let right = available(dictionary);
    let wrong = format!(":{}=:", "A".repeat(43));
    let (two, both) = (format!("{right}, {right}"), format!("{right}, {wrong}"));
    let bare = right.trim_matches(':').to_owned();
    for (accept_encoding, dictionary) in [
        (ACCEPTED, None),
        (ACCEPTED, Some("")),
        (ACCEPTED, Some(&*wrong)),
        (ACCEPTED, Some(&*two)),
        (ACCEPTED, Some(&*both)),
        (ACCEPTED, Some(&*bare)),
        ("br, dcb;q=0", Some(&*right)),
        ("br, dcb;q=0.000", Some(&*right)),
        ("br, dcb;q=1.5", Some(&*right)),
        ("br, dcz", Some(&*right)),
        ("br, *", Some(&*right)),
        ("br", Some(&*right)),
    ] {
        let reply = ask(&table, "/1/", accept_encoding, dictionary);
        let coding = reply.headers().get("Content-Encoding");
        assert_eq!(coding, Some("br"), "{accept_encoding} {dictionary:?}");
        assert_eq!(reply.headers().get("Vary"), Some("Accept-Encoding, Available-Dictionary"));
        assert_eq!(reply.headers().get("Cloudflare-CDN-Cache-Control"), None);
    }
    let plain = ask(&table, "/1/", "identity", Some(&right));
    assert_eq!(plain.headers().get("Content-Encoding"), None);
    assert_eq!(plain.headers().get("Vary"), Some("Accept-Encoding, Available-Dictionary"));
}

#[test]
fn a_stored_page_stays_valid_with_the_tag_of_any_representation() {
    let site = alike(&[]);
    let packed = site.pack_with(options());
    let memory = packed.table().to_memory().unwrap();
    let table = memory.table();
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    let available = available(dictionary);
    let variants = [("dcb", Some(&*available)), ("br", None), ("identity", None)];
    let tag = |(codings, dictionary)| {
        let reply = ask(&table, "/1/", codings, dictionary);
        reply.headers().get("ETag").unwrap().to_owned()
    };
    let tags = variants.map(tag);
    assert!(tags[0] != tags[1] && tags[1] != tags[2]);
    for tag in &tags {
        for (codings, dictionary) in [(ACCEPTED, Some(&*available)), (ACCEPTED, None)] {
            let mut request = Request::new(Method::Get, "/1/");
            request.accept_encoding = Some(codings);
            request.available_dictionary = dictionary;
            request.if_none_match = Some(tag);
            assert_eq!(table.respond(&request).unwrap().status(), 304, "{tag} {dictionary:?}");
        }
    }
}

#[test]
fn pages_are_the_same_as_without_dictionaries() {
    let site = alike(&[("photo.jpg", "photo"), ("404.html", "<h1>Not found</h1>")]);
    let (without, with) = (site.pack_with(workers()), site.pack_with(options()));
    for entry in without.table().entries() {
        let other = super::pages::entry(&with, entry.route.as_str());
        assert_eq!(entry.identity, other.identity);
        assert_eq!(entry.encoded, other.encoded);
        assert_eq!(entry.cache_policy, other.cache_policy);
    }
    let added = with.table().entries().len() - without.table().entries().len();
    assert_eq!(added, 1);
}

#[test]
fn an_announcement_joins_the_links_of_early_hints() {
    let site = alike(&[]);
    for (name, page) in super::pages::alike_pages("<link rel=preload as=image href=/a.png>") {
        site.write(&name, page);
    }
    let packed = site.pack_with(Options { early_hints: EarlyHints::On, ..options() });
    let link = entry(&packed, "/1/index.html").link.clone().unwrap();
    assert!(link.starts_with("</a.png>; rel=\"preload\""), "{link}");
    assert!(link.contains(", </_worker-pack/dictionary."), "{link}");
}

#[test]
fn pages_for_errors_and_small_pages_go_without() {
    let site = alike(&[("404.html", &super::pages::page(1, "", 9))]);
    site.write("old/index.html", "<!doctype html><meta http-equiv=refresh content='0;url=/1/'>");
    let packed = site.pack_with(options());
    assert_eq!(dictionaries(packed.table()).len(), 1);
    for route in ["/404.html", "/old/index.html"] {
        let page = entry(&packed, route);
        assert!(page.variants.is_empty() && page.link.is_none(), "{route}");
    }
}
