//! Pictures that keep their bytes, or have no form in WebP.

use worker_pack::Options;
use worker_pack::options::{Effort, Fidelity, Pictures};
use worker_pack::report::{Code, Outcome, UntouchedReason};
use worker_pack::table::ContentHash;

use super::files::{Png, chunk, rgba, with_chunks};
use super::{Forms, forms, forms_of, forms_with, report, screenshot, site};
use crate::support::site::{Site, workers};

fn untouched(png: &[u8]) -> UntouchedReason {
    let site = site(png);
    let packed = site.pack();
    let forms = forms_of(&packed, "a.png");
    assert!(forms.png == png, "its bytes stay");
    assert_eq!(forms.webp, None);
    match forms.outcome {
        Outcome::Untouched(reason) => {
            let is_damaged = reason == UntouchedReason::DoesNotParse;
            let found = packed.report().diagnostics.iter();
            let found = found.filter(|found| found.code == Code::PictureDamaged).count();
            assert_eq!(found, usize::from(is_damaged), "{:?}", packed.report().diagnostics);
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn damaged_files_stay_with_a_warning() {
    let whole = screenshot();
    for len in 8..whole.len() {
        if len % 97 == 0 || len < 60 || whole.len() - len < 20 {
            assert_eq!(untouched(&whole[..len]), UntouchedReason::DoesNotParse, "{len} bytes");
        }
    }
    for at in [12, 20, 29, whole.len() / 2, whole.len() - 14, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x20;
        assert_eq!(untouched(&damaged), UntouchedReason::DoesNotParse, "at {at}");
    }
    // The checksums of the chunks are right, and the compressed data is not.
    let header = &whole[..33];
    let damaged = [header, &chunk(*b"IDAT", b"no zlib"), &chunk(*b"IEND", b"")].concat();
    assert_eq!(untouched(&damaged), UntouchedReason::DoesNotParse);
    let empty = [header, &chunk(*b"IEND", b"")].concat();
    assert_eq!(untouched(&empty), UntouchedReason::DoesNotParse);
}

#[test]
fn files_of_another_format_stay() {
    for bytes in [&b""[..], b"\x89PNG", b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"GIF89a", b"<svg/>"] {
        assert_eq!(untouched(bytes), UntouchedReason::OtherFormat, "{bytes:?}");
    }
    let site = Site::new(&[("index.html", &b"<p>"[..]), ("a.jpg", &screenshot())]);
    assert_eq!(forms_of(&site.pack(), "a.jpg").outcome, Outcome::NotMinifiable);
}

#[test]
fn headers_that_lie_about_the_size_take_no_memory() {
    for (width, height) in [(u32::MAX >> 1, u32::MAX >> 1), (65_535, 65_535), (1 << 25, 2)] {
        let mut header = screenshot()[16..29].to_vec();
        header[..4].copy_from_slice(&width.to_be_bytes());
        header[4..8].copy_from_slice(&height.to_be_bytes());
        let rest = &screenshot()[33..];
        let png = [&screenshot()[..8], &chunk(*b"IHDR", &header), rest].concat();
        assert_eq!(untouched(&png), UntouchedReason::TooLarge, "{width} x {height}");
    }
    let mut header = screenshot()[16..29].to_vec();
    header[..8].fill(0);
    let png = [&screenshot()[..8], &chunk(*b"IHDR", &header), &screenshot()[33..]].concat();
    assert_eq!(untouched(&png), UntouchedReason::DoesNotParse, "no pixels");
}

#[test]
fn animations_signed_files_and_data_after_the_end_stay() {
    let plain = screenshot();
    let animated = with_chunks(&plain, &[chunk(*b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0])]);
    assert_eq!(untouched(&animated), UntouchedReason::Animated);
    for name in [b"caBX", b"CgBI", b"abCD"] {
        let fixed = with_chunks(&plain, &[chunk(*name, b"data")]);
        assert_eq!(untouched(&fixed), UntouchedReason::DependentParts, "{name:?}");
    }
    assert_eq!(untouched(&[&*plain, b"PK\x03\x04"].concat()), UntouchedReason::DataAfterEnd);
}

#[test]
fn a_picture_that_is_named_by_its_hash_keeps_its_bytes() {
    let png = screenshot();
    let digest = ContentHash::of(&png);
    let sums = format!("{digest}  a.png\n");
    let site = Site::new(&[
        ("index.html", &b"<img src=/a.png>"[..]),
        ("a.png", &png),
        ("SHA256SUMS", sums.as_bytes()),
    ]);
    let packed = site.pack();
    let forms = forms_of(&packed, "a.png");
    assert_eq!(forms.outcome, Outcome::Untouched(UntouchedReason::NamedByHash));
    assert!(forms.png == png && forms.webp.is_none());
    assert_eq!(report(&packed, "a.png").named_by.as_deref(), Some("SHA256SUMS"));

    let site = Site::new(&[
        ("index.html", &b"<link rel=preload as=image href=/a.png integrity=sha256-abc=>"[..]),
        ("a.png", &png),
    ]);
    let forms = forms_of(&site.pack(), "a.png");
    assert_eq!(forms.outcome, Outcome::Untouched(UntouchedReason::IntegrityChecked));
    assert!(forms.png == png && forms.webp.is_none());
}

#[test]
fn a_rule_an_option_or_a_lesser_effort_leave_pictures_as_they_are() {
    let png = screenshot();
    let rule = Options { rule: vec!["/a.png minify=off".parse().unwrap()], ..Options::default() };
    let by_rule = forms_with(&png, rule);
    assert_eq!(by_rule.outcome, Outcome::Untouched(UntouchedReason::ByRule));
    let off = Options { pictures: Pictures::Off, ..Options::default() };
    let balanced = Options { effort: Some(Effort::Balanced), ..Options::default() };
    for forms in [by_rule, forms_with(&png, off), forms_with(&png, balanced)] {
        assert!(forms.png == png && forms.webp.is_none());
    }
}

#[test]
fn what_needs_a_png_file_gets_no_webp() {
    let png = screenshot();
    let strict = Options { fidelity: Fidelity::Strict, ..workers() };
    let typed = Options {
        rule: vec!["/a.png content-type=image/png".parse().unwrap()],
        ..Options::default()
    };
    let downloaded = |page: &str| {
        let site = Site::new(&[("index.html", page.as_bytes()), ("a.png", &png)]);
        forms_of(&site.pack(), "a.png")
    };
    let by_header = {
        let site = site(&png);
        site.write("_headers", "/a.png\n  Content-Type: image/x-png\n");
        forms_of(&site.pack(), "a.png")
    };
    for (why, Forms { outcome, webp, .. }) in [
        ("strict", forms_with(&png, strict)),
        ("a type by rule", forms_with(&png, typed)),
        ("a type by _headers", by_header),
        ("saved under its name", downloaded("<a href=/a.png download>Logo</a>")),
        ("saved under another name", downloaded("<a href=a.png download=logo.png>Logo</a>")),
    ] {
        assert_eq!(outcome, Outcome::Minified, "{why}");
        assert_eq!(webp, None, "{why}");
    }
    assert!(downloaded("<a href=/a.png>Large</a>").webp.is_some(), "shown");
}

#[test]
fn sixteen_bits_stay_unless_they_say_no_more_than_eight() {
    use png::{BitDepth, ColorType};
    let samples = (0..64 * 64_u32).flat_map(|n| u16::try_from(n * 16).unwrap().to_be_bytes());
    let grey = |rows| Png::new(64, 64, ColorType::Grayscale, BitDepth::Sixteen, rows).encoded();
    let fine = grey(samples.collect());
    let Forms { png, webp, .. } = forms(&fine);
    assert_eq!(webp, None, "WebP has eight bits");
    assert_eq!(rgba(&png), rgba(&fine));
    let coarse = grey((0..64 * 64_u32).flat_map(|n| [u8::try_from(n % 200).unwrap(); 2]).collect());
    let Forms { png, .. } = forms(&coarse);
    assert_eq!(rgba(&png), rgba(&coarse));
    assert!(png.len() < coarse.len() / 2);
}
