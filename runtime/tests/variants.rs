//! Replies for assets that have variants: other media types (RFC 9110 §12.5.1), and bodies for dictionaries of
//! clients (RFC 9842).

use worker_pack_runtime::{
    Asset, Body, Coding, ETag, Method, Reply, Representation, Request, Table, Variant,
};

const DICTIONARY: &str = ":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:";

const fn of(coding: Coding, tag: u128, bytes: &'static [u8]) -> Representation<'static> {
    Representation::new(coding, ETag::new(tag), Body::memory(bytes))
}

static FOR_DICTIONARY: [Variant<'static>; 1] =
    [Variant::new(of(Coding::DictionaryBrotli, 3, b"dcb")).with_dictionary(DICTIONARY)];
static WEBP: [Variant<'static>; 1] =
    [Variant::new(of(Coding::Identity, 5, b"webp")).with_content_type("image/webp")];

static ASSETS: [Asset<'static>; 3] = [
    Asset::new("/a.png", "image/png", "max-age=60", of(Coding::Identity, 4, b"a png"))
        .with_variants(&WEBP),
    Asset::new("/d.bin", "application/octet-stream", "max-age=60", of(Coding::Identity, 6, b"d"))
        .with_use_as_dictionary("match=\"/*\""),
    Asset::new("/page.html", "text/html", "no-cache", of(Coding::Identity, 1, b"page"))
        .with_encoded(of(Coding::Brotli, 2, b"br"))
        .with_variants(&FOR_DICTIONARY),
];

fn respond(request: Request<'_>) -> Reply<'static> {
    Table::new(&ASSETS).respond(&request).expect("the path has an asset")
}

fn page() -> Request<'static> {
    Request {
        accept_encoding: Some("br, dcb"),
        available_dictionary: Some(DICTIONARY),
        ..Request::new(Method::Get, "/page")
    }
}

fn field<'r>(reply: &'r Reply<'_>, name: &str) -> &'r str {
    reply.headers().get(name).unwrap_or_default()
}

fn tag(bits: u128) -> String {
    ETag::new(bits).to_string()
}

#[test]
fn a_body_for_a_dictionary_has_its_coding_its_own_tag_and_stays_out_of_caches_of_the_edge() {
    let reply = respond(page());
    assert_eq!(reply.body().bytes(), Some(b"dcb".as_slice()));
    assert_eq!(field(&reply, "Content-Encoding"), "dcb");
    assert_eq!(field(&reply, "Content-Type"), "text/html");
    assert_eq!(field(&reply, "ETag"), tag(3));
    assert_eq!(field(&reply, "Cloudflare-CDN-Cache-Control"), "no-store");
}

/// RFC 9842 §6.2, RFC 9110 §12.5.5.
#[test]
fn every_reply_of_an_asset_with_a_body_for_a_dictionary_names_the_fields_it_depends_on() {
    let vary = "Accept-Encoding, Available-Dictionary";
    let identity = Request::new(Method::Get, "/page");
    let br = Request { accept_encoding: Some("br"), ..identity };
    for request in [identity, br, page()] {
        assert_eq!(field(&respond(request), "Vary"), vary, "{request:?}");
        let known = Request { if_none_match: Some("*"), ..request };
        assert_eq!(respond(known).status(), 304);
        assert_eq!(field(&respond(known), "Vary"), vary, "{request:?}");
    }
    assert_eq!(respond(br).headers().get("Cloudflare-CDN-Cache-Control"), None);
}

/// RFC 9842 §2.1.
#[test]
fn a_dictionary_names_its_use_and_varies_even_without_a_body_for_another() {
    let reply = respond(Request::new(Method::Get, "/d.bin"));
    assert_eq!(field(&reply, "Use-As-Dictionary"), "match=\"/*\"");
    assert_eq!(field(&reply, "Vary"), "Accept-Encoding, Available-Dictionary");
}

/// RFC 9110 §13.1.2, and §8.8.3.3 for the tags.
#[test]
fn a_client_with_any_representation_that_it_can_decode_gets_304_with_the_tag_of_that_one() {
    let lost = Request { available_dictionary: None, accept_encoding: Some("br"), ..page() };
    for (request, has, status) in [
        (page(), 3, 304),
        (page(), 2, 304),
        (page(), 1, 304),
        (lost, 3, 304),
        (lost, 2, 304),
        (lost, 9, 200),
        // A cache must not hand on a coding that its client refuses.
        (Request { accept_encoding: Some("gzip"), ..lost }, 2, 200),
        (Request { accept_encoding: Some("gzip"), ..lost }, 1, 304),
    ] {
        let known = tag(has);
        let reply = respond(Request { if_none_match: Some(&known), ..request });
        assert_eq!(reply.status(), status, "{has} {request:?}");
        if status == 304 {
            assert_eq!(field(&reply, "ETag"), known);
        }
    }
}

#[test]
fn a_picture_is_sent_in_the_media_type_that_the_client_names() {
    let png = Request::new(Method::Get, "/a.png");
    let webp = Request { accept: Some("image/webp,*/*"), ..png };
    for (request, content_type, bytes, etag) in
        [(png, "image/png", "a png", 4), (webp, "image/webp", "webp", 5)]
    {
        let reply = respond(request);
        assert_eq!(field(&reply, "Content-Type"), content_type);
        assert_eq!(field(&reply, "ETag"), tag(etag));
        assert_eq!(field(&reply, "Vary"), "Accept");
        assert_eq!(field(&reply, "Content-Length"), bytes.len().to_string());
        assert_eq!(reply.body().bytes(), Some(bytes.as_bytes()));
    }
}

/// RFC 9110 §14.2, §13.1.5: a range is one of the representation that the client names.
#[test]
fn a_range_is_taken_from_the_chosen_media_type_if_it_is_still_the_same() {
    let webp = tag(5);
    let request = Request {
        accept: Some("image/webp"),
        range: Some("bytes=1-2"),
        if_range: Some(&webp),
        ..Request::new(Method::Get, "/a.png")
    };
    let reply = respond(request);
    assert_eq!((reply.status(), reply.body().bytes()), (206, Some(b"eb".as_slice())));
    assert_eq!(field(&reply, "Content-Type"), "image/webp");
    assert_eq!(field(&reply, "Content-Range"), "bytes 1-2/4");
    let other = respond(Request { accept: None, ..request });
    assert_eq!((other.status(), other.body().bytes()), (200, Some(b"a png".as_slice())));
}
