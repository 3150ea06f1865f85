//! The segments of a JPEG file (ITU-T T.81 §B): what they are for, and which of them stay.

use super::frame::Frame;
use crate::picture::Unfit;
use crate::transform::UntouchedReason;

/// The bytes with which each JPEG file begins: the start of the image, and that of the next marker.
const START: &[u8; 3] = b"\xff\xd8\xff";

/// The markers that are needed here (T.81 Table B.1).
const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;
pub(super) const APP0: u8 = 0xe0;
pub(super) const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP11: u8 = 0xeb;
const APP12: u8 = 0xec;
const APP13: u8 = 0xed;
const APP14: u8 = 0xee;
const COMMENT: u8 = 0xfe;

/// The beginnings of segments of applications.
pub(super) const EXIF: &[u8] = b"Exif\0\0";
pub(super) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const PROFILE: &[u8] = b"ICC_PROFILE\0";

/// The beginnings of comments that only name the program that wrote the file.
const REMARKS: [&[u8]; 6] = [
    b"CREATOR: gd-jpeg",
    b"Created with ",
    b"Compressed by ",
    b"Optimized by ",
    b"LEAD Technologies",
    b"Lavc",
];

/// A segment with its marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment<'b> {
    /// The second byte of the marker.
    pub(super) marker: u8,
    /// What follows the length.
    pub(super) data: &'b [u8],
}

/// The use of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The pixels, which are encoded anew.
    Pixels,
    /// The size in print (JFIF).
    Size,
    /// A part of the colour profile (ICC.1 §B.4).
    Profile,
    /// Metadata of the camera, among them the orientation.
    Exif,
    /// Metadata in XMP.
    Xmp,
    /// Metadata of the press (IPTC), within those of Photoshop.
    Press,
    /// A comment.
    Comment,
    /// A segment that programs read.
    ForPrograms,
    /// Nothing that can be seen: a thumbnail, or the settings of the program that wrote the file.
    Remark,
    /// Anything that is wrong once other bytes have changed.
    Fixed,
}

impl Segment<'_> {
    /// Returns what the segment is for.
    pub(super) fn role(&self) -> Role {
        let starts = |start: &[u8]| self.data.starts_with(start);
        match self.marker {
            APP0 if starts(b"JFIF\0") => Role::Size,
            // A thumbnail. `Ducky` and `Adobe` say how the file was encoded.
            APP0 if starts(b"JFXX\0") => Role::Remark,
            APP12 if starts(b"Ducky") => Role::Remark,
            APP14 if starts(b"Adobe") => Role::Remark,
            APP1 if starts(EXIF) => Role::Exif,
            APP1 if starts(XMP) => Role::Xmp,
            APP2 if starts(PROFILE) => Role::Profile,
            // Offsets of further pictures (CIPA DC-007), and signed hashes of the file (C2PA).
            APP2 if starts(b"MPF\0") => Role::Fixed,
            APP11 if starts(b"JP") => Role::Fixed,
            APP13 if starts(b"Photoshop 3.0\0") => Role::Press,
            COMMENT if REMARKS.into_iter().any(starts) => Role::Remark,
            COMMENT => Role::Comment,
            0xe0..=0xef => Role::ForPrograms,
            _ => Role::Pixels,
        }
    }

    /// Returns the segment with its marker and its length. Returns `None` if it is too long for one.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let len = u16::try_from(self.data.len() + 2).ok()?.to_be_bytes();
        Some([&[0xff, self.marker][..], &len, self.data].concat())
    }
}

/// A JPEG file whose segments are understood.
#[derive(Debug)]
pub(super) struct JpegFile<'b> {
    /// Those before the first scan.
    pub(super) segments: Vec<Segment<'b>>,
    pub(super) frame: Frame,
}

impl<'b> JpegFile<'b> {
    /// Reads a file without decoding it.
    ///
    /// # Errors
    /// If it has to stay as it is, or is damaged.
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, Unfit> {
        if !bytes.starts_with(START) {
            return Err(Unfit::Untouched(UntouchedReason::OtherFormat));
        }
        let mut rest = bytes.get(2..).unwrap_or_default();
        let mut segments = Vec::new();
        loop {
            let (segment, after) = first_segment(rest)?;
            rest = after;
            if segment.marker == START_OF_SCAN {
                break;
            }
            segments.push(segment);
        }
        if !after_scans(rest)?.is_empty() {
            return Err(Unfit::Untouched(UntouchedReason::DataAfterEnd));
        }
        if segments.iter().any(|segment| segment.role() == Role::Fixed) {
            return Err(Unfit::Untouched(UntouchedReason::DependentParts));
        }
        let frame = Frame::of(&segments)?;
        Ok(Self { segments, frame })
    }

