//! Sites whose rules or policies are in the way of a dictionary.

use worker_pack::check::Start;
use worker_pack::options::Fidelity;
use worker_pack::report::{Code, Diagnostic, Severity};
use worker_pack::{Inspection, Options};

use super::pages::{alike, alike_pages, dictionaries, entry, options, page_of};
use crate::support::site::Site;

/// Returns the messages of a code.
fn messages(site: &Site, options: Options, code: Code) -> Vec<String> {
    let packed = site.pack_with(options);
    assert!(dictionaries(packed.table()).is_empty());
    let pages = packed.table().entries();
    assert!(pages.iter().all(|entry| entry.variants.is_empty() && entry.link.is_none()));
    let found = packed.report().diagnostics.iter().filter(|found| found.code == code);
    found.map(|found| found.message.clone()).collect()
}

#[test]
fn a_dictionary_that_browsers_would_not_keep_is_not_made() {
    for (name, rules, reason) in [
        ("_redirects", "/_worker-pack/* /1/ 302\n", "is answered with 302"),
        ("_redirects", "/_worker-pack/:file /1/ 200\n", "`Use-As-Dictionary`"),
        ("_headers", "/*\n  Cache-Control: no-cache\n", "sets `Cache-Control: no-cache`"),
        ("_headers", "/_worker-pack/*\n  ! Cache-Control\n", "removes `Cache-Control`"),
        ("_headers", "/*\n  ! Use-As-Dictionary\n", "changes `Use-As-Dictionary`"),
    ] {
        let site = alike(&[(name, rules)]);
        let messages = messages(&site, options(), Code::DictionaryNotServed);
        assert_eq!(messages.len(), 1, "{rules}");
        assert!(messages[0].contains(reason), "{rules}: {messages:?}");
    }
}

#[test]
fn a_dictionary_whose_path_belongs_to_the_server_is_not_made() {
    let site = alike(&[]);
    let config =
        r#"{ "assets": { "directory": "dist", "run_worker_first": ["/_worker-pack/*"] } }"#;
    std::fs::write(site.project().join("wrangler.json"), config).unwrap();
    let messages = messages(&site, options(), Code::DictionaryNotServed);
    assert!(messages[0].contains("belongs to the server"), "{messages:?}");
}

/// Astro's adapter for Pages leaves all paths to the server but those of the build's files.
#[test]
fn a_dictionary_is_an_exception_of_routes_json_like_the_pages() {
    let site = alike(&[
        ("_worker.js/index.js", "export default { fetch() {} };"),
        (
            "_routes.json",
            r#"{"version":1,"include":["/*"],"exclude":["/1/*","/2/*","/3/*","/4/*"]}"#,
        ),
    ]);
    let packed = site.pack_with(Options { compat: None, ..options() });
    assert_eq!(dictionaries(packed.table()).len(), 1);
    assert!(!entry(&packed, "/3/index.html").variants.is_empty());
    assert!(entry(&packed, "/5/index.html").variants.is_empty());
}

#[test]
fn pages_that_the_server_answers_first_have_no_dictionary() {
    let site = alike(&[]);
    let config = r#"{ "assets": { "directory": "dist", "run_worker_first": ["/1/*", "/2/*"] } }"#;
    std::fs::write(site.project().join("wrangler.json"), config).unwrap();
    let packed = site.pack_with(options());
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    assert!(!["1/index.html", "2/index.html"].contains(&&*page_of(&packed, dictionary)));
    assert!(entry(&packed, "/1/index.html").variants.is_empty());
    assert!(!entry(&packed, "/3/index.html").variants.is_empty());
}

#[test]
fn a_file_at_the_place_of_a_dictionary_stays() {
    let site = alike(&[]);
    let packed = site.pack_with(options());
    let route = dictionaries(packed.table())[0].route.as_str().to_owned();
    site.write(&route[1..], "a file of the site");
    let messages = messages(&site, options(), Code::DictionaryNotServed);
    assert!(messages[0].contains("is a file of the site"), "{messages:?}");
}

#[test]
fn strict_fidelity_has_no_dictionaries() {
    let options = Options { fidelity: Fidelity::Strict, ..options() };
    let messages = messages(&alike(&[]), options, Code::DictionaryNotServed);
    assert_eq!(messages.len(), 1);
}

#[test]
fn a_page_whose_policy_blocks_the_dictionary_does_not_announce_it() {
    let site = alike(&[]);
    let blocking = "<meta http-equiv=Content-Security-Policy content=\"connect-src 'none'\">";
    for (name, page) in alike_pages(blocking).into_iter().skip(1).take(2) {
        site.write(&name, page);
    }
    let packed = site.pack_with(options());
    let [warning] = &packed.report().diagnostics[..] else { panic!("one warning") };
    assert_eq!((warning.code, warning.severity), (Code::DictionaryBlocked, Severity::Warning));
    assert_eq!(warning.file, "1/index.html");
    assert!(warning.message.contains("`connect-src 'none'`"), "{warning}");
    assert!(warning.message.contains("1 other page"), "{warning}");
    for (route, announces) in [("/1/index.html", false), ("/3/index.html", true)] {
        let page = entry(&packed, route);
        assert_eq!(page.link.is_some(), announces, "{route}");
        assert!(!page.variants.is_empty(), "{route}");
    }
}

#[test]
fn policies_in_header_rules_count_as_those_of_pages() {
    let site = alike(&[("_headers", "/*\n  Content-Security-Policy: default-src 'none'\n")]);
    let messages = messages(&site, options(), Code::DictionaryBlocked);
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains("5 other pages"), "{messages:?}");
    let own = "/*\n  Content-Security-Policy: default-src 'none'; connect-src 'self'\n";
    let packed = alike(&[("_headers", own)]).pack_with(options());
    assert_eq!(dictionaries(packed.table()).len(), 1);
}

#[test]
fn a_private_page_is_never_a_dictionary() {
    let site = alike(&[]);
    let packed = site.pack_with(options());
    let name = page_of(&packed, dictionaries(packed.table())[0]);
    let path = format!("/{}", name.trim_end_matches("index.html"));
    site.write("_headers", format!("{path}\n  Cache-Control: private, max-age=0\n"));
    let packed = site.pack_with(options());
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    assert_ne!(page_of(&packed, dictionary), name);
}

/// `check` writes nothing, and tells what a build would.
#[test]
fn an_inspection_tells_of_dictionaries_what_a_build_tells() {
    let blocking = "<meta http-equiv=Content-Security-Policy content=\"connect-src 'none'\">";
    let blocked = alike(&[]);
    blocked.write("1/index.html", super::pages::page(1, blocking, 1));
    let unserved = alike(&[("_headers", "/*\n  Cache-Control: no-cache\n")]);
    let few = Site::new(&[("index.html", &*super::pages::page(1, "", 1))]);
    for (site, code) in [
        (blocked, Code::DictionaryBlocked),
        (unserved, Code::DictionaryNotServed),
        (few, Code::DictionaryDoesNotPay),
    ] {
        let of_dictionaries = |all: &[Diagnostic]| -> Vec<(Code, String)> {
            let is_one = |found: &&Diagnostic| found.code.to_string().starts_with("dictionary/");
            all.iter().filter(is_one).map(|found| (found.code, found.message.clone())).collect()
        };
        let built = of_dictionaries(&site.pack_with(options()).report().diagnostics);
        assert_eq!(built.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [code]);
        let inspection = Inspection::of(site.dist()).options(options());
        let inspected = inspection.start(Start::Never).run().unwrap();
        assert_eq!(of_dictionaries(&inspected.findings), built);
    }
}
