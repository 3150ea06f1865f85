//! The pixels of photographs, decoded by other implementations than those that encode them: `zune-jpeg` for MozJPEG,
//! `rav1d` for rav1e.

use avif_parse::AvifData;
use re_rav1d::dav1d::pixel::{MatrixCoefficients, YUVRange};
use re_rav1d::dav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent as Component, Settings};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::picture::Unfit;
use crate::picture::pixels::{MAX_PIXELS, Pixels, Samples};

/// The longest side of a JPEG file (T.81 §B.2.2).
const MAX_SIDE: usize = 65_535;

/// The number of scans of a progressive file that are decoded. Encoders write about ten.
const MAX_SCANS: usize = 100;

/// Decodes a JPEG file.
///
/// # Errors
/// If it is damaged.
pub(super) fn of_jpeg(bytes: &[u8]) -> Result<Pixels, Unfit> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let damaged = |cause: &dyn std::fmt::Debug| Unfit::Damaged(format!("{cause:?}"));
    let samples = decoder.decode().map_err(|cause| damaged(&cause))?;
    let info = decoder.info().ok_or_else(|| damaged(&"no header"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    Ok(Pixels { width, height, samples: Samples::Eight(samples) })
}

/// Decodes an AVIF file of the kind that is made here: full range and full resolution. Returns `None` if it is damaged
/// or of another kind.
pub(super) fn of_avif(bytes: &[u8]) -> Option<Pixels> {
    let file = AvifData::from_reader(&mut &*bytes).ok()?;
    if file.premultiplied_alpha {
        return None;
    }
    let colours = of_av1(file.primary_item.to_vec())?;
    let alpha = match file.alpha_item {
        Some(item) => Some(of_av1(item.to_vec())?),
        None => None,
    };
    let (width, height) = (colours.width(), colours.height());
    let is_usual = colours.pixel_layout() == PixelLayout::I444
        && colours.color_range() == YUVRange::Full
        && colours.matrix_coefficients() == MatrixCoefficients::BT470BG;
    if !is_usual
        || alpha.as_ref().is_some_and(|alpha| (alpha.width(), alpha.height()) != (width, height))
    {
        return None;
    }
    let planes = [Component::Y, Component::U, Component::V].map(|plane| values(&colours, plane));
    let [luma, blue, red] = planes;
    let (luma, blue, red) = (luma?, blue?, red?);
    let alpha = match &alpha {
        Some(alpha) => Some(values(alpha, Component::Y)?),
        None => None,
    };
    let mut samples = Vec::with_capacity(luma.len() * 4);
    for (at, ((y, u), v)) in luma.iter().zip(&blue).zip(&red).enumerate() {
        samples.extend(rgb(*y, u - 512.0 / 1023.0, v - 512.0 / 1023.0).map(byte));
        samples.push(alpha.as_ref().map_or(255, |alpha| byte(alpha[at])));
    }
    Some(Pixels { width, height, samples: Samples::Eight(samples) })
}

/// Decodes the only frame of a stream.
fn of_av1(stream: Vec<u8>) -> Option<Picture> {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_strict_std_compliance(true);
    settings.set_frame_size_limit(u32::try_from(MAX_PIXELS).ok()?);
    let mut decoder = Decoder::with_settings(&settings).ok()?;
    decoder.send_data(stream, None, None, None).ok()?;
    decoder.get_picture().ok()
}

/// Returns the values of a plane of 10 bits, from 0 to 1. Returns `None` if it has others.
fn values(picture: &Picture, component: Component) -> Option<Vec<f32>> {
    if picture.bits_per_component()?.0 != 10 {
        return None;
    }
    let width = usize::try_from(picture.width()).ok()?;
    let stride = usize::try_from(picture.stride(component)).ok()?;
    let plane = picture.plane(component);
    let rows = plane.chunks_exact(stride).filter_map(|row| row.get(..width * 2));
    let value = |pair: &[u8]| f32::from(u16::from_ne_bytes([pair[0], pair[1]])) / 1023.0;
    let values: Vec<f32> = rows.flat_map(|row| row.chunks_exact(2).map(value)).collect();
    (values.len() == width * usize::try_from(picture.height()).ok()?).then_some(values)
}

/// Converts a colour (ITU-T H.273 §8.3, matrix coefficients 5 and 6).
fn rgb(luma: f32, blue: f32, red: f32) -> [f32; 3] {
    const RED: f32 = 0.299;
    const BLUE: f32 = 0.114;
    const GREEN: f32 = 1.0 - RED - BLUE;
    let (r, b) = (luma + 2.0 * (1.0 - RED) * red, luma + 2.0 * (1.0 - BLUE) * blue);
    [r, (luma - RED * r - BLUE * b) / GREEN, b]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 255")]
fn byte(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}
