//! The records of a binary table.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::body::Stored;
use crate::representation::Representation;
#[cfg(doc)]
use crate::{Asset, Behaviour, Redirect};

/// The head of a binary table.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct FileHeader {
    /// [`FileHeader::MAGIC`].
    pub magic: [u8; 4],
    /// [`FileHeader::VERSION`]: an engine reads no other.
    pub version: U32,
    /// How many assets there are.
    pub assets: U32,
    /// How many representations there are.
    pub representations: U32,
    /// How many header rules there are.
    pub header_rules: U32,
    /// How many operations they have.
    pub header_operations: U32,
    /// How many redirects have no wildcards.
    pub static_redirects: U32,
    /// How many come after those.
    pub dynamic_redirects: U32,
    /// [`Behaviour::to_bytes`].
    pub behaviour: [u8; 4],
}

impl FileHeader {
    /// The mark of a binary table.
    pub const MAGIC: [u8; 4] = *b"wpti";
    /// The version of the format.
    pub const VERSION: u32 = 1;
}

/// A text, by where it is among the texts.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct TextRecord {
    /// Where it begins, in bytes.
    pub start: U32,
    /// How many bytes it has.
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
    /// [`Asset::link`], or nothing.
    pub link: TextRecord,
    /// The first of its representations.
    pub representation: U32,
    /// How many of them there are.
    pub representations: U32,
}

/// A representation.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct RepresentationRecord {
    /// The number of the content coding.
    pub coding: u8,
    /// Where the bytes are kept: 0 in a module, 1 in Workers Static Assets.
    pub storage: u8,
    /// Which module, or 0.
    pub module: U32,
    /// Where in the module, or 0.
    pub start: U32,
    /// How many bytes are kept.
    pub len: U32,
    /// How many bytes they decode to with Brotli, if they have to be decoded before they are sent;
    /// else [`RepresentationRecord::AS_KEPT`].
    pub decoded_len: U32,
    /// The representation's validator.
    pub etag: [u8; 16],
    /// The tag of the bytes that are kept, which is another one if they have to be decoded.
    pub kept_etag: [u8; 16],
}

/// A rule for header fields.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct HeaderRuleRecord {
    /// The pattern of [`HeaderRule::new`](crate::HeaderRule::new).
    pub pattern: TextRecord,
    /// The first of its operations.
    pub operation: U32,
    /// How many of them there are.
    pub operations: U32,
}

/// What a rule does to a field.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct HeaderOperationRecord {
    /// [`HeaderOperationRecord::REMOVE`] or [`HeaderOperationRecord::SET`].
    pub kind: U32,
    /// The field's name, in lower case.
    pub name: TextRecord,
    /// Its value, of no meaning where it is removed.
    pub value: TextRecord,
}

/// A redirect: the arguments of [`Redirect::new`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct RedirectRecord {
    /// Where it is from.
    pub from: TextRecord,
    /// Where it leads to.
    pub to: TextRecord,
    /// Its status.
    pub status: U32,
    /// Its line.
    pub line: U32,
}

impl HeaderOperationRecord {
    /// The field goes.
    pub const REMOVE: u32 = 0;
    /// The field gets a value.
    pub const SET: u32 = 1;
}

impl RepresentationRecord {
    /// The bytes are sent as they are kept.
    pub const AS_KEPT: u32 = u32::MAX;
    pub(super) const IN_MODULE: u8 = 0;
    pub(super) const IN_STATIC_ASSET: u8 = 1;

    /// Makes the record of a representation, which is kept outside the table.
    ///
    /// Returns none if its bytes are in memory, or if it has more than 4 GiB of them.
    pub fn new(representation: &Representation<'_>) -> Option<Self> {
        let body = representation.body();
        let etag = representation.etag().to_bytes();
        let (storage, module, start, len, kept_etag) = match body.kept() {
            Stored::Memory(_) => return None,
            Stored::Module { index, start, len } => (Self::IN_MODULE, index, start, len, etag),
            Stored::StaticAsset { name, len } => {
                (Self::IN_STATIC_ASSET, 0, 0, len, name.to_bytes())
            }
        };
        let decoded_len = match body.decoded_len() {
            None => Self::AS_KEPT,
            Some(len) => u32::try_from(len).ok()?,
        };
        Some(Self {
            coding: representation.coding().number(),
            storage,
            module: module.into(),
            start: start.into(),
            len: len.into(),
            decoded_len: decoded_len.into(),
            etag,
            kept_etag,
        })
    }
}