    /// Returns the colour profile. Returns `None` if its parts are not whole.
    pub(super) fn profile(&self) -> Option<Profile> {
        let parts = self.segments.iter().filter(|segment| segment.role() == Role::Profile);
        let mut profile = Vec::new();
        for (number, part) in (1..).zip(parts.clone()) {
            let (place, data) = part.data.strip_prefix(PROFILE)?.split_first_chunk::<2>()?;
            if place != &[number, u8::try_from(parts.clone().count()).ok()?] {
                return None;
            }
            profile.extend_from_slice(data);
        }
        Some(if profile.is_empty() { Profile::Missing } else { Profile::Icc(profile) })
    }
}

/// The colour profile of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// There is none, which means sRGB.
    Missing,
    Icc(Vec<u8>),
}

fn cut_off() -> Unfit {
    Unfit::Damaged("it ends too early".to_owned())
}

/// Splits off the first segment. Of a scan, that is its header.
fn first_segment(bytes: &[u8]) -> Result<(Segment<'_>, &[u8]), Unfit> {
    let no_marker = || Unfit::Damaged("something else is in the place of a marker".to_owned());
    let after = bytes.strip_prefix(b"\xff").ok_or_else(no_marker)?;
    // Any number of fill bytes may precede the marker.
    let fill = after.iter().take_while(|byte| **byte == 0xff).count();
    let (marker, rest) = after[fill..].split_first().ok_or_else(cut_off)?;
    if matches!(marker, 0 | 1 | 0xd0..=0xd9) {
        return Err(Unfit::Damaged("it has no picture".to_owned()));
    }
    let (len, _) = rest.split_first_chunk::<2>().ok_or_else(cut_off)?;
    let (segment, rest) =
        rest.split_at_checked(usize::from(u16::from_be_bytes(*len))).ok_or_else(cut_off)?;
    let data = segment.get(2..).ok_or_else(no_marker)?;
    Ok((Segment { marker: *marker, data }, rest))
}

/// Returns what follows the end of the image. `bytes` begin in a scan.
fn after_scans(mut bytes: &[u8]) -> Result<&[u8], Unfit> {
    loop {
        let at = memchr::memchr(0xff, bytes).ok_or_else(cut_off)?;
        let at_marker = bytes.get(at..).unwrap_or_default();
        match at_marker.get(1) {
            None => return Err(cut_off()),
            Some(&END_OF_IMAGE) => return Ok(&at_marker[2..]),
            // A byte of the data, a restart, or a fill byte.
            Some(0 | 0xd0..=0xd7) => bytes = &at_marker[2..],
            Some(0xff) => bytes = &at_marker[1..],
            Some(_) => (_, bytes) = first_segment(at_marker)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(marker: u8, data: &[u8]) -> Role {
        Segment { marker, data }.role()
    }

    #[test]
    fn segments_of_authors_and_programs_stay_and_remarks_do_not() {
        assert_eq!(role(APP0, b"JFIF\0\x01\x01"), Role::Size);
        assert_eq!(role(APP1, b"Exif\0\0MM"), Role::Exif);
        assert_eq!(role(APP1, b"FLIR\0"), Role::ForPrograms);
        assert_eq!(role(APP14, b"Adobe\0\x64"), Role::Remark);
        assert_eq!(role(COMMENT, b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62)"), Role::Remark);
        assert_eq!(role(COMMENT, b"A view of the lake"), Role::Comment);
    }

    #[test]
    fn segments_that_depend_on_the_file_are_told_apart() {
        assert_eq!(role(APP2, b"MPF\0II"), Role::Fixed);
        assert_eq!(role(APP11, b"JP\0\x01"), Role::Fixed, "signed");
    }

    #[test]
    fn bytes_that_are_no_jpeg_are_told_apart() {
        for bytes in [&b""[..], b"\xff\xd8", b"<!doctype html>", b"\x89PNG\r\n\x1a\n"] {
            let found = JpegFile::read(bytes).err();
            assert_eq!(found, Some(Unfit::Untouched(UntouchedReason::OtherFormat)), "{bytes:?}");
        }
        for bytes in [&b"\xff\xd8\xff"[..], b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"\xff\xd8\xff\xd9"] {
            let found = JpegFile::read(bytes).err();
            assert!(matches!(found, Some(Unfit::Damaged(_))), "{bytes:?}: {found:?}");
        }
    }
}
