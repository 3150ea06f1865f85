//! Pictures that keep their bytes, or have no other form, although a loss is allowed.

use mozjpeg::ColorSpace;
use png::{BitDepth, ColorType};
use worker_pack::Options;
use worker_pack::options::{Effort, Fidelity};
use worker_pack::report::{Code, Outcome, UntouchedReason};
use worker_pack::table::ContentHash;

use super::photographs::{SIDES, jpeg, jpeg_of, png, segment, with_segments};
use super::{Forms, forms, forms_of, forms_with, lossy, site};
use crate::picture::files::{Png, chunk, rgba, with_chunks};
use crate::picture::report;
use crate::support::site::{Site, workers};

/// Packs a picture that stays, and returns the reason.
fn untouched(name: &str, bytes: &[u8]) -> UntouchedReason {
    let site = site(name, bytes);
    let packed = site.pack_with(lossy());
    let forms = forms_of(&packed, name);
    assert!(forms.own == bytes, "its bytes stay");
    assert_eq!((forms.avif, forms.webp), (None, None));
    let Outcome::Untouched(reason) = forms.outcome else { panic!("{:?}", forms.outcome) };
    let is_damaged = reason == UntouchedReason::DoesNotParse;
    let found = packed.report().diagnostics.iter();
    let found = found.filter(|found| found.code == Code::PictureDamaged).count();
    assert_eq!(found, usize::from(is_damaged), "{:?}", packed.report().diagnostics);
    reason
}

#[test]
fn truncated_and_corrupt_photographs_stay_with_a_warning() {
    let whole = jpeg();
    for len in [3, 20, 300, whole.len() / 2, whole.len() - 2, whole.len() - 1] {
        assert_eq!(untouched("a.jpg", &whole[..len]), UntouchedReason::DoesNotParse, "{len} bytes");
    }
    // A length that leads into the data.
    let mut corrupt = whole.clone();
    corrupt[4] = 0x7f;
    assert_eq!(untouched("a.jpg", &corrupt), UntouchedReason::DoesNotParse);
}

#[test]
fn files_that_lie_about_their_type_stay() {
    for bytes in [&png()[..], b"GIF89a", b"", b"<svg/>"] {
        assert_eq!(untouched("a.jpg", bytes), UntouchedReason::OtherFormat, "{bytes:?}");
    }
    assert_eq!(untouched("a.png", &jpeg()), UntouchedReason::OtherFormat);
}

#[test]
fn files_of_other_formats_stay() {
    let webp = forms("a.jpg", &jpeg()).webp.unwrap();
    let avif = forms("a.jpg", &jpeg()).avif.unwrap();
    for (name, bytes) in
        [("a.webp", &webp[..]), ("a.avif", &avif), ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;")]
    {
        let Forms { outcome, own, avif, webp } = forms(name, bytes);
        assert_eq!((outcome, avif, webp), (Outcome::NotMinifiable, None, None), "{name}");
        assert!(own == bytes, "{name}");
    }
}

#[test]
fn photographs_in_colours_of_print_stay() {
    let cmyk = vec![90; (SIDES.0 * SIDES.1 * 4) as usize];
    let file = jpeg_of(&cmyk, SIDES, ColorSpace::JCS_CMYK);
    assert_eq!(untouched("a.jpg", &file), UntouchedReason::OtherColours);
    // Adobe's segment says that three of the four components are converted (YCCK).
    let mut converted = file.clone();
    let adobe = file.windows(5).position(|bytes| bytes == b"Adobe").unwrap();
    assert_eq!(converted[adobe + 11], 0);
    converted[adobe + 11] = 2;
    assert_eq!(untouched("a.jpg", &converted), UntouchedReason::OtherColours);
    // Adobe's segment says that the components are those of RGB.
    let rgb = with_segments(&jpeg(), &[segment(0xee, b"Adobe\0\x64\0\0\0\0\0")]);
    assert_eq!(untouched("a.jpg", &rgb), UntouchedReason::OtherColours);
}

#[test]
fn photographs_in_rare_codings_stay() {
    let whole = jpeg();
    let frame = whole.windows(2).position(|two| matches!(two, [0xff, 0xc0..=0xc2])).unwrap();
    // Lossless, and arithmetic coding in both kinds.
    for marker in [0xc3, 0xc9, 0xca] {
        let mut other = whole.clone();
        other[frame + 1] = marker;
        assert_eq!(untouched("a.jpg", &other), UntouchedReason::RareCoding, "{marker:x}");
    }
    let mut deep = whole.clone();
    deep[frame + 4] = 12;
    assert_eq!(untouched("a.jpg", &deep), UntouchedReason::RareCoding);
    let mut huge = whole;
    huge[frame + 5..frame + 9].fill(0xff);
    assert_eq!(untouched("a.jpg", &huge), UntouchedReason::TooLarge);
}

#[test]
fn photographs_with_parts_that_depend_on_their_bytes_stay() {
    let whole = jpeg();
    let more = [&*whole, &whole].concat();
    assert_eq!(untouched("a.jpg", &more), UntouchedReason::DataAfterEnd);
    for (marker, data) in [(0xe2, &b"MPF\0II"[..]), (0xeb, b"JP\0\x01\0\0\0\x01")] {
        let file = with_segments(&whole, &[segment(marker, data)]);
        assert_eq!(untouched("a.jpg", &file), UntouchedReason::DependentParts, "{marker:x}");
    }
    let animated = with_chunks(&png(), &[chunk(*b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0])]);
    assert_eq!(untouched("a.png", &animated), UntouchedReason::Animated);
}

