//! Pictures in fewer bytes, with the same pixels.
//!
//! A PNG file is compressed again, and a WebP file with the same pixels is made for clients that accept one. Both are
//! decoded by other implementations than their encoders, and every pixel is compared, also where it is
//! transparent. What changes the looks stays: the colour profile and the orientation. Files that are not understood
//! for certain keep their bytes, and have no other form.

mod chunks;
mod memory;
mod pixels;
mod png;
mod webp;

use crate::asset::media_type::MediaType;
use crate::coding::Effort;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::{Options, Pictures};
use crate::transform::{Outcome, UntouchedReason};
pub(crate) use memory::PixelMemory;
use pixels::{Decoded, of_png, of_webp};
use png::{Failed, PngFile};
use webp::{Metadata, lossless};

/// The media type of WebP files (RFC 9649 §6.1).
pub(crate) const WEBP: &str = "image/webp";

/// Minimum that a WebP file must save, in bytes: about the size of the header field `Vary`.
const MIN_SAVING_BYTES: usize = 48;

/// Minimum that a WebP file must save, in percent of the PNG file. Less would not be worth its space in the Worker.
const MIN_SAVING_PERCENT: usize = 10;

/// The forms of a picture that are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forms {
    /// The one in its own format.
    Own,
    /// Also one in WebP.
    OwnAndWebp,
}

/// A picture with the bytes that will be served.
#[derive(Debug)]
pub(crate) struct OptimisedPicture {
    /// Its bytes in its own format.
    pub(crate) bytes: Vec<u8>,
    /// The result of optimising it.
    pub(crate) outcome: Outcome,
    /// A WebP file with the same pixels, if that saves enough.
    pub(crate) webp: Option<Vec<u8>>,
    /// Problems found in the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl OptimisedPicture {
    /// Returns a picture that stays as it is.
    pub(crate) fn untouched(bytes: Vec<u8>, reason: UntouchedReason) -> Self {
        let outcome = Outcome::Untouched(reason);
        Self { bytes, outcome, webp: None, diagnostics: Vec::new() }
    }
}

/// The reason why a file is not worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unfit {
    /// It has to stay as it is.
    Untouched(UntouchedReason),
    /// It is damaged.
    Damaged(String),
}

/// Returns whether files of a type are optimised.
pub(crate) fn is_optimised(media_type: &MediaType, options: &Options) -> bool {
    let is_on = match options.pictures {
        Pictures::Off => false,
        Pictures::Lossless => options.effort() == Effort::Max,
    };
    is_on && media_type.as_str() == "image/png"
}

/// Optimises a PNG file without loss. `name` is the file's name in diagnostics.
pub(crate) fn optimise(
    name: &str,
    bytes: Vec<u8>,
    forms: Forms,
    memory: &PixelMemory,
) -> OptimisedPicture {
    let read = PngFile::read(&bytes).and_then(|file| {
        let held = memory.hold(file.count);
        Ok((of_png(&bytes)?, file, held))
    });
    let (decoded, file, _held) = match read {
        Ok(read) => read,
        Err(Unfit::Untouched(reason)) => return OptimisedPicture::untouched(bytes, reason),
        Err(Unfit::Damaged(cause)) => {
            let message = format!("is not a whole PNG file: {cause}");
            let warning = Diagnostic::warning(Code::PictureDamaged, name, message)
                .with_help("export it again; until then it is served unchanged");
            let picture = OptimisedPicture::untouched(bytes, UntouchedReason::DoesNotParse);
            return OptimisedPicture { diagnostics: vec![warning], ..picture };
        }
    };
    let mut diagnostics = Vec::new();
    let (smaller, outcome) = match file.optimised(&decoded) {
        Ok(smaller) if smaller.len() < bytes.len() => (Some(smaller), Outcome::Minified),
        Ok(_) => (None, Outcome::Untouched(UntouchedReason::NotSmaller)),
        Err(failure) => {
            diagnostics.push(failed(name, "PNG", &failure));
            (None, Outcome::Untouched(UntouchedReason::MinifierFailed))
        }
    };
    let served = smaller.as_ref().unwrap_or(&bytes);
    let webp = match forms {
        Forms::Own => None,
        Forms::OwnAndWebp => webp_of(&file, decoded, served).unwrap_or_else(|failure| {
            diagnostics.push(failed(name, "WebP", &failure));
            None
        }),
    };
    OptimisedPicture { bytes: smaller.unwrap_or(bytes), outcome, webp, diagnostics }
}

/// Returns a WebP file with the pixels of a PNG file, if that saves enough.
fn webp_of(file: &PngFile<'_>, decoded: Decoded, served: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
    let Some(metadata) = Metadata::of(&file.chunks, &decoded) else { return Ok(None) };
    let Some(narrow) = decoded.pixels.narrowed() else { return Ok(None) };
    let webp = lossless(&narrow, &metadata)?;
    Ok(webp.filter(|webp| saves_enough(served.len(), webp.len())))
}

/// Returns whether a WebP file saves enough. Both sizes are in bytes.
pub(crate) fn saves_enough(served: usize, webp: usize) -> bool {
    let saved = served.saturating_sub(webp);
    saved >= MIN_SAVING_BYTES && saved * 100 >= served * MIN_SAVING_PERCENT
}

/// Returns whether a PNG file and a WebP file have the same pixels.
pub(crate) fn have_same_pixels(png: &[u8], webp: &[u8]) -> bool {
    let decoded = of_png(png).ok().zip(of_webp(webp));
    decoded.is_some_and(|(png, webp)| png.pixels.are_those_of(&webp))
}

/// Reports a bug in an encoder.
fn failed(name: &str, format: &str, Failed(cause): &Failed) -> Diagnostic {
    let message = format!("not optimised: the {format} encoder failed: {cause}");
    // A note and not a warning, because the author of the file did nothing wrong.
    Diagnostic::note(Code::PictureEncoderFailed, name, message).with_help(
        "it is served without this form; this is a bug in worker-pack or in an encoder it uses, \
         please report it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::diagnostic::Severity;

    #[test]
    fn an_encoder_that_fails_is_a_note_that_asks_for_a_report() {
        let note = failed("a.png", "WebP", &Failed("it panicked".to_owned()));
        assert_eq!((note.code, note.severity), (Code::PictureEncoderFailed, Severity::Note));
        assert!(note.message.contains("the WebP encoder failed: it panicked"), "{note}");
        assert!(note.help.is_some_and(|help| help.contains("please report it")));
    }

    #[test]
    fn webp_must_save_a_tenth_and_more_than_a_header_field() {
        assert!(saves_enough(1000, 900));
        assert!(!saves_enough(1000, 901));
        assert!(!saves_enough(400, 353), "too few bytes");
        assert!(!saves_enough(100, 101));
    }
}
