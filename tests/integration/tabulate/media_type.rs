//! Media types: by names as on Cloudflare, and by the first bytes as in browsers.

use worker_pack::cache::CacheLocation;
use worker_pack::options::{Compat, Fidelity};
use worker_pack::report::{FileReport, Outcome, UntouchedReason};
use worker_pack::{Changes, Options, Packed};

use crate::support::site::{Site, get, text, warnings, workers};

/// A page that Astro writes for an endpoint that redirects, into a file without an extension.
const REDIRECT: &str = "<!doctype html><title>Redirecting to: /target/</title>\
    <meta http-equiv=\"refresh\" content=\"0;url=/target/\"><body>\t\n<a href=\"/target/\">On</a>";

fn file<'p>(packed: &'p Packed, name: &str) -> &'p FileReport {
    let mut files = packed.report().files.iter();
    files.find(|file| file.file == name).unwrap_or_else(|| panic!("{name} is not packed"))
}

#[test]
fn files_whose_names_say_nothing_have_the_type_that_browsers_find() {
    let cases: [(&str, &[u8], &str); 21] = [
        ("go/chat", REDIRECT.as_bytes(), "text/html; charset=utf-8"),
        ("go/v1.0", REDIRECT.as_bytes(), "text/html; charset=utf-8"),
        ("page.unheard-of", b"\n\n<!-- a --><p>b", "text/html; charset=utf-8"),
        ("latin", b"<html><p>caf\xe9", "text/html"),
        ("feed", b"<?xml version=\"1.0\"?><rss version=\"2.0\"/>", "text/xml; charset=utf-8"),
        ("atom", b"<?xml version=\"1.0\"?><feed/>", "text/xml; charset=utf-8"),
        ("notes.unheard-of", b"a <b> c\n", "text/plain; charset=utf-8"),
        ("LICENSE", b"MIT\n", "text/plain; charset=utf-8"),
        ("web.config", b"<configuration/>", "text/plain; charset=utf-8"),
        ("a.py", b"print(1)\n", "text/plain; charset=utf-8"),
        ("utf16", b"\xff\xfea\0b\0", "text/plain"),
        ("mark", b"\xef\xbb\xbf<p>", "text/plain; charset=utf-8"),
        (".well-known/apple-app-site-association", b"{}", "application/json"),
        (".well-known/assetlinks", b"{}", "text/plain; charset=utf-8"),
        ("manual", b"%PDF-1.7\n", "application/pdf"),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        ("archive.unheard-of", b"PK\x03\x04\x14\0", "application/zip"),
        ("data.dat", b"\0\x01\x02", "application/octet-stream"),
        ("shader.wgsl", b"fn main() {}", "text/wgsl; charset=utf-8"),
        ("book.ipynb", b"{}", "application/x-ipynb+json"),
        ("main.rs", b"fn main() {}", "text/x-rust; charset=utf-8"),
    ];
    let site = Site::new(&[("index.html", "<p>")]);
    for (name, bytes, _) in cases {
        site.write(name, bytes);
    }
    for compat in [Compat::Workers, Compat::Pages] {
        let packed = site.pack_with(Options { compat: Some(compat), ..Options::default() });
        let memory = packed.table().to_memory().unwrap();
        let table = memory.table();
        for (name, bytes, expected) in cases {
            let reply = get(&table, &format!("/{name}"));
            assert_eq!(reply.headers().get("Content-Type"), Some(expected), "{compat} {name}");
            let served = table.asset(&format!("/{name}")).unwrap();
            assert_eq!(served.identity().body().bytes().unwrap(), bytes, "in doubt the bytes stay");
        }
        assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
        let sniffed = Outcome::Untouched(UntouchedReason::Sniffed);
        assert_eq!(file(&packed, "go/chat").transform, sniffed);
    }
}

#[test]
fn with_strict_fidelity_types_are_those_that_cloudflare_sends() {
    let site =
        Site::new(&[("go", REDIRECT), ("a.unheard-of", "x"), ("a.cjs", "f()"), ("a.py", "")]);
    for (compat, unknown) in [(Compat::Workers, ""), (Compat::Pages, "application/octet-stream")] {
        let options =
            Options { compat: Some(compat), fidelity: Fidelity::Strict, ..Options::default() };
        let packed = site.pack_with(options);
        for name in ["go", "a.unheard-of", "a.py"] {
            assert_eq!(file(&packed, name).content_type, unknown, "{compat} {name}");
        }
        assert_eq!(file(&packed, "a.cjs").content_type, "application/node");
    }
}

