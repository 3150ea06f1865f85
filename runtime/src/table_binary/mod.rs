//! The table as bytes, which are read in place: by the engine on a JavaScript host, and by `serve`.
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
//! 7. texts, which the records point into.
//!
//! It does not contain the bodies: a record says where they are stored. Loading a table checks its
//! head alone, and a lookup reads the records on its way alone, so that neither start-up nor memory
//! grows with the number of routes.

mod records;

use std::fmt;
use std::sync::Arc;

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::behaviour::Behaviour;
use crate::body::{Body, StorageKind, Stored};
use crate::coding::Coding;
use crate::etag::ETag;
use crate::header_rules::Changes;
use crate::representation::Representation;
use crate::rows::{Asset, HeaderOperation, Redirect};

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
}

/// A table in bytes.
#[derive(Clone, Copy)]
pub struct BinaryTable<'a> {
    assets: &'a [AssetRecord],
    representations: &'a [RepresentationRecord],
    header_rules: &'a [HeaderRuleRecord],
    header_operations: &'a [HeaderOperationRecord],
    static_redirects: &'a [RedirectRecord],
    dynamic_redirects: &'a [RedirectRecord],
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
    pub fn read(bytes: &'a [u8], modules: Modules<'a>) -> Result<Self, BinaryTableError> {
        let (header, rest) =
            FileHeader::ref_from_prefix(bytes).map_err(|_| BinaryTableError::Truncated)?;
        if header.magic != FileHeader::MAGIC {
            return Err(BinaryTableError::NotATable);
        }
        if header.version.get() != FileHeader::VERSION {
            return Err(BinaryTableError::OtherVersion(header.version.get()));
        }
        let (assets, rest) = records(rest, header.assets)?;
        let (representations, rest) = records(rest, header.representations)?;
        let (header_rules, rest) = records(rest, header.header_rules)?;
        let (header_operations, rest) = records(rest, header.header_operations)?;
        let (static_redirects, rest) = records(rest, header.static_redirects)?;
        let (dynamic_redirects, texts) = records(rest, header.dynamic_redirects)?;
        let behaviour = Behaviour::from_bytes(header.behaviour);
        Ok(Self {
            assets,
            representations,
            header_rules,
            header_operations,
            static_redirects,
            dynamic_redirects,
            behaviour,
            texts,
            modules,
        })
    }

    pub(crate) const fn behaviour(&self) -> Behaviour {
        self.behaviour
    }

    pub(crate) fn has_redirects(&self) -> bool {
        !self.static_redirects.is_empty() || !self.dynamic_redirects.is_empty()
    }

    pub(crate) fn static_redirect(&self, from: &str) -> Option<Redirect<'a>> {
        let from = from.as_bytes();
        let rules = self.static_redirects;
        let index = rules.binary_search_by(|rule| self.bytes(rule.from).cmp(from)).ok()?;
        self.redirect(rules.get(index)?)
    }

    pub(crate) fn dynamic_redirect(&self, index: usize) -> Option<Redirect<'a>> {
        self.redirect(self.dynamic_redirects.get(index)?)
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
        let path = path.as_bytes();
        let index = self.assets.binary_search_by(|asset| self.bytes(asset.path).cmp(path)).ok()?;
        self.asset_at(index)
    }

    pub(crate) fn asset_at(&self, index: usize) -> Option<Asset<'a>> {
        let record = self.assets.get(index)?;
        let own = span(self.representations, record.representation, record.representations)?;
        let (identity, encoded) = own.split_first()?;
        let asset = Asset::new(
            self.text(record.path)?,
            self.text(record.content_type)?,
            self.text(record.cache_control)?,
            self.representation(identity)?,
        )
        .with_link(self.text(record.link)?);
        // A representation in an unknown coding reads as absent, and the asset keeps the others.
        let encoded = encoded.iter().filter_map(|record| self.representation(record));
        Some(encoded.fold(asset, Asset::with_encoded))
    }

    pub(crate) fn apply_header_rules(&self, changes: &mut Changes<'a, '_>) {
        for rule in self.header_rules {
            let own = span(self.header_operations, rule.operation, rule.operations);
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
            _ => None,
        }
    }

    fn representation(&self, record: &RepresentationRecord) -> Option<Representation<'a>> {
        let coding = Coding::from_number(record.coding)?;
        let len = record.len.get();
        let stored = match StorageKind::from_number(record.storage)? {
            // A table cannot point into the memory of the program that reads it.
            StorageKind::Memory => return None,
            StorageKind::Module => self.in_module(record)?,
            StorageKind::StaticAsset => {
                Stored::StaticAsset { name: ETag::from_bytes(record.stored_etag), len }
            }
        };
        let body = match record.decoded_len.get() {
            RepresentationRecord::AS_STORED => Body::new(stored),
            len => Body::decoded(stored, len as usize),
        };
        Some(Representation::new(coding, ETag::from_bytes(record.etag), body))
    }

    fn in_module(&self, record: &RepresentationRecord) -> Option<Stored<'a>> {
        let (index, start, len) = (record.module.get(), record.start.get(), record.len.get());
        match self.modules {
            Modules::Host => Some(Stored::Module { index, start, len }),
            Modules::Held(modules) => {
                let bytes = span(modules.get(index as usize)?, record.start, record.len)?;
                Some(Stored::Memory(bytes))
            }
        }
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

fn records<T>(bytes: &[u8], count: U32) -> Result<(&[T], &[u8]), BinaryTableError>
where
    T: FromBytes + Immutable + KnownLayout + Unaligned,
{
    <[T]>::ref_from_prefix_with_elems(bytes, count.get() as usize)
        .map_err(|_| BinaryTableError::Truncated)
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
