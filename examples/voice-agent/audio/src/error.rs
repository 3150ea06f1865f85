//! The reasons why audio is refused, as sentences for the developer of the client.

/// The end of each message about a format.
const REMEDY: &str = "send 16-bit PCM, mono, at 24 or 48 kHz";

/// The reason why a stream is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// The stream has no samples.
    #[error("the audio is empty; {}", REMEDY)]
    Empty,
    /// The stream does not begin as a WAV file.
    #[error(
        "the body does not begin as a WAV file, with `RIFF` and `WAVE`; {}, in a WAV file, or name the type of raw samples, `audio/pcm;rate=24000`",
        REMEDY
    )]
    NotWav,
    /// The header of the WAV file contradicts itself.
    #[error("the header of the WAV file is broken: {reason}; write the file again, as {}", &REMEDY["send ".len()..])]
    BrokenHeader {
        /// The contradiction, which completes a sentence.
        reason: &'static str,
    },
    /// The samples begin too late in the WAV file.
    #[error(
        "the WAV file has more than {limit} bytes before its samples; write it without pictures and metadata"
    )]
    HeaderTooLong {
        /// The bytes that may come before the samples.
        limit: u64,
    },
    /// The WAV file ends before its samples.
    #[error("the WAV file ends before its `data` chunk; send the whole file")]
    HeaderTruncated,
    /// The audio is of a kind that is not supported.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The WAV file ends within its samples.
    #[error(
        "the WAV file ends after {got} of the {expected} bytes of samples that its header announces; send the whole file, or 0xFFFFFFFF as the length of a stream"
    )]
    Truncated {
        /// The bytes of samples that the header announces.
        expected: u64,
        /// The bytes of samples that have come.
        got: u64,
    },
    /// The samples end within a sample.
    #[error("the samples have an odd number of bytes, and a sample has two; {}", REMEDY)]
    OddLength,
    /// The audio lasts too long.
    #[error("the audio lasts {seconds} s or more, and the limit is {limit} s; send it in parts")]
    TooLong {
        /// The seconds announced by the header, or received so far, rounded up.
        seconds: u64,
        /// The longest audio that is accepted, in seconds.
        limit: u32,
    },
}

/// A kind of audio that is not supported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A relative of WAV.
    #[error("the file is {kind}, not a WAV file with `RIFF`; {}, in a WAV file", REMEDY)]
    Container {
        /// The first four bytes of the file.
        kind: &'static str,
    },
    /// Samples that are not integers of PCM.
    #[error("the WAV file has samples of the format {}, not PCM; {}", format_name(*.tag), REMEDY)]
    Encoding {
        /// The number of the format (`wFormatTag`, or the start of `SubFormat`).
        tag: u16,
    },
    /// Samples that are smaller or larger.
    #[error("the samples have {bits} bits; {}", REMEDY)]
    Bits {
        /// The bits of a sample.
        bits: u16,
    },
    /// More than one channel.
    #[error("the audio has {channels} channels; {}", REMEDY)]
    Channels {
        /// The number of channels.
        channels: u16,
    },
    /// Another sample rate.
    #[error("the sample rate {rate} is not supported; {}", REMEDY)]
    Rate {
        /// The rate as it was given.
        rate: String,
    },
}

/// Returns the name of a format of WAV, or its number.
fn format_name(tag: u16) -> String {
    match tag {
        0x0002 => "ADPCM".to_owned(),
        0x0003 => "floating point".to_owned(),
        0x0006 => "A-law".to_owned(),
        0x0007 => "µ-law".to_owned(),
        0x0055 => "MP3".to_owned(),
        _ => format!("{tag:#06x}"),
    }
}
