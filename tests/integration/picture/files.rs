//! Pictures that are made by tests, and decoded by them.

use std::io::{Cursor, Write};

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use image_webp::WebPDecoder;
use png::{BitDepth, ColorType, Decoder, Encoder, Transformations};

/// A picture to encode, by an encoder that does not try hard.
#[derive(Clone, Debug)]
pub(crate) struct Png {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) color: ColorType,
    pub(crate) depth: BitDepth,
    /// The rows, each of whole bytes.
    pub(crate) rows: Vec<u8>,
    pub(crate) palette: Option<Vec<u8>>,
    pub(crate) transparency: Option<Vec<u8>>,
}

impl Png {
    pub(crate) fn new(
        width: u32,
        height: u32,
        color: ColorType,
        depth: BitDepth,
        rows: Vec<u8>,
    ) -> Self {
        Self { width, height, color, depth, rows, palette: None, transparency: None }
    }

    /// A picture of flat areas with some lines, as of a page.
    pub(crate) fn screenshot(width: u32, height: u32) -> Self {
        let pixel = |x: u32, y: u32| {
            let line = (x * 7 + y * 13) % 31 < 3;
            let byte = |value: u32| u8::try_from(value % 256).unwrap();
            match (x / 24 + y / 16, line) {
                (_, true) => [20, 20, byte(30 + x), 255],
                (area, false) => [byte(200 + area), byte(210 + area * 3), 240, 255],
            }
        };
        let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)));
        Self::new(width, height, ColorType::Rgba, BitDepth::Eight, pixels.collect())
    }

    pub(crate) fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(self.color);
        encoder.set_depth(self.depth);
        encoder.set_compression(png::Compression::Fastest);
        if let Some(palette) = &self.palette {
            encoder.set_palette(palette.clone());
        }
        if let Some(transparency) = &self.transparency {
            encoder.set_trns(transparency.clone());
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&self.rows).unwrap();
        writer.finish().unwrap();
        bytes
    }
}

/// An interlaced file (Adam7, PNG §8.2) with a grey level for each pixel, which the encoder cannot write.
pub(crate) fn interlaced(side: u32) -> Vec<u8> {
    // The first column and row of each pass, and its steps.
    const PASSES: [(u32, u32, usize, usize); 7] = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let mut rows = Vec::new();
    for (first_x, first_y, step_x, step_y) in PASSES {
        for y in (first_y..side).step_by(step_y) {
            // The filter of the row: none.
            rows.push(0);
            let row = (first_x..side).step_by(step_x);
            rows.extend(row.map(|x| u8::try_from((x / 4 * 9 + y / 8 * 31) % 256).unwrap()));
        }
    }
    let mut compressed = ZlibEncoder::new(Vec::new(), Compression::fast());
    compressed.write_all(&rows).unwrap();
    let sides = [side.to_be_bytes(), side.to_be_bytes()].concat();
    let header = [&sides[..], &[8, 0, 0, 0, 1]].concat();
    let data = compressed.finish().unwrap();
    let chunks = [chunk(*b"IHDR", &header), chunk(*b"IDAT", &data), chunk(*b"IEND", &[])];
    [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat()].concat()
}

/// A chunk with its checksum.
pub(crate) fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&name[..], data].concat();
    let mut crc = Crc::new();
    crc.update(&named);
    let len = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&len[..], &named, &crc.sum().to_be_bytes()].concat()
}

/// A file with further chunks after its header.
pub(crate) fn with_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    let (header, rest) = png.split_at(8 + 25);
    [header, &chunks.concat(), rest].concat()
}

/// The names and data of the chunks of a file.
pub(crate) fn chunks(png: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut rest = &png[8..];
    let mut chunks = Vec::new();
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let len = usize::try_from(u32::from_be_bytes(*len)).unwrap();
        let name = String::from_utf8(after[..4].to_vec()).unwrap();
        chunks.push((name, after[4..4 + len].to_vec()));
        rest = &after[4 + len + 4..];
    }
    chunks
}

pub(crate) fn chunk_of(png: &[u8], name: &str) -> Option<Vec<u8>> {
    chunks(png).into_iter().find(|(found, _)| found == name).map(|(_, data)| data)
}

/// The pixels of a PNG file, with 16 bits for each sample.
pub(crate) fn rgba(png: &[u8]) -> (u32, u32, Vec<u16>) {
    let mut decoder = Decoder::new(Cursor::new(png));
    decoder.set_transformations(Transformations::EXPAND | Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    let samples: Vec<u16> = match frame.bit_depth {
        BitDepth::Sixteen => {
            bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
        }
        _ => bytes.iter().map(|byte| u16::from(*byte) * 257).collect(),
    };
    let pixels = match frame.color_type {
        ColorType::Rgba => samples,
        ColorType::GrayscaleAlpha => {
            samples.chunks_exact(2).flat_map(|one| [one[0], one[0], one[0], one[1]]).collect()
        }
        other => panic!("{other:?}"),
    };
    (frame.width, frame.height, pixels)
}

/// The pixels of a WebP file, with 16 bits for each sample.
pub(crate) fn webp_rgba(webp: &[u8]) -> (u32, u32, Vec<u16>) {
    let mut decoder = WebPDecoder::new(Cursor::new(webp)).unwrap();
    let (width, height) = decoder.dimensions();
    let mut bytes = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut bytes).unwrap();
    let wide = |byte: &u8| u16::from(*byte) * 257;
    let pixels = if decoder.has_alpha() {
        bytes.iter().map(wide).collect()
    } else {
        let rgb = bytes.chunks_exact(3);
        rgb.flat_map(|rgb| [wide(&rgb[0]), wide(&rgb[1]), wide(&rgb[2]), u16::MAX]).collect()
    };
    (width, height, pixels)
}

/// A profile that is only long enough to say which colours it describes.
pub(crate) fn profile(space: [u8; 4]) -> Vec<u8> {
    let mut profile = vec![0; 132];
    profile[3] = 132;
    profile[12..16].copy_from_slice(b"mntr");
    profile[16..20].copy_from_slice(&space);
    profile[20..24].copy_from_slice(b"XYZ ");
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

/// A chunk with a profile.
pub(crate) fn iccp(profile: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(profile).unwrap();
    chunk(*b"iCCP", &[b"profile\0\0", &*encoder.finish().unwrap()].concat())
}

/// Metadata of a camera with a single field: its tag, and its value as a short.
pub(crate) fn exif(tag: u16, value: u16) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend(tag.to_be_bytes());
    exif.extend([0, 3, 0, 0, 0, 1]);
    exif.extend(value.to_be_bytes());
    exif.extend([0, 0, 0, 0, 0, 0]);
    exif
}
