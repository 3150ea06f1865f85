//! Bytes to send, described by the place where they are stored.

use std::ops::Range;

use crate::etag::ETag;

/// The place where the bytes of a representation are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored<'a> {
    /// In this program's memory, like the bodies of an emitted module.
    Memory(&'a [u8]),
    /// In a module of the Worker, which its host holds: `len` bytes from `start`.
    Module {
        /// The number of the module.
        index: u32,
        /// The offset in the module, in bytes.
        start: u32,
        /// The number of bytes.
        len: u32,
    },
    /// In a file of Workers Static Assets, which the host fetches through a binding.
    StaticAsset {
        /// The tag of the file's bytes, which is the file's name.
        name: ETag,
        /// The number of bytes.
        len: u32,
    },
    /// In an object of an R2 bucket, which the host reads through a binding.
    R2Object {
        /// The tag of the object's bytes, which is the object's key.
        name: ETag,
        /// The number of bytes.
        len: u32,
    },
}

impl Stored<'_> {
    /// Returns the number of stored bytes.
    pub const fn len(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            Self::Module { len, .. }
            | Self::StaticAsset { len, .. }
            | Self::R2Object { len, .. } => *len as usize,
        }
    }

    /// Returns whether no bytes are stored.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the kind of the place.
    pub const fn kind(&self) -> StorageKind {
        match self {
            Self::Memory(_) => StorageKind::Memory,
            Self::Module { .. } => StorageKind::Module,
            Self::StaticAsset { .. } => StorageKind::StaticAsset,
            Self::R2Object { .. } => StorageKind::R2Object,
        }
    }
}

/// The kinds of [`Stored`], with the numbers that stand for them in a binary table and in the
/// replies of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StorageKind {
    /// [`Stored::Memory`].
    Memory = 0,
    /// [`Stored::Module`].
    Module = 1,
    /// [`Stored::StaticAsset`].
    StaticAsset = 2,
    /// [`Stored::R2Object`].
    R2Object = 3,
}

impl StorageKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Memory, Self::Module, Self::StaticAsset, Self::R2Object];

    /// Returns the kind's number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Finds the kind with a number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// The bytes of a representation, or a part of them, without a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body<'a> {
    stored: Stored<'a>,
    /// The decoded size of the stored bytes, if they have to be decoded.
    decoded_len: Option<usize>,
    /// The start of the part that is sent.
    start: usize,
    /// The length of the part that is sent.
    len: usize,
}

impl<'a> Body<'a> {
    pub(crate) const EMPTY: Self = Self::memory(&[]);

    /// Makes a body of bytes in memory.
    pub const fn memory(bytes: &'a [u8]) -> Self {
        Self::new(Stored::Memory(bytes))
    }

    /// Makes a body whose bytes are sent as they are stored.
    pub const fn new(stored: Stored<'a>) -> Self {
        Self { stored, decoded_len: None, start: 0, len: stored.len() }
    }

    /// Makes a body of `len` bytes that are decoded from stored Brotli.
    pub const fn decoded(brotli: Stored<'a>, len: usize) -> Self {
        Self { stored: brotli, decoded_len: Some(len), start: 0, len }
    }

    /// Returns the place of all stored bytes, whatever part of them is sent.
    pub const fn stored(&self) -> Stored<'a> {
        self.stored
    }

    /// Returns the size of the decoded bytes, if the stored ones are Brotli that has to be decoded.
    pub const fn decoded_len(&self) -> Option<usize> {
        self.decoded_len
    }

    /// Returns the range of bytes to send, counted after decoding.
    pub const fn range(&self) -> Range<usize> {
        self.start..self.start + self.len
    }

    /// Returns the number of bytes to send.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no bytes to send.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the bytes to send, if they are in memory and need no decoding.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        match (self.stored, self.decoded_len) {
            (Stored::Memory(bytes), None) => bytes.get(self.range()),
            _ => None,
        }
    }

    /// Returns a part of the body, which must lie within it.
    pub(crate) fn part(&self, part: Range<usize>) -> Self {
        debug_assert!(part.end <= self.len, "ranges are cut to the body before");
        Self { start: self.start + part.start, len: part.len(), ..*self }
    }
}
