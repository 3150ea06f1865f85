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
        match Position::read(suffix) {
            Some(suffix) if suffix.or_max() == 0 => Self::Unsatisfiable,
            Some(suffix) if length > 0 => {
                Self::Part(length.saturating_sub(suffix.or_max())..length)
            }
            // Not a number, or a suffix of an empty representation: `Content-Range` cannot express an
            // empty range.
            _ => Self::Whole,
        }
    }

    fn from_to(first: &str, last: &str, length: usize) -> Self {
        let Some(first) = Position::read(first) else { return Self::Whole };
        let end = match last {
            "" => length,
            last => match Position::read(last) {
                Some(last) if first <= last => last.or_max().saturating_add(1).min(length),
                _ => return Self::Whole,
            },
        };
        let first = first.or_max();
        if first >= length { Self::Unsatisfiable } else { Self::Part(first..end) }
    }
}

/// A number of any size, as its digits without leading zeros. The order is that of the numbers: a
/// longer one is greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Position<'f> {
    len: usize,
    digits: &'f str,
}

impl<'f> Position<'f> {
    /// Reads `1*DIGIT`.
    fn read(digits: &'f str) -> Option<Self> {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = digits.trim_start_matches('0');
        Some(Self { len: digits.len(), digits })
    }

    /// Returns the number, or the greatest `usize`, which also lies beyond every representation.
    fn or_max(self) -> usize {
        if self.digits.is_empty() { 0 } else { self.digits.parse().unwrap_or(usize::MAX) }
    }
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

    /// §14.1.1: a range is invalid if its last position is less than the first, however many digits
    /// the two have.
    #[test]
    fn positions_of_any_size_are_compared_as_numbers() {
        let huge = "9".repeat(400);
        let huger = format!("1{}", "0".repeat(400));
        let padded = format!("{}7", "0".repeat(400));
        for (first, last, expected) in [
            // Reversed.
            (&*huge, "1", RangeRequest::Whole),
            (&huge, "0", RangeRequest::Whole),
            (&huger, &huge, RangeRequest::Whole),
            ("99999999999999999999999", "1", RangeRequest::Whole),
            ("18446744073709551616", "18446744073709551615", RangeRequest::Whole),
            ("99999999999999999999998", "99999999999999999999997", RangeRequest::Whole),
            (&padded, "6", RangeRequest::Whole),
            ("8", &padded, RangeRequest::Whole),
            // In order, and past the end.
            (&huge, &huge, RangeRequest::Unsatisfiable),
            (&huge, &huger, RangeRequest::Unsatisfiable),
            (&huge, "", RangeRequest::Unsatisfiable),
            ("18446744073709551615", "18446744073709551616", RangeRequest::Unsatisfiable),
            ("99999999999999999999997", "99999999999999999999998", RangeRequest::Unsatisfiable),
            ("00000000000000000000000010", "0010", RangeRequest::Unsatisfiable),
            // In order, and cut to the end.
            ("3", &huge, RangeRequest::Part(3..10)),
            (&padded, &huger, RangeRequest::Part(7..10)),
            (&padded, "8", RangeRequest::Part(7..9)),
            (&padded, "", RangeRequest::Part(7..10)),
            ("0000", "00", RangeRequest::Part(0..1)),
            // The last bytes.
            ("", &huge, RangeRequest::Part(0..10)),
            ("", &padded, RangeRequest::Part(3..10)),
            ("", "0000000000000000000000000", RangeRequest::Unsatisfiable),
        ] {
            let field = format!("bytes={first}-{last}");
            assert_eq!(RangeRequest::parse(&field, 10), expected, "{field}");
        }
    }

    proptest! {
        #[test]
        fn ranges_mean_what_their_numbers_mean(
            first in prop_oneof![0u128..25, Just(u128::from(u64::MAX)), any::<u128>()],
            last in prop_oneof![0u128..25, Just(u128::from(u64::MAX) + 1), any::<u128>()],
            zeros in [0usize..30, 0..30],
            length in 0usize..20,
        ) {
            let [a, b] = zeros.map(|zeros| "0".repeat(zeros));
            let parsed = RangeRequest::parse(&format!("bytes={a}{first}-{b}{last}"), length);
            let expected = if last < first {
                RangeRequest::Whole
            } else if first >= length as u128 {
                RangeRequest::Unsatisfiable
            } else {
                let at = |number: u128| usize::try_from(number).unwrap_or(usize::MAX);
                RangeRequest::Part(at(first)..at(last).saturating_add(1).min(length))
            };
            prop_assert_eq!(parsed, expected);
        }

        #[test]
        fn parts_are_never_empty_nor_past_the_end(field in "bytes=[0-9]{0,3}-?[0-9]{0,3}|.*", length in 0usize..200) {
            if let RangeRequest::Part(part) = RangeRequest::parse(&field, length) {
                prop_assert!(part.start < part.end && part.end <= length);
            }
        }
    }
}