/// Without a type, as on Cloudflare, a browser that must not sniff shows a page as text.
#[test]
fn nosniff_makes_a_page_without_an_extension_a_text_with_a_warning() {
    for (headers, expected) in [
        ("/*\n  X-Content-Type-Options: nosniff\n", "text/plain"),
        ("/go\n  x-content-type-options: NoSniff\n", "text/plain"),
        ("https://example.com/*\n  X-Content-Type-Options: nosniff\n", "text/plain"),
        ("/other\n  X-Content-Type-Options: nosniff\n", "text/html"),
        ("/*\n  X-Content-Type-Options: nosniff\n/go\n  ! X-Content-Type-Options\n", "text/html"),
        ("/*\n  X-Frame-Options: DENY\n", "text/html"),
    ] {
        let site = Site::new(&[("go", REDIRECT), ("_headers", headers), ("page.html", "<p>")]);
        let packed = site.pack_with(workers());
        let found = &file(&packed, "go").content_type;
        assert_eq!(*found, format!("{expected}; charset=utf-8"), "{headers}");
        let is_told =
            warnings(&packed).iter().any(|it| it.starts_with("go: transform/shown-as-text"));
        assert_eq!(is_told, expected == "text/plain", "{headers}: {:?}", warnings(&packed));
        assert_eq!(file(&packed, "page.html").content_type, "text/html; charset=utf-8");
        let rule = "/go content-type=text/html; charset=utf-8".parse().unwrap();
        let packed = site.pack_with(Options { rule: vec![rule], ..workers() });
        assert_eq!(file(&packed, "go").content_type, "text/html; charset=utf-8");
        assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
    }
}

#[test]
fn pages_without_an_extension_are_surveyed_like_others() {
    let script = "var shared = 1;\nfunction main(first) {\n  return first;\n}\n";
    let page = |script: &str| format!("<!doctype html><script {script}></script>");
    let site = Site::new(&[
        ("checked", page("src=/a.js integrity=sha256-x")),
        ("classic", page("src=/b.js")),
    ]);
    for name in ["a.js", "b.js", "c.js"] {
        site.write(name, script);
    }
    let packed = site.pack_with(workers());
    let checked = Outcome::Untouched(UntouchedReason::IntegrityChecked);
    assert_eq!(file(&packed, "a.js").transform, checked);
    assert_eq!(file(&packed, "c.js").transform, Outcome::Minified);
    let table = packed.table().to_memory().unwrap();
    assert!(text(&table.table(), "/b.js").contains("shared"));
}

/// Templates begin like pages, and may not be any.
#[test]
fn files_that_only_look_like_pages_cause_no_warnings() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("a.hbs", "<div >{{#each items}}<select><xmp><script>alert(1)</script></xmp></select>"),
        ("b.vue", "<script >let a = ;</script>"),
        ("c", "<?xml version=\"1.0\"?><a>"),
    ]);
    let packed = site.pack_with(workers());
    assert!(packed.report().diagnostics.is_empty(), "{:?}", packed.report().diagnostics);
}

#[test]
fn a_type_follows_the_bytes_in_a_repeated_and_in_a_live_pack() {
    let site = Site::new(&[("index.html", "<p>"), ("go", REDIRECT)]);
    let folder = CacheLocation::Folder(site.project().join("cache"));
    let pack = || site.packing(workers()).cache(folder.clone());
    for bytes in [REDIRECT, "text", REDIRECT] {
        site.write("go", bytes);
        let found: Vec<String> =
            (0..2).map(|_| file(&pack().run().unwrap(), "go").content_type.clone()).collect();
        let expected = if bytes == "text" { "text/plain" } else { "text/html" };
        assert_eq!(
            found,
            [format!("{expected}; charset=utf-8"), format!("{expected}; charset=utf-8")]
        );
    }
    let mut live = site.packing(workers()).live().unwrap();
    live.emit(&Changes::Anything).unwrap();
    site.write("go", "other text");
    let path = site.dist().canonicalize().unwrap().join("go");
    let emitted = live.emit(&Changes::Files([path].into())).unwrap();
    let mut files = emitted.report().files.iter();
    let go = files.find(|file| file.file == "go").unwrap();
    assert_eq!(go.content_type, "text/plain; charset=utf-8");
}
