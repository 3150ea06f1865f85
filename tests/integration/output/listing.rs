// Text that shows everything in a table. Programs that tests compile include it, too.

use std::fmt::Write as _;

use worker_pack_runtime::{Method, Request, Table};

/// Lists the assets of a table with their bodies, and its replies to some requests.
pub(crate) fn listing(table: &Table<'_>) -> String {
    let mut text = format!("{:?}\n", table.behaviour());
    for asset in table.assets() {
        let (path, kind, policy) = (asset.path(), asset.content_type(), asset.cache_control());
        let _ = writeln!(text, "{path:?} {kind} {policy} {:?}", asset.link());
        for one in asset.encoded().chain([asset.identity()]) {
            let body = one.body();
            let stored = (body.bytes(), body.decoded_len());
            let _ = writeln!(text, "  {} {} {stored:?}", one.coding(), one.etag());
        }
    }
    for path in ["/", "/text.txt", "/old", "/blog/7", "/rewritten", "/missing"] {
        for accept_encoding in [None, Some("br"), Some("gzip")] {
            let request = Request { accept_encoding, ..Request::new(Method::Get, path) };
            let reply = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
            let fields: Vec<_> = reply.headers().iter().collect();
            let _ =
                writeln!(text, "{path} {} {fields:?} {:?}", reply.status(), reply.body().bytes());
        }
    }
    text
}
