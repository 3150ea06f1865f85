//! WebP files with the pixels, the colour profile and the metadata of a PNG file.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use exif::{In, Tag};
use image_webp::WebPDecoder;
use png::Info;
use webp::{Encoder, WebPConfig};

use super::chunks::{Chunk, Role};
use super::pixels::{Decoded, Pixels, Samples, of_webp};
use super::png::Failed;

/// The media type of WebP files (RFC 9649 §6.1).
pub(super) const WEBP: &str = "image/webp";

/// Maximum width and height (RFC 9649 §2.7.1.1).
pub(super) const MAX_SIDE: u32 = 16383;

/// The effort of the encoder, from 0 to 6, and from 0 to 100. On the screenshots of Starlight's documentation, 100
/// makes 3 % smaller files than 90 in 18 times the time.
const METHOD: i32 = 6;
const QUALITY: f32 = 90.0;

/// The bits of `VP8X` (RFC 9649 §2.7).
const HAS_PROFILE: u8 = 0x20;
const HAS_ALPHA: u8 = 0x10;
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

/// The metadata that a WebP file has beside its pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    /// The ICC profile.
    pub(super) profile: Option<Vec<u8>>,
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
}

impl Metadata {
    /// Returns the metadata of a PNG file. Returns `None` if WebP cannot say all that it says, so that the two
    /// would differ in looks or for a program.
    pub(super) fn of(chunks: &[Chunk<'_>], decoded: &Decoded) -> Option<Self> {
        let info = &decoded.info;
        let profile = match colours(chunks, info)? {
            Colours::Usual => None,
            Colours::Profile(profile) => Some(profile),
        };
        let mut metadata = Self { profile, ..Self::default() };
        for chunk in chunks {
            let place = match chunk.role() {
                Role::Pixels | Role::Colour | Role::Size | Role::Remark => continue,
                Role::Exif => {
                    let content = is_plain_exif(chunk.data, info).then(|| chunk.data.to_vec())?;
                    metadata.exif.replace(content)
                }
                Role::Xmp => metadata.xmp.replace(xmp(chunk.data)?.to_vec()),
                Role::ForPrograms | Role::Animation | Role::Fixed => return None,
            };
            // Only one of each kind can be stored.
            if place.is_some() {
                return None;
            }
        }
        Some(metadata)
    }

    /// Returns the metadata of a WebP file. Returns `None` if it is damaged.
    fn of_webp(bytes: &[u8]) -> Option<Self> {
        let mut decoder = WebPDecoder::new(Cursor::new(bytes)).ok()?;
        Some(Self {
            profile: decoder.icc_profile().ok()?,
            exif: decoder.exif_metadata().ok()?,
            xmp: decoder.xmp_metadata().ok()?,
        })
    }
}

/// The colours of a WebP file (RFC 9649 §2.7.1.4).
enum Colours {
    /// Those of sRGB.
    Usual,
    /// Those of an ICC profile.
    Profile(Vec<u8>),
}

/// Returns the colours of a PNG file. Returns `None` if WebP cannot describe them.
///
/// Of the chunks that describe colours, `cICP` counts before `iCCP`, that before `sRGB`, and that before `gAMA` with
/// `cHRM` (PNG §4.3).
fn colours(chunks: &[Chunk<'_>], info: &Info<'_>) -> Option<Colours> {
    let has = |name: &[u8; 4]| chunks.iter().any(|chunk| &chunk.name == name);
    if [b"cICP", b"mDCV", b"cLLI"].into_iter().any(has) {
        return None;
    }
    if has(b"iCCP") {
        // The colour space of the data is in the header (ICC.1 §7.2.6). A grey profile does not fit WebP, whose
        // pixels are RGB.
        let profile = info.icc_profile.as_ref()?;
        return (profile.get(16..20) == Some(b"RGB ")).then(|| Colours::Profile(profile.to_vec()));
    }
    let is_described_otherwise = has(b"gAMA") || has(b"cHRM");
    (has(b"sRGB") || !is_described_otherwise).then_some(Colours::Usual)
}

/// Returns whether metadata changes neither the orientation nor the size: not all browsers apply what a WebP file says
/// about them.
fn is_plain_exif(data: &[u8], info: &Info<'_>) -> bool {
    let Ok(exif) = exif::Reader::new().read_raw(data.to_vec()) else { return false };
    let is = |tag, expected: u32| {
        exif.get_field(tag, In::PRIMARY)
            .is_none_or(|field| field.value.get_uint(0) == Some(expected))
    };
    is(Tag::Orientation, 1)
        && is(Tag::PixelXDimension, info.width)
        && is(Tag::PixelYDimension, info.height)
}

/// Returns the text of an `iTXt` chunk (PNG §11.3.3.4). Returns `None` if it is compressed.
fn xmp(data: &[u8]) -> Option<&[u8]> {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let (_keyword, rest) = (parts.next()?, parts.next()?);
    let (&[is_compressed, _method], rest) = rest.split_first_chunk()?;
    let text = rest.splitn(3, |byte| *byte == 0).nth(2)?;
    (is_compressed == 0).then_some(text)
}

/// Encodes pixels without loss. Returns `None` if WebP cannot hold them.
///
/// # Errors
/// If the encoder fails, or would change a pixel.
pub(super) fn lossless(pixels: &Pixels, metadata: &Metadata) -> Result<Option<Vec<u8>>, Failed> {
    let Pixels { width, height, samples } = pixels;
    if matches!(samples, Samples::Sixteen(_)) || width.max(height) > &MAX_SIDE {
        return Ok(None);
    }
    let mut config = config()?;
    config.lossless = 1;
    config.quality = QUALITY;
    // Transparent pixels keep their colours.
    config.exact = 1;
    let bytes = encoded(pixels, &config, metadata)?;
    match of_webp(&bytes) {
        None => Err(Failed("its result is damaged".to_owned())),
        Some(decoded) if !decoded.are_those_of(pixels) => {
            Err(Failed("it would change the pixels".to_owned()))
        }
        Some(_) => Ok(Some(bytes)),
    }
}

/// Encodes pixels of one byte for each sample with a loss. `quality` is from 0 to 100.
///
/// # Errors
/// If the encoder fails.
#[cfg(feature = "lossy")]
pub(super) fn lossy(pixels: &Pixels, metadata: &Metadata, quality: u8) -> Result<Vec<u8>, Failed> {
    let mut config = config()?;
    config.quality = quality.into();
    // Sharper edges between colours, which WebP stores at half the resolution.
    config.use_sharp_yuv = 1;
    encoded(pixels, &config, metadata)
}

/// Returns what all files have in common.
fn config() -> Result<WebPConfig, Failed> {
    let mut config =
        WebPConfig::new().map_err(|()| Failed("it is of another version".to_owned()))?;
    config.method = METHOD;
    Ok(config)
}

/// Encodes pixels, and adds metadata.
fn encoded(pixels: &Pixels, config: &WebPConfig, metadata: &Metadata) -> Result<Vec<u8>, Failed> {
    let Pixels { width, height, samples: Samples::Eight(samples) } = pixels else {
        return Err(Failed("the pixels have 16 bits".to_owned()));
    };
    let run = || Encoder::from_rgba(samples, *width, *height).encode_advanced(config);
    let image = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(image)) => image.to_vec(),
        Ok(Err(cause)) => return Err(Failed(format!("{cause:?}"))),
        Err(_) => return Err(Failed("it panicked".to_owned())),
    };
    let has_alpha = samples.chunks_exact(4).any(|pixel| pixel[3] != 0xff);
    let bytes = with_metadata(image, (*width, *height), has_alpha, metadata)
        .ok_or_else(|| Failed("its result is damaged".to_owned()))?;
    if Metadata::of_webp(&bytes).as_ref() == Some(metadata) {
        Ok(bytes)
    } else {
        Err(Failed("it would change the metadata".to_owned()))
    }
}

