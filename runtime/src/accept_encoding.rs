//! The field `Accept-Encoding` (RFC 9110 §12.5.3).

use crate::coding::Coding;
use crate::weight::{Weight, members};

/// A parsed `Accept-Encoding` field: a weight for each coding that the runtime knows.
///
/// A client never gets a coding that it may have refused: if a coding appears twice, the lower weight
/// counts, and a coding whose weight does not parse counts as refused. Other members that do not
/// parse are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AcceptEncoding {
    /// The weight of each coding that the field names, in the order of [`Coding::ALL`].
    weights: [Option<Weight>; Coding::ALL.len()],
    /// The weight of `*`.
    any: Option<Weight>,
}

impl AcceptEncoding {
    /// Parses a field value. An empty one accepts no coding but identity.
    pub(crate) fn parse(field: &str) -> Self {
        let mut accepted = Self::default();
        for (token, weight) in members(field) {
            let slot = if token == "*" {
                &mut accepted.any
            } else if let Some(coding) = Coding::from_token(token) {
                &mut accepted.weights[coding as usize]
            } else {
                continue;
            };
            *slot = Some(slot.map_or(weight, |earlier| earlier.min(weight)));
        }
        accepted
    }

    /// Returns whether the client accepts a coding.
    pub(crate) fn accepts(self, coding: Coding) -> bool {
        match self.weight(coding) {
            Some(weight) => weight > Weight::REFUSED,
            // Identity is acceptable unless refused, by name or by `*;q=0`.
            None => coding == Coding::Identity,
        }
    }

    /// Returns the weight of a coding, if the client gives it one.
    pub(crate) fn weight(self, coding: Coding) -> Option<Weight> {
        let named = self.weights[coding as usize];
        match coding {
            // A client that writes `*` need not know it.
            Coding::DictionaryBrotli => named,
            Coding::Brotli | Coding::Gzip | Coding::Identity => named.or(self.any),
        }
    }
}
