//! AVIF files of rav1e.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ravif::{Encoder, Img, RGBA8};

use crate::picture::pixels::{Pixels, Samples};
use crate::picture::png::Failed;

/// The media type of AVIF files (AVIF §10).
pub(crate) const AVIF: &str = "image/avif";

/// The effort, from 1, the greatest, to 10.
const SPEED: u8 = 6;

/// Maximum width and height. That of level 5.1, to which the baseline profile is bound (AVIF §8.2, AV1 §A.3).
pub(super) const MAX_SIDE: u32 = 8192;

/// The quality of transparency. It is a small part of a file, and its edges are seen.
const ALPHA_QUALITY: f32 = 90.0;

/// Encodes pixels.
///
/// # Errors
/// If the encoder fails.
pub(super) fn encoded(
    pixels: &Pixels,
    exif: Option<&[u8]>,
    quality: u8,
) -> Result<Vec<u8>, Failed> {
    let Pixels { width, height, samples: Samples::Eight(samples) } = pixels else {
        return Err(Failed("the pixels have 16 bits".to_owned()));
    };
    let pixel = |rgba: &[u8]| RGBA8::new(rgba[0], rgba[1], rgba[2], rgba[3]);
    let colours: Vec<RGBA8> = samples.chunks_exact(4).map(pixel).collect();
    let side = |side: &u32| usize::try_from(*side).unwrap_or(usize::MAX);
    let image = Img::new(&*colours, side(width), side(height));
    let run = || {
        // One thread, since the number of threads would decide on the number of tiles and so on the bytes.
        let encoder = Encoder::new()
            .with_quality(f32::from(quality))
            .with_alpha_quality(ALPHA_QUALITY)
            .with_speed(SPEED)
            .with_num_threads(Some(1));
        match exif {
            Some(exif) => encoder.with_exif(exif).encode_rgba(image),
            None => encoder.encode_rgba(image),
        }
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(encoded)) => Ok(encoded.avif_file),
        Ok(Err(cause)) => Err(Failed(cause.to_string())),
        Err(_) => Err(Failed("it panicked".to_owned())),
    }
}