/// Adds metadata to a simple file, which becomes an extended one (RFC 9649 §2.7). Returns `None` if it is not a
/// WebP file.
fn with_metadata(
    image: Vec<u8>,
    (width, height): (u32, u32),
    has_alpha: bool,
    metadata: &Metadata,
) -> Option<Vec<u8>> {
    let Metadata { profile, exif, xmp } = metadata;
    if metadata == &Metadata::default() {
        return Some(image);
    }
    let parts = [
        (profile.is_some(), HAS_PROFILE),
        (has_alpha, HAS_ALPHA),
        (exif.is_some(), HAS_EXIF),
        (xmp.is_some(), HAS_XMP),
    ];
    let flags = parts.into_iter().filter(|(is, _)| *is).fold(0, |all, (_, bit)| all | bit);
    let mut header = vec![flags, 0, 0, 0];
    for side in [width, height] {
        header.extend(&side.checked_sub(1)?.to_le_bytes()[..3]);
    }
    let mut chunks = b"WEBP".to_vec();
    chunks.extend(chunk(*b"VP8X", &header)?);
    chunks.extend(profile.iter().filter_map(|profile| chunk(*b"ICCP", profile)).flatten());
    // The only chunk of a simple file follows its header of 12 bytes.
    chunks.extend(image.get(12..)?);
    chunks.extend(exif.iter().filter_map(|exif| chunk(*b"EXIF", exif)).flatten());
    chunks.extend(xmp.iter().filter_map(|xmp| chunk(*b"XMP ", xmp)).flatten());
    chunk(*b"RIFF", &chunks)
}

/// Returns a chunk, padded to an even length (RFC 9649 §2.3).
fn chunk(name: [u8; 4], data: &[u8]) -> Option<Vec<u8>> {
    let len = u32::try_from(data.len()).ok()?.to_le_bytes();
    let padding: &[u8] = if data.len().is_multiple_of(2) { b"" } else { b"\0" };
    Some([&name[..], &len, data, padding].concat())
}
