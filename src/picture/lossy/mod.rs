//! Photographs in fewer bytes, with other pixels.
//!
//! Each form is the smallest file of its encoder that reaches a score of SSIMULACRA2. The score is of what another
//! implementation decodes. A JPEG file becomes a smaller one, and gets forms in WebP and AVIF; a photograph in PNG gets
//! forms alone. In doubt the file stays, and has no other form.

mod avif;
mod carried;
mod decoded;
mod exif;
mod frame;
mod jpeg;
mod score;
mod search;
mod segments;
mod srgb;

use super::memory::PixelMemory;
use super::pixels::Pixels;
use super::png::Failed;
use super::webp::{self, Metadata, WEBP};
use super::{Form, Forms, OptimisedPicture, Unfit, damaged, failed, lossy_limit, saves_enough};
use crate::feedback::diagnostic::Diagnostic;
use crate::options::PictureQuality;
use crate::transform::{Outcome, UntouchedReason};
pub(super) use avif::AVIF;
use carried::{AvifMetadata, Carried};
use frame::{Colours, Frame, Sampling};
use score::{MIN_SIDE, is_opaque, score};
use search::{Attempt, Goal, smallest};
use segments::JpegFile;

/// The media type of JPEG files (RFC 2046 §4.2).
pub(super) const JPEG: &str = "image/jpeg";

/// The quality that each encoder begins with: about that of the default score.
const FIRST_JPEG: u8 = 78;
const FIRST_WEBP: u8 = 82;
const FIRST_AVIF: u8 = 68;

/// The least bits for each pixel that a photograph takes in PNG. Screenshots and drawings take less.
const PHOTOGRAPH_BITS: u64 = 5;

/// A photograph that forms are made of.
struct Photograph<'p> {
    pixels: &'p Pixels,
    carried: &'p Carried,
    quality: PictureQuality,
}

/// Optimises a JPEG file. `name` is the file's name in diagnostics.
pub(super) fn optimise(
    name: &str,
    bytes: Vec<u8>,
    forms: Forms,
    quality: PictureQuality,
    memory: &PixelMemory,
) -> OptimisedPicture {
    if forms == Forms::Saved {
        return OptimisedPicture::untouched(bytes, UntouchedReason::Saved);
    }
    let read = JpegFile::read(&bytes).and_then(|file| {
        let held = memory.hold_for_scores(file.frame.count());
        let carried = Carried::of_jpeg(&file)
            .ok_or_else(|| Unfit::Damaged("its metadata are not whole".to_owned()))?;
        Ok((decoded::of_jpeg(&bytes)?, carried, file.frame, held))
    });
    let (pixels, carried, frame, _held) = match read {
        Ok(read) => read,
        Err(Unfit::Untouched(reason)) => return OptimisedPicture::untouched(bytes, reason),
        Err(Unfit::Damaged(cause)) => return damaged(name, "JPEG", bytes, &cause),
    };
    let photograph = Photograph { pixels: &pixels, carried: &carried, quality };
    let mut diagnostics = Vec::new();
    let (smaller, outcome) = match photograph.jpeg(frame, lossy_limit(bytes.len())) {
        Ok(Some(smaller)) => (Some(smaller), Outcome::Minified),
        Ok(None) => (None, Outcome::Untouched(UntouchedReason::NotSmaller)),
        Err(failure) => {
            diagnostics.push(failed(name, "JPEG", &failure));
            (None, Outcome::Untouched(UntouchedReason::MinifierFailed))
        }
    };
    let bytes = smaller.unwrap_or(bytes);
    let forms = match forms {
        Forms::Own | Forms::Saved => Vec::new(),
        Forms::All => photograph.forms(name, bytes.len(), || Ok(None), &mut diagnostics),
    };
    OptimisedPicture { bytes, outcome, forms, diagnostics }
}

/// Returns whether a PNG file is a photograph, by its size and the number of its pixels.
pub(super) fn is_photograph(len: usize, count: u64) -> bool {
    let bits = u64::try_from(len).unwrap_or(u64::MAX).saturating_mul(8);
    bits >= count.saturating_mul(PHOTOGRAPH_BITS)
}

