//! The score of a picture, by SSIMULACRA2: the likeness to its original.

use std::sync::LazyLock;

use ssimulacra2::{LinearRgb, compute_frame_ssimulacra2};

use super::srgb::linear;
use crate::picture::pixels::{Pixels, Samples};

/// The least width and height that the metric takes.
pub(super) const MIN_SIDE: u32 = 8;

/// The brightness of each value of a sample.
#[expect(clippy::cast_possible_truncation, reason = "a value from 0 to 1")]
static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    let mut table = [0.0; 256];
    for (value, place) in (0_u8..).zip(&mut table) {
        *place = linear(f64::from(value) / 255.0) as f32;
    }
    table
});

/// The background that a picture with transparency is seen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Background {
    Black,
    White,
}

/// Returns the score of a picture, at most 100: the lower one of those on black and on white, if one of the two is
/// transparent. Returns `None` if they have no score.
pub(super) fn score(original: &Pixels, picture: &Pixels) -> Option<f64> {
    let backgrounds: &[Background] = if is_opaque(original) && is_opaque(picture) {
        &[Background::White]
    } else {
        &[Background::Black, Background::White]
    };
    let score = |background| {
        let (original, picture) = (shown(original, background)?, shown(picture, background)?);
        compute_frame_ssimulacra2(original, picture).ok()
    };
    let scores: Option<Vec<f64>> = backgrounds.iter().map(|one| score(*one)).collect();
    scores?.into_iter().min_by(f64::total_cmp)
}

/// Returns whether no pixel is transparent.
pub(super) fn is_opaque(pixels: &Pixels) -> bool {
    match &pixels.samples {
        Samples::Eight(samples) => samples.chunks_exact(4).all(|pixel| pixel[3] == 255),
        Samples::Sixteen(samples) => samples.chunks_exact(8).all(|pixel| pixel[6..] == [255, 255]),
    }
}

/// Returns the picture as it is seen. Browsers blend the values, and not the brightness (CSS Compositing §3.1).
fn shown(pixels: &Pixels, background: Background) -> Option<LinearRgb> {
    let Pixels { width, height, samples: Samples::Eight(samples) } = pixels else { return None };
    let behind: u32 = if background == Background::White { 255 } else { 0 };
    let pixel = |rgba: &[u8]| {
        let alpha = u32::from(rgba[3]);
        let blend = |value: u8| (u32::from(value) * alpha + behind * (255 - alpha) + 127) / 255;
        let seen =
            |value: u8| if alpha == 255 { usize::from(value) } else { blend(value) as usize };
        [LINEAR[seen(rgba[0])], LINEAR[seen(rgba[1])], LINEAR[seen(rgba[2])]]
    };
    let data = samples.chunks_exact(4).map(pixel).collect();
    LinearRgb::new(data, usize::try_from(*width).ok()?, usize::try_from(*height).ok()?).ok()
}
