//! The `integrity` attributes of pages, by which browsers check what they load.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha384};
use worker_pack::Options;
use worker_pack::cache::CacheLocation;
use worker_pack::options::{EarlyHints, Effort, Fidelity, Fingerprints, Integrity};
use worker_pack::report::{IntegrityReason, IntegrityReport};

use super::served;
use crate::support::site::{Site, get};

/// A script that a minifier makes smaller, at a name with a hash of Astro.
const SCRIPT: (&str, &str) = ("_astro/a.Dk3jabcd.js", "export const first = 1 ;\n");

/// A style sheet, likewise.
const STYLES: (&str, &str) = ("_astro/b.Ck9xQ2ab.css", "p { color : red }\n");

fn added() -> Options {
    Options { integrity: Integrity::Add, effort: Some(Effort::Fast), ..Options::default() }
}

pub(super) fn hash(bytes: impl AsRef<[u8]>) -> String {
    format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(bytes.as_ref())))
}

/// Returns what the served page has at a place, packed with options.
fn page(page: &str, options: Options) -> String {
    let site = Site::new(&[("index.html", page), SCRIPT, STYLES, ("plain.js", "b()")]);
    served(&site.pack_with(options), "/index.html")
}

/// Returns what the report says of a file.
fn report(reports: &[IntegrityReport], route: &str) -> IntegrityReport {
    reports.iter().find(|one| one.route == route).cloned().unwrap()
}

#[test]
fn pages_have_no_attribute_unless_it_is_asked_for() {
    let source = "<!doctype html><script src=/_astro/a.Dk3jabcd.js></script>";
    assert_eq!(page(source, Options::default()), source);
}

#[test]
fn code_whose_name_lasts_is_loaded_by_the_hash_of_the_bytes_that_are_served() {
    let source = "<!doctype html><link rel=stylesheet href=/_astro/b.Ck9xQ2ab.css>\
        <link rel=modulepreload href=/_astro/a.Dk3jabcd.js><link rel=preload as=style href=_astro/b.Ck9xQ2ab.css>\
        <script type=module src=/_astro/a.Dk3jabcd.js></script>";
    let site = Site::new(&[("index.html", source), SCRIPT, STYLES]);
    let packed = site.pack_with(added());
    let page = served(&packed, "/index.html");
    for (file, count) in [(SCRIPT, 2), (STYLES, 2)] {
        let route = format!("/{}", file.0);
        assert_eq!(served(&packed, &route), file.1, "a name of the build keeps its bytes");
        assert_eq!(page.matches(&format!("\"{} ", hash(file.1))).count(), count, "{page}");
        let report = report(&packed.report().integrity, &route);
        assert!(report.integrity.unwrap().starts_with(&hash(file.1)));
        assert_eq!(report.reason, None);
    }
    // But for the attributes, the page is the same.
    let without =
        page.split(" integrity=\"").map(|part| part.split_once("\" ").map_or(part, |it| it.1));
    let mut without: Vec<&str> = without.collect();
    assert_eq!(without.len(), 5);
    without[0] = without[0].trim_end();
    assert_eq!(without.join(" "), source);
}

#[test]
fn bytes_that_are_served_without_the_option_are_allowed_too() {
    let page = "<script type=module src=/_astro/a.Dk3jabcd.js></script>";
    let site = Site::new(&[("index.html", page), SCRIPT]);
    let minified = served(&site.pack_with(Options::default()), "/_astro/a.Dk3jabcd.js");
    assert_ne!(minified, SCRIPT.1);
    let page = served(&site.pack_with(added()), "/index.html");
    let value = format!("\"{} {}\"", hash(SCRIPT.1), hash(minified));
    assert!(page.contains(&value), "{page}");
}

#[test]
fn code_whose_url_may_get_other_bytes_is_reported_with_its_place() {
    let source = "<!doctype html>\n<p>\n<script src=/plain.js></script>";
    let site = Site::new(&[("index.html", source), ("plain.js", "b()")]);
    let packed = site.pack_with(added());
    assert_eq!(served(&packed, "/index.html"), source);
    let report = report(&packed.report().integrity, "/plain.js");
    assert_eq!(report.integrity, None);
    assert_eq!(report.reason, Some(IntegrityReason::Revalidated));
    let place = report.place.unwrap();
    assert_eq!((&*place.file, place.line, place.column), ("index.html", 3, 1));
}

