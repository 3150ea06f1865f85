//! Damaged binary tables: they are read without a panic, and no body leaves its bounds.

use std::sync::Arc;

use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::request::RequestField;
use worker_pack_runtime::{Body, Method, Request, Stored, Table};

/// Maximum number of assets that are requested, and of bytes in their paths.
const MAX_ASSETS: usize = 16;
const MAX_PATH: usize = 256;

/// The bodies of a table that its program contains.
const LINKED: [&[u8]; 4] = [&[b'a'; 64], &[b'b'; 4096], b"", &[b'c'; 300]];

/// Reads a table, looks up its assets, and requests them.
pub(crate) fn table(data: &[u8]) {
    let held = LINKED.map(Arc::from);
    for modules in [Modules::Host, Modules::Linked(&LINKED), Modules::Held(&held)] {
        let Ok(binary) = BinaryTable::read(data, modules) else { continue };
        let table = Table::from_binary(binary);
        // A record has at least one byte, so the number says nothing that is not there.
        assert!(table.len() <= data.len());
        let mut paths: Vec<&str> = vec!["/", "/index.html", "/a/b", "/api/x", "//x", "/%2e%2e/a"];
        for asset in table.assets() {
            for representation in asset.encoded().chain([asset.identity()]) {
                check(&representation.body());
            }
            if paths.len() < MAX_ASSETS && asset.path().len() <= MAX_PATH {
                paths.push(asset.path());
            }
        }
        for path in paths {
            let _ = table.asset(path);
            request(&table, path);
        }
    }
}

fn request(table: &Table<'_>, path: &str) {
    for method in [Method::Get, Method::Head, Method::Options, Method::Other] {
        let mut request = Request::new(method, path);
        request.host = Some("a.example");
        for field in [
            None,
            Some((RequestField::AcceptEncoding, "gzip")),
            Some((RequestField::Range, "bytes=3-70")),
        ] {
            if let Some((field, value)) = field {
                request.set_field(field, value);
            }
            let _ = table.header_changes(&request, 200);
            let replies = [table.respond_to_server(&request), table.not_found(&request)];
            for reply in replies.iter().chain(&table.respond(&request)) {
                check(reply.body());
            }
        }
    }
}

/// Checks that a body lies within the place where it is stored.
fn check(body: &Body<'_>) {
    assert_eq!(body.range().len(), body.len());
    if body.decoded_len().is_none() {
        assert!(body.range().end <= body.stored().len());
        if let Stored::Memory(_) = body.stored() {
            assert!(body.bytes().is_some());
        }
    }
}
