//! Noise suppression of a stream of speech: PCM of 16 bits, mono, at 24 or 48 kHz, raw or as WAV.
//!
//! A [`Denoiser`] takes the chunks of one stream as they arrive and appends the quieter audio to a
//! buffer of the caller. Its memory does not depend on the length of the stream, and its output not
//! on where the stream is cut into chunks. The output is as long as the input, and its samples are
//! at the same times.
//!
//! The noise is suppressed by `RNNoise`, a small recurrent network, in the port `nnnoiseless`. It
//! knows speech; music and tones are noise to it. This crate does no input or output and reads no
//! clock.

mod denoiser;
mod error;
mod format;
mod pipeline;
mod resample;
mod suppression;
mod wav;

pub use denoiser::Denoiser;
pub use error::{AudioError, Unsupported};
pub use format::{Container, Format, Limits, SampleRate};
