//! The table as bytes, read in place: what a JavaScript host loads, and what `serve` answers from.
//!
//! An image is, in this order and without padding, with all numbers little-endian:
//!
//! 1. a [`Header`],
//! 2. an [`AssetRecord`] for each asset, sorted by path, byte by byte,
//! 3. a [`RepresentationRecord`] for each representation, those of an asset side by side,
//! 4. a [`HeaderRuleRecord`] for each rule, in order,
//! 5. a [`HeaderOperationRecord`] for each operation of a rule, those of a rule side by side,
//! 6. a [`RedirectRecord`] for each redirect: those without wildcards, sorted by where they are from,
//!    byte by byte, and the others in order,
//! 7. texts, which the records point into.
//!
//! The bodies are not in it. A record says where they are kept, and who holds the image holds them.
//! Loading an image is a check of its header; a lookup reads the records on its way and nothing
//! else, so that neither start-up nor memory grows with the number of routes.

use std::fmt;
use std::sync::Arc;

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::behaviour::Behaviour;
use crate::body::{Body, Stored};
use crate::etag::ETag;
use crate::header_rules::{Changes, HeaderOperation};
use crate::redirects::Redirect;
use crate::table::{Asset, Encoding, Representation};

/// What an image begins with.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Header {
    /// [`Header::MAGIC`].
    pub magic: [u8; 4],
    /// [`Header::VERSION`]: an engine reads no other.
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

impl Header {
    /// The mark of an image.
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

/// An asset. Its identity representation comes first, then the encoded ones in the order in which
/// they are preferred.
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
    /// The content coding: 0 none, 1 gzip, 2 Brotli.
    pub encoding: u8,
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
    const IN_MODULE: u8 = 0;
    const IN_STATIC_ASSET: u8 = 1;

    /// Makes the record of a representation, which is kept outside the image.
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
            encoding: match representation.encoding() {
                Encoding::Identity => 0,
                Encoding::Gzip => 1,
                Encoding::Brotli => 2,
            },
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

/// Who has the modules that an image's bodies are in.
#[derive(Clone, Copy, Debug)]
pub enum Modules<'a> {
    /// The host: a body is told by its place.
    Host,
    /// This process: a body is its bytes.
    Held(&'a [Arc<[u8]>]),
}

/// A table in bytes.
#[derive(Clone, Copy)]
pub struct Image<'a> {
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

impl<'a> Image<'a> {
    /// Reads an image in place.
    ///
    /// What its records say is checked when they are read: what does not fit is not there.
    ///
    /// # Errors
    /// If the bytes are no image, or one of another version.
    pub fn read(bytes: &'a [u8], modules: Modules<'a>) -> Result<Self, ImageError> {
        let (header, rest) = Header::ref_from_prefix(bytes).map_err(|_| ImageError::Truncated)?;
        if header.magic != Header::MAGIC {
            return Err(ImageError::NotAnImage);
        }
        if header.version.get() != Header::VERSION {
            return Err(ImageError::OtherVersion(header.version.get()));
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
        encoded.iter().try_fold(asset, |asset, encoded| {
            Some(asset.with_encoded(self.representation(encoded)?))
        })
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
        let encoding = match record.encoding {
            0 => Encoding::Identity,
            1 => Encoding::Gzip,
            2 => Encoding::Brotli,
            _ => return None,
        };
        let len = record.len.get();
        let stored = match record.storage {
            RepresentationRecord::IN_MODULE => self.in_module(record)?,
            RepresentationRecord::IN_STATIC_ASSET => {
                Stored::StaticAsset { name: ETag::from_bytes(record.kept_etag), len }
            }
            _ => return None,
        };
        let body = match record.decoded_len.get() {
            RepresentationRecord::AS_KEPT => Body::stored(stored),
            len => Body::decoded(stored, len as usize),
        };
        Some(Representation::new(encoding, ETag::from_bytes(record.etag), body))
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

impl fmt::Debug for Image<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} assets)", self.len())
    }
}

fn records<T>(bytes: &[u8], count: U32) -> Result<(&[T], &[u8]), ImageError>
where
    T: FromBytes + Immutable + KnownLayout + Unaligned,
{
    <[T]>::ref_from_prefix_with_elems(bytes, count.get() as usize)
        .map_err(|_| ImageError::Truncated)
}

/// Returns a part of a slice, if it has it. Sums may be more than a `usize` of 32 bits holds.
fn span<T>(slice: &[T], start: U32, len: U32) -> Option<&[T]> {
    let start = start.get() as usize;
    slice.get(start..start.checked_add(len.get() as usize)?)
}

/// Why bytes cannot be read as an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// They do not begin as an image does.
    NotAnImage,
    /// The version of the format is another one: packer and engine do not belong together.
    OtherVersion(u32),
    /// There are fewer bytes than the header says.
    Truncated,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnImage => f.write_str("it is not a table of worker-pack"),
            Self::OtherVersion(version) => {
                let own = Header::VERSION;
                write!(f, "it is a table of version {version}, and the engine reads version {own}")
            }
            Self::Truncated => f.write_str("it is shorter than it says"),
        }
    }
}

impl std::error::Error for ImageError {}