#[test]
fn photographs_that_are_named_by_their_hash_stay() {
    let jpeg = jpeg();
    let sums = format!("{}  a.jpg\n", ContentHash::of(&jpeg));
    let site = Site::new(&[
        ("index.html", &b"<img src=/a.jpg>"[..]),
        ("a.jpg", &jpeg),
        ("SHA256SUMS", sums.as_bytes()),
    ]);
    let packed = site.pack_with(lossy());
    let forms = forms_of(&packed, "a.jpg");
    assert_eq!(forms.outcome, Outcome::Untouched(UntouchedReason::NamedByHash));
    assert!(forms.own == jpeg && forms.webp.is_none() && forms.avif.is_none());
    assert_eq!(report(&packed, "a.jpg").named_by.as_deref(), Some("SHA256SUMS"));

    let site = Site::new(&[
        ("index.html", &b"<link rel=preload as=image href=/a.jpg integrity=sha256-abc=>"[..]),
        ("a.jpg", &jpeg),
    ]);
    let forms = forms_of(&site.pack_with(lossy()), "a.jpg");
    assert_eq!(forms.outcome, Outcome::Untouched(UntouchedReason::IntegrityChecked));
    assert!(forms.own == jpeg && forms.webp.is_none() && forms.avif.is_none());
}

#[test]
fn a_rule_another_option_or_a_lesser_effort_leave_photographs_as_they_are() {
    let jpeg = jpeg();
    let rule = Options { rule: vec!["/a.jpg minify=off".parse().unwrap()], ..lossy() };
    let by_rule = forms_with("a.jpg", &jpeg, rule);
    assert_eq!(by_rule.outcome, Outcome::Untouched(UntouchedReason::ByRule));
    let balanced = Options { effort: Some(Effort::Balanced), ..lossy() };
    for forms in [
        by_rule,
        forms_with("a.jpg", &jpeg, Options::default()),
        forms_with("a.jpg", &jpeg, balanced),
    ] {
        assert!(forms.own == jpeg && forms.webp.is_none() && forms.avif.is_none());
    }
}

#[test]
fn what_needs_a_jpeg_file_gets_no_other_form() {
    let jpeg = jpeg();
    let strict = Options { fidelity: Fidelity::Strict, ..workers() };
    let typed =
        Options { rule: vec!["/a.jpg content-type=image/jpeg".parse().unwrap()], ..lossy() };
    for (why, options) in [("strict", strict), ("a type by rule", typed)] {
        let options = Options { pictures: lossy().pictures, ..options };
        let Forms { outcome, avif, webp, .. } = forms_with("a.jpg", &jpeg, options);
        assert_eq!((outcome, avif, webp), (Outcome::Minified, None, None), "{why}");
    }
}

#[test]
fn a_photograph_that_a_page_offers_to_save_keeps_its_pixels() {
    let (jpeg, png) = (jpeg(), png());
    let site = Site::new(&[
        ("index.html", &b"<a href=/a.jpg download>Save</a><a href=/b.png download>Save</a>"[..]),
        ("a.jpg", &jpeg),
        ("b.png", &png),
    ]);
    let packed = site.pack_with(lossy());
    let saved = forms_of(&packed, "a.jpg");
    assert_eq!(saved.outcome, Outcome::Untouched(UntouchedReason::Saved));
    assert!(saved.own == jpeg && saved.webp.is_none() && saved.avif.is_none());
    let saved = forms_of(&packed, "b.png");
    assert_eq!(rgba(&saved.own), rgba(&png));
    assert!(saved.webp.is_none() && saved.avif.is_none());
}

#[test]
fn a_picture_without_a_score_stays() {
    let tiny = jpeg_of(&[128; 4 * 4 * 3], (4, 4), ColorSpace::JCS_RGB);
    let Forms { outcome, webp, avif, .. } = forms("a.jpg", &tiny);
    assert_eq!(outcome, Outcome::Untouched(UntouchedReason::NotSmaller), "it has no score");
    assert_eq!((webp, avif), (None, None));
}

#[test]
fn sixteen_bits_stay() {
    let samples = super::photographs::pixels(SIDES);
    let rows: Vec<u8> = samples.iter().flat_map(|byte| [*byte, byte.wrapping_mul(31)]).collect();
    let deep = Png::new(SIDES.0, SIDES.1, ColorType::Rgb, BitDepth::Sixteen, rows).encoded();
    let Forms { own, avif, webp, .. } = forms("a.png", &deep);
    assert_eq!(rgba(&own), rgba(&deep));
    assert_eq!((avif, webp), (None, None));
}
