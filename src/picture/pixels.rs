//! The pixels of a picture, decoded by other implementations than those that encode it.

use std::io::Cursor;

use image_webp::WebPDecoder;
use png::{BitDepth, ColorType, DecodeOptions, Decoder, Info, Limits, Transformations};

use super::Unfit;
use crate::transform::UntouchedReason;

/// Maximum number of pixels of a picture that is worked on. All forms of one together take about 30 bytes of
/// memory for each.
pub(super) const MAX_PIXELS: u64 = 32 * 1024 * 1024;

/// Maximum memory for what a decoder holds besides the pixels, in bytes: tables, a profile, texts.
const MAX_OTHER: usize = 64 * 1024 * 1024;

/// The pixels of a picture, row by row, each with red, green, blue and alpha.
#[derive(Debug)]
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) samples: Samples,
}

/// The values of the pixels. Those that cannot be seen, since they are transparent, are among them: a canvas or
/// a filter may show them.
#[derive(Debug)]
pub(super) enum Samples {
    /// Of one byte each.
    Eight(Vec<u8>),
    /// Of two bytes each, the higher one first.
    Sixteen(Vec<u8>),
}

impl Pixels {
    /// Returns whether two pictures look the same.
    pub(super) fn are_those_of(&self, other: &Self) -> bool {
        let is_wide = |eight: &[u8], sixteen: &[u8]| {
            let pairs = sixteen.chunks_exact(2);
            pairs.len() == eight.len()
                && eight.iter().zip(pairs).all(|(one, pair)| pair == [*one, *one])
        };
        let has_same_samples = match (&self.samples, &other.samples) {
            (Samples::Eight(one), Samples::Eight(other))
            | (Samples::Sixteen(one), Samples::Sixteen(other)) => one == other,
            (Samples::Eight(eight), Samples::Sixteen(sixteen))
            | (Samples::Sixteen(sixteen), Samples::Eight(eight)) => is_wide(eight, sixteen),
        };
        (self.width, self.height) == (other.width, other.height) && has_same_samples
    }
}

impl Pixels {
    /// Returns the pixels with samples of one byte. Returns `None` if that would change one.
    pub(super) fn narrowed(self) -> Option<Self> {
        let samples = match self.samples {
            Samples::Eight(samples) => samples,
            Samples::Sixteen(samples) => {
                let narrow = |pair: &[u8]| (pair[0] == pair[1]).then_some(pair[0]);
                samples.chunks_exact(2).map(narrow).collect::<Option<_>>()?
            }
        };
        Some(Self { samples: Samples::Eight(samples), ..self })
    }
}

/// A decoded PNG file.
pub(super) struct Decoded {
    pub(super) pixels: Pixels,
    pub(super) info: Info<'static>,
}

/// Returns the number of pixels that the header of a PNG file announces (PNG §11.2.1).
pub(super) fn announced(header: &[u8]) -> Option<u64> {
    let (width, rest) = header.split_first_chunk::<4>()?;
    let (height, _) = rest.split_first_chunk::<4>()?;
    Some(u64::from(u32::from_be_bytes(*width)) * u64::from(u32::from_be_bytes(*height)))
}

/// Decodes a PNG file, of which all checksums are checked.
///
/// # Errors
/// If it is damaged, or too large.
pub(super) fn of_png(bytes: &[u8]) -> Result<Decoded, Unfit> {
    let damaged = |cause: png::DecodingError| Unfit::Damaged(cause.to_string());
    let mut options = DecodeOptions::default();
    options.set_ignore_checksums(false);
    options.set_skip_ancillary_crc_failures(false);
    options.set_ignore_text_chunk(true);
    let mut decoder = Decoder::new_with_options(Cursor::new(bytes), options);
    let Info { width, height, .. } = *decoder.read_header_info().map_err(damaged)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Unfit::Untouched(UntouchedReason::TooLarge));
    }
    let len = usize::try_from(u64::from(width) * u64::from(height) * 8).unwrap_or(usize::MAX);
    decoder.set_limits(Limits { bytes: len.saturating_add(MAX_OTHER) });
    decoder.set_transformations(Transformations::EXPAND | Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let len = reader.output_buffer_size().ok_or(Unfit::Untouched(UntouchedReason::TooLarge))?;
    let mut samples = vec![0; len];
    let frame = reader.next_frame(&mut samples).map_err(damaged)?;
    reader.finish().map_err(damaged)?;
    samples.truncate(frame.buffer_size());
    let width_of_sample = if frame.bit_depth == BitDepth::Sixteen { 2 } else { 1 };
    let samples = match frame.color_type {
        ColorType::Rgba => samples,
        ColorType::GrayscaleAlpha => {
            let grey = samples.chunks_exact(2 * width_of_sample).flat_map(|pixel| {
                let (grey, alpha) = pixel.split_at(width_of_sample);
                [grey, grey, grey, alpha].into_iter().flatten().copied()
            });
            let mut wide = Vec::with_capacity(samples.len() * 2);
            wide.extend(grey);
            wide
        }
        other => return Err(Unfit::Damaged(format!("its pixels are decoded as {other:?}"))),
    };
    let samples = match frame.bit_depth {
        BitDepth::Sixteen => Samples::Sixteen(samples),
        _ => Samples::Eight(samples),
    };
    let info = reader.info().clone();
    Ok(Decoded { pixels: Pixels { width, height, samples }, info })
}

/// Decodes a WebP file that is no animation. Returns `None` if it is damaged or too large.
pub(super) fn of_webp(bytes: &[u8]) -> Option<Pixels> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).ok()?;
    let (width, height) = decoder.dimensions();
    if decoder.is_animated() || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return None;
    }
    let len = decoder.output_buffer_size()?;
    decoder.set_memory_limit(len.saturating_add(MAX_OTHER));
    let mut samples = vec![0; len];
    decoder.read_image(&mut samples).ok()?;
    if !decoder.has_alpha() {
        let mut opaque = Vec::with_capacity(len / 3 * 4);
        opaque.extend(samples.chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 0xff]));
        samples = opaque;
    }
    Some(Pixels { width, height, samples: Samples::Eight(samples) })
}
