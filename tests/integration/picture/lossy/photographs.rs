//! Photographs that are made by tests, and decoded by them with other programs than the packer.

use image_webp::WebPDecoder;
use mozjpeg::{ColorSpace, Compress, Decompress};
use png::{BitDepth, ColorType};
use ssimulacra2::{
    ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2 as compared,
};

use crate::picture::files::Png;

/// The sides of a photograph.
pub(crate) const SIDES: (u32, u32) = (96, 72);

/// The pixels of a photograph, as RGB: soft forms, edges, and the grain of a camera.
pub(crate) fn pixels((width, height): (u32, u32)) -> Vec<u8> {
    let mut state = 7_u32;
    let mut grain = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 24) / 255.0 - 0.5
    };
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (across, down) = (f64::from(x) / 17.0, f64::from(y) / 13.0);
            let form = f64::midpoint(across.sin(), (down + across / 3.0).cos());
            let edge = if (x / 24 + y / 18) % 2 == 0 { 0.15 } else { 0.0 };
            let noise = grain() * 18.0;
            for (base, share) in [(120.0, 70.0), (105.0, 60.0), (90.0, -50.0)] {
                let value = base + share * (form + edge) + noise + grain() * 6.0;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a byte"
                )]
                pixels.push(value.round().clamp(0.0, 255.0) as u8);
            }
        }
    }
    pixels
}

/// A JPEG file with pixels in the given colours.
pub(crate) fn jpeg_of(pixels: &[u8], (width, height): (u32, u32), colours: ColorSpace) -> Vec<u8> {
    let mut encoder = Compress::new(colours);
    encoder.set_size(width as usize, height as usize);
    encoder.set_quality(97.0);
    let mut started = encoder.start_compress(Vec::new()).unwrap();
    started.write_scanlines(pixels).unwrap();
    started.finish().unwrap()
}

/// A JPEG file of a photograph.
pub(crate) fn jpeg() -> Vec<u8> {
    jpeg_of(&pixels(SIDES), SIDES, ColorSpace::JCS_RGB)
}

/// A PNG file of a photograph.
pub(crate) fn png() -> Vec<u8> {
    let (width, height) = SIDES;
    Png::new(width, height, ColorType::Rgb, BitDepth::Eight, pixels(SIDES)).encoded()
}

/// A PNG file of a photograph that becomes transparent from left to right.
pub(crate) fn transparent_png() -> Vec<u8> {
    let (width, height) = SIDES;
    let alpha =
        (0..height).flat_map(|_| (0..width).map(|x| u8::try_from(x * 255 / width).unwrap()));
    let colours = pixels(SIDES);
    let rows = colours.chunks_exact(3).zip(alpha);
    let rows = rows.flat_map(|(rgb, alpha)| [rgb[0], rgb[1], rgb[2], alpha]).collect();
    Png::new(width, height, ColorType::Rgba, BitDepth::Eight, rows).encoded()
}

/// A segment of a JPEG file: its marker, and its data.
pub(crate) fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &len, data].concat()
}

/// A JPEG file with further segments after its first one.
pub(crate) fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(2 + 2 + 16);
    assert!(start.ends_with(b"\0\0") && start[2..].starts_with(b"\xff\xe0\0\x10JFIF"), "{start:?}");
    [start, &segments.concat(), rest].concat()
}

/// The segments of a JPEG file before its first scan, by marker.
pub(crate) fn segments(jpeg: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut rest = &jpeg[2..];
    let mut segments = Vec::new();
    while let [0xff, marker, high, low, after @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low])) - 2;
        segments.push((*marker, after[..len].to_vec()));
        if *marker == 0xda {
            break;
        }
        rest = &after[len..];
    }
    segments
}

/// The pixels of a JPEG file as RGB, by libjpeg.
pub(crate) fn jpeg_rgb(jpeg: &[u8]) -> ((u32, u32), Vec<u8>) {
    let mut decoder = Decompress::new_mem(jpeg).unwrap().rgb().unwrap();
    let sides = (u32::try_from(decoder.width()).unwrap(), u32::try_from(decoder.height()).unwrap());
    let rows: Vec<[u8; 3]> = decoder.read_scanlines().unwrap();
    (sides, rows.concat())
}

/// The pixels of a WebP file as RGB.
pub(crate) fn webp_rgb(webp: &[u8]) -> ((u32, u32), Vec<u8>) {
    let mut decoder = WebPDecoder::new(std::io::Cursor::new(webp)).unwrap();
    assert!(!decoder.has_alpha() && !decoder.is_animated());
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    (decoder.dimensions(), pixels)
}

/// The width and height of an AVIF file, and whether it is transparent.
pub(crate) fn avif_sides(avif: &[u8]) -> ((u32, u32), bool) {
    let file = avif_parse::AvifData::from_reader(&mut &*avif).unwrap();
    let header = file.primary_item_metadata().unwrap();
    assert!(header.still_picture);
    let sides = (header.max_frame_width.get(), header.max_frame_height.get());
    (sides, file.alpha_item.is_some())
}

/// The score of RGB pixels beside others of the same size.
pub(crate) fn score((width, height): (u32, u32), original: &[u8], picture: &[u8]) -> f64 {
    let frame = |pixels: &[u8]| {
        let pixel = |rgb: &[u8]| [0, 1, 2].map(|at| f32::from(rgb[at]) / 255.0);
        let data = pixels.chunks_exact(3).map(pixel).collect();
        let (width, height) = (width as usize, height as usize);
        let (transfer, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
        Rgb::new(data, width, height, transfer, primaries).unwrap()
    };
    compared(frame(original), frame(picture)).unwrap()
}
