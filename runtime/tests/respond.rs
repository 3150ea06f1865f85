//! Requests answered from small tables.

use worker_pack_runtime::behaviour::Compat;
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
