//! The records of a binary table, and what they point into.

mod places;
mod variants;

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::body::Stored;
use crate::representation::Representation;

#[cfg(doc)]
use crate::{Asset, Behaviour, Coding, HeaderRule, Redirect, Variant, packer::StorageKind};
pub use places::Modules;
pub(crate) use places::{Places, span};
pub(crate) use variants::RecordedVariants;

/// The head of a binary table.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct FileHeader {
    /// [`FileHeader::MAGIC`].
    pub magic: [u8; 4],
    /// [`FileHeader::VERSION`]: an engine reads no other.
    pub version: U32,
    /// The number of assets.
    pub assets: U32,
    /// The number of representations.
    pub representations: U32,
    /// The number of variants.
    pub variants: U32,
    /// The number of header rules.
    pub header_rules: U32,
    /// The number of operations in all header rules.
    pub header_operations: U32,
    /// The number of redirects without wildcards.
    pub static_redirects: U32,
    /// The number of redirects that follow them.
    pub dynamic_redirects: U32,
    /// The number of patterns in [`Routing::server`](crate::Routing::server).
    pub server_paths: U32,
    /// The number of patterns in [`Routing::except`](crate::Routing::except), which follow them.
    pub excepted_paths: U32,
    /// [`Behaviour::to_bytes`].
    pub behaviour: [u8; 4],
    /// The number of the variant of [`OtherPaths`](crate::routing::OtherPaths).
    pub other_paths: U32,
}

impl FileHeader {
    /// The mark of a binary table.
    pub const MAGIC: [u8; 4] = *b"wptb";
    /// The version of the format.
    pub const VERSION: u32 = 6;
}

/// A text, by its place among the texts.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct TextRecord {
    /// The offset among the texts, in bytes.
    pub start: U32,
    /// The number of bytes.
    pub len: U32,
}

/// An asset. Its identity representation comes first, then the encoded ones.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct AssetRecord {
    /// [`Asset::path`].
    pub path: TextRecord,
    /// [`Asset::content_type`].
    pub content_type: TextRecord,
    /// [`Asset::cache_control`].
    pub cache_control: TextRecord,
    /// [`Asset::link`], empty if the asset has none.
    pub link: TextRecord,
    /// [`Asset::use_as_dictionary`], empty if the asset has none.
    pub use_as_dictionary: TextRecord,
    /// [`Asset::content_security_policy`], empty if the asset has none.
    pub content_security_policy: TextRecord,
    /// The index of its first representation.
    pub representation: U32,
    /// The number of its representations.
    pub representations: U32,
    /// The index of its first variant.
    pub variant: U32,
    /// The number of its variants.
    pub variants: U32,
}

/// A representation, whose bytes are stored outside the table.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct RepresentationRecord {
    /// The number of the [`Coding`].
    pub coding: u8,
    /// The number of the [`StorageKind`].
    pub storage: u8,
    /// The index of the module, or 0.
    pub module: U32,
    /// The offset in the module, or 0.
    pub start: U32,
    /// The number of stored bytes.
    pub len: U32,
    /// The size after decoding the stored Brotli, or [`RepresentationRecord::AS_STORED`] if the bytes
    /// are sent as they are stored.
    pub decoded_len: U32,
    /// The representation's validator.
    pub etag: [u8; 16],
    /// The tag of the stored bytes, which differs if they have to be decoded.
    pub stored_etag: [u8; 16],
}

/// A variant.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct VariantRecord {
    /// [`Variant::representation`].
    pub representation: RepresentationRecord,
    /// [`Variant::content_type`], empty if it is the asset's.
    pub content_type: TextRecord,
    /// [`Variant::dictionary`], empty without one.
    pub dictionary: TextRecord,
}

/// A header rule: the arguments of [`HeaderRule::new`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct HeaderRuleRecord {
    /// Its pattern.
    pub pattern: TextRecord,
    /// The index of its first operation.
    pub operation: U32,
    /// The number of its operations.
    pub operations: U32,
}

/// An operation of a header rule.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct HeaderOperationRecord {
    /// [`HeaderOperationRecord::REMOVE`], [`SET`](HeaderOperationRecord::SET) or
    /// [`DEFAULT`](HeaderOperationRecord::DEFAULT).
    pub kind: U32,
    /// The field's name, in lower case.
    pub name: TextRecord,
    /// The field's value, without a meaning for a removed field.
    pub value: TextRecord,
}

/// A redirect: the arguments of [`Redirect::new`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct RedirectRecord {
    /// The pattern of the paths that it redirects.
    pub from: TextRecord,
    /// Its destination.
    pub to: TextRecord,
    /// Its status.
    pub status: U32,
    /// Its line.
    pub line: U32,
}

impl HeaderOperationRecord {
    /// Removes the field.
    pub const REMOVE: u32 = 0;
    /// Sets the field.
    pub const SET: u32 = 1;
    /// Sets the field of a response of the Worker's own code that lacks it.
    pub const DEFAULT: u32 = 2;
}

impl RepresentationRecord {
    /// The decoded size of bytes that are sent as they are stored.
    pub const AS_STORED: u32 = u32::MAX;

    /// Makes the record of a representation.
    ///
    /// Returns none if its bytes are in memory, or more than 4 GiB.
    pub fn new(representation: &Representation<'_>) -> Option<Self> {
        let body = representation.body();
        let etag = representation.etag().to_bytes();
        let (module, start, stored_etag) = match body.stored() {
            Stored::Memory(_) => return None,
            Stored::Module { index, start, .. } => (index, start, etag),
            Stored::StaticAsset { name, .. } | Stored::R2Object { name, .. } => {
                (0, 0, name.to_bytes())
            }
        };
        let decoded_len = match body.decoded_len() {
            None => Self::AS_STORED,
            Some(len) => u32::try_from(len).ok()?,
        };
        Some(Self {
            coding: representation.coding().number(),
            storage: body.stored().kind().number(),
            module: module.into(),
            start: start.into(),
            len: u32::try_from(body.stored().len()).ok()?.into(),
            decoded_len: decoded_len.into(),
            etag,
            stored_etag,
        })
    }
}
