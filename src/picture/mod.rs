//! Pictures in fewer bytes, with the same pixels, or with others if that was asked for.
//!
//! A PNG file is compressed again, and a WebP file with the same pixels is made for clients that accept one. Both are
//! decoded by other implementations than their encoders, and every pixel is compared, also where it is
//! transparent. What changes the looks stays: the colour profile and the orientation. Files that are not understood
//! for certain keep their bytes, and have no other form.

mod chunks;
#[cfg(feature = "lossy")]
mod lossy;
mod memory;
mod pixels;
mod png;
mod webp;

use crate::asset::media_type::MediaType;
use crate::coding::Effort;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
#[cfg(feature = "lossy")]
use crate::options::PictureQuality;
use crate::options::{Options, Pictures};
use crate::transform::{Outcome, UntouchedReason};
pub(crate) use memory::PixelMemory;
use pixels::{Decoded, of_png, of_webp};
use png::{Failed, PngFile};
use webp::{Metadata, WEBP, lossless};

/// Minimum that another form must save, in bytes: about the size of the header field `Vary`.
const MIN_SAVING_BYTES: usize = 48;

/// Minimum that another form must save, in percent of what a client gets without it. Less would not be worth its space
/// in the Worker.
const MIN_SAVING_PERCENT: usize = 10;

/// The media type of PNG files (PNG §A.1).
const PNG: &str = "image/png";

/// The treatment of a picture, as this program can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// A PNG file has the same pixels in each form.
    Lossless,
    /// A PNG file has the same pixels; if it is a photograph, its other forms have at least this quality.
    #[cfg(feature = "lossy")]
    LossyForms(PictureQuality),
    /// A JPEG file has at least this quality in each form.
    #[cfg(feature = "lossy")]
    Lossy(PictureQuality),
}

impl Treatment {
    /// Returns the treatment of files of a type. Returns `None` if they stay as they are.
    pub(crate) fn of(media_type: &MediaType, options: &Options) -> Option<Self> {
        if options.effort() != Effort::Max {
            return None;
        }
        match (options.pictures, media_type.as_str()) {
            (Pictures::Lossless, PNG) => Some(Self::Lossless),
            #[cfg(feature = "lossy")]
            (Pictures::Lossy, PNG) => Some(Self::LossyForms(options.picture_quality)),
            #[cfg(feature = "lossy")]
            (Pictures::Lossy, lossy::JPEG) => Some(Self::Lossy(options.picture_quality)),
            #[cfg(not(feature = "lossy"))]
            (Pictures::Lossy, PNG) => Some(Self::Lossless),
            _ => None,
        }
    }

    /// Returns the media types that the forms of a picture may have besides its own, in the order of preference.
    pub(crate) fn forms(self) -> &'static [&'static str] {
        match self {
            Self::Lossless => &[WEBP],
            #[cfg(feature = "lossy")]
            Self::LossyForms(_) | Self::Lossy(_) => &[lossy::AVIF, WEBP],
        }
    }
}

/// The forms of a picture that are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forms {
    /// The one in its own format, with the same pixels, since people save it.
    Saved,
    /// The one in its own format.
    Own,
    /// Also those in other formats.
    All,
}

/// A form in another format.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) media_type: &'static str,
    pub(crate) body: Vec<u8>,
}

