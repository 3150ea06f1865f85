//! Header rules, applied to the replies of a table and to the responses of a Worker's own code.

use std::borrow::Cow;

use worker_pack_runtime::behaviour::{Compat, Fidelity};
use worker_pack_runtime::request::Authorization;
use worker_pack_runtime::{
    Asset, Behaviour, ETag, HeaderChange, HeaderOperation, HeaderRule, Method, Reply,
    Representation, Request, Table,
};

static ASSETS: [Asset<'static>; 1] =
    [Asset::new("/a.html", "text/html", "no-cache", Representation::identity(ETag::new(1), b"a"))
        .with_link("</a.css>; rel=preload")
        .with_encoded(Representation::brotli(ETag::new(2), b"br"))];

static RULES: [HeaderRule<'static>; 2] = [
    HeaderRule::new(
        "/*",
        &[
            HeaderOperation::Remove("vary"),
            HeaderOperation::Set("cache-control", "max-age=60"),
            HeaderOperation::Set("link", "</b.css>; rel=preload"),
        ],
    ),
    HeaderRule::new("/:page", &[HeaderOperation::Set("vary", "Cookie")]),
];

fn table(fidelity: Fidelity) -> Table<'static> {
    let behaviour = Behaviour { fidelity, ..Behaviour::DEFAULT };
    Table::new(&ASSETS).with_header_rules(&RULES).with_behaviour(behaviour)
}

fn answer(table: &Table<'static>, path: &str) -> Reply<'static> {
    let request = Request::new(Method::Get, path);
    table.respond(&request).unwrap_or_else(|| table.not_found(&request))
}

#[test]
fn rules_add_to_vary_and_link_of_an_asset() {
    let reply = answer(&table(Fidelity::Improved), "/a");
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers().get("vary"), Some("Accept-Encoding, Cookie"));
    assert_eq!(reply.headers().get("link"), Some("</a.css>; rel=preload, </b.css>; rel=preload"));
    assert_eq!(reply.headers().get("cache-control"), Some("max-age=60"));
}

#[test]
fn errors_keep_their_cache_policy() {
    let reply = answer(&table(Fidelity::Improved), "/b");
    assert_eq!(reply.status(), 404);
    assert_eq!(reply.headers().get("cache-control"), Some("no-store"));
}

#[test]
fn strict_rules_replace_every_field() {
    let reply = answer(&table(Fidelity::Strict), "/a");
    assert_eq!(reply.headers().get("link"), Some("</b.css>; rel=preload"));
    assert_eq!(answer(&table(Fidelity::Strict), "/b").headers().get("vary"), Some("Cookie"));
}

#[test]
fn strict_404s_of_pages_are_never_stored() {
    let behaviour =
        Behaviour { compat: Compat::Pages, fidelity: Fidelity::Strict, ..Behaviour::DEFAULT };
    let reply = answer(&table(Fidelity::Strict).with_behaviour(behaviour), "/b");
    assert_eq!((reply.status(), reply.headers().get("cache-control")), (404, Some("no-store")));
}

#[test]
fn server_responses_get_the_same_changes_as_assets() {
    let changes =
        |status| table(Fidelity::Improved).header_changes(&Request::new(Method::Get, "/b"), status);
    let link = HeaderChange::Append("link", Cow::Borrowed("</b.css>; rel=preload"));
    let vary = HeaderChange::Append("vary", Cow::Borrowed("Cookie"));
    let policy = HeaderChange::Set("cache-control", Cow::Borrowed("max-age=60"));
    assert_eq!(changes(200), [policy, link.clone(), vary.clone()]);
    assert_eq!(changes(404), [link, vary]);
}

/// RFC 9110 §5.3: each line is a cookie of its own.
#[test]
fn server_responses_keep_their_cookies() {
    static COOKIES: [HeaderRule<'static>; 2] = [
        HeaderRule::new("/*", &[HeaderOperation::Set("Set-Cookie", "a=1")]),
        HeaderRule::new("/b", &[HeaderOperation::Set("set-cookie", "b=2")]),
    ];
    for fidelity in [Fidelity::Improved, Fidelity::Strict] {
        let behaviour = Behaviour { fidelity, ..Behaviour::DEFAULT };
        let table = Table::new(&[]).with_header_rules(&COOKIES).with_behaviour(behaviour);
        let added = |name, value| HeaderChange::Append(name, Cow::Borrowed(value));
        assert_eq!(
            table.header_changes(&Request::new(Method::Get, "/b"), 200),
            [added("Set-Cookie", "a=1"), added("set-cookie", "b=2")]
        );
    }
}

/// RFC 9111 §3.5: a cache must not give the response to an authorized request to others.
#[test]
fn defaults_are_for_responses_of_the_server_that_a_cache_may_store() {
    static POLICIES: [HeaderRule<'static>; 3] = [
        HeaderRule::new("/*", &[HeaderOperation::Default("cache-control", "max-age=1")]),
        HeaderRule::new("/a*", &[HeaderOperation::Default("cache-control", "max-age=2")]),
        HeaderRule::new("/*", &[HeaderOperation::Set("x-a", "b")]),
    ];
    for fidelity in [Fidelity::Improved, Fidelity::Strict] {
        let behaviour = Behaviour { fidelity, ..Behaviour::DEFAULT };
        let table = Table::new(&ASSETS).with_header_rules(&POLICIES).with_behaviour(behaviour);
        let set = HeaderChange::Set("x-a", Cow::Borrowed("b"));
        let default = |value| HeaderChange::Default("cache-control", value);
        let get = |path| Request::new(Method::Get, path);
        for (request, status, expected) in [
            (get("/b"), 200, vec![set.clone(), default("max-age=1")]),
            (get("/api"), 304, vec![set.clone(), default("max-age=2")]),
            (Request::new(Method::Head, "/api"), 200, vec![set.clone(), default("max-age=2")]),
            (Request::new(Method::Other, "/api"), 200, vec![set.clone()]),
            (
                Request { authorization: Authorization::Given, ..get("/api") },
                200,
                vec![set.clone()],
            ),
            (get("/api"), 404, vec![set.clone()]),
        ] {
            assert_eq!(table.header_changes(&request, status), expected, "{request:?} {status}");
        }
        let reply = answer(&table, "/a.html");
        assert_ne!(reply.headers().get("cache-control"), Some("max-age=2"), "has its own");
    }
}

/// RFC 3986 §3.2.2.
#[test]
fn hosts_of_requests_have_no_case() {
    static OF_HOST: [HeaderRule<'static>; 1] = [HeaderRule::new(
        "https://a.example/*",
        &[HeaderOperation::Set("x-robots-tag", "noindex")],
    )];
    let table = Table::new(&ASSETS).with_header_rules(&OF_HOST);
    for host in ["a.example", "A.Example"] {
        let request = Request { host: Some(host), ..Request::new(Method::Get, "/a") };
        let reply = table.respond(&request).unwrap();
        assert_eq!(reply.headers().get("x-robots-tag"), Some("noindex"), "{host}");
    }
}
