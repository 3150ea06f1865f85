//! The field `Accept` (RFC 9110 §12.5.1), for assets in several media types.

use crate::weight::{Weight, members};

/// The weight that a client gives to a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeWeight {
    /// The field names the type.
    Named(Weight),
    /// The field has a range that contains the type, such as `image/*`.
    InRange(Weight),
    /// The field does not contain the type.
    Missing,
}

impl TypeWeight {
    /// Returns the weight of a media type, whose parameters do not count. The most specific member decides, and
    /// the lower weight of two that are equal. A member with other parameters than a weight refuses its type.
    pub(crate) fn of(media_type: &str, field: &str) -> Self {
        let essence = essence(media_type);
        let (kind, _) = essence.split_once('/').unwrap_or((essence, ""));
        let (mut named, mut of_kind, mut of_any) = (None, None, None);
        for (range, weight) in members(field) {
            let slot: &mut Option<Weight> = if range.eq_ignore_ascii_case(essence) {
                &mut named
            } else if range == "*/*" {
                &mut of_any
            } else if range.strip_suffix("/*").is_some_and(|own| own.eq_ignore_ascii_case(kind)) {
                &mut of_kind
            } else {
                continue;
            };
            *slot = Some(slot.map_or(weight, |earlier| earlier.min(weight)));
        }
        match (named, of_kind.or(of_any)) {
            (Some(weight), _) => Self::Named(weight),
            (None, Some(weight)) => Self::InRange(weight),
            (None, None) => Self::Missing,
        }
    }

    /// Returns the weight, if the client names the type and accepts it. A range such as `*/*` does not prove
    /// that a client knows a type that is younger than the client.
    pub(crate) fn if_named(self) -> Option<Weight> {
        match self {
            Self::Named(weight) if weight > Weight::REFUSED => Some(weight),
            Self::Named(_) | Self::InRange(_) | Self::Missing => None,
        }
    }

    /// Returns the weight, which is the lowest for a type that the field does not contain.
    pub(crate) fn or_refused(self) -> Weight {
        match self {
            Self::Named(weight) | Self::InRange(weight) => weight,
            Self::Missing => Weight::REFUSED,
        }
    }
}

/// Returns a media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type.split_once(';').map_or(media_type, |(essence, _)| essence).trim_end()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns whether a client gets WebP instead of PNG, if both exist.
    fn names_webp(field: &str) -> bool {
        let own = TypeWeight::of("image/png", field).or_refused();
        TypeWeight::of("image/webp", field).if_named().is_some_and(|weight| weight >= own)
    }

    #[test]
    fn a_type_counts_if_it_is_named_and_not_ranked_below_another() {
        for (field, expected) in [
            ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", true),
            ("image/webp", true),
            ("IMAGE/WEBP;Q=0.5", true),
            ("image/webp;q=0.9, image/png;q=0.8", true),
            ("image/webp;q=0.5, image/png", false),
            ("image/webp;q=0.5, image/*", false),
            ("image/webp;q=0.5, image/*;q=0.9, image/png;q=0.1", true),
            ("image/webp;q=0", false),
            ("image/webp;q=x", false),
            ("image/webp, image/webp;q=0", false),
            ("image/webp;lossless=1", false),
            ("image/*", false),
            ("*/*", false),
            ("", false),
            ("image/webpx, ximage/webp", false),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
                true,
            ),
        ] {
            assert_eq!(names_webp(field), expected, "{field}");
        }
    }

    #[test]
    fn parameters_of_a_content_type_do_not_count() {
        let weight = TypeWeight::of("text/html; charset=utf-8", "text/html;q=0.2, text/*");
        assert_eq!(weight.if_named(), members("x;q=0.2").next().map(|(_, weight)| weight));
    }

    proptest! {
        #[test]
        fn reading_never_panics(field in ".*|(image/[a-z*]*(;q=[0-9.]*)?,?)*") {
            let _ = names_webp(&field);
        }
    }
}
