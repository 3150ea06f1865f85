//! Records that lie side by side.

use std::marker::PhantomData;

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

/// Records that lie side by side in the bytes of a table.
///
/// They are kept as bytes, since a `const fn` can split only those.
#[derive(Clone, Copy)]
pub(super) struct RecordArray<'a, T> {
    bytes: &'a [u8],
    of: PhantomData<T>,
}

impl<'a, T> RecordArray<'a, T> {
    /// Returns the number of records.
    pub(super) const fn len(self) -> usize {
        self.bytes.len() / size_of::<T>()
    }

    /// Returns the records, read in place.
    pub(super) fn slice(self) -> &'a [T]
    where
        T: FromBytes + Immutable + KnownLayout + Unaligned,
    {
        // The bytes are a multiple of a record, so that this always fits.
        <[T]>::ref_from_bytes(self.bytes).unwrap_or_default()
    }
}

/// Splits arrays off the front of bytes.
pub(super) struct ArrayReader<'a> {
    pub(super) rest: &'a [u8],
    /// An array was longer than the rest of the bytes.
    pub(super) is_truncated: bool,
}

impl<'a> ArrayReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, is_truncated: false }
    }

    /// Splits off an array of some records, an empty one if the rest is shorter.
    pub(super) const fn records<T>(&mut self, count: U32) -> RecordArray<'a, T> {
        // The product may be more than a `usize` of 32 bits holds.
        let len = size_of::<T>().saturating_mul(count.get() as usize);
        let Some((bytes, rest)) = self.rest.split_at_checked(len) else {
            self.is_truncated = true;
            return RecordArray { bytes: &[], of: PhantomData };
        };
        self.rest = rest;
        RecordArray { bytes, of: PhantomData }
    }
}
