//! Content codings (RFC 9110 §8.4.1).
//!
//! Every fact about a coding is in this file. A new one starts as a variant of [`Coding`]; the
//! compiler then names the other places to change.

use crate::named::named;

named! {
    /// A content coding. Among codings that a client accepts equally, the first is preferred.
    ///
    /// `Display` and `FromStr` use the token on the wire.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Coding {
        /// `dcb` (RFC 9842 §4): Brotli with a dictionary that the client has.
        DictionaryBrotli = "dcb",
        /// `br` (RFC 7932).
        Brotli = "br",
        /// `gzip` (RFC 1952), also requested as `x-gzip`.
        Gzip = "gzip",
        /// No coding.
        Identity = "identity",
    }
}

impl Coding {
    /// The codings that encode by themselves, without a dictionary, the preferred one first.
    pub const ENCODED: [Self; Self::ALL.len() - 2] = Self::encoded();

    const fn encoded() -> [Self; Self::ALL.len() - 2] {
        let mut encoded = [Self::Identity; Self::ALL.len() - 2];
        let (mut from, mut to) = (0, 0);
        // A `for` loop is not possible in a `const fn`.
        while from < Self::ALL.len() {
            if !matches!(Self::ALL[from], Self::Identity | Self::DictionaryBrotli) {
                encoded[to] = Self::ALL[from];
                to += 1;
            }
            from += 1;
        }
        encoded
    }

    /// Returns the coding's token, as in `Content-Encoding`.
    pub const fn token(self) -> &'static str {
        self.name()
    }

    /// Finds the coding with a token, in any case (RFC 9110 §8.4.1).
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|coding| {
            let mut names = [Some(coding.token()), coding.alias()].into_iter().flatten();
            names.any(|name| name.eq_ignore_ascii_case(token))
        })
    }

    /// Returns a second token that clients may use for the coding.
    const fn alias(self) -> Option<&'static str> {
        match self {
            // RFC 9110 §8.4.1.3: "x-gzip" is equivalent to "gzip".
            Self::Gzip => Some("x-gzip"),
            Self::DictionaryBrotli | Self::Brotli | Self::Identity => None,
        }
    }

    /// Returns the coding's number in a binary table.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Identity => 0,
            Self::Gzip => 1,
            Self::Brotli => 2,
            Self::DictionaryBrotli => 3,
        }
    }

    /// Finds the coding with a number in a binary table. A table of another version may have others.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|coding| coding.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_numbers_are_unique() {
        for coding in Coding::ALL {
            assert_eq!(Coding::from_token(coding.token()), Some(coding));
            assert_eq!(Coding::from_number(coding.number()), Some(coding));
        }
        assert_eq!(Coding::from_token("X-GZIP"), Some(Coding::Gzip));
        assert_eq!(Coding::from_token("zstd"), None);
        assert_eq!(Coding::from_number(u8::MAX), None);
    }

    #[test]
    fn encoded_lists_the_codings_that_need_no_dictionary_by_preference() {
        let others = [Coding::DictionaryBrotli, Coding::Identity];
        let all = Coding::ALL.into_iter().filter(|coding| !others.contains(coding));
        assert!(all.eq(Coding::ENCODED));
        assert!(Coding::ENCODED.is_sorted());
    }
}
