//! The field `Content-Security-Policy` of pages.

use worker_pack::options::{Compat, Fidelity, NotFoundHandling};
use worker_pack::{Options, Packed};
use worker_pack_runtime::{Method, Request, Table};

use super::{hash, hashes, with_attributes};
use crate::support::site::{Site, get, text};

/// Returns the policy at a path.
fn policy(packed: &Packed, path: &str) -> Option<String> {
    let memory = packed.table().to_memory().unwrap();
    get(&memory.table(), path).headers().get("Content-Security-Policy").map(str::to_owned)
}

/// Returns the value of a directive.
fn directive(policy: &str, name: &str) -> Option<String> {
    let mut directives = policy.split("; ");
    let value = directives.find_map(|one| one.strip_prefix(name)?.strip_prefix(' '));
    value.map(str::to_owned)
}

#[test]
fn a_page_has_no_policy_unless_it_is_asked_for() {
    let site = Site::new(&[("index.html", "<script>a()</script>")]);
    assert_eq!(policy(&site.pack(), "/"), None);
}

#[test]
fn a_policy_lists_the_hashes_of_the_code_that_is_shipped() {
    let page = "<!doctype html><title>x</title><style>p { color: red }</style>\
                <script>const first = 1; alert( first )</script>\
                <script type=module>alert( 2 )</script>\
                <script type=importmap>{ \"imports\": {} }</script>\
                <script type=application/ld+json>{ \"a\": 1 }</script>";
    let site = Site::new(&[("index.html", page)]);
    let packed = site.pack_with(hashes());
    let memory = packed.table().to_memory().unwrap();
    let shipped = text(&memory.table(), "/index.html");
    assert!(shipped.len() < page.len(), "the code is minified: {shipped}");
    let policy = policy(&packed, "/").unwrap();
    let inside = |tag: &str| {
        let (_, rest) = shipped.split_once(&format!("<{tag}>")).unwrap();
        rest.split_once("</").unwrap().0.to_owned()
    };
    let scripts = directive(&policy, "script-src").unwrap();
    for tag in ["script", "script type=module", "script type=importmap"] {
        assert!(scripts.contains(&hash(&inside(tag))), "{tag}: {policy}");
    }
    assert_eq!(scripts.matches("sha256-").count(), 3, "data needs no hash: {policy}");
    assert!(directive(&policy, "style-src").unwrap().contains(&hash(&inside("style"))));
}

#[test]
fn a_page_without_code_allows_none() {
    let site = Site::new(&[("index.html", "<p>text</p>")]);
    let expected = "script-src 'none'; style-src 'none'; object-src 'none'; base-uri 'none'";
    assert_eq!(policy(&site.pack_with(hashes()), "/").as_deref(), Some(expected));
}

#[test]
fn sources_are_those_that_the_page_and_the_code_of_the_site_name() {
    let site = Site::new(&[
        (
            "index.html",
            "<base href=/docs/><link rel=stylesheet href=a.css>\
             <link rel=stylesheet href=//fonts.example/b.css><script src=https://cdn.example/c.js></script>\
             <script type=importmap>{\"imports\":{\"d\":\"https://esm.example/d.js\"}}</script>\
             <object data=e.pdf></object>",
        ),
        ("docs/a.css", "@import url(https://type.example/f.css);"),
        ("docs/g.js", "import 'https://modules.example/h.js';WebAssembly.compile(i)"),
        ("plain.html", "<link rel=stylesheet href=/docs/a.css>"),
    ]);
    let packed = site.pack_with(hashes());
    let found = policy(&packed, "/").unwrap();
    let has = |name: &str, sources: &[&str]| {
        let value = directive(&found, name).unwrap();
        for source in sources {
            assert!(value.split(' ').any(|own| own == *source), "{name} {source}: {found}");
        }
    };
    has("script-src", &["'self'", "cdn.example", "esm.example", "modules.example"]);
    has("script-src", &["'wasm-unsafe-eval'"]);
    has("style-src", &["'self'", "fonts.example", "type.example", &hash("")]);
    has("object-src", &["'self'"]);
    has("base-uri", &["'self'"]);
    has("worker-src", &["'self'", "blob:"]);
    let plain = policy(&packed, "/plain").unwrap();
    assert_eq!(directive(&plain, "script-src").as_deref(), Some("'none'"));
    assert_eq!(directive(&plain, "style-src").as_deref(), Some("'self' type.example"));
    assert_eq!(directive(&plain, "worker-src"), None, "no script, no worker");
}

#[test]
fn attributes_are_allowed_by_their_hashes_only_if_that_is_asked_for() {
    let site = Site::new(&[("index.html", "<p style='color:red' onclick='a()'>b</p>")]);
    let blocked = policy(&site.pack_with(hashes()), "/").unwrap();
    assert!(!blocked.contains("unsafe-hashes"), "{blocked}");
    let allowed = policy(&site.pack_with(with_attributes()), "/").unwrap();
    let of = |name: &str| directive(&allowed, name).unwrap();
    assert_eq!(of("style-src-attr"), format!("{} 'unsafe-hashes'", hash("color:red")));
    assert_eq!(of("script-src-attr"), format!("{} 'unsafe-hashes'", hash("a()")));
    assert!(!of("script-src").contains(&hash("a()")), "it allows no element: {allowed}");
}

