//! Requests answered from small tables.

use worker_pack_runtime::behaviour::{Compat, NotFoundHandling};
use worker_pack_runtime::routing::OtherPaths;
use worker_pack_runtime::{
    Answer, Asset, Behaviour, ETag, Method, Representation, Request, Routing, Table,
};

const fn page(path: &'static str) -> Asset<'static> {
    let identity = Representation::identity(ETag::new(1), path.as_bytes());
    Asset::new(path, "text/html", "no-cache", identity)
}

static ASSETS: [Asset<'static>; 4] =
    [page("/404.html"), page("/index.html"), page("/lab/404.html"), page("/lab/index.html")];

/// Returns the status of the answer to a `GET`, and the path of the file that is sent.
fn get(path: &str, behaviour: Behaviour) -> (u16, &'static str) {
    let table = Table::new(&ASSETS).with_behaviour(behaviour);
    let request = Request::new(Method::Get, path);
    let reply = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
    let body = reply.body().bytes().and_then(|body| std::str::from_utf8(body).ok());
    (reply.status(), body.and_then(|body| body.lines().next()).unwrap_or_default())
}

#[test]
fn paths_with_repeated_slashes_get_the_nearest_404_page() {
    for compat in Compat::ALL {
        let behaviour = Behaviour { compat, ..Behaviour::DEFAULT };
        for path in ["/lab/nowhere", "/lab//nowhere"] {
            assert_eq!(get(path, behaviour), (404, "/lab/404.html"), "{path} {compat}");
        }
    }
    assert_eq!(get("//lab///nowhere", Behaviour::DEFAULT), (404, "/lab/404.html"));
}

#[test]
fn malformed_paths_get_400() {
    for path in ["/%zz", "/lab/%zz", "/%00", "/%FF%00", "lab", ""] {
        assert_eq!(get(path, Behaviour::DEFAULT).0, 400, "{path}");
    }
    assert_eq!(get("/lab/%FF", Behaviour::DEFAULT), (404, "/404.html"));
}

/// URL Standard, path state: a dot segment removes the one before it, whatever that contains.
#[test]
fn dot_segments_are_removed_before_anything_else() {
    for path in ["/%2e%2e/./lab/", "/%zz/../lab/", "/%00/../lab/", "\\x\\..\\lab\\"] {
        assert_eq!(get(path, Behaviour::DEFAULT), (200, "/lab/index.html"), "{path}");
    }
}

#[test]
fn paths_of_the_server_are_left_to_it_in_every_spelling() {
    let routing = Routing { server: &["/lab/*"], except: &["/lab/404*"], ..Routing::ASSETS_FIRST };
    let table = Table::new(&ASSETS).with_routing(routing);
    for path in ["/lab/", "/x/../lab/", "/%6cab/", "/lab%2f", "//lab/", "/lab/%zz", "\\lab\\"] {
        let request = Request::new(Method::Get, path);
        assert!(table.respond(&request).is_none(), "{path}");
        let Answer::Server { path: read, .. } = table.answer(&request) else { unreachable!() };
        assert!(!read.contains(['\\', '.']), "{read}");
    }
    let reply = |path| table.respond_to_server(&Request::new(Method::Get, path));
    assert_eq!(reply("/lab/").body().bytes(), Some(b"/lab/index.html".as_slice()));
    assert_eq!(reply("/lab/x").status(), 404);
    assert_eq!(table.respond(&Request::new(Method::Get, "/lab/404")).unwrap().status(), 200);
}

#[test]
fn assets_alone_answer_the_paths_that_the_routing_gives_them() {
    let routing = Routing { server: &["/api/*"], except: &[], others: OtherPaths::Assets };
    let table = Table::new(&ASSETS).with_routing(routing);
    let status = |path| table.respond(&Request::new(Method::Get, path)).map(|it| it.status());
    assert_eq!([status("/api/x"), status("/x"), status("/lab/")], [None, Some(404), Some(200)]);
}

#[test]
fn the_fallback_answers_the_requests_that_the_routing_gives_it() {
    let routing = |others| Routing { server: &["/api/*"], except: &["/api/lab/*"], others };
    let status = |others, path, sec_fetch_mode| {
        let table = Table::new(&ASSETS).with_routing(routing(others));
        let request = Request { sec_fetch_mode, ..Request::new(Method::Get, path) };
        table.respond(&request).map(|reply| reply.status())
    };
    for mode in [None, Some("cors"), Some("navigate"), Some("Navigate")] {
        let is_navigation = mode == Some("navigate");
        let with_page = |others, path| status(others, path, mode);
        let navigations = OtherPaths::AssetsForNavigations;
        assert_eq!(with_page(navigations, "/nowhere"), is_navigation.then_some(404), "{mode:?}");
        assert_eq!(with_page(navigations, "/api/lab/x"), is_navigation.then_some(404), "{mode:?}");
        let all = OtherPaths::AssetsWithFallback;
        assert_eq!(with_page(all, "/nowhere"), Some(404), "{mode:?}");
        assert_eq!(with_page(all, "/api/lab/x"), Some(404), "{mode:?}");
        for others in [navigations, all] {
            assert_eq!(with_page(others, "/api/x"), None, "{mode:?}");
            assert_eq!(with_page(others, "/lab/"), Some(200), "{mode:?}");
            // Without a fallback the server is asked, except for the exceptions.
            let none =
                Behaviour { not_found_handling: NotFoundHandling::None, ..Behaviour::DEFAULT };
            let table = Table::new(&ASSETS).with_routing(routing(others)).with_behaviour(none);
            let request = Request { sec_fetch_mode: mode, ..Request::new(Method::Get, "/nowhere") };
            assert!(table.respond(&request).is_none());
            let exception = table.respond(&Request { path: "/api/lab/x", ..request });
            assert_eq!(exception.is_some(), others == all);
        }
    }
}

/// RFC 9110 §15.5.15. The limit is that of Cloudflare.
#[test]
fn urls_of_more_than_16_kib_get_414() {
    let table = Table::new(&ASSETS);
    let path = format!("/{}", "a".repeat(16_383));
    let request = Request::new(Method::Get, &path);
    assert!(table.respond(&request).is_none());
    let of_long_host = Request { host: Some("b"), ..request };
    assert_eq!(table.respond(&of_long_host).unwrap().status(), 414);
    let longer = Request { query: Some("b"), ..request };
    assert_eq!(table.respond(&longer).unwrap().status(), 414);
    assert_eq!(table.not_found(&longer).status(), 414);
    assert!(table.respond(&Request { method: Method::Head, ..longer }).unwrap().body().is_empty());
}
