//! The frame of a JPEG file (ITU-T T.81 §B.2.2): its size, and how its pixels are encoded.

use super::segments::Segment;
use crate::picture::Unfit;
use crate::picture::pixels::MAX_PIXELS;
use crate::transform::UntouchedReason;

/// The identifiers by which programs name the components of RGB.
const RGB: [u8; 3] = *b"RGB";

/// The colours of a file that is encoded anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Grey,
    Full,
}

/// The resolution of the colours, by the pixels of brightness for each pixel of colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sampling {
    /// The same (4:4:4).
    Full,
    /// A half in each direction (4:2:0).
    Quarter,
}

/// The size, the colours and the sampling of a JPEG file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) colours: Colours,
    /// [`Sampling::Quarter`] for any resolution below the full one.
    pub(super) sampling: Sampling,
}

impl Frame {
    /// Returns the number of pixels.
    pub(super) fn count(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Finds the frame among the segments before the first scan.
    ///
    /// # Errors
    /// If it has to stay as it is, or is damaged.
    pub(super) fn of(segments: &[Segment<'_>]) -> Result<Self, Unfit> {
        let untouched = |reason| Err(Unfit::Untouched(reason));
        // All but tables and segments of applications (T.81 Table B.1).
        let is_frame =
            |marker| matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        let mut frames = segments.iter().filter(|segment| is_frame(segment.marker));
        let damaged = || Unfit::Damaged("it has no header".to_owned());
        let frame = frames.next().ok_or_else(damaged)?;
        let (&[precision, h1, h0, w1, w0, count], components) =
            frame.data.split_first_chunk::<6>().ok_or_else(damaged)?;
        let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        let components: Vec<[u8; 3]> =
            components.chunks_exact(3).filter_map(|one| one.try_into().ok()).collect();
        if components.len() != usize::from(count) || width == 0 {
            return Err(damaged());
        }
        // Baseline, extended or progressive, with Huffman coding; no further frames (hierarchical), no arithmetic
        // coding, and a height that is known before the first scan.
        let is_usual = matches!(frame.marker, 0xc0..=0xc2) && precision == 8 && height != 0;
        let has_arithmetic = segments.iter().any(|segment| segment.marker == 0xcc);
        if !is_usual || has_arithmetic || frames.next().is_some() {
            return untouched(UntouchedReason::RareCoding);
        }
        let frame = Self {
            width: width.into(),
            height: height.into(),
            colours: Colours::Full,
            sampling: Sampling::Full,
        };
        if frame.count() > MAX_PIXELS {
            return untouched(UntouchedReason::TooLarge);
        }
        match *components {
            [_] => Ok(Self { colours: Colours::Grey, ..frame }),
            [y, cb, cr] if [y[0], cb[0], cr[0]] != RGB && !is_untransformed(segments) => {
                let is_full = y[1] == cb[1] && y[1] == cr[1];
                let sampling = if is_full { Sampling::Full } else { Sampling::Quarter };
                Ok(Self { sampling, ..frame })
            }
            _ => untouched(UntouchedReason::OtherColours),
        }
    }
}

/// Returns whether Adobe's segment says that the components are not those of YCbCr (ITU-T T.872 §6.5.3).
fn is_untransformed(segments: &[Segment<'_>]) -> bool {
    let adobe = segments.iter().filter_map(|segment| segment.data.strip_prefix(b"Adobe"));
    adobe.into_iter().any(|data| data.get(6) == Some(&0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(marker: u8, data: &[u8]) -> Result<Frame, Unfit> {
        Frame::of(&[Segment { marker, data }])
    }

    const YCBCR: &[u8] = b"\x08\0\x10\0\x20\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";

    #[test]
    fn usual_frames_are_understood() {
        for marker in [0xc0, 0xc1, 0xc2] {
            let found = frame(marker, YCBCR).unwrap();
            let Frame { width, height, colours, sampling } = found;
            assert_eq!((width, height), (32, 16));
            assert_eq!((colours, sampling), (Colours::Full, Sampling::Quarter));
        }
        let grey = frame(0xc0, b"\x08\0\x10\0\x20\x01\x01\x11\0").unwrap();
        assert_eq!(grey.colours, Colours::Grey);
    }

    #[test]
    fn other_codings_and_colours_stay() {
        let reason = |found: Result<Frame, Unfit>| match found {
            Err(Unfit::Untouched(reason)) => reason,
            other => panic!("{other:?}"),
        };
        // Lossless, differential and arithmetic frames.
        for marker in [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf] {
            assert_eq!(reason(frame(marker, YCBCR)), UntouchedReason::RareCoding, "{marker:x}");
        }
        let twelve_bits = [b"\x0c", &YCBCR[1..]].concat();
        assert_eq!(reason(frame(0xc1, &twelve_bits)), UntouchedReason::RareCoding);
        let later_height = [b"\x08\0\0", &YCBCR[3..]].concat();
        assert_eq!(reason(frame(0xc0, &later_height)), UntouchedReason::RareCoding);
        let cmyk = b"\x08\0\x10\0\x20\x04\x01\x11\0\x02\x11\0\x03\x11\0\x04\x11\0";
        assert_eq!(reason(frame(0xc0, cmyk)), UntouchedReason::OtherColours);
        let named = b"\x08\0\x10\0\x20\x03R\x11\0G\x11\0B\x11\0";
        assert_eq!(reason(frame(0xc0, named)), UntouchedReason::OtherColours);
        let adobe = Segment { marker: 0xee, data: b"Adobe\0\x64\0\0\0\0\0" };
        let rgb = Frame::of(&[adobe, Segment { marker: 0xc0, data: YCBCR }]);
        assert_eq!(reason(rgb), UntouchedReason::OtherColours);
        let large = [b"\x08\xff\xff\xff\xff", &YCBCR[5..]].concat();
        assert_eq!(reason(frame(0xc0, &large)), UntouchedReason::TooLarge);
    }
}
