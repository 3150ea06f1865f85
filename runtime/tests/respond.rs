//! Requests answered from small tables.

use worker_pack_runtime::behaviour::Compat;
use worker_pack_runtime::{Asset, Behaviour, ETag, Method, Representation, Request, Table};

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
fn malformed_paths_get_400_even_if_dot_segments_remove_them() {
    for path in ["/%zz", "/%zz/../lab/", "/%00/../lab/", "/%FF%00"] {
        assert_eq!(get(path, Behaviour::DEFAULT).0, 400, "{path}");
    }
    assert_eq!(get("/%2e%2e/./lab/", Behaviour::DEFAULT), (200, "/lab/index.html"));
    assert_eq!(get("/lab/%FF", Behaviour::DEFAULT), (404, "/404.html"));
}
