//! Files that a packed Worker would never answer with.

use worker_pack_runtime::Table;
use worker_pack_runtime::packer::{BinaryTable, Modules};

use super::placement::Placement;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::output::routed::first_of_server;
use crate::project::wrangler::WranglerConfig;

/// Finds a file of a site without a server whose path belongs to a server. That may protect the file, so
/// the Worker must not send it in the server's place.
pub(super) fn find(placement: &Placement, config: &WranglerConfig) -> Option<Diagnostic> {
    let binary = BinaryTable::read(&placement.table, Modules::Host).ok()?;
    let table = Table::from_binary(binary);
    let first = first_of_server(&table)?.path();
    let message = format!(
        "`run_worker_first` gives `{first}` to the site's own Worker, which is not part of the build"
    );
    Some(Diagnostic::error(Code::WorkerWithoutServer, config.file_name(), message).with_help(
        "remove `run_worker_first` if the files need no protection, or pack for the target \
         `rust-worker` and answer these paths in Rust",
    ))
}
