//! Stage 5: writes the table as a Rust module, its bodies, and a manifest. The only stage that
//! writes.

mod content;
mod folder;
pub(crate) mod manifest;
mod rust_module;
pub(crate) mod table_binary;
pub(crate) mod worker;
mod written;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use worker_pack_runtime::Coding;

use crate::asset::blob::Blob;
use crate::feedback::error::PackError;
use crate::options::IdentityBodies;
use crate::tabulate::AssetTable;
use folder::{BODIES, OutputFolder};
pub(crate) use manifest::BodyFiles;
pub(crate) use worker::write::emit_worker;
pub(crate) use written::OutputFiles;

/// The name of the emitted module.
pub(crate) const MODULE: &str = "assets.rs";

/// The name of the emitted manifest.
pub(crate) const MANIFEST: &str = "manifest.json";

/// What was written into an output folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What an output folder has now.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) emitted: Emitted,
    pub(crate) files: OutputFiles,
}

/// Writes a table into a folder, of which `known` is what was written last.
///
/// The bodies come first, under names that are hashes, then the files that refer to them, which are
/// written beforehand and renamed one after the other; what an earlier output had and this one has
/// not goes last. So whoever reads `assets.rs` finds all that it includes, whenever the process
/// ends.
pub(crate) fn emit(
    table: &AssetTable,
    identity: IdentityBodies,
    out: &Path,
    known: &OutputFiles,
) -> Result<Output, PackError> {
    folder::refuse_foreign(out, &[(MODULE, rust_module::MARK), (MANIFEST, manifest::MARK)])?;
    let mut folder = OutputFolder::open(out)?;
    let bodies: Vec<(String, &Blob)> = table
        .kept_bodies(identity)
        .into_iter()
        .map(|(coding, blob)| (body_file_name(coding, blob), blob))
        .collect();
    folder.add_bodies(&bodies, known)?;
    let manifest = || manifest::render(table, BodyFiles::InFolder(identity));
    let module = || rust_module::render(table, identity);
    folder.put_together(&[(MANIFEST, &manifest), (MODULE, &module)])?;
    let emitted = folder.finish()?;
    let bodies = bodies.into_iter().map(|(name, _)| format!("{BODIES}/{name}"));
    let files = bodies.chain([MANIFEST, MODULE].map(str::to_owned));
    Ok(Output { emitted, files: OutputFiles::look(out, files) })
}

/// Returns the name of a body's file: its hash, with the coding as the extension.
fn body_file_name(coding: Coding, blob: &Blob) -> String {
    match coding {
        Coding::Identity => blob.hash().to_string(),
        coded => format!("{}.{coded}", blob.hash()),
    }
}
