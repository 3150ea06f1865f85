//! Files that a packed Worker would never answer with.

use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::resolve::page_path;
use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::{Answer, Method, Request, ServerReason, Table};

use super::placement::Placement;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::project::wrangler::WranglerConfig;
use crate::tabulate::{AssetEntry, AssetTable};

/// Finds a file of a site without a server whose path belongs to a server. That may protect the file, so
/// the Worker must not send it in the server's place.
pub(super) fn find(
    table: &AssetTable,
    placement: &Placement,
    config: &WranglerConfig,
) -> Option<Diagnostic> {
    let binary = BinaryTable::read(&placement.table, Modules::Host).ok()?;
    let routed = Table::from_binary(binary);
    let is_servers = |entry: &&AssetEntry| {
        let url = page_path(entry.route.as_str(), routed.behaviour());
        let path = encode(&url);
        let answer = routed.answer(&Request::new(Method::Get, &path));
        matches!(answer, Answer::Server { reason: ServerReason::Routing, .. })
    };
    let first = table.entries().iter().find(is_servers)?;
    let subject = config.path().file_name()?.to_string_lossy();
    let message = format!(
        "`run_worker_first` gives `{}` to the site's own Worker, which is not part of the build",
        first.route
    );
    Some(Diagnostic::error(Code::WorkerWithoutServer, subject, message).with_help(
        "remove `run_worker_first` if the files need no protection, or pack for the target \
         `rust-module` and answer these paths in Rust",
    ))
}
