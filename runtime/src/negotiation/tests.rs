//! Tests of the negotiation.

use proptest::prelude::*;

use super::*;
use crate::etag::ETag;
use crate::request::Method;

static ASSET: Asset<'static> = Asset::new(
    "/a.js",
    "text/javascript",
    "no-cache",
    Representation::identity(ETag::new(0), b"identity"),
)
.with_encoded(Representation::brotli(ETag::new(1), b"br"))
.with_encoded(Representation::gzip(ETag::new(2), b"gzip"));

fn chosen(field: &str) -> Option<Coding> {
    choose_plain(&ASSET, Some(field)).map(|chosen| chosen.coding())
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
    assert_eq!(choose_plain(&ASSET, None).map(|chosen| chosen.coding()), identity);
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
    let weights =
        |wanted: &str| members.iter().filter(|(token, _)| token == wanted).map(|(_, q)| *q).min();
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

const DICTIONARY: &str = ":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:";
const OTHER: &str = ":AAAm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:";

static VARIANTS: [Variant<'static>; 3] = [
    Variant::new(of(Coding::DictionaryBrotli, 3)).with_dictionary(DICTIONARY),
    Variant::new(of(Coding::Identity, 4)).with_content_type("image/avif"),
    Variant::new(of(Coding::Identity, 5)).with_content_type("image/webp"),
];

/// An asset with each kind of variant, which no real one has.
static NEGOTIATED: Asset<'static> =
    Asset::new("/a", "image/png", "no-cache", of(Coding::Identity, 0))
        .with_encoded(of(Coding::Brotli, 1))
        .with_variants(&VARIANTS);

const fn of(coding: Coding, tag: u128) -> Representation<'static> {
    Representation::new(coding, ETag::new(tag), crate::body::Body::memory(b"bytes"))
}

/// Returns the media type and the coding that a client gets.
fn negotiated(
    accept: Option<&str>,
    accept_encoding: Option<&str>,
    available_dictionary: Option<&str>,
) -> Option<(&'static str, Coding)> {
    let request = Request {
        accept_encoding,
        accept,
        available_dictionary,
        ..Request::new(Method::Get, "/a")
    };
    let chosen = choose(&NEGOTIATED, &request)?;
    Some((chosen.content_type, chosen.representation.coding()))
}

#[test]
fn a_client_gets_a_body_for_its_dictionary_and_for_no_other() {
    let codings = "gzip, br, zstd, dcb, dcz";
    for (accept_encoding, dictionary, expected) in [
        (codings, Some(DICTIONARY), Coding::DictionaryBrotli),
        ("DCB, br", Some(DICTIONARY), Coding::DictionaryBrotli),
        ("br;q=0.5, dcb;q=0.5", Some(DICTIONARY), Coding::DictionaryBrotli),
        (codings, Some(OTHER), Coding::Brotli),
        (codings, None, Coding::Brotli),
        (codings, Some(""), Coding::Brotli),
        (codings, Some(&DICTIONARY[1..]), Coding::Brotli),
        ("br", Some(DICTIONARY), Coding::Brotli),
        ("br, *", Some(DICTIONARY), Coding::Brotli),
        ("br, dcb;q=0", Some(DICTIONARY), Coding::Brotli),
        ("br, dcb;q=0.9", Some(DICTIONARY), Coding::Brotli),
        ("br, dcb;q=x", Some(DICTIONARY), Coding::Brotli),
        ("dcb", None, Coding::Identity),
        ("", Some(DICTIONARY), Coding::Identity),
    ] {
        let (_, coding) = negotiated(None, Some(accept_encoding), dictionary).unwrap();
        assert_eq!(coding, expected, "{accept_encoding} {dictionary:?}");
    }
    // RFC 9842 §2.2: the field has one hash. Two lines of it are joined.
    let two = format!("{DICTIONARY}, {DICTIONARY}");
    assert_eq!(negotiated(None, Some(codings), Some(&two)).unwrap().1, Coding::Brotli);
    assert_eq!(negotiated(None, None, Some(DICTIONARY)).unwrap().1, Coding::Identity);
}

#[test]
fn a_client_gets_another_media_type_only_if_it_names_it() {
    for (accept, expected) in [
        (Some("image/avif,image/webp,*/*;q=0.8"), "image/avif"),
        (Some("image/webp,*/*;q=0.8"), "image/webp"),
        (Some("image/avif;q=0.5,image/webp"), "image/webp"),
        (Some("image/webp;q=0.5,image/png"), "image/png"),
        (Some("image/*"), "image/png"),
        (Some("text/html"), "image/png"),
        (Some(""), "image/png"),
        (None, "image/png"),
    ] {
        let chosen = negotiated(accept, Some("gzip"), None);
        assert_eq!(chosen, Some((expected, Coding::Identity)), "{accept:?}");
    }
}

#[test]
fn a_media_type_without_an_acceptable_coding_leaves_the_others() {
    let chosen = negotiated(Some("image/webp"), Some("br, identity;q=0"), None);
    assert_eq!(chosen, Some(("image/png", Coding::Brotli)));
    assert_eq!(negotiated(Some("image/webp"), Some("*;q=0"), None), None);
}

#[test]
fn variants_whose_coding_and_dictionary_do_not_belong_together_are_left_out() {
    static WRONG: [Variant<'static>; 2] = [
        Variant::new(of(Coding::DictionaryBrotli, 3)),
        Variant::new(of(Coding::Brotli, 3)).with_dictionary(DICTIONARY),
    ];
    assert_eq!(NEGOTIATED.with_variants(&WRONG).variants().count(), 0);
}

proptest! {
    #[test]
    fn negotiating_never_panics(accept in ".*", codings in ".*", dictionary in ".*") {
        let _ = negotiated(Some(&accept), Some(&codings), Some(&dictionary));
    }
}
