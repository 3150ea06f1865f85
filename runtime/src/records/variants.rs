//! The variants of an asset in a binary table.

use super::{Places, VariantRecord};
use crate::variant::Variant;

/// The records of an asset's variants, which are read when they are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordedVariants<'a> {
    pub(crate) records: &'a [VariantRecord],
    pub(crate) places: Places<'a>,
}

impl<'a> RecordedVariants<'a> {
    /// Returns the number of variants.
    pub(crate) const fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns a variant by its place in the order of preference, if it can be read.
    pub(crate) fn get(&self, index: usize) -> Option<Variant<'a>> {
        let record = self.records.get(index)?;
        let representation = self.places.representation(&record.representation)?;
        let content_type = self.places.text(record.content_type)?;
        let dictionary = self.places.text(record.dictionary)?;
        let variant = Variant::new(representation);
        Some(variant.with_content_type(content_type).with_dictionary(dictionary))
    }
}
