//! JPEG files of MozJPEG.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mozjpeg::{ColorSpace, Compress};

use super::frame::{Colours, Sampling};
use crate::picture::pixels::{Pixels, Samples};
use crate::picture::png::Failed;

/// Encodes pixels without alpha.
///
/// # Errors
/// If the encoder fails.
pub(super) fn encoded(
    pixels: &Pixels,
    colours: Colours,
    sampling: Sampling,
    quality: u8,
) -> Result<Vec<u8>, Failed> {
    let Pixels { width, height, samples: Samples::Eight(samples) } = pixels else {
        return Err(Failed("the pixels have 16 bits".to_owned()));
    };
    let side = |side: &u32| usize::try_from(*side).unwrap_or(usize::MAX);
    let run = || {
        let mut encoder = Compress::new(match colours {
            Colours::Grey => ColorSpace::JCS_GRAYSCALE,
            Colours::Full => ColorSpace::JCS_EXT_RGBA,
        });
        encoder.set_size(side(width), side(height));
        encoder.set_quality(f32::from(quality));
        encoder.set_progressive_mode();
        encoder.set_optimize_scans(true);
        if colours == Colours::Full {
            let size = if sampling == Sampling::Full { (1, 1) } else { (2, 2) };
            encoder.set_chroma_sampling_pixel_sizes(size, size);
        }
        let mut started = encoder.start_compress(Vec::new())?;
        match colours {
            Colours::Full => started.write_scanlines(samples)?,
            Colours::Grey => {
                let grey: Vec<u8> = samples.chunks_exact(4).map(|pixel| pixel[0]).collect();
                started.write_scanlines(&grey)?;
            }
        }
        started.finish()
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(cause)) => Err(Failed(cause.to_string())),
        Err(_) => Err(Failed("it panicked".to_owned())),
    }
}

/// Returns a file with segments in the place of the encoder's own. Returns `None` if it is none of the encoder's.
pub(super) fn with_segments(bytes: &[u8], segments: &[u8]) -> Option<Vec<u8>> {
    let after_start = bytes.strip_prefix(b"\xff\xd8")?;
    let after_own = match after_start.strip_prefix(b"\xff\xe0") {
        Some(own) => {
            let (len, _) = own.split_first_chunk::<2>()?;
            own.get(usize::from(u16::from_be_bytes(*len))..)?
        }
        None => after_start,
    };
    // Without JFIF, a decoder has to guess the colours. An Exif file has it too, in the second place.
    let own = &after_start[..after_start.len() - after_own.len()];
    let has_jfif = segments.starts_with(b"\xff\xe0");
    let own = if has_jfif { &[][..] } else { own };
    Some([b"\xff\xd8", own, segments, after_own].concat())
}