#[test]
fn directives_of_the_user_are_added() {
    let site = Site::new(&[("index.html", "<script>a()</script>")]);
    let added = ["script-src https://tags.example", "frame-ancestors 'none'"];
    let csp_add = added.iter().map(|one| one.parse().unwrap()).collect();
    let found = policy(&site.pack_with(Options { csp_add, ..hashes() }), "/").unwrap();
    assert!(directive(&found, "script-src").unwrap().ends_with(" https://tags.example"));
    assert!(found.ends_with("; frame-ancestors 'none'"), "{found}");
}

/// The router puts the content of the next page into the current document, whose policy decides.
#[test]
fn pages_with_a_client_router_share_a_policy() {
    let router = "<meta name=astro-view-transitions-enabled content=true>";
    let page = |code: &str| format!("{router}<script>{code}</script>");
    let site = Site::new(&[
        ("a.html", page("a()")),
        ("b.html", page("b()")),
        ("c.html", "<script>c()</script>".to_owned()),
    ]);
    let packed = site.pack_with(hashes());
    let [a, b, c] = ["/a", "/b", "/c"].map(|path| policy(&packed, path).unwrap());
    assert_eq!(a, b);
    assert!(a.contains(&hash("a()")) && a.contains(&hash("b()")), "{a}");
    assert!(!a.contains(&hash("c()")) && c.contains(&hash("c()")), "{a}\n{c}");
}

#[test]
fn a_rule_of_the_user_decides_about_the_policy() {
    let site = Site::new(&[
        ("index.html", "<script>a()</script>"),
        ("b/index.html", "<script>a()</script>"),
        ("c/index.html", "<script>a()</script>"),
        ("_headers", "/\n  Content-Security-Policy: img-src *\n/b/\n  ! Content-Security-Policy\n"),
    ]);
    let packed = site.pack_with(hashes());
    assert_eq!(policy(&packed, "/").as_deref(), Some("img-src *"));
    assert_eq!(policy(&packed, "/b/"), None);
    assert!(policy(&packed, "/c/").is_some());
}

#[test]
fn a_policy_is_sent_with_the_page_with_a_304_and_with_a_missing_page() {
    let site = Site::new(&[
        ("index.html", "<script>a()</script>"),
        ("404.html", "<script>b()</script>"),
        ("about/index.html", "<p>text</p>"),
        ("a.txt", "text"),
    ]);
    for fidelity in Fidelity::ALL {
        let not_found_handling = Some(NotFoundHandling::NearestPage);
        let compat = Some(Compat::Workers);
        let options = Options { fidelity, compat, not_found_handling, ..hashes() };
        let packed = site.pack_with(options);
        let memory = packed.table().to_memory().unwrap();
        let table = memory.table();
        let policy = |request: &Request<'_>| -> (u16, Option<String>) {
            let reply = table.respond(request).unwrap_or_else(|| table.not_found(request));
            let policy = reply.headers().get("Content-Security-Policy").map(str::to_owned);
            (reply.status(), policy)
        };
        let head = Request::new(Method::Head, "/");
        assert!(policy(&head).1.unwrap().contains(&hash("a()")));
        let (status, missing) = policy(&Request::new(Method::Get, "/nowhere"));
        assert_eq!(status, 404);
        assert!(missing.unwrap().contains(&hash("b()")), "the missing page has its own");
        let (status, redirect) = policy(&Request::new(Method::Get, "/about"));
        assert_eq!((status, redirect), (307, None));
        assert_eq!(policy(&Request::new(Method::Get, "/a.txt")), (200, None));
        let tag = tag(&table, "/");
        let known = Request { if_none_match: Some(&tag), ..Request::new(Method::Get, "/") };
        let (status, known) = policy(&known);
        assert_eq!((status, known.is_some()), (304, fidelity == Fidelity::Improved));
    }
}

/// Chromium does not update a stored policy by a 304.
#[test]
fn another_policy_makes_another_entity_tag() {
    let site = Site::new(&[("index.html", "<script>a()</script>"), ("a.txt", "text")]);
    let tags = |options: Options| {
        let memory = site.pack_with(options).table().to_memory().unwrap();
        [tag(&memory.table(), "/"), tag(&memory.table(), "/a.txt")]
    };
    let added = Options { csp_add: vec!["img-src 'self'".parse().unwrap()], ..hashes() };
    let [without, with, more] = [Options::default(), hashes(), added].map(tags);
    assert!(without[0] != with[0] && with[0] != more[0], "{without:?} {with:?} {more:?}");
    assert!(without[1] == with[1] && with[1] == more[1]);
}

fn tag(table: &Table<'_>, path: &str) -> String {
    get(table, path).headers().get("ETag").unwrap().to_owned()
}

#[test]
fn a_page_with_a_policy_of_its_own_gets_no_other() {
    for (own, has_other) in
        [("style-src 'self'", false), ("Default-Src *", false), ("upgrade-insecure-requests", true)]
    {
        let meta = format!("<meta http-equiv=content-security-policy content=\"{own}\">");
        let site = Site::new(&[("index.html", meta)]);
        assert_eq!(policy(&site.pack_with(hashes()), "/").is_some(), has_other, "{own}");
    }
}
