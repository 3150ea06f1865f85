//! The variants of an asset, in a table in statics or in a binary one.

use crate::records::RecordedVariants;
use crate::variant::Variant;

/// The variants of an asset, the preferred one first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Variants<'a> {
    /// Those of a table in statics.
    Listed(&'a [Variant<'a>]),
    /// Those of a binary table.
    Recorded(RecordedVariants<'a>),
}

impl<'a> Variants<'a> {
    /// Iterates over the variants that a client can decode.
    pub(crate) fn iter(self) -> impl Iterator<Item = Variant<'a>> + use<'a> {
        // One that cannot be read is left out, and the asset keeps the others.
        (0..self.len()).filter_map(move |index| self.get(index)).filter(Variant::is_valid)
    }

    const fn len(&self) -> usize {
        match self {
            Self::Listed(variants) => variants.len(),
            Self::Recorded(variants) => variants.len(),
        }
    }

    fn get(&self, index: usize) -> Option<Variant<'a>> {
        match self {
            Self::Listed(variants) => variants.get(index).copied(),
            Self::Recorded(variants) => variants.get(index),
        }
    }
}
