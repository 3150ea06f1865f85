//! A table to look at in this process, with its bodies in memory.

use std::sync::Arc;

use worker_pack_runtime::Table;
use worker_pack_runtime::packer::{BinaryTable, Modules};

use super::table_binary::render_with_bodies;
use crate::asset::blob::Blob;
use crate::feedback::error::PackError;
use crate::tabulate::AssetTable;

/// A table in the runtime's format, with its bodies in memory.
#[derive(Clone, Debug)]
pub struct MemoryTable {
    bytes: Vec<u8>,
    bodies: Vec<Arc<[u8]>>,
}

impl MemoryTable {
    /// Returns the table. The body of a reply is its bytes.
    pub fn table(&self) -> Table<'_> {
        let binary = BinaryTable::read(&self.bytes, Modules::Held(&self.bodies));
        Table::from_binary(binary.expect("it was rendered as a binary table"))
    }

    /// Returns the table in its binary format.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bodies.
    pub fn bodies(&self) -> &[Arc<[u8]>] {
        &self.bodies
    }
}

impl AssetTable {
    /// Returns the table in the runtime's format, with its bodies in memory.
    ///
    /// # Errors
    /// If a body cannot be read, because the site or the cache has changed.
    pub fn to_memory(&self) -> Result<MemoryTable, PackError> {
        let (bytes, blobs) = render_with_bodies(self);
        let bodies = blobs.into_iter().map(Blob::read).collect::<Result<_, _>>()?;
        Ok(MemoryTable { bytes, bodies })
    }
}