/// Returns the forms of a photograph in PNG, the preferred one first. `metadata` is what WebP carries, `served` the
/// size of the PNG file in bytes, and `lossless` makes the form in WebP with the same pixels, for one that has no other.
pub(super) fn forms_of_png(
    name: &str,
    pixels: &Pixels,
    metadata: Metadata,
    quality: PictureQuality,
    served: usize,
    lossless: impl FnOnce() -> Result<Option<Vec<u8>>, Failed>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Form> {
    let carried = Carried::of_png(Some(metadata));
    let photograph = Photograph { pixels, carried: &carried, quality };
    photograph.forms(name, served, lossless, diagnostics)
}

/// Returns whether a file is a whole picture of the same size as an original with pixels of one byte.
pub(super) fn is_form_of(original: &[u8], media_type: &str, bytes: &[u8]) -> bool {
    let sides = |pixels: Pixels| (pixels.width, pixels.height);
    let form = match media_type {
        AVIF => decoded::of_avif(bytes),
        WEBP => super::pixels::of_webp(bytes),
        _ => None,
    };
    let original = match JpegFile::read(original) {
        Ok(file) => Some((file.frame.width, file.frame.height)),
        Err(_) => super::png::sides(original),
    };
    form.map(sides).zip(original).is_some_and(|(form, original)| form == original)
}

impl Photograph<'_> {
    /// Returns the file with the same format, if it is not larger than a limit in bytes.
    fn jpeg(&self, frame: Frame, limit: usize) -> Result<Option<Vec<u8>>, Failed> {
        let quarter = self.jpeg_with(frame.colours, Sampling::Quarter, limit)?;
        if frame.colours == Colours::Grey || frame.sampling == Sampling::Quarter {
            return Ok(quarter);
        }
        let limit = quarter.as_ref().map_or(limit, |quarter| quarter.len().saturating_sub(1));
        let full = self.jpeg_with(frame.colours, Sampling::Full, limit)?;
        Ok(full.or(quarter))
    }

    fn jpeg_with(
        &self,
        colours: Colours,
        sampling: Sampling,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, Failed> {
        self.search(FIRST_JPEG, limit, decode_jpeg, |quality| {
            let bytes = jpeg::encoded(self.pixels, colours, sampling, quality)?;
            jpeg::with_segments(&bytes, &self.carried.segments).ok_or_else(is_damaged)
        })
    }

    /// Returns the forms in other formats, the preferred one first. Each saves enough of what a client gets that
    /// does not accept it. `served` is the size of the form in the own format, in bytes.
    fn forms(
        &self,
        name: &str,
        served: usize,
        lossless: impl FnOnce() -> Result<Option<Vec<u8>>, Failed>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Form> {
        let mut forms = Vec::new();
        let mut limit = lossy_limit(served);
        let webp = self.webp(limit).and_then(|webp| match webp {
            Some(webp) => Ok(Some(webp)),
            None => lossless(),
        });
        match webp {
            Ok(Some(body)) if saves_enough(served, body.len()) => {
                limit = lossy_limit(body.len());
                forms.push(Form { media_type: WEBP, body });
            }
            Ok(_) => {}
            Err(failure) => diagnostics.push(failed(name, "WebP", &failure)),
        }
        match self.avif(limit) {
            Ok(Some(body)) => forms.insert(0, Form { media_type: AVIF, body }),
            Ok(None) => {}
            Err(failure) => diagnostics.push(failed(name, "AVIF", &failure)),
        }
        forms
    }

    fn webp(&self, limit: usize) -> Result<Option<Vec<u8>>, Failed> {
        let Some(metadata) = &self.carried.webp else { return Ok(None) };
        if !self.has_sides(MIN_SIDE, webp::MAX_SIDE) {
            return Ok(None);
        }
        self.search(FIRST_WEBP, limit, super::pixels::of_webp, |quality| {
            webp::lossy(self.pixels, metadata, quality)
        })
    }

    fn avif(&self, limit: usize) -> Result<Option<Vec<u8>>, Failed> {
        let Some(AvifMetadata { exif }) = &self.carried.avif else { return Ok(None) };
        if !self.has_sides(MIN_SIDE, avif::MAX_SIDE) {
            return Ok(None);
        }
        self.search(FIRST_AVIF, limit, decoded::of_avif, |quality| {
            avif::encoded(self.pixels, exif.as_deref(), quality)
        })
    }

    fn has_sides(&self, min: u32, max: u32) -> bool {
        let Pixels { width, height, .. } = self.pixels;
        [width, height].into_iter().all(|side| (min..=max).contains(side))
    }

    /// Returns the smallest file that reaches the quality.
    fn search(
        &self,
        first: u8,
        limit: usize,
        decode: impl Fn(&[u8]) -> Option<Pixels>,
        encode: impl Fn(u8) -> Result<Vec<u8>, Failed>,
    ) -> Result<Option<Vec<u8>>, Failed> {
        if !self.has_sides(MIN_SIDE, u32::MAX) {
            return Ok(None);
        }
        let goal = Goal { score: self.quality.score(), len: limit };
        smallest(first, goal, |quality| {
            let bytes = encode(quality)?;
            let decoded = decode(&bytes).ok_or_else(is_damaged)?;
            let is_transparent = is_opaque(self.pixels) && !is_opaque(&decoded);
            let score = score(self.pixels, &decoded).filter(|_| !is_transparent);
            let score = score.ok_or_else(is_damaged)?;
            Ok(Attempt { bytes, score })
        })
    }
}

fn decode_jpeg(bytes: &[u8]) -> Option<Pixels> {
    decoded::of_jpeg(bytes).ok()
}

fn is_damaged() -> Failed {
    Failed("its result is damaged".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photograph_takes_more_bits_than_a_screenshot() {
        assert!(is_photograph(1_000_000, 1_000_000));
        assert!(!is_photograph(200_000, 1_000_000));
    }
}
