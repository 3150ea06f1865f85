//! What the forms of a photograph carry besides their pixels.

use exif::{In, Tag};

use super::photographs::{jpeg, png, segment, segments, with_segments};
use super::{Forms, forms};
use crate::picture::files::{chunk, exif, iccp, profile, with_chunks};
use crate::picture::metadata::decoder;

const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP13: u8 = 0xed;
const COMMENT: u8 = 0xfe;

const ORIENTATION: u16 = 0x112;

fn exif_segment(data: &[u8]) -> Vec<u8> {
    segment(APP1, &[b"Exif\0\0", data].concat())
}

/// Metadata of a camera with a text, and its make.
fn credited() -> Vec<u8> {
    // Two fields of text: the make in four bytes, and a copyright after the fields.
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    exif.extend(b"\x01\x0f\0\x02\0\0\0\x04Cam\0");
    exif.extend(b"\x82\x98\0\x02\0\0\0\x08\0\0\0\x26");
    exif.extend(b"\0\0\0\0Someone\0");
    exif
}

fn with(segments: &[Vec<u8>]) -> Forms {
    forms("a.jpg", &with_segments(&jpeg(), segments))
}

fn of_marker(jpeg: &[u8], marker: u8) -> Vec<Vec<u8>> {
    segments(jpeg).into_iter().filter(|(found, _)| *found == marker).map(|(_, data)| data).collect()
}

#[test]
fn a_turned_photograph_keeps_its_orientation_and_has_no_other_form() {
    let Forms { own, avif, webp, .. } = with(&[exif_segment(&exif(ORIENTATION, 6))]);
    let kept = of_marker(&own, APP1);
    let [kept] = &*kept else { panic!("{kept:?}") };
    let read = exif::Reader::new().read_raw(kept.strip_prefix(b"Exif\0\0").unwrap().to_vec());
    let read = read.unwrap();
    let orientation = read.get_field(Tag::Orientation, In::PRIMARY).unwrap();
    assert_eq!(orientation.value.get_uint(0), Some(6));
    assert_eq!((avif, webp), (None, None), "browsers differ in how they turn these");
}

#[test]
fn settings_of_the_camera_go_and_a_copyright_stays() {
    let upright = with(&[exif_segment(&exif(ORIENTATION, 1))]);
    assert_eq!(of_marker(&upright.own, APP1), [] as [Vec<u8>; 0]);
    assert!(upright.avif.is_some());

    let Forms { own, avif, .. } = with(&[exif_segment(&credited())]);
    let kept = of_marker(&own, APP1).remove(0);
    let kept = kept.strip_prefix(b"Exif\0\0").unwrap().to_vec();
    let read = exif::Reader::new().read_raw(kept).unwrap();
    let tags: Vec<Tag> = read.fields().map(|field| field.tag).collect();
    assert_eq!(tags, [Tag::Copyright]);
    // AVIF stores the item as it is.
    let avif = avif.unwrap();
    assert_eq!(avif.windows(8).filter(|bytes| *bytes == b"Someone\0").count(), 1);
    assert!(!avif.windows(4).any(|bytes| bytes == b"Cam\0"));
}

#[test]
fn a_profile_of_other_colours_stays_and_has_no_avif() {
    let wide = profile(*b"RGB ");
    let icc = [b"ICC_PROFILE\0\x01\x01", &*wide].concat();
    let Forms { own, avif, .. } = with(&[segment(APP2, &icc)]);
    assert_eq!(of_marker(&own, APP2), [icc]);
    assert_eq!(avif, None);
}

#[test]
fn a_profile_that_webp_has_no_place_for_leaves_the_jpeg_file_alone() {
    for (name, space) in [("grey", *b"GRAY"), ("CMYK", *b"CMYK")] {
        let icc = [b"ICC_PROFILE\0\x01\x01", &*profile(space)].concat();
        let Forms { avif, webp, .. } = with(&[segment(APP2, &icc)]);
        assert_eq!((avif, webp), (None, None), "{name}");
    }
}

#[test]
fn forms_of_a_photograph_in_png_have_its_profile_and_its_rights() {
    let with = |more| forms("a.png", &with_chunks(&png(), &[more]));
    let wide = profile(*b"RGB ");
    let Forms { avif, webp, .. } = with(iccp(&wide));
    assert_eq!(decoder(&webp.unwrap()).icc_profile().unwrap(), Some(wide));
    assert_eq!(avif, None);

    let Forms { webp, .. } = with(chunk(*b"eXIf", &credited()));
    let kept = decoder(&webp.unwrap()).exif_metadata().unwrap().unwrap();
    let read = exif::Reader::new().read_raw(kept).unwrap();
    assert!(read.get_field(Tag::Copyright, In::PRIMARY).is_some());
}

#[test]
fn texts_stay_in_jpeg_and_rights_are_in_each_form_or_there_is_none() {
    let xmp =
        |text: &str| segment(APP1, &[b"http://ns.adobe.com/xap/1.0/\0", text.as_bytes()].concat());
    let press = |data: &[u8]| {
        segment(APP13, &[b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x0c", data].concat())
    };
    let cases = [
        ("XMP", xmp("<xmp:CreatorTool>A program"), true, true),
        ("XMP with rights", xmp("<dc:rights>Someone"), true, false),
        ("IPTC", press(b"\x1c\x02\x05\0\x07A title"), true, true),
        ("IPTC with rights", press(b"\x1c\x02\x74\0\x07Someone"), false, false),
        ("a comment", segment(COMMENT, b"A view of the lake"), true, true),
        ("a comment with rights", segment(COMMENT, b"Copyright Someone"), false, false),
        ("data of a program", segment(0xe5, b"A program"), false, false),
    ];
    for (why, segment, has_webp, has_avif) in cases {
        let marker = segment[1];
        let Forms { own, avif, webp, .. } = with(std::slice::from_ref(&segment));
        assert_eq!(of_marker(&own, marker), [&segment[4..]], "{why}");
        assert_eq!((webp.is_some(), avif.is_some()), (has_webp, has_avif), "{why}");
    }
    let remark = with(&[segment(COMMENT, b"CREATOR: gd-jpeg v1.0")]);
    assert_eq!(of_marker(&remark.own, COMMENT), [] as [Vec<u8>; 0]);
}
