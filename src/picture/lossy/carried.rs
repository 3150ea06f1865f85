//! The metadata that each form of a photograph carries: colours, orientation, size, and rights.
//!
//! Its own format carries all that a browser or a program may read. Another format is only made if it says the same
//! about colours, orientation and size, and about who has which rights.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::exif::KeptExif;
use super::frame::Colours;
use super::segments::{APP0, APP1, EXIF, JpegFile, Profile, Role, Segment, XMP};
use super::srgb::is_srgb;
use crate::picture::webp::Metadata;

/// Words of metadata that say who has which rights, or how a picture was made. XMP has the names of its fields.
const RIGHTS: [&str; 11] = [
    "rights",
    "copyright",
    "dc:creator",
    "credit",
    "licens",
    "licenc",
    "attribution",
    "digitalsourcetype",
    "gpano",
    "©",
    "(c)",
];

/// The datasets of IPTC for the author, the credit and the copyright (IIM §6: 2:80, 2:110 and 2:116).
const PRESS_RIGHTS: [&[u8; 3]; 3] = [b"\x1c\x02\x50", b"\x1c\x02\x6e", b"\x1c\x02\x74"];

static RIGHTS_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = AhoCorasick::builder().ascii_case_insensitive(true).build(RIGHTS);
    words.expect("a few short words")
});

/// The metadata of each form of a picture.
#[derive(Debug)]
pub(super) struct Carried {
    /// The segments of a JPEG file.
    pub(super) segments: Vec<u8>,
    /// That of a WebP file. `None` if it cannot say all that it has to.
    pub(super) webp: Option<Metadata>,
    /// That of an AVIF file. `None` if it cannot say all that it has to.
    pub(super) avif: Option<AvifMetadata>,
}

/// The metadata of an AVIF file, which is in sRGB.
#[derive(Debug)]
pub(super) struct AvifMetadata {
    pub(super) exif: Option<Vec<u8>>,
}

/// The colours of a form with RGB pixels.
#[derive(Debug, PartialEq, Eq)]
enum FormColours {
    /// Those of sRGB.
    Srgb,
    /// Those of a profile.
    Profile(Vec<u8>),
}

impl Carried {
    /// Chooses those of a JPEG file. Returns `None` if its colour profile is damaged.
    pub(super) fn of_jpeg(file: &JpegFile<'_>) -> Option<Self> {
        let profile = file.profile()?;
        let sides = (file.frame.width, file.frame.height);
        let (mut size, mut segments) = (Vec::new(), Vec::new());
        let (mut exif, mut xmp) = (None, None);
        let (mut fits_webp, mut fits_avif) = (true, true);
        for segment in &file.segments {
            let role = segment.role();
            match role {
                Role::Pixels | Role::Remark | Role::Fixed => continue,
                // Without the thumbnail.
                Role::Size => {
                    let mut data = segment.data.get(..14)?.to_vec();
                    data[12..].fill(0);
                    size = Segment { marker: APP0, data: &data }.bytes()?;
                    continue;
                }
                Role::Exif => {
                    let kept = KeptExif::of(segment.data.strip_prefix(EXIF)?, sides);
                    let (data, is_plain) = match kept {
                        KeptExif::Nothing => continue,
                        KeptExif::Plain(data) => (data, true),
                        KeptExif::Shown(data) => (data, false),
                    };
                    let whole = [EXIF, &data].concat();
                    segments.extend(Segment { marker: APP1, data: &whole }.bytes()?);
                    let is_only = exif.replace(data).is_none();
                    fits_webp &= is_plain && is_only;
                    fits_avif &= is_plain && is_only;
                    continue;
                }
                Role::Xmp => {
                    let data = segment.data.strip_prefix(XMP)?;
                    fits_webp &= xmp.replace(data.to_vec()).is_none();
                    fits_avif &= !names_rights(data);
                }
                Role::Press => {
                    let is_free = !names_press_rights(segment.data);
                    fits_webp &= is_free;
                    fits_avif &= is_free;
                }
                Role::Comment => {
                    let is_free = !names_rights(segment.data);
                    fits_webp &= is_free;
                    fits_avif &= is_free;
                }
                Role::ForPrograms => (fits_webp, fits_avif) = (false, false),
                Role::Profile => {}
            }
            segments.extend(segment.bytes()?);
        }
        let colours = of_profile(profile, file.frame.colours);
        let (fits_webp, fits_avif) =
            (fits_webp && colours.is_some(), fits_avif && colours == Some(FormColours::Srgb));
        // A file begins with JFIF (JFIF §5).
        size.append(&mut segments);
        let segments = size;
        let profile = match colours {
            Some(FormColours::Profile(profile)) => Some(profile),
            Some(FormColours::Srgb) | None => None,
        };
        let webp = Metadata { profile, exif: exif.clone(), xmp };
        Some(Self {
            segments,
            webp: fits_webp.then_some(webp),
            avif: fits_avif.then_some(AvifMetadata { exif }),
        })
    }

    /// Chooses those of a PNG file, of which WebP has this. `None` if WebP cannot say all that the file says.
    pub(super) fn of_png(webp: Option<Metadata>) -> Self {
        let avif = webp.as_ref().and_then(|Metadata { profile, exif, xmp }| {
            let is_usual = profile.as_ref().is_none_or(|profile| is_srgb(profile));
            let is_free = xmp.as_ref().is_none_or(|xmp| !names_rights(xmp));
            (is_usual && is_free).then(|| AvifMetadata { exif: exif.clone() })
        });
        Self { segments: Vec::new(), webp, avif }
    }
}

/// Returns the colours of a form with RGB pixels. Returns `None` if no such form can have those of the file.
fn of_profile(profile: Profile, colours: Colours) -> Option<FormColours> {
    match (profile, colours) {
        (Profile::Missing, _) => Some(FormColours::Srgb),
        (Profile::Icc(profile), Colours::Full) if is_srgb(&profile) => Some(FormColours::Srgb),
        // The colour space of the data is in the header (ICC.1 §7.2.6).
        (Profile::Icc(profile), Colours::Full) => {
            (profile.get(16..20) == Some(b"RGB ")).then_some(FormColours::Profile(profile))
        }
        (Profile::Icc(_), Colours::Grey) => None,
    }
}

fn names_rights(data: &[u8]) -> bool {
    RIGHTS_WORDS.is_match(data)
}

fn names_press_rights(data: &[u8]) -> bool {
    PRESS_RIGHTS.into_iter().any(|dataset| memchr::memmem::find(data, dataset).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_found_in_metadata() {
        assert!(names_rights(b"<dc:rights><rdf:Alt>"));
        assert!(names_rights("Photograph \u{a9} Someone".as_bytes()));
        assert!(names_rights(b"Iptc4xmpExt:DigitalSourceType"));
        assert!(!names_rights(b"<xmp:CreatorTool>A program</xmp:CreatorTool>"));
        assert!(names_press_rights(
            b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x0c\x1c\x02\x74\0\x07Someone"
        ));
        assert!(!names_press_rights(b"Photoshop 3.0\08BIM\x03\xed"));
    }
}
