//! The table as bytes, which are read in place: by an emitted module, by the engine on a JavaScript
//! host, and by `serve`.
//!
//! A binary table is, in this order and without padding, with all numbers little-endian:
//!
//! 1. a [`FileHeader`],
//! 2. an [`AssetRecord`] for each asset, sorted by path, byte by byte,
//! 3. a [`RepresentationRecord`] for each representation, grouped by asset,
//! 4. a [`VariantRecord`] for each variant, grouped by asset,
//! 5. a [`HeaderRuleRecord`] for each rule, in order,
//! 6. a [`HeaderOperationRecord`] for each operation, grouped by rule,
//! 7. a [`RedirectRecord`] for each redirect: the static ones, sorted by pattern, byte by byte, and the
//!    dynamic ones in order,
//! 8. a [`TextRecord`] for each pattern of paths that the server answers, then for each exception,
//! 9. texts, which the records point into.
//!
//! It does not contain the bodies: a record says where they are stored. Loading a table checks its
//! head alone, and a lookup reads the records on its way alone, so that neither start-up nor memory
//! grows with the number of routes.

mod array;

use std::fmt;

use crate::behaviour::Behaviour;
use crate::coding::Coding;
use crate::header_rules::Changes;
use crate::path::RequestPath;
use crate::records::{
    AssetRecord, FileHeader, HeaderOperationRecord, HeaderRuleRecord, Modules, Places,
    RecordedVariants, RedirectRecord, RepresentationRecord, TextRecord, VariantRecord, span,
};
use crate::routing::{self, Answerer, OtherPaths};
use crate::rows::{Asset, HeaderOperation, Redirect};
use crate::variants::Variants;
use array::{ArrayReader, RecordArray};

/// A table in bytes.
#[derive(Clone, Copy)]
pub struct BinaryTable<'a> {
    assets: RecordArray<'a, AssetRecord>,
    representations: RecordArray<'a, RepresentationRecord>,
    variants: RecordArray<'a, VariantRecord>,
    header_rules: RecordArray<'a, HeaderRuleRecord>,
    header_operations: RecordArray<'a, HeaderOperationRecord>,
    static_redirects: RecordArray<'a, RedirectRecord>,
    dynamic_redirects: RecordArray<'a, RedirectRecord>,
    server_paths: RecordArray<'a, TextRecord>,
    excepted_paths: RecordArray<'a, TextRecord>,
    other_paths: OtherPaths,
    behaviour: Behaviour,
    places: Places<'a>,
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
            variants: reader.records(header.variants),
            header_rules: reader.records(header.header_rules),
            header_operations: reader.records(header.header_operations),
            static_redirects: reader.records(header.static_redirects),
            dynamic_redirects: reader.records(header.dynamic_redirects),
            server_paths: reader.records(header.server_paths),
            excepted_paths: reader.records(header.excepted_paths),
            other_paths: OtherPaths::from_number(header.other_paths.get()),
            behaviour: Behaviour::from_bytes(header.behaviour),
            places: Places { texts: reader.rest, modules },
        };
        if reader.is_truncated { Err(BinaryTableError::Truncated) } else { Ok(table) }
    }

    /// Returns whether another table is read from the same bytes.
    #[cfg(feature = "worker")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.places.texts, other.places.texts)
    }

    pub(crate) const fn behaviour(&self) -> Behaviour {
        self.behaviour
    }

    /// Returns who answers a path.
    pub(crate) fn answerer(&self, path: &RequestPath<'_>) -> Answerer {
        let texts = |records: &RecordArray<'a, TextRecord>| {
            records.slice().iter().filter_map(|record| self.places.text(*record))
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
        let index = rules.binary_search_by(|rule| self.places.bytes(rule.from).cmp(from)).ok()?;
        self.redirect(rules.get(index)?)
    }

    pub(crate) fn dynamic_redirect(&self, index: usize) -> Option<Redirect<'a>> {
        self.redirect(self.dynamic_redirects.slice().get(index)?)
    }

    fn redirect(&self, record: &RedirectRecord) -> Option<Redirect<'a>> {
        let status = u16::try_from(record.status.get()).ok()?;
        let (from, to) = (self.places.text(record.from)?, self.places.text(record.to)?);
        Some(Redirect::new(from, to, status, record.line.get()))
    }

    pub(crate) fn len(&self) -> usize {
        self.assets.len()
    }

    pub(crate) fn asset(&self, path: &str) -> Option<Asset<'a>> {
        let (path, assets) = (path.as_bytes(), self.assets.slice());
        let index =
            assets.binary_search_by(|asset| self.places.bytes(asset.path).cmp(path)).ok()?;
        self.asset_at(index)
    }

    pub(crate) fn asset_at(&self, index: usize) -> Option<Asset<'a>> {
        let record = self.assets.slice().get(index)?;
        let all = self.representations.slice();
        let own = span(all, record.representation, record.representations)?;
        let (identity, others) = own.split_first()?;
        let mut encoded = [None; Coding::ENCODED.len()];
        // A representation in an unknown coding reads as absent, and the asset keeps the others.
        for other in others.iter().filter_map(|record| self.places.representation(record)) {
            let place = Coding::ENCODED.iter().position(|coding| *coding == other.coding());
            if let Some(place) = place {
                encoded[place] = Some(other);
            }
        }
        Some(Asset {
            path: self.places.text(record.path)?,
            content_type: self.places.text(record.content_type)?,
            cache_control: self.places.text(record.cache_control)?,
            link: self.places.text(record.link)?,
            use_as_dictionary: self.places.text(record.use_as_dictionary)?,
            content_security_policy: self.places.text(record.content_security_policy)?,
            identity: self.places.representation(identity)?,
            encoded,
            variants: Variants::Recorded(self.recorded_variants(record)),
        })
    }

    fn recorded_variants(&self, record: &AssetRecord) -> RecordedVariants<'a> {
        let own = span(self.variants.slice(), record.variant, record.variants);
        RecordedVariants { records: own.unwrap_or_default(), places: self.places }
    }

    pub(crate) fn apply_header_rules(&self, changes: &mut Changes<'a, '_>) {
        let all = self.header_operations.slice();
        for rule in self.header_rules.slice() {
            let own = span(all, rule.operation, rule.operations);
            let operations = own.unwrap_or_default().iter();
            if let Some(pattern) = self.places.text(rule.pattern) {
                changes.apply(pattern, operations.filter_map(|record| self.operation(record)));
            }
        }
    }

    fn operation(&self, record: &HeaderOperationRecord) -> Option<HeaderOperation<'a>> {
        let name = self.places.text(record.name)?;
        match record.kind.get() {
            HeaderOperationRecord::REMOVE => Some(HeaderOperation::Remove(name)),
            HeaderOperationRecord::SET => {
                Some(HeaderOperation::Set(name, self.places.text(record.value)?))
            }
            HeaderOperationRecord::DEFAULT => {
                Some(HeaderOperation::Default(name, self.places.text(record.value)?))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for BinaryTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BinaryTable({} assets)", self.len())
    }
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
