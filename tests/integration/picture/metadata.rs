//! Metadata: what changes the looks stays, in both forms or only in the one that can say it.

use std::io::Cursor;

use image_webp::WebPDecoder;
use worker_pack::report::Outcome;

use super::files::{
    Png, chunk, chunk_of, chunks, exif, iccp, profile, rgba, webp_rgba, with_chunks,
};
use super::{Forms, forms, screenshot};

/// The numbers of Exif tags.
const ORIENTATION: u16 = 0x112;
const WIDTH: u16 = 0x100;

pub(super) fn decoder(webp: &[u8]) -> WebPDecoder<Cursor<&[u8]>> {
    WebPDecoder::new(Cursor::new(webp)).unwrap()
}

#[test]
fn a_colour_profile_stays_in_both_forms() {
    let profile = profile(*b"RGB ");
    let original = with_chunks(&Png::screenshot(384, 256).encoded(), &[iccp(&profile)]);
    let Forms { outcome, png, webp } = forms(&original);
    assert_eq!(outcome, Outcome::Minified);
    let reader = png::Decoder::new(Cursor::new(&png)).read_info().unwrap();
    assert_eq!(reader.info().icc_profile.as_deref(), Some(&*profile));
    let webp = webp.unwrap();
    assert_eq!(decoder(&webp).icc_profile().unwrap(), Some(profile));
    assert_eq!(webp_rgba(&webp), rgba(&original));
}

#[test]
fn colours_that_webp_cannot_describe_stay_in_the_png_file_alone() {
    let gamma = 100_000_u32.to_be_bytes();
    let described = [
        vec![chunk(*b"gAMA", &gamma)],
        vec![chunk(*b"cHRM", &[1; 32])],
        vec![chunk(*b"cICP", &[9, 16, 0, 1])],
        vec![iccp(&profile(*b"GRAY"))],
        vec![chunk(*b"iCCP", b"profile\0\0no zlib")],
    ];
    for added in described {
        let original = with_chunks(&screenshot(), &added);
        let Forms { png, webp, .. } = forms(&original);
        assert_eq!(webp, None, "{added:?}");
        let before: Vec<_> = chunks(&original).into_iter().map(|(name, _)| name).collect();
        for name in before.iter().filter(|name| *name != "IDAT") {
            assert!(chunk_of(&png, name).is_some(), "{name}");
        }
        assert_eq!(rgba(&png), rgba(&original));
    }
}

#[test]
fn srgb_is_what_webp_means() {
    let srgb = chunk(*b"sRGB", &[0]);
    let gamma = chunk(*b"gAMA", &45_455_u32.to_be_bytes());
    let original = with_chunks(&screenshot(), &[srgb, gamma]);
    let Forms { png, webp, .. } = forms(&original);
    assert!(webp.is_some());
    assert_eq!(chunk_of(&png, "sRGB"), Some(vec![0]));
    assert!(chunk_of(&png, "gAMA").is_some());
}

#[test]
fn a_picture_that_browsers_turn_stays_a_png_file() {
    for orientation in 1..=9 {
        let exif = exif(ORIENTATION, orientation);
        let original = with_chunks(&screenshot(), &[chunk(*b"eXIf", &exif)]);
        let Forms { png, webp, .. } = forms(&original);
        assert_eq!(chunk_of(&png, "eXIf"), Some(exif.clone()));
        match webp {
            Some(webp) => {
                assert_eq!(orientation, 1);
                assert_eq!(decoder(&webp).exif_metadata().unwrap(), Some(exif));
            }
            None => assert_ne!(orientation, 1),
        }
    }
    let damaged = with_chunks(&screenshot(), &[chunk(*b"eXIf", b"nonsense")]);
    assert!(forms(&damaged).webp.is_none());
    let other = with_chunks(&screenshot(), &[chunk(*b"eXIf", &exif(WIDTH, 5))]);
    assert!(forms(&other).webp.is_some());
}

#[test]
fn texts_stay_unless_they_only_name_the_program_or_the_time() {
    let remarks = [
        chunk(*b"tEXt", b"Software\0Adobe ImageReady"),
        chunk(*b"tEXt", b"date:create\x002026-01-01T00:00:00"),
        chunk(*b"tIME", &[7, 0xea, 1, 1, 0, 0, 0]),
    ];
    let original = with_chunks(&screenshot(), &remarks);
    let Forms { png, webp, .. } = forms(&original);
    assert!(webp.is_some());
    assert!(chunks(&png).iter().all(|(name, _)| name != "tEXt" && name != "tIME"));

    for (name, text) in [
        (b"tEXt", &b"Copyright\0Somebody"[..]),
        (b"tEXt", b"mxfile\0%3Cmxfile%3E"),
        (b"prVt", b"data of another program"),
    ] {
        let original = with_chunks(&screenshot(), &[chunk(*name, text)]);
        let Forms { png, webp, .. } = forms(&original);
        let name = String::from_utf8(name.to_vec()).unwrap();
        assert_eq!(chunk_of(&png, &name).as_deref(), Some(text));
        assert!(png.len() < original.len());
        assert_eq!(webp, None, "{name}: WebP has no place for it");
    }
}

#[test]
fn xmp_stays_in_both_forms() {
    let xmp = "<x:xmpmeta><dc:rights>Somebody</dc:rights></x:xmpmeta>";
    let text = [b"XML:com.adobe.xmp\0\0\0\0\0", xmp.as_bytes()].concat();
    let Forms { png, webp, .. } = forms(&with_chunks(&screenshot(), &[chunk(*b"iTXt", &text)]));
    assert_eq!(chunk_of(&png, "iTXt"), Some(text));
    assert_eq!(decoder(&webp.unwrap()).xmp_metadata().unwrap(), Some(xmp.as_bytes().to_vec()));
}
