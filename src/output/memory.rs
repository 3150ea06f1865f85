//! The target [`Target::Memory`](super::Target::Memory): a table to answer requests from in this
//! process.

use std::collections::BTreeMap;
use std::sync::Arc;

use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::{Coding, Stored, Table};

use super::table_binary::{len_u32, render};
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::feedback::error::PackError;
use crate::options::Identity;
use crate::tabulate::AssetTable;

/// A table in the runtime's format, with its bodies in memory.
#[derive(Clone, Debug)]
pub struct MemoryTable {
    bytes: Vec<u8>,
    bodies: Vec<Arc<[u8]>>,
    /// The hashes of the bodies, in their order.
    hashes: Vec<ContentHash>,
}

impl MemoryTable {
    /// Reads the bodies of a table. Those of an earlier table are shared and not read again.
    pub(crate) fn new(table: &AssetTable, earlier: Option<&Self>) -> Result<Self, PackError> {
        let bodies = table.bodies();
        let indices: BTreeMap<ContentHash, u32> =
            bodies.iter().zip(0..).map(|((_, blob), index)| (blob.hash(), index)).collect();
        let bytes = render(table, Identity::Stored, |blob| {
            let index = indices[&blob.hash()];
            Stored::Module { index, start: 0, len: len_u32(blob.len()) }
        });
        let known: BTreeMap<ContentHash, &Arc<[u8]>> = earlier
            .map(|it| it.hashes.iter().copied().zip(&it.bodies).collect())
            .unwrap_or_default();
        let hashes = bodies.iter().map(|(_, blob)| blob.hash()).collect();
        let read = |(_, blob): (Coding, &Blob)| match known.get(&blob.hash()) {
            Some(bytes) => Ok(Arc::clone(bytes)),
            None => blob.read(),
        };
        let bodies = bodies.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { bytes, bodies, hashes })
    }

    /// Returns the table. The body of a reply is then its bytes.
    pub fn table(&self) -> Table<'_> {
        self.read(Modules::Held(&self.bodies))
    }

    /// Returns the table for a host that stores the bodies itself. The body of a reply is then an
    /// index into [`MemoryTable::bodies`] and a range of that body.
    pub fn host_table(&self) -> Table<'_> {
        self.read(Modules::Host)
    }

    /// Returns the table in its binary format.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bodies.
    pub fn bodies(&self) -> &[Arc<[u8]>] {
        &self.bodies
    }

    fn read<'t>(&'t self, modules: Modules<'t>) -> Table<'t> {
        let binary = BinaryTable::read(&self.bytes, modules);
        Table::from_binary(binary.expect("it was rendered as a binary table"))
    }
}

impl AssetTable {
    /// Returns the table in the runtime's format, with its bodies in memory.
    ///
    /// # Errors
    /// If a body cannot be read, because the site or the cache has changed.
    pub fn to_memory(&self) -> Result<MemoryTable, PackError> {
        MemoryTable::new(self, None)
    }
}