/// A picture with the bytes that will be served.
#[derive(Debug)]
pub(crate) struct OptimisedPicture {
    /// Its bytes in its own format.
    pub(crate) bytes: Vec<u8>,
    /// The result of optimising it.
    pub(crate) outcome: Outcome,
    /// Those in other formats that save enough, the preferred one first.
    pub(crate) forms: Vec<Form>,
    /// Problems found in the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl OptimisedPicture {
    /// Returns a picture that stays as it is.
    pub(crate) fn untouched(bytes: Vec<u8>, reason: UntouchedReason) -> Self {
        let outcome = Outcome::Untouched(reason);
        Self { bytes, outcome, forms: Vec::new(), diagnostics: Vec::new() }
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

/// Returns a warning if options ask for a treatment that this program cannot give.
pub(crate) fn not_available(options: &Options) -> Option<Diagnostic> {
    let is_lacking = options.pictures == Pictures::Lossy && cfg!(not(feature = "lossy"));
    (is_lacking && options.effort() == Effort::Max).then(lossy_not_available)
}

fn lossy_not_available() -> Diagnostic {
    let message = "they have the same pixels, since this program was compiled without the encoders of \
                   `lossy`";
    let help = "add the feature `lossy` to the dependency `worker-pack`, or pack with the command";
    Diagnostic::warning(Code::PictureLossyNotAvailable, "pictures", message).with_help(help)
}

/// Returns whether files of a type are optimised.
pub(crate) fn is_optimised(media_type: &MediaType, options: &Options) -> bool {
    Treatment::of(media_type, options).is_some()
}

/// Optimises a picture of the type of a treatment. `name` is the file's name in diagnostics.
pub(crate) fn optimise(
    name: &str,
    bytes: Vec<u8>,
    treatment: Treatment,
    forms: Forms,
    memory: &PixelMemory,
) -> OptimisedPicture {
    match treatment {
        #[cfg(feature = "lossy")]
        Treatment::Lossy(quality) => lossy::optimise(name, bytes, forms, quality, memory),
        _ => optimise_png(name, bytes, treatment, forms, memory),
    }
}

/// Optimises a PNG file.
fn optimise_png(
    name: &str,
    bytes: Vec<u8>,
    treatment: Treatment,
    forms: Forms,
    memory: &PixelMemory,
) -> OptimisedPicture {
    let read = PngFile::read(&bytes).and_then(|file| {
        let held = match treatment {
            #[cfg(feature = "lossy")]
            Treatment::LossyForms(_) if lossy::is_photograph(bytes.len(), file.count) => {
                memory.hold_for_scores(file.count)
            }
            _ => memory.hold(file.count),
        };
        Ok((of_png(&bytes)?, file, held))
    });
    let (decoded, file, _held) = match read {
        Ok(read) => read,
        Err(Unfit::Untouched(reason)) => return OptimisedPicture::untouched(bytes, reason),
        Err(Unfit::Damaged(cause)) => return damaged(name, "PNG", bytes, &cause),
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
    let served = smaller.as_ref().unwrap_or(&bytes).len();
    let forms = match forms {
        Forms::Own | Forms::Saved => Vec::new(),
        Forms::All => forms_of_png(name, &file, decoded, treatment, served, &mut diagnostics),
    };
    OptimisedPicture { bytes: smaller.unwrap_or(bytes), outcome, forms, diagnostics }
}

/// Returns the forms of a PNG file in other formats. `served` is the size of the file in bytes.
fn forms_of_png(
    name: &str,
    file: &PngFile<'_>,
    decoded: Decoded,
    treatment: Treatment,
    served: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Form> {
    let Some(metadata) = Metadata::of(&file.chunks, &decoded) else { return Vec::new() };
    let Some(pixels) = decoded.pixels.narrowed() else { return Vec::new() };
    let with_same_pixels = || lossless(&pixels, &metadata);
    match treatment {
        #[cfg(feature = "lossy")]
        Treatment::LossyForms(quality) if lossy::is_photograph(served, file.count) => {
            let carried = metadata.clone();
            let make = with_same_pixels;
            lossy::forms_of_png(name, &pixels, carried, quality, served, make, diagnostics)
        }
        _ => match with_same_pixels() {
            Ok(webp) => {
                let webp = webp.filter(|webp| saves_enough(served, webp.len()));
                webp.into_iter().map(|body| Form { media_type: WEBP, body }).collect()
            }
            Err(failure) => {
                diagnostics.push(failed(name, "WebP", &failure));
                Vec::new()
            }
        },
    }
}

/// Returns whether another form saves enough. Both sizes are in bytes.
pub(crate) fn saves_enough(served: usize, form: usize) -> bool {
    let saved = served.saturating_sub(form);
    saved >= MIN_SAVING_BYTES && saved * 100 >= served * MIN_SAVING_PERCENT
}

/// Returns the greatest size of another form that saves enough, in bytes.
#[cfg(feature = "lossy")]
fn lossy_limit(served: usize) -> usize {
    let percent = served - (served * MIN_SAVING_PERCENT).div_ceil(100);
    percent.min(served.saturating_sub(MIN_SAVING_BYTES))
}

/// Returns whether a file is a form of a picture that `treatment` may make: one with the same pixels, or a whole picture
/// of the same size.
pub(crate) fn is_form_of(
    original: &[u8],
    media_type: &str,
    bytes: &[u8],
    treatment: Treatment,
) -> bool {
    match treatment {
        Treatment::Lossless => media_type == WEBP && have_same_pixels(original, bytes),
        #[cfg(feature = "lossy")]
        Treatment::LossyForms(_) | Treatment::Lossy(_) => {
            lossy::is_form_of(original, media_type, bytes)
        }
    }
}

/// Returns whether a PNG file and a WebP file have the same pixels.
fn have_same_pixels(png: &[u8], webp: &[u8]) -> bool {
    let decoded = of_png(png).ok().zip(of_webp(webp));
    decoded.is_some_and(|(png, webp)| png.pixels.are_those_of(&webp))
}

/// Returns a picture that stays as it is, since it is damaged.
fn damaged(name: &str, format: &str, bytes: Vec<u8>, cause: &str) -> OptimisedPicture {
    let message = format!("is not a whole {format} file: {cause}");
    let warning = Diagnostic::warning(Code::PictureDamaged, name, message)
        .with_help("export it again; until then it is served unchanged");
    let picture = OptimisedPicture::untouched(bytes, UntouchedReason::DoesNotParse);
    OptimisedPicture { diagnostics: vec![warning], ..picture }
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
    fn a_program_without_the_encoders_warns_if_they_are_asked_for() {
        let warning = lossy_not_available();
        assert_eq!(
            (warning.code, warning.severity),
            (Code::PictureLossyNotAvailable, Severity::Warning)
        );
        let options =
            |pictures| Options { pictures, effort: Some(Effort::Max), ..Options::default() };
        let lacks = not_available(&options(Pictures::Lossy)).is_some();
        assert_eq!(lacks, cfg!(not(feature = "lossy")));
        assert!(not_available(&options(Pictures::Lossless)).is_none());
        let fast = Options { effort: Some(Effort::Fast), ..options(Pictures::Lossy) };
        assert!(not_available(&fast).is_none(), "pictures stay as they are");
    }

    #[test]
    fn webp_must_save_a_tenth_and_more_than_a_header_field() {
        assert!(saves_enough(1000, 900));
        assert!(!saves_enough(1000, 901));
        assert!(!saves_enough(400, 353), "too few bytes");
        assert!(!saves_enough(100, 101));
    }

    #[cfg(feature = "lossy")]
    #[test]
    fn the_limit_of_a_form_is_the_greatest_size_that_saves_enough() {
        for served in [0, 47, 48, 100, 480, 481, 999, 1000, 1001] {
            let limit = lossy_limit(served);
            assert_eq!(saves_enough(served, limit), served >= 48, "{served}");
            assert!(!saves_enough(served, limit + 1), "{served}");
        }
    }
}