#[test]
fn what_the_page_says_for_itself_stays() {
    let own = format!(
        "<!doctype html><script src=/_astro/a.Dk3jabcd.js integrity={}></script>",
        hash(SCRIPT.1)
    );
    assert_eq!(page(&own, added()), own);
    // Another file, an island, and words.
    for source in [
        "<!doctype html><script src=https://a.example/_astro/a.Dk3jabcd.js></script>",
        "<!doctype html><base href=//a.example/><script src=_astro/a.Dk3jabcd.js></script>",
        "<!doctype html><astro-island><script src=/_astro/a.Dk3jabcd.js></script></astro-island>",
        "<!doctype html><textarea><script src=/_astro/a.Dk3jabcd.js></script></textarea>",
        "<!doctype html><script type=application/json src=/_astro/a.Dk3jabcd.js></script>",
        "<!doctype html><link rel=prefetch href=/_astro/a.Dk3jabcd.js>",
    ] {
        assert_eq!(page(source, added()), source);
    }
}

#[test]
fn a_page_whose_bytes_stay_gets_none() {
    let source = "<!doctype html><script src=/_astro/a.Dk3jabcd.js></script>";
    let rule = vec!["/index.html minify=off".parse().unwrap()];
    assert_eq!(page(source, Options { rule, ..added() }), source);
    let strict = Options { fidelity: Fidelity::Strict, ..added() };
    assert_eq!(page(source, strict), source, "there each file is revalidated");
}

#[test]
fn a_file_that_its_url_does_not_lead_to_gets_none() {
    let source = "<!doctype html><script src=/_astro/a.Dk3jabcd.js></script>";
    let site = Site::new(&[
        ("index.html", source),
        SCRIPT,
        ("_redirects", "/_astro/a.Dk3jabcd.js /other.js 302\n"),
    ]);
    let packed = site.pack_with(added());
    assert_eq!(served(&packed, "/index.html"), source);
    let report = report(&packed.report().integrity, "/_astro/a.Dk3jabcd.js");
    assert_eq!(report.reason, Some(IntegrityReason::AnsweredOtherwise));
}

#[test]
fn style_sheets_that_a_client_router_preloads_get_none_and_scripts_do() {
    let source = "<!doctype html><meta name=astro-view-transitions-enabled content=true>\
        <link rel=stylesheet href=/_astro/b.Ck9xQ2ab.css><script src=/_astro/a.Dk3jabcd.js></script>";
    let page = page(source, added());
    assert!(page.contains("<link rel=stylesheet"), "{page}");
    assert!(page.contains("<script integrity="), "{page}");
}

#[test]
fn public_code_is_checked_at_its_names_with_a_fingerprint() {
    let source = "<!doctype html><link rel=stylesheet href=/c.css><link rel=stylesheet href=d.css>\
        <script src=/e.js></script><script src=/f.js type=module></script>";
    let files = [
        ("index.html", source),
        ("c.css", "p { color : red }"),
        ("d.css", "@import '/c.css';"),
        ("e.js", "var e  = 1"),
        ("f.js", "import  './e.js'"),
    ];
    let site = Site::new(&files);
    let options = Options { fingerprints: Fingerprints::Public, ..added() };
    let packed = site.pack_with(options);
    let page = served(&packed, "/index.html");
    for route in ["/c.css", "/d.css", "/e.js", "/f.js"] {
        let reports = &packed.report().fingerprints;
        let name =
            reports.iter().find(|one| one.route == route).unwrap().fingerprinted.clone().unwrap();
        let value = hash(served(&packed, &name));
        let attribute = format!(" integrity=\"{value}\"");
        assert_eq!(page.matches(&attribute).count(), 1, "{route}: {page}");
        assert!(page.contains(name.trim_start_matches('/')), "{route}: {page}");
    }
}

#[test]
fn early_hints_have_the_hash_of_what_the_page_loads_by_it() {
    let source = "<!doctype html><link rel=preload as=style href=/_astro/b.Ck9xQ2ab.css>\
        <link rel=stylesheet href=/_astro/b.Ck9xQ2ab.css>";
    let site = Site::new(&[("index.html", source), STYLES]);
    let packed = site.pack_with(Options { early_hints: EarlyHints::On, ..added() });
    let memory = packed.table().to_memory().unwrap();
    let link = get(&memory.table(), "/").headers().get("Link").unwrap().to_owned();
    let value = report(&packed.report().integrity, "/_astro/b.Ck9xQ2ab.css").integrity.unwrap();
    assert_eq!(
        link,
        format!("</_astro/b.Ck9xQ2ab.css>; integrity=\"{value}\"; rel=\"preload\"; as=style")
    );
}

#[test]
fn a_second_run_takes_the_same_pages_from_the_cache() {
    let source = "<!doctype html><script src=/_astro/a.Dk3jabcd.js></script><p>a</p>  <p>b";
    let site = Site::new(&[("index.html", source), SCRIPT]);
    let run = || {
        let cache = CacheLocation::Folder(site.project().join("cache"));
        served(&site.packing(added()).cache(cache).run().unwrap(), "/index.html")
    };
    let first = run();
    assert_eq!(run(), first);
    // Another script is another page.
    site.write(SCRIPT.0, "export const second = 2 ;\n");
    let third = run();
    assert!(third.contains(&hash("export const second = 2 ;\n")), "{third}");
}

