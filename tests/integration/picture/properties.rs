//! Pictures of all kinds keep their pixels in both forms.

use png::{BitDepth, ColorType};
use proptest::prelude::*;

use super::files::{Png, rgba, webp_rgba};
use super::{Forms, forms};

/// The kinds of pixels, with the bits of each (PNG §11.2.1).
const KINDS: [(ColorType, &[BitDepth]); 5] = [
    (
        ColorType::Grayscale,
        &[BitDepth::One, BitDepth::Two, BitDepth::Four, BitDepth::Eight, BitDepth::Sixteen],
    ),
    (ColorType::Rgb, &[BitDepth::Eight, BitDepth::Sixteen]),
    (ColorType::Indexed, &[BitDepth::One, BitDepth::Two, BitDepth::Four, BitDepth::Eight]),
    (ColorType::GrayscaleAlpha, &[BitDepth::Eight, BitDepth::Sixteen]),
    (ColorType::Rgba, &[BitDepth::Eight, BitDepth::Sixteen]),
];

fn picture() -> impl Strategy<Value = Png> {
    let kinds =
        KINDS.iter().flat_map(|(color, depths)| depths.iter().map(|depth| (*color, *depth)));
    let kind = prop::sample::select(kinds.collect::<Vec<_>>());
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..64),
        prop::collection::vec(prop::sample::select(vec![0, 0x11, 0xff]), 1..32),
    ];
    (1..48_u32, 1..48_u32, kind, bytes, any::<bool>()).prop_map(
        |(width, height, (color, depth), pattern, is_transparent)| {
            let bits = usize::try_from(width).unwrap() * color.samples() * depth as usize;
            let len = bits.div_ceil(8) * usize::try_from(height).unwrap();
            let rows: Vec<u8> = pattern.iter().copied().cycle().take(len).collect();
            let mut png = Png::new(width, height, color, depth, rows);
            if color == ColorType::Indexed {
                let colors = 1_usize << (depth as usize);
                let palette = pattern.iter().copied().cycle().take(3 * colors);
                png.palette = Some(palette.collect());
                if is_transparent {
                    png.transparency = Some(pattern.iter().copied().cycle().take(colors).collect());
                }
            } else if is_transparent && color == ColorType::Grayscale {
                png.transparency = Some(vec![0, pattern[0] & 1]);
            } else if is_transparent && color == ColorType::Rgb {
                png.transparency = Some([0, pattern[0], 0, pattern[0], 0, pattern[0]].into());
            }
            png
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pictures_of_all_kinds_keep_their_pixels_in_both_forms(picture in picture()) {
        let original = picture.encoded();
        let Forms { png, webp, .. } = forms(&original);
        prop_assert!(png.len() <= original.len());
        let pixels = rgba(&original);
        prop_assert_eq!(&rgba(&png), &pixels);
        if let Some(webp) = webp {
            prop_assert!(webp.len() < png.len());
            prop_assert_eq!(&webp_rgba(&webp), &pixels);
        }
    }
}

#[test]
fn colours_of_transparent_pixels_stay() {
    let pixels = (0..64 * 64_u32).flat_map(|n| [u8::try_from(n / 32).unwrap(), 7, 0xee, 0]);
    let png = Png::new(64, 64, ColorType::Rgba, BitDepth::Eight, pixels.collect());
    let original = png.encoded();
    let Forms { png, webp, .. } = forms(&original);
    assert_eq!(rgba(&png), rgba(&original));
    assert_eq!(webp_rgba(&webp.unwrap()), rgba(&original));
}
