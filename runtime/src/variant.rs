//! Variants: representations of an asset for clients that name another media type, or that have a dictionary.

use crate::coding::Coding;
use crate::representation::Representation;

/// A further representation of an asset: of another media type, or encoded with a dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Variant<'a> {
    representation: Representation<'a>,
    content_type: &'a str,
    dictionary: &'a str,
}

impl<'a> Variant<'a> {
    /// Makes a variant of the asset's own media type, without a dictionary.
    pub const fn new(representation: Representation<'a>) -> Self {
        Self { representation, content_type: "", dictionary: "" }
    }

    /// Sets its own media type. Clients get it whose `Accept` names it (RFC 9110 §12.5.1).
    #[must_use]
    pub const fn with_content_type(self, content_type: &'a str) -> Self {
        Self { content_type, ..self }
    }

    /// Sets the dictionary that its bytes are encoded with, as the value of `Available-Dictionary` of clients
    /// that have it: the Base64 of its SHA-256, between colons (RFC 9842 §2.2).
    #[must_use]
    pub const fn with_dictionary(self, dictionary: &'a str) -> Self {
        Self { dictionary, ..self }
    }

    /// Returns the bytes with their coding and their validator.
    pub const fn representation(&self) -> Representation<'a> {
        self.representation
    }

    /// Returns its media type, if that is not the asset's.
    pub const fn content_type(&self) -> Option<&'a str> {
        if self.content_type.is_empty() { None } else { Some(self.content_type) }
    }

    /// Returns the dictionary, as in [`Variant::with_dictionary`], if it is encoded with one.
    pub const fn dictionary(&self) -> Option<&'a str> {
        if self.dictionary.is_empty() { None } else { Some(self.dictionary) }
    }

    /// Returns whether coding and dictionary belong together. Other bytes could not be decoded.
    pub(crate) fn is_valid(&self) -> bool {
        (self.representation.coding() == Coding::DictionaryBrotli) == self.dictionary().is_some()
    }
}
