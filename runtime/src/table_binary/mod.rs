//! The table as bytes, which are read in place: by an emitted module, by the engine on a JavaScript
//! host, and by `serve`.
//!
//! A binary table is, in this order and without padding, with all numbers little-endian:
//!
//! 1. a [`FileHeader`],
//! 2. an [`AssetRecord`] for each asset, sorted by path, byte by byte,
//! 3. a [`RepresentationRecord`] for each representation, grouped by asset,
//! 4. a [`HeaderRuleRecord`] for each rule, in order,
//! 5. a [`HeaderOperationRecord`] for each operation, grouped by rule,
//! 6. a [`RedirectRecord`] for each redirect: the static ones, sorted by pattern, byte by byte, and the
//!    dynamic ones in order,
//! 7. a [`TextRecord`] for each pattern of paths that the server answers, then for each exception,
//! 8. texts, which the records point into.
//!
//! It does not contain the bodies: a record says where they are stored. Loading a table checks its
//! head alone, and a lookup reads the records on its way alone, so that neither start-up nor memory
//! grows with the number of routes.

mod array;
mod records;

use std::fmt;
use std::sync::Arc;

use zerocopy::little_endian::U32;

use crate::behaviour::Behaviour;
use crate::body::{Body, StorageKind, Stored};
use crate::coding::Coding;
use crate::etag::ETag;
use crate::header_rules::Changes;
use crate::path::RequestPath;
use crate::representation::Representation;
use crate::routing::{self, Answerer, OtherPaths};
use crate::rows::{Asset, HeaderOperation, Redirect};
use array::{ArrayReader, RecordArray};

pub use records::{
    AssetRecord, FileHeader, HeaderOperationRecord, HeaderRuleRecord, RedirectRecord,
    RepresentationRecord, TextRecord,
};

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

/// A table in bytes.
#[derive(Clone, Copy)]
pub struct BinaryTable<'a> {
    assets: RecordArray<'a, AssetRecord>,
    representations: RecordArray<'a, RepresentationRecord>,
    header_rules: RecordArray<'a, HeaderRuleRecord>,
    header_operations: RecordArray<'a, HeaderOperationRecord>,
    static_redirects: RecordArray<'a, RedirectRecord>,
    dynamic_redirects: RecordArray<'a, RedirectRecord>,
    server_paths: RecordArray<'a, TextRecord>,
    excepted_paths: RecordArray<'a, TextRecord>,
    other_paths: OtherPaths,
    behaviour: Behaviour,
    texts: &'a [u8],
    modules: Modules<'a>,
}

impl<'a> BinaryTable<'a> {
    /// Reads a table in place.
    ///
    /// Records are validated lazily: an invalid one reads as absent.
    ///
    /// # Errors
    /// If the bytes are not a table, incomplete, or of another version.
    pub const fn read(bytes: &'a [u8], modules: Modules<'a>) -> Result<Self, BinaryTableError> {
        let Some((header, rest)) = bytes.split_first_chunk::<{ size_of::<FileHeader>() }>() else {
            return Err(BinaryTableError::Truncated);
        };
        let header: FileHeader = zerocopy::transmute!(*header);
        // A `const fn` cannot compare arrays.
        if u32::from_le_bytes(header.magic) != u32::from_le_bytes(FileHeader::MAGIC) {
            return Err(BinaryTableError::NotATable);
        }
        if header.version.get() != FileHeader::VERSION {
            return Err(BinaryTableError::OtherVersion(header.version.get()));
        }
        let mut reader = ArrayReader::new(rest);
        let table = Self {
            assets: reader.records(header.assets),
            representations: reader.records(header.representations),
            header_rules: reader.records(header.header_rules),
            header_operations: reader.records(header.header_operations),
            static_redirects: reader.records(header.static_redirects),
            dynamic_redirects: reader.records(header.dynamic_redirects),
            server_paths: reader.records(header.server_paths),
            excepted_paths: reader.records(header.excepted_paths),
            other_paths: OtherPaths::from_number(header.other_paths.get()),
            behaviour: Behaviour::from_bytes(header.behaviour),
            texts: reader.rest,
            modules,
        };
        if reader.is_truncated { Err(BinaryTableError::Truncated) } else { Ok(table) }
    }

