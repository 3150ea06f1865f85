//! The facts about a stream: its container, its sample rate and its length.

use std::str::FromStr;

use crate::{AudioError, Unsupported};

/// The bytes of one sample: 16 bits, mono.
pub(crate) const SAMPLE_BYTES: u64 = 2;

/// A number of samples in a second that the suppression works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleRate {
    /// 24 kHz, the rate of the voice APIs.
    Hz24000,
    /// 48 kHz, the rate of WebRTC and of the suppression itself.
    Hz48000,
}

impl SampleRate {
    /// Returns the samples in a second.
    #[must_use]
    pub const fn hertz(self) -> u32 {
        match self {
            Self::Hz24000 => 24_000,
            Self::Hz48000 => 48_000,
        }
    }

    /// Returns how many samples at this rate last as long as `samples` at the rate `from`, the last
    /// of which may reach beyond them.
    pub(crate) const fn samples_of(self, samples: u64, from: Self) -> u64 {
        match (from, self) {
            (Self::Hz24000, Self::Hz48000) => samples * 2,
            (Self::Hz48000, Self::Hz24000) => samples.div_ceil(2),
            (Self::Hz24000, Self::Hz24000) | (Self::Hz48000, Self::Hz48000) => samples,
        }
    }
}

impl TryFrom<u32> for SampleRate {
    type Error = AudioError;

    fn try_from(hertz: u32) -> Result<Self, AudioError> {
        match hertz {
            24_000 => Ok(Self::Hz24000),
            48_000 => Ok(Self::Hz48000),
            _ => Err(Unsupported::Rate { rate: hertz.to_string() }.into()),
        }
    }
}

impl FromStr for SampleRate {
    type Err = AudioError;

    /// Reads the decimal number of hertz, as in `?rate=24000` and `audio/pcm;rate=24000`.
    fn from_str(hertz: &str) -> Result<Self, AudioError> {
        match hertz {
            "24000" => Ok(Self::Hz24000),
            "48000" => Ok(Self::Hz48000),
            // What a client sends can be long, and goes into the message.
            _ => Err(Unsupported::Rate { rate: hertz.chars().take(16).collect() }.into()),
        }
    }
}

/// The packing of the samples. The output has the container of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A WAV file, whose header has the sample rate.
    Wav,
    /// Samples only: 16 bits, little-endian, mono.
    Pcm(SampleRate),
}

/// The format of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The sample rate of the input.
    pub rate: SampleRate,
    /// The length of the samples in bytes, unless they last until the end of the stream.
    pub data_len: Option<u64>,
}

/// The bounds of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest audio that is accepted.
    pub max_seconds: u32,
}

impl Limits {
    /// Returns the longest audio in bytes.
    pub(crate) const fn max_bytes(self, rate: SampleRate) -> u64 {
        self.max_seconds as u64 * rate.hertz() as u64 * SAMPLE_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_from_numbers_and_text() {
        assert_eq!(SampleRate::try_from(24_000), Ok(SampleRate::Hz24000));
        assert_eq!("48000".parse(), Ok(SampleRate::Hz48000));
        assert_eq!(SampleRate::Hz48000.hertz(), 48_000);
        let refused = "8000".parse::<SampleRate>().unwrap_err();
        assert_eq!(refused, SampleRate::try_from(8000).unwrap_err());
        assert_eq!(
            refused.to_string(),
            "the sample rate 8000 is not supported; send 16-bit PCM, mono, at 24 or 48 kHz"
        );
    }

    #[test]
    fn other_spellings_of_a_rate_are_refused() {
        for text in ["", " 24000", "+24000", "24000.0", "024000", "24k"] {
            assert!(text.parse::<SampleRate>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_converted_between_rates() {
        use SampleRate::{Hz24000, Hz48000};
        assert_eq!(Hz48000.samples_of(5, Hz24000), 10);
        assert_eq!(Hz24000.samples_of(5, Hz48000), 3);
        assert_eq!(Hz24000.samples_of(5, Hz24000), 5);
    }
}
