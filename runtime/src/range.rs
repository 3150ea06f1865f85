//! Byte ranges of a representation (RFC 9110 §14).

use std::ops::Range;

/// The meaning of a `Range` field for a representation of a known length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RangeRequest {
    /// The field is absent, malformed, in another unit, or names several ranges: the whole
    /// representation is sent. A server may ignore any `Range` (§14.2), and must ignore an invalid
    /// one (§14.1.1).
    Whole,
    /// One range that lies within the representation, cut to its end.
    Part(Range<usize>),
    /// No byte of the representation lies within the range: 416 (§15.5.17).
    Unsatisfiable,
}

impl RangeRequest {
    /// Reads a field value against a representation of `length` bytes.
    pub(crate) fn parse(field: &str, length: usize) -> Self {
        let Some((unit, set)) = field.split_once('=') else { return Self::Whole };
        // Range units are case-insensitive (§14.1).
        if !unit.eq_ignore_ascii_case("bytes") {
            return Self::Whole;
        }
        let mut members =
            set.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|m| !m.is_empty());
        let (Some(only), None) = (members.next(), members.next()) else { return Self::Whole };
        match only.split_once('-') {
            Some(("", suffix)) => Self::suffix(suffix, length),
            Some((first, last)) => Self::from_to(first, last, length),
            None => Self::Whole,
        }
    }

    /// Reads `-SUFFIX`: the last `suffix` bytes.
    fn suffix(suffix: &str, length: usize) -> Self {
        match position(suffix) {
            Some(0) => Self::Unsatisfiable,
            Some(suffix) if length > 0 => Self::Part(length.saturating_sub(suffix)..length),
            // Not a number, or a suffix of an empty representation: `Content-Range` cannot express an
            // empty range.
            _ => Self::Whole,
        }
    }

    fn from_to(first: &str, last: &str, length: usize) -> Self {
        let Some(first) = position(first) else { return Self::Whole };
        let last = match last {
            "" => usize::MAX,
            last => match position(last) {
                Some(last) if first <= last => last,
                _ => return Self::Whole,
            },
        };
        if first >= length {
            return Self::Unsatisfiable;
        }
        Self::Part(first..last.saturating_add(1).min(length))
    }
}

/// Reads `1*DIGIT`. A number too large for `usize` lies beyond every representation anyway.
fn position(digits: &str) -> Option<usize> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn single_ranges_are_cut_to_the_representation() {
        for (field, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-", 0..10),
            ("BYTES=2-4", 2..5),
            ("bytes=9-99999999999999999999999", 9..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("bytes= 1-2 ,", 1..3),
        ] {
            assert_eq!(RangeRequest::parse(field, 10), RangeRequest::Part(part), "{field}");
        }
    }

    #[test]
    fn ranges_past_the_end_are_unsatisfiable() {
        for field in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(RangeRequest::parse(field, 10), RangeRequest::Unsatisfiable, "{field}");
        }
        assert_eq!(RangeRequest::parse("bytes=0-", 0), RangeRequest::Unsatisfiable);
        assert_eq!(RangeRequest::parse("bytes=-1", 0), RangeRequest::Whole);
    }

    #[test]
    fn invalid_and_multiple_ranges_are_ignored() {
        for field in [
            "",
            "bytes",
            "bytes=",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=--1",
            "bytes=1",
            "bytes=+1-2",
            "items=0-1",
            "bytes=0-1,3-4",
            "bytes=0-1-2",
            "bytes =0-1",
        ] {
            assert_eq!(RangeRequest::parse(field, 10), RangeRequest::Whole, "{field}");
        }
    }

    proptest! {
        #[test]
        fn parts_are_never_empty_nor_past_the_end(field in "bytes=[0-9]{0,3}-?[0-9]{0,3}|.*", length in 0usize..200) {
            if let RangeRequest::Part(part) = RangeRequest::parse(&field, length) {
                prop_assert!(part.start < part.end && part.end <= length);
            }
        }
    }
}