    /// Returns whether another table is read from the same bytes.
    #[cfg(feature = "worker")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.texts, other.texts)
    }

    pub(crate) const fn behaviour(&self) -> Behaviour {
        self.behaviour
    }

    /// Returns who answers a path.
    pub(crate) fn answerer(&self, path: &RequestPath<'_>) -> Answerer {
        let texts = |records: &RecordArray<'a, TextRecord>| {
            records.slice().iter().filter_map(|record| self.text(*record))
        };
        let (server, except) = (|| texts(&self.server_paths), || texts(&self.excepted_paths));
        routing::answerer(path, server, except, self.other_paths)
    }

    pub(crate) fn has_redirects(&self) -> bool {
        self.static_redirects.len() + self.dynamic_redirects.len() > 0
    }

    pub(crate) fn static_redirect(&self, from: &str) -> Option<Redirect<'a>> {
        let from = from.as_bytes();
        let rules = self.static_redirects.slice();
        let index = rules.binary_search_by(|rule| self.bytes(rule.from).cmp(from)).ok()?;
        self.redirect(rules.get(index)?)
    }

    pub(crate) fn dynamic_redirect(&self, index: usize) -> Option<Redirect<'a>> {
        self.redirect(self.dynamic_redirects.slice().get(index)?)
    }

    fn redirect(&self, record: &RedirectRecord) -> Option<Redirect<'a>> {
        let status = u16::try_from(record.status.get()).ok()?;
        let (from, to) = (self.text(record.from)?, self.text(record.to)?);
        Some(Redirect::new(from, to, status, record.line.get()))
    }

    pub(crate) fn len(&self) -> usize {
        self.assets.len()
    }

    pub(crate) fn asset(&self, path: &str) -> Option<Asset<'a>> {
        let (path, assets) = (path.as_bytes(), self.assets.slice());
        let index = assets.binary_search_by(|asset| self.bytes(asset.path).cmp(path)).ok()?;
        self.asset_at(index)
    }

    pub(crate) fn asset_at(&self, index: usize) -> Option<Asset<'a>> {
        let record = self.assets.slice().get(index)?;
        let all = self.representations.slice();
        let own = span(all, record.representation, record.representations)?;
        let (identity, others) = own.split_first()?;
        let mut encoded = [None; Coding::ENCODED.len()];
        // A representation in an unknown coding reads as absent, and the asset keeps the others.
        for other in others.iter().filter_map(|record| self.representation(record)) {
            let place = Coding::ENCODED.iter().position(|coding| *coding == other.coding());
            if let Some(place) = place {
                encoded[place] = Some(other);
            }
        }
        Some(Asset {
            path: self.text(record.path)?,
            content_type: self.text(record.content_type)?,
            cache_control: self.text(record.cache_control)?,
            link: self.text(record.link)?,
            identity: self.representation(identity)?,
            encoded,
        })
    }

    pub(crate) fn apply_header_rules(&self, changes: &mut Changes<'a, '_>) {
        let all = self.header_operations.slice();
        for rule in self.header_rules.slice() {
            let own = span(all, rule.operation, rule.operations);
            let operations = own.unwrap_or_default().iter();
            if let Some(pattern) = self.text(rule.pattern) {
                changes.apply(pattern, operations.filter_map(|record| self.operation(record)));
            }
        }
    }

    fn operation(&self, record: &HeaderOperationRecord) -> Option<HeaderOperation<'a>> {
        let name = self.text(record.name)?;
        match record.kind.get() {
            HeaderOperationRecord::REMOVE => Some(HeaderOperation::Remove(name)),
            HeaderOperationRecord::SET => {
                Some(HeaderOperation::Set(name, self.text(record.value)?))
            }
            HeaderOperationRecord::DEFAULT => {
                Some(HeaderOperation::Default(name, self.text(record.value)?))
            }
            _ => None,
        }
    }

    fn representation(&self, record: &RepresentationRecord) -> Option<Representation<'a>> {
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

    fn bytes(&self, text: TextRecord) -> &'a [u8] {
        span(self.texts, text.start, text.len).unwrap_or_default()
    }

    fn text(&self, text: TextRecord) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(text)).ok()
    }
}

impl fmt::Debug for BinaryTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BinaryTable({} assets)", self.len())
    }
}

/// Returns a part of a slice, if the part lies within it.
fn span<T>(slice: &[T], start: U32, len: U32) -> Option<&[T]> {
    // The sum of damaged numbers may overflow a `usize` of 32 bits.
    let start = start.get() as usize;
    slice.get(start..start.checked_add(len.get() as usize)?)
}

/// A reason why bytes cannot be read as a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryTableError {
    /// The mark of a table is missing.
    NotATable,
    /// The format has this other version: packer and engine do not match.
    OtherVersion(u32),
    /// There are fewer bytes than the head says.
    Truncated,
}

impl fmt::Display for BinaryTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATable => f.write_str("not a table of worker-pack"),
            Self::OtherVersion(version) => {
                let own = FileHeader::VERSION;
                write!(f, "the table has version {version}, but version {own} is expected")
            }
            Self::Truncated => f.write_str("the table is incomplete"),
        }
    }
}

impl std::error::Error for BinaryTableError {}
