//! Media types of files whose names say nothing, from their first bytes, as browsers find them (WHATWG MIME
//! Sniffing, “Identifying a resource with an unknown MIME type”).
//!
//! It differs in two points that no browser shows: fonts have a type, and text that begins like a picture
//! (`BM`) is text.

/// The number of bytes that decide, as in the standard.
pub(crate) const HEAD: usize = 1445;

/// The types that may be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sniffing {
    /// All.
    Full,
    /// None in which a browser runs scripts, since the response forbids sniffing with
    /// `X-Content-Type-Options: nosniff`.
    WithoutScripts,
}

/// The beginnings of HTML, each with the byte after it.
const TAGS: [&str; 16] = [
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
];

/// The beginnings of other types. A `?` is any byte.
const SIGNATURES: [(&[u8], &str); 24] = [
    (b"\0\0\x01\0", "image/x-icon"),
    (b"\0\0\x02\0", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"RIFF????WEBPVP", "image/webp"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"FORM????AIFF", "audio/aiff"),
    (b"ID3", "audio/mpeg"),
    (b"OggS\0", "application/ogg"),
    (b"MThd\0\0\0\x06", "audio/midi"),
    (b"RIFF????AVI ", "video/avi"),
    (b"RIFF????WAVE", "audio/wave"),
    (b"\0\x01\0\0", "font/ttf"),
    (b"OTTO", "font/otf"),
    (b"ttcf", "font/collection"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x1f\x8b\x08", "application/x-gzip"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar \x1a\x07\0", "application/x-rar-compressed"),
    (b"Rar!\x1a\x07\0", "application/x-rar-compressed"),
    (b"Rar!\x1a\x07\x01\0", "application/x-rar-compressed"),
];

/// Returns the type of a file that begins with these bytes.
pub(crate) fn sniff(bytes: &[u8], sniffing: Sniffing) -> &'static str {
    let head = &bytes[..bytes.len().min(HEAD)];
    if sniffing == Sniffing::Full
        && let Some(found) = scriptable(head)
    {
        return found;
    }
    if head.starts_with(b"%!PS-Adobe-") {
        return "application/postscript";
    }
    let has_mark = [&b"\xfe\xff"[..], b"\xff\xfe", b"\xef\xbb\xbf"];
    if has_mark.iter().any(|mark| head.starts_with(mark)) || !head.iter().copied().any(is_binary) {
        return "text/plain";
    }
    let begins = |pattern: &[u8]| {
        let is_same = |(expected, byte): (&u8, &u8)| *expected == b'?' || expected == byte;
        head.len() >= pattern.len() && pattern.iter().zip(head).all(is_same)
    };
    if let Some((_, found)) = SIGNATURES.iter().find(|(pattern, _)| begins(pattern)) {
        found
    } else if is_mp4(head) {
        "video/mp4"
    } else if is_webm(head) {
        "video/webm"
    } else if is_mp3(head) {
        "audio/mpeg"
    } else {
        "application/octet-stream"
    }
}

/// Returns the type of a page or document in which browsers run scripts.
fn scriptable(head: &[u8]) -> Option<&'static str> {
    let is_space = |byte: &u8| matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ');
    let start = head.iter().position(|byte| !is_space(byte)).unwrap_or(head.len());
    let text = &head[start..];
    let is_tag = |tag: &str| {
        let ends = matches!(text.get(tag.len()), Some(b' ' | b'>'));
        ends && text[..tag.len()].eq_ignore_ascii_case(tag.as_bytes())
    };
    if TAGS.iter().any(|tag| is_tag(tag)) || text.starts_with(b"<!--") {
        Some("text/html")
    } else if text.starts_with(b"<?xml") {
        Some("text/xml")
    } else if head.starts_with(b"%PDF-") {
        Some("application/pdf")
    } else {
        None
    }
}

/// Returns whether a byte does not occur in text (“binary data byte”).
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}

/// Returns whether one of the brands of an ISO media file is `mp4`.
fn is_mp4(head: &[u8]) -> bool {
    let Some((size, rest)) = head.split_first_chunk::<4>() else { return false };
    let size = usize::try_from(u32::from_be_bytes(*size)).unwrap_or(usize::MAX);
    let is_box = head.len() >= 12 && size <= head.len() && size % 4 == 0;
    let brand_at = |at: usize| head.get(at..at + 3) == Some(b"mp4");
    is_box && rest.starts_with(b"ftyp") && (brand_at(8) || (16..size).step_by(4).any(brand_at))
}

/// Returns whether a file is EBML of the type `webm`.
fn is_webm(head: &[u8]) -> bool {
    if !head.starts_with(b"\x1a\x45\xdf\xa3") {
        return false;
    }
    let header = &head[..head.len().min(38)];
    let Some(at) = header.windows(2).skip(4).position(|id| id == [0x42, 0x82]) else {
        return false;
    };
    let size_at = at + 4 + 2;
    // The number of leading zeros of a variable-length integer is the number of bytes that follow.
    let Some(first) = head.get(size_at) else { return false };
    let name = head.get(size_at + 1 + first.leading_zeros() as usize..).unwrap_or_default();
    let padding = name.iter().take_while(|byte| **byte == 0).count();
    name[padding..].starts_with(b"webm")
}

/// Returns whether a file begins with two frames of MPEG audio.
fn is_mp3(head: &[u8]) -> bool {
    frame_size(head).is_some_and(|size| head.get(size..).and_then(frame_size).is_some())
}

/// Returns the size of a frame of MPEG audio, layer III.
fn frame_size(bytes: &[u8]) -> Option<usize> {
    const RATES: [usize; 15] = [
        0, 32_000, 40_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000,
        192_000, 224_000, 256_000, 320_000,
    ];
    const RATES_OF_VERSION_2: [usize; 15] = [
        0, 8_000, 16_000, 24_000, 32_000, 40_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000,
        128_000, 144_000, 160_000,
    ];
    const SAMPLES: [usize; 3] = [44_100, 48_000, 32_000];
    let [sync, flags, numbers, ..] = *bytes else { return None };
    let is_layer_3 = sync == 0xff && flags & 0xe0 == 0xe0 && (flags & 0x06) >> 1 == 1;
    let version = (flags & 0x18) >> 3;
    let (rate, samples) = (usize::from(numbers >> 4), usize::from((numbers & 0x0c) >> 2));
    if !is_layer_3 || version == 1 || rate == 0 {
        return None;
    }
    let is_version_1 = version == 3;
    let rate = *(if is_version_1 { &RATES } else { &RATES_OF_VERSION_2 }).get(rate)?;
    let halves = [4, 0, 2, 1][usize::from(version)];
    let samples = SAMPLES.get(samples)? / halves;
    let scale = if is_version_1 { 144 } else { 72 };
    let padding = usize::from(numbers & 0x02 != 0);
    let size = rate * scale / samples + padding;
    (size >= 4).then_some(size)
}

#[cfg(test)]
#[path = "sniff/tests.rs"]
mod tests;
