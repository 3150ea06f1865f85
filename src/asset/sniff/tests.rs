use super::*;

#[test]
fn types_are_found_as_by_browsers() {
    let cases: [(&[u8], &str); 62] = [
        (b"", "text/plain"),
        (b"Text\n", "text/plain"),
        (b"caf\xe9", "text/plain"),
        (b"{\"a\": 1}", "text/plain"),
        (b"BMW and ID3 are texts", "text/plain"),
        (b"OTTO is a name", "text/plain"),
        (b"\x1b[1mbold\x1b[0m", "text/plain"),
        (b"\xef\xbb\xbftext", "text/plain"),
        (b"\xef\xbb\xbf<!doctype html>", "text/plain"),
        (b"\xfe\xff\0a\0b", "text/plain"),
        (b"\xff\xfea\0b\0", "text/plain"),
        (b"<!doctype html><title>a</title>", "text/html"),
        (b"\r\n\t \x0c<!DOCTYPE HTML PUBLIC", "text/html"),
        (b"<!doctype htmlx>", "text/plain"),
        (b"<!doctype html", "text/plain"),
        (b"<HTML>", "text/html"),
        (b"<head>", "text/html"),
        (b"<script src=a>", "text/html"),
        (b"<iframe src=a>", "text/html"),
        (b"<h1>", "text/html"),
        (b"<div class=a>", "text/html"),
        (b"<font >", "text/html"),
        (b"<table>", "text/html"),
        (b"<a href=b>", "text/html"),
        (b"<style>", "text/html"),
        (b"<title>", "text/html"),
        (b"<b>", "text/html"),
        (b"<body>", "text/html"),
        (b"<br>", "text/html"),
        (b"<p>", "text/html"),
        (b"<!-- a -->", "text/html"),
        (b"<!--", "text/html"),
        (b"<br/>", "text/plain"),
        (b"<div\n>", "text/plain"),
        (b"<pre>", "text/plain"),
        (b"<svg xmlns=a>", "text/plain"),
        (b"<rss version=\"2.0\">", "text/plain"),
        (b"<?xml version=\"1.0\"?><rss version=\"2.0\">", "text/xml"),
        (b" <?xml version=\"1.0\"?><feed>", "text/xml"),
        (b"<?php echo 1;", "text/plain"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b" %PDF-1.7\n", "text/plain"),
        (b"%!PS-Adobe-3.0", "application/postscript"),
        (b"\0\0\x01\0\x01\0", "image/x-icon"),
        (b"BM\x36\0\0\0", "image/bmp"),
        (b"GIF89a\x01\0", "image/gif"),
        (b"RIFF\x01\0\0\0WEBPVP8 ", "image/webp"),
        (b"\x89PNG\r\n\x1a\n\0", "image/png"),
        (b"\xff\xd8\xff\xe0\0", "image/jpeg"),
        (b"ID3\x03\0", "audio/mpeg"),
        (b"OggS\0\x02", "application/ogg"),
        (b"RIFF\x01\0\0\0WAVEfmt ", "audio/wave"),
        (b"RIFF\x01\0\0\0AVI LIST", "video/avi"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video/mp4"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", "video/mp4"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "application/octet-stream"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm\0\0", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "application/octet-stream"),
        (b"wOF2\0\x01\0\0", "font/woff2"),
        (b"\x1f\x8b\x08\0", "application/x-gzip"),
        (b"PK\x03\x04\x14\0", "application/zip"),
        (b"\0asm\x01\0\0\0", "application/octet-stream"),
    ];
    for (bytes, expected) in cases {
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(sniff(bytes, Sniffing::Full), expected, "{text:?}");
        // Without scripts, the types of pages and documents are those of their bytes.
        let expected = match expected {
            "text/html" | "text/xml" | "application/pdf" => "text/plain",
            other => other,
        };
        assert_eq!(sniff(bytes, Sniffing::WithoutScripts), expected, "{text:?}");
    }
}

#[test]
fn audio_is_known_by_two_frames() {
    // MPEG 1, layer III, 128 kbit/s, 44.1 kHz: frames of 417 bytes.
    let mut bytes = vec![0_u8; 900];
    bytes[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0]);
    assert_eq!(sniff(&bytes, Sniffing::Full), "application/octet-stream");
    bytes[417..421].copy_from_slice(&[0xff, 0xfb, 0x90, 0]);
    assert_eq!(sniff(&bytes, Sniffing::Full), "audio/mpeg");
}

#[test]
fn only_the_first_bytes_decide() {
    let mut bytes = vec![b'a'; HEAD];
    bytes.push(0);
    assert_eq!(sniff(&bytes, Sniffing::Full), "text/plain");
    bytes[HEAD - 1] = 0;
    assert_eq!(sniff(&bytes, Sniffing::Full), "application/octet-stream");
}

proptest::proptest! {
    #[test]
    fn any_bytes_have_a_type(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
        for start in [&b""[..], b"\xff\xfb", b"\x1a\x45\xdf\xa3\x42\x82", b"\0\0\0\x10ftyp"] {
            let bytes = [start, &bytes].concat();
            assert!(sniff(&bytes, Sniffing::Full).contains('/'));
        }
    }
}