/// Options by which import maps have the hashes of modules.
fn mapped() -> Options {
    Options { integrity: Integrity::Modules, ..added() }
}

#[test]
fn the_import_map_of_a_page_has_the_hashes_of_the_modules_that_its_code_imports() {
    let site = Site::new(&[
        (
            "index.html",
            "<!doctype html><meta charset=utf-8><script type=module src=/_astro/a.Dk3jabcd.js></script>",
        ),
        ("_astro/a.Dk3jabcd.js", "import './b.Ck9xQ2ab.js'; import('./c.Bq8wP1cd.js')"),
        ("_astro/b.Ck9xQ2ab.js", "export const b = 1"),
        ("_astro/c.Bq8wP1cd.js", "import '../plain.js'"),
        ("_astro/d.Ap7vO0ef.js", "nothing()"),
        ("plain.js", "plain()"),
    ]);
    let packed = site.pack_with(mapped());
    let page = served(&packed, "/index.html");
    let start = "<!doctype html><meta charset=utf-8><script type=\"importmap\">{\"integrity\":{";
    assert!(page.starts_with(start), "{page}");
    for name in ["b.Ck9xQ2ab", "c.Bq8wP1cd"] {
        let route = format!("/_astro/{name}.js");
        let entry = format!("\"{route}\":\"{}", hash(served(&packed, &route)));
        assert!(page.contains(&entry), "{entry}: {page}");
    }
    // It may get other bytes, so that an open page would be refused them.
    assert!(!page.contains("plain.js") && !page.contains("d.Ap7vO0ef"), "{page}");
    let plain = report(&packed.report().integrity, "/plain.js");
    assert_eq!(plain.reason, Some(IntegrityReason::Revalidated));
    let named = site.pack_with(Options { fingerprints: Fingerprints::All, ..mapped() });
    let route = named.report().fingerprints.iter().find(|one| one.route == "/plain.js").unwrap();
    let route = route.fingerprinted.clone().unwrap();
    let entry = format!("\"{route}\":\"{}\"", hash(served(&named, &route)));
    assert!(served(&named, "/index.html").contains(&entry), "{entry}");
}

#[test]
fn a_page_whose_policy_may_block_an_import_map_gets_none() {
    let meta = "<meta http-equiv=content-security-policy content=\"script-src 'self'\">";
    let page = |meta: &str| {
        format!("<!doctype html>{meta}<script type=module>import '/_astro/a.Dk3jabcd.js'</script>")
    };
    let has_map = |meta: &str, headers: &str| {
        let site = Site::new(&[("index.html", &*page(meta)), SCRIPT, ("_headers", headers)]);
        served(&site.pack_with(mapped()), "/index.html").contains("importmap")
    };
    assert!(has_map("", ""));
    assert!(!has_map(meta, ""));
    for field in ["Content-Security-Policy", "Content-Security-Policy-Report-Only"] {
        assert!(!has_map("", &format!("/*\n  {field}: script-src 'self'\n")), "{field}");
        assert!(has_map("", &format!("/other/*\n  {field}: script-src 'self'\n")), "{field}");
    }
}

#[test]
fn a_page_whose_scripts_may_add_an_import_map_gets_none() {
    let import = "import '/_astro/a.Dk3jabcd.js';";
    let has_map = |code: &str, script: &str| {
        let page = format!("<!doctype html><script type=module>{import}{code}</script>");
        let site = Site::new(&[("index.html", &*page), (SCRIPT.0, script)]);
        served(&site.pack_with(mapped()), "/index.html").contains("\"integrity\"")
    };
    let adds = "const map = document.createElement('script'); map.type = 'importmap';";
    assert!(has_map("a()", "b()"));
    assert!(!has_map(adds, "b()"));
    assert!(!has_map("a()", adds));
}

#[test]
fn pages_with_a_router_list_the_modules_of_all_of_them() {
    let page = |module: &str| {
        format!(
            "<!doctype html><meta name=astro-view-transitions-enabled content=true>\
             <script type=module>import '/_astro/{module}.js'</script>"
        )
    };
    let site = Site::new(&[
        ("index.html", page("a.Dk3jabcd")),
        ("next/index.html", page("b.Ck9xQ2ab")),
        ("_astro/a.Dk3jabcd.js", "a()".to_owned()),
        ("_astro/b.Ck9xQ2ab.js", "b()".to_owned()),
    ]);
    let packed = site.pack_with(mapped());
    let map = |route: &str| {
        let page = served(&packed, route);
        page.split_once("importmap").unwrap().1.split_once("</script>").unwrap().0.to_owned()
    };
    let first = map("/index.html");
    assert_eq!(first, map("/next/index.html"));
    assert!(first.contains("a.Dk3jabcd") && first.contains("b.Ck9xQ2ab"), "{first}");
}
