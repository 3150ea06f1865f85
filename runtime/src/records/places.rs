//! The places that records point into.

use std::sync::Arc;

use zerocopy::little_endian::U32;

use super::{RepresentationRecord, TextRecord};
use crate::body::{Body, StorageKind, Stored};
use crate::coding::Coding;
use crate::etag::ETag;
use crate::representation::Representation;

/// The owner of the modules that contain a table's bodies.
#[derive(Clone, Copy, Debug)]
pub enum Modules<'a> {
    /// The host: bodies are described by their place.
    Host,
    /// This process: bodies are bytes.
    Held(&'a [Arc<[u8]>]),
    /// The program that contains the table: bodies are bytes.
    Linked(&'a [&'a [u8]]),
}

/// The texts of a table, and the modules that contain its bodies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'a> {
    pub(crate) texts: &'a [u8],
    pub(crate) modules: Modules<'a>,
}

impl<'a> Places<'a> {
    /// Reads a representation, unless its coding or its place is unknown.
    pub(crate) fn representation(
        &self,
        record: &RepresentationRecord,
    ) -> Option<Representation<'a>> {
        let coding = Coding::from_number(record.coding)?;
        let len = record.len.get();
        let name = ETag::from_bytes(record.stored_etag);
        let stored = match StorageKind::from_number(record.storage)? {
            // A table cannot point into the memory of the program that reads it.
            StorageKind::Memory => return None,
            StorageKind::Module => self.in_module(record)?,
            StorageKind::StaticAsset => Stored::StaticAsset { name, len },
            StorageKind::R2Object => Stored::R2Object { name, len },
        };
        let body = match record.decoded_len.get() {
            RepresentationRecord::AS_STORED => Body::new(stored),
            len => Body::decoded(stored, len as usize),
        };
        Some(Representation::new(coding, ETag::from_bytes(record.etag), body))
    }

    fn in_module(&self, record: &RepresentationRecord) -> Option<Stored<'a>> {
        let (index, start, len) = (record.module.get(), record.start.get(), record.len.get());
        let module = match self.modules {
            Modules::Host => return Some(Stored::Module { index, start, len }),
            Modules::Held(modules) => &**modules.get(index as usize)?,
            Modules::Linked(modules) => modules.get(index as usize)?,
        };
        Some(Stored::Memory(span(module, record.start, record.len)?))
    }

    /// Returns the bytes of a text.
    pub(crate) fn bytes(&self, text: TextRecord) -> &'a [u8] {
        span(self.texts, text.start, text.len).unwrap_or_default()
    }

    /// Reads a text.
    pub(crate) fn text(&self, text: TextRecord) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(text)).ok()
    }
}

/// Returns a part of a slice, if the part lies within it.
pub(crate) fn span<T>(slice: &[T], start: U32, len: U32) -> Option<&[T]> {
    // The sum of damaged numbers may overflow a `usize` of 32 bits.
    let start = start.get() as usize;
    slice.get(start..start.checked_add(len.get() as usize)?)
}
