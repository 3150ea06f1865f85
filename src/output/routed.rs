//! Assets whose paths belong to the site's server, by the rules of routing.

use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::resolve::page_path;
use worker_pack_runtime::{Answer, Asset, Method, Request, ServerReason, Table};

/// Finds the first asset of a table that is left to the server.
pub(crate) fn first_of_server<'t>(table: &Table<'t>) -> Option<Asset<'t>> {
    table.assets().find(|asset| {
        let url = page_path(asset.path(), table.behaviour());
        let path = encode(&url);
        let answer = table.answer(&Request::new(Method::Get, &path));
        matches!(answer, Answer::Server { reason: ServerReason::Routing, .. })
    })
}
