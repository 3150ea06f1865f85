//! Proactive negotiation of the content coding (RFC 9110 §12.5.3).

use crate::coding::Coding;
use crate::representation::Representation;
use crate::rows::Asset;

/// The weight of a coding in thousandths: `q=0.5` is 500 (RFC 9110 §12.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Weight(u16);

impl Weight {
    const REFUSED: Self = Self(0);
    const FULL: Self = Self(1000);

    /// Reads `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`.
    fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let decimals = thousandths(decimals);
        match whole {
            "0" => Some(Self(decimals)),
            "1" if decimals == 0 => Some(Self::FULL),
            _ => None,
        }
    }
}

/// Reads up to three decimals as thousandths: `5` and `500` are both 500.
fn thousandths(decimals: &str) -> u16 {
    let digits = decimals.bytes().chain(*b"000").take(3);
    digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
}

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
        for member in field.split(',') {
            let Some((token, weight)) = parse_member(member) else { continue };
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

    fn weight(self, coding: Coding) -> Option<Weight> {
        self.weights[coding as usize].or(self.any)
    }
}

/// Chooses the representation of `asset` with the highest weight. Returns none if the client refuses
/// all of them, which is the only case for a 406 (RFC 9110 §15.5.7).
///
/// Among equal weights the order of [`Coding`] decides, so that identity comes last. Without the
/// field any coding is acceptable (§12.5.3), but most clients that omit it are simple tools: they get
/// identity.
pub(crate) fn choose<'a>(asset: &Asset<'a>, field: Option<&str>) -> Option<Representation<'a>> {
    let identity = asset.identity();
    let Some(field) = field else { return Some(identity) };
    let accepted = AcceptEncoding::parse(field);
    asset
        .encoded()
        .chain([identity])
        .filter(|representation| accepted.accepts(representation.coding()))
        // `max_by_key` returns the last of several maxima, so the preferred one has to come last.
        .rev()
        .max_by_key(|representation| accepted.weight(representation.coding()))
}

/// Splits a member such as `br;q=0.8` into its token and weight.
fn parse_member(member: &str) -> Option<(&str, Weight)> {
    let (token, parameters) = match member.split_once(';') {
        Some((token, parameters)) => (token, Some(parameters)),
        None => (member, None),
    };
    let token = token.trim_matches(OWS);
    let weight = match parameters {
        None => Weight::FULL,
        Some(parameters) => parse_weight(parameters).unwrap_or(Weight::REFUSED),
    };
    (!token.is_empty()).then_some((token, weight))
}

fn parse_weight(parameters: &str) -> Option<Weight> {
    let (name, value) = parameters.trim_matches(OWS).split_once('=')?;
    if name.eq_ignore_ascii_case("q") { Weight::parse(value) } else { None }
}

const OWS: [char; 2] = [' ', '\t'];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::etag::ETag;

    static ASSET: Asset<'static> = Asset::new(
        "/a.js",
        "text/javascript",
        "no-cache",
        Representation::identity(ETag::new(0), b"identity"),
    )
    .with_encoded(Representation::brotli(ETag::new(1), b"br"))
    .with_encoded(Representation::gzip(ETag::new(2), b"gzip"));

    fn chosen(field: &str) -> Option<Coding> {
        choose(&ASSET, Some(field)).map(|chosen| chosen.coding())
    }

    #[test]
    fn the_highest_weight_wins_and_then_the_order_of_codings() {
        let br = Some(Coding::Brotli);
        let gzip = Some(Coding::Gzip);
        let identity = Some(Coding::Identity);
        for (field, expected) in [
            ("gzip, deflate, br, zstd", br),
            ("br;q=0.5, gzip;q=0.8", gzip),
            ("GZIP;Q=0.8, BR ; q=0.8", br),
            ("x-gzip", gzip),
            ("*", br),
            ("*;q=0.5, br;q=0", gzip),
            ("identity;q=1, *;q=0", identity),
            ("identity, br;q=0.9", identity),
            ("br;q=0.001", br),
            ("br;q=0", identity),
            ("zstd", identity),
            ("", identity),
            ("gzip;q=0.1, *;q=0.5", br),
            ("br;q=1.000, br;q=0", identity),
        ] {
            assert_eq!(chosen(field), expected, "{field}");
        }
        assert_eq!(choose(&ASSET, None).map(|chosen| chosen.coding()), identity);
    }

    #[test]
    fn only_a_refusal_of_identity_leaves_no_representation() {
        for field in ["identity;q=0", "*;q=0", "zstd, identity;q=0, *;q=0", "br;q=0, *;q=0.0"] {
            assert_eq!(chosen(field), None, "{field}");
        }
        assert_eq!(chosen("*;q=0, br"), Some(Coding::Brotli));
        assert_eq!(chosen("*;q=0, identity;q=0.1"), Some(Coding::Identity));
    }

    #[test]
    fn weights_that_do_not_parse_count_as_refusals() {
        for field in ["br;q=2", "br;q=0.1234", "br;q=", "br;level=1", "br;q=1;q=1", "b r", ";q=1"] {
            assert_eq!(chosen(field), Some(Coding::Identity), "{field}");
        }
        assert_eq!(chosen(",,br;q=x,gzip,"), Some(Coding::Gzip));
        assert_eq!(chosen("br;q= 0, *"), Some(Coding::Gzip));
        assert_eq!(chosen("identity;q=none"), None);
    }

    /// Decides independently of the parser whether a field refuses a coding.
    fn refuses(members: &[(String, u16)], name: &str) -> bool {
        let weights = |wanted: &str| {
            members.iter().filter(|(token, _)| token == wanted).map(|(_, q)| *q).min()
        };
        match weights(name).or_else(|| weights("*")) {
            Some(weight) => weight == 0,
            None => name != "identity",
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(field in ".*") {
            let _ = chosen(&field);
        }

        #[test]
        fn chosen_representations_are_acceptable(
            members in prop::collection::vec(("br|gzip|identity|zstd|\\*", 0u16..=1000), 0..6),
        ) {
            let field = members
                .iter()
                .map(|(token, q)| format!("{token};q={}.{:03}", q / 1000, q % 1000))
                .collect::<Vec<_>>()
                .join(", ");
            match chosen(&field) {
                Some(coding) => prop_assert!(!refuses(&members, coding.token()), "{field}"),
                None => for name in ["br", "gzip", "identity"] {
                    prop_assert!(refuses(&members, name), "{field}");
                },
            }
        }
    }
}
