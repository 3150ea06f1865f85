//! Entity tags (RFC 9110 §8.8.3).

use std::fmt;

/// A strong entity tag: 128 bits that name the bytes of one representation.
///
/// It is stored as bits rather than text, since a table of 20,000 routes would otherwise contain a
/// megabyte of hexadecimal digits. `Display` writes the wire form, with quotes.
///
/// ```
/// use worker_pack_runtime::ETag;
/// assert_eq!(ETag::new(0xab).to_string(), "\"000000000000000000000000000000ab\"");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ETag([u8; 16]);

impl ETag {
    /// Makes a tag of 128 bits, which it writes as 32 hexadecimal digits.
    pub const fn new(bits: u128) -> Self {
        Self(bits.to_be_bytes())
    }

    /// Returns the tag's bits, as given to [`ETag::new`].
    pub const fn bits(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    /// Makes a tag of its bits, the highest first.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the tag's bits, the highest first.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Returns whether a client's opaque tag, without its quotes, is this tag.
    fn is(self, opaque: &str) -> bool {
        // The tag becomes text, and not the text a number: `AB` and `ab` are different tags.
        let mut hex = [0; 32];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = hex_digit(byte >> 4);
            pair[1] = hex_digit(byte & 15);
        }
        opaque.as_bytes() == hex
    }
}

const fn hex_digit(nibble: u8) -> u8 {
    b"0123456789abcdef"[nibble as usize]
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{:032x}\"", self.bits())
    }
}

/// A comparison of two entity tags (RFC 9110 §8.8.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Both tags have to be strong: `If-Match`, `If-Range`.
    Strong,
    /// A `W/` prefix is ignored: `If-None-Match`.
    Weak,
}

/// Returns whether a field value, `*` or a list of entity tags, contains `etag`.
///
/// A member that is not an entity tag ends the list, since the start of the next member is unknown.
/// The members before it still count.
pub(crate) fn list_contains(field: &str, etag: ETag, comparison: Comparison) -> bool {
    let mut rest = field.trim_matches(OWS);
    if rest == "*" {
        return true;
    }
    while !rest.is_empty() {
        let Some((tag, after)) = EntityTag::take(rest) else {
            return false;
        };
        if tag.matches(etag, comparison) {
            return true;
        }
        rest = after.trim_start_matches(OWS);
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start_matches([' ', '\t', ',']),
            None => return false,
        }
    }
    false
}

/// Returns whether a field value is exactly one entity tag that is strongly equal to `etag`.
pub(crate) fn is_exactly(field: &str, etag: ETag) -> bool {
    EntityTag::take(field.trim_matches(OWS))
        .is_some_and(|(tag, rest)| rest.is_empty() && tag.matches(etag, Comparison::Strong))
}

const OWS: [char; 2] = [' ', '\t'];

/// A client's entity tag: `[ "W/" ] DQUOTE *etagc DQUOTE`.
struct EntityTag<'r> {
    weak: bool,
    opaque: &'r str,
}

impl<'r> EntityTag<'r> {
    fn take(text: &'r str) -> Option<(Self, &'r str)> {
        let (weak, quoted) = match text.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let (opaque, rest) = quoted.strip_prefix('"')?.split_once('"')?;
        Some((Self { weak, opaque }, rest))
    }

    fn matches(&self, etag: ETag, comparison: Comparison) -> bool {
        !(self.weak && comparison == Comparison::Strong) && etag.is(self.opaque)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAG: ETag = ETag::new(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    const TEXT: &str = "\"0123456789abcdef0123456789abcdef\"";

    #[test]
    fn lists_contain_a_tag_at_any_position() {
        for list in [
            TEXT.to_owned(),
            format!("\"a\", {TEXT}"),
            format!("\"a,b\",,\t{TEXT} , \"c\""),
            format!("\"\",{TEXT}"),
            "*".to_owned(),
            " * ".to_owned(),
        ] {
            assert!(list_contains(&list, TAG, Comparison::Strong), "{list}");
        }
    }

    #[test]
    fn lists_without_the_tag_do_not_match() {
        for list in ["", ",", "\"a\"", "\"a\", *", "0123456789abcdef0123456789abcdef", "\"", "W/"] {
            assert!(!list_contains(list, TAG, Comparison::Weak), "{list}");
        }
    }

    #[test]
    fn weak_tags_match_only_in_weak_comparison() {
        let weak = format!("W/{TEXT}");
        assert!(list_contains(&weak, TAG, Comparison::Weak));
        assert!(!list_contains(&weak, TAG, Comparison::Strong));
        assert!(!list_contains(&weak.to_lowercase(), TAG, Comparison::Weak), "W is case-sensitive");
    }

    #[test]
    fn if_range_requires_exactly_one_strong_tag() {
        assert!(is_exactly(TEXT, TAG));
        assert!(!is_exactly(&format!("W/{TEXT}"), TAG));
        assert!(!is_exactly(&format!("{TEXT}, {TEXT}"), TAG));
        assert!(!is_exactly("Sun, 22 Nov 2026 00:00:00 GMT", TAG));
    }

    proptest! {
        #[test]
        fn reading_lists_never_panics(field in ".*|(W/)?\"[^\"]*\"?,?") {
            let _ = list_contains(&field, TAG, Comparison::Weak);
            let _ = is_exactly(&field, TAG);
        }

        #[test]
        fn lists_of_other_tags_match_only_with_the_tag_inserted(
            others in prop::collection::vec("(W/)?\"[a-z,]{0,9}\"", 0..5),
            position in 0usize..5,
        ) {
            prop_assert!(!list_contains(&others.join(", "), TAG, Comparison::Weak));
            let mut list = others;
            list.insert(position.min(list.len()), TEXT.to_owned());
            prop_assert!(list_contains(&list.join(" ,"), TAG, Comparison::Strong));
        }
    }
}
