//! Stage 5: writes the table as a Rust module, its bodies, and a manifest. The only stage that
//! writes.

mod folder;
pub(crate) mod manifest;
mod rust_module;
mod worker;

use std::path::{Path, PathBuf};

use serde::Serialize;
use worker_pack_runtime::Encoding;

use crate::digest::Blob;
use crate::error::PackError;
use crate::options::IdentityBodies;
use crate::tabulate::AssetTable;
use folder::OutputFolder;
pub(crate) use manifest::BodyFiles;
pub(crate) use worker::emit_worker;

/// The name of the emitted module.
pub(crate) const MODULE: &str = "assets.rs";

/// The name of the emitted manifest.
pub(crate) const MANIFEST: &str = "manifest.json";

/// What was written into an output folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Emitted {
    /// The folder.
    pub folder: PathBuf,
    /// How many files were new or had other bytes.
    pub written: usize,
    /// How many files were there already and were not touched.
    pub unchanged: usize,
    /// How many files of an earlier output were removed.
    pub removed: usize,
}

/// Writes a table into a folder.
///
/// The bodies come first, under names that are hashes, then the files that refer to them, which are
/// written beforehand and renamed one after the other; what an earlier output had and this one has
/// not goes last. So whoever reads `assets.rs` finds all that it includes, whenever the process
/// ends.
pub(crate) fn emit(
    table: &AssetTable,
    identity: IdentityBodies,
    out: &Path,
) -> Result<Emitted, PackError> {
    let module = rust_module::render(table, identity);
    let manifest = manifest::render(table, BodyFiles::InFolder(identity));

    folder::refuse_foreign(out, &[(MODULE, rust_module::MARK), (MANIFEST, manifest::MARK)])?;
    let mut folder = OutputFolder::open(out)?;
    for (encoding, blob) in &table.kept_bodies(identity) {
        folder.add_body(&body_file_name(*encoding, blob), blob.bytes())?;
    }
    folder.put_together(&[(MANIFEST, manifest.as_bytes()), (MODULE, module.as_bytes())])?;
    folder.finish()
}

/// Returns the name of a body's file: its hash, with the coding as the extension.
fn body_file_name(encoding: Encoding, blob: &Blob) -> String {
    match encoding {
        Encoding::Identity => blob.hash().to_string(),
        coded => format!("{}.{coded}", blob.hash()),
    }
}
