//! The parsers of paths and of header fields, compared with plain ones for well-formed input.

use percent_encoding::percent_decode_str;
use url::Url;
use worker_pack_runtime::packer::path::{decode, encode, encode_segments, normalize};
use worker_pack_runtime::request::RequestField;
use worker_pack_runtime::{Asset, Coding, ETag, Method, Reply, Representation, Request, Table};

/// Reads a text as a path, and as the value of each header field.
pub(crate) fn parsers(data: &[u8]) {
    let text = crate::text(data);
    path(&text);
    accept_encoding(&text);
    entity_tags(&text);
    range(&text);
}

fn path(text: &str) {
    let normal = normalize(text);
    assert_eq!(normalize(&normal), normal, "{text:?} has two normal forms");
    let is_sent = |byte: u8| byte > b' ' && !b"\x7f?#".contains(&byte);
    if text.starts_with(['/', '\\']) && text.bytes().all(is_sent) && crate::is_read_by_crate(text) {
        let url = Url::parse(&format!("http://a.example{text}")).expect("any path is valid");
        assert_eq!(url.path(), normal, "{text:?}");
    }
    if let Ok(decoded) = decode(text) {
        assert!(decoded.starts_with('/') && !decoded.contains('\0'), "{text:?}");
        assert_eq!(decoded.as_bytes(), percent_decode_str(text).collect::<Vec<u8>>());
    }
    if text.starts_with('/') && !text.contains('\0') {
        assert_eq!(decode(&encode(text)).as_deref(), Ok(text));
        assert_eq!(decode(&encode_segments(text)).as_deref(), Ok(text));
        assert!(encode(text).bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

const BODY: &[u8] = b"0123456789";
const TAG: &str = "\"00000000000000000000000000000001\"";

static ASSETS: [Asset<'static>; 1] =
    [Asset::new("/a", "text/plain", "no-cache", Representation::identity(ETag::new(1), BODY))
        .with_encoded(Representation::brotli(ETag::new(2), b"br"))
        .with_encoded(Representation::gzip(ETag::new(3), b"gzip"))];

fn reply(field: RequestField, value: &str) -> Reply<'static> {
    let mut request = Request::new(Method::Get, "/a");
    request.set_field(field, value);
    Table::new(&ASSETS).respond(&request).expect("the table has this asset")
}

/// The weights of the codings, in thousandths (RFC 9110 §12.5.3). Returns none for a field that is not
/// well-formed.
fn weights(field: &str) -> Option<Vec<(Coding, u32)>> {
    let mut any = None;
    let mut named: Vec<(Coding, u32)> = Vec::new();
    for member in field.split(',').map(|member| member.trim_matches([' ', '\t'])) {
        let (token, weight) = member.split_once(';').unwrap_or((member, "q=1"));
        let weight = weight.trim_matches([' ', '\t']);
        let weight = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?;
        let token = token.trim_matches([' ', '\t']);
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'*';
        let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
        let is_short = ["0", "1"].contains(&whole) && decimals.len() <= 3;
        let is_weight = is_short && decimals.bytes().all(|byte| byte.is_ascii_digit());
        if token.is_empty() || !token.bytes().all(is_token) || !is_weight {
            return None;
        }
        let weight: f64 = weight.parse().ok().filter(|weight| *weight <= 1.0)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 1")]
        let weight = (weight * 1000.0).round() as u32;
        if token == "*" {
            any = Some(any.map_or(weight, |earlier: u32| earlier.min(weight)));
        } else if let Some(coding) = Coding::from_token(token) {
            named.push((coding, weight));
        }
    }
    let weight = |coding: Coding| {
        let own = named.iter().filter(|(one, _)| *one == coding).map(|(_, weight)| *weight).min();
        own.or(any)
    };
    let all = [Coding::Brotli, Coding::Gzip, Coding::Identity];
    // Identity is acceptable with the lowest weight unless it is refused.
    Some(
        all.map(|coding| (coding, weight(coding)))
            .map(|(coding, weight)| match weight {
                None if coding == Coding::Identity => (coding, 1),
                weight => (coding, weight.map_or(0, |weight| weight * 2)),
            })
            .into(),
    )
}

fn accept_encoding(field: &str) {
    let reply = reply(RequestField::AcceptEncoding, field);
    let Some(weights) = weights(field) else { return };
    let greatest = weights.iter().map(|(_, weight)| *weight).max().unwrap_or_default();
    assert_eq!(reply.status() == 406, greatest == 0, "{field:?}");
    if reply.status() == 200 {
        let token = reply.headers().get("Content-Encoding").unwrap_or("identity");
        let chosen = Coding::from_token(token).expect("it is a coding");
        let (_, weight) =
            weights.iter().find(|(coding, _)| *coding == chosen).expect("it is known");
        assert_eq!(*weight, greatest, "{field:?} gives {token}");
    }
}

/// Reads a list of entity tags (RFC 9110 §13.1.2), as their marks of weakness and their texts. Returns
/// none for a list that is not well-formed.
fn tags(field: &str) -> Option<Vec<(bool, &str)>> {
    let mut tags = Vec::new();
    let mut rest = field;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let strong = rest.strip_prefix("W/").unwrap_or(rest);
        let len = strong.strip_prefix('"')?.find('"')? + 2;
        tags.push((strong.len() < rest.len(), &strong[..len]));
        rest = strong[len..].trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return Some(tags);
        }
        rest = rest.strip_prefix(',')?;
    }
}

fn entity_tags(field: &str) {
    let none_match = reply(RequestField::IfNoneMatch, field);
    let matches = reply(RequestField::IfMatch, field);
    assert!([200, 304].contains(&none_match.status()) && [200, 412].contains(&matches.status()));
    if let Some(tags) = tags(field) {
        let is_known = tags.iter().any(|(_, tag)| *tag == TAG);
        assert_eq!(none_match.status() == 304, is_known, "{field:?}");
        assert_eq!(matches.status() == 200, tags.contains(&(false, TAG)), "{field:?}");
    }
    let mut request = Request::new(Method::Get, "/a");
    request.set_field(RequestField::Range, "bytes=1-2");
    request.set_field(RequestField::IfRange, field);
    let status = Table::new(&ASSETS).respond(&request).map(|reply| reply.status());
    let is_it = field.trim_matches([' ', '\t']) == TAG;
    assert_eq!(status, Some(if is_it { 206 } else { 200 }), "{field:?}");
}

/// Returns the status and the body for a single range of bytes (RFC 9110 §14.1.2). Returns none for a
/// field that is not one.
fn part(field: &str) -> Option<(u16, &'static [u8])> {
    let (first, last) = field.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| {
        let is_number = text.len() < 30 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u128>().ok().filter(|_| is_number)
    };
    let len = BODY.len();
    let at = |number: u128| usize::try_from(number).unwrap_or(len).min(len);
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => at(first)..at(last + 1),
        (Some(first), None) if last.is_empty() => at(first)..len,
        (None, Some(suffix)) if first.is_empty() => len - at(suffix)..len,
        _ => return None,
    };
    Some(if range.is_empty() { (416, b"") } else { (206, &BODY[range]) })
}

fn range(field: &str) {
    let reply = reply(RequestField::Range, field);
    let body = reply.body().bytes().expect("it is in memory");
    match part(field) {
        Some((416, _)) => assert_eq!(reply.status(), 416, "{field:?}"),
        Some(expected) => assert_eq!((reply.status(), body), expected, "{field:?}"),
        None if reply.status() == 200 => assert_eq!(body, BODY),
        None => assert!([206, 416].contains(&reply.status()), "{field:?}"),
    }
}
