//! Bytes to send, told by where they are kept.

use std::ops::Range;

use crate::etag::ETag;

/// Where the bytes of a representation are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored<'a> {
    /// At hand, as in an emitted module.
    Memory(&'a [u8]),
    /// In a module of the Worker, which its host holds: `len` bytes from `start`.
    Module {
        /// Which of the modules.
        index: u32,
        /// Where in the module, in bytes.
        start: u32,
        /// How many bytes.
        len: u32,
    },
    /// In a file of Workers Static Assets, which the host asks for through a binding.
    StaticAsset {
        /// The tag of the file's bytes, by which the file is called.
        name: ETag,
        /// How many bytes.
        len: u32,
    },
}

impl Stored<'_> {
    /// Returns the number of bytes that are kept.
    pub const fn len(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            Self::Module { len, .. } | Self::StaticAsset { len, .. } => *len as usize,
        }
    }

    /// Returns whether there are no bytes.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Bytes of a representation, or a part of them, without a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body<'a> {
    stored: Stored<'a>,
    /// The size of what the stored bytes decode to, if they have to be decoded.
    decoded_len: Option<usize>,
    /// The part that is sent: how many bytes are skipped, and how many follow.
    skipped: usize,
    len: usize,
}

impl<'a> Body<'a> {
    pub(crate) const EMPTY: Self = Self::memory(&[]);

    /// Makes a body of bytes that are at hand.
    pub const fn memory(bytes: &'a [u8]) -> Self {
        Self::stored(Stored::Memory(bytes))
    }

    /// Makes a body of bytes that are sent as they are kept.
    pub const fn stored(stored: Stored<'a>) -> Self {
        Self { stored, decoded_len: None, skipped: 0, len: stored.len() }
    }

    /// Makes a body of what Brotli-encoded bytes decode to, of which there are `len`.
    pub const fn decoded(brotli: Stored<'a>, len: usize) -> Self {
        Self { stored: brotli, decoded_len: Some(len), skipped: 0, len }
    }

    /// Returns where the bytes are kept, whole and as they are kept.
    pub const fn kept(&self) -> Stored<'a> {
        self.stored
    }

    /// Returns the size of what the kept bytes decode to with Brotli, if they have to be decoded
    /// before they are sent.
    pub const fn decoded_len(&self) -> Option<usize> {
        self.decoded_len
    }

    /// Returns which of the bytes are sent, counted after decoding.
    pub const fn range(&self) -> Range<usize> {
        self.skipped..self.skipped + self.len
    }

    /// Returns the number of bytes to send.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no bytes to send.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the bytes to send, if they are at hand as they are sent.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        match (self.stored, self.decoded_len) {
            (Stored::Memory(bytes), None) => bytes.get(self.range()),
            _ => None,
        }
    }

    /// Returns a part of the body, which must lie within it.
    pub(crate) fn part(&self, part: Range<usize>) -> Self {
        debug_assert!(part.end <= self.len, "a range is cut to the body before");
        Self { skipped: self.skipped + part.start, len: part.len(), ..*self }
    }
}
