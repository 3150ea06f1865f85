//! The stream of bytes: its header, its samples, its limit, and its end.

use crate::AudioError;
use crate::format::{Container, Format, Limits, SAMPLE_BYTES, SampleRate};
use crate::pipeline::Pipeline;
use crate::wav::{DataLength, HEADER_LEN, Header, HeaderReader};

/// One stream of audio whose noise is suppressed.
///
/// After an error the stream is refused, and its output is to be thrown away.
pub struct Denoiser {
    stage: Stage,
    output_rate: Option<SampleRate>,
    limits: Limits,
    /// The length of the whole stream, if it is known.
    len: Option<u64>,
}

enum Stage {
    Header(HeaderReader),
    Samples(Box<Samples>),
}

/// The samples of a stream whose format is known.
struct Samples {
    container: Container,
    format: Format,
    output_rate: SampleRate,
    limits: Limits,
    /// The first byte of a sample whose second has not come.
    half: Option<u8>,
    pipeline: Pipeline,
}

impl Denoiser {
    /// Returns a stream that has not begun. Without an `output` rate, the output has that of the
    /// input.
    #[must_use]
    pub fn new(container: Container, output: Option<SampleRate>, limits: Limits) -> Self {
        let stage = match container {
            Container::Wav => Stage::Header(HeaderReader::new()),
            Container::Pcm(rate) => {
                let format = Format { rate, data_len: None };
                Stage::Samples(Box::new(Samples::new(container, format, output, limits)))
            }
        };
        Self { stage, output_rate: output, limits, len: None }
    }

    /// Takes the length of the whole stream in bytes, if it is known before the stream ends. Then what is
    /// wrong with it is found by the header, or at once.
    ///
    /// # Errors
    ///
    /// Returns an error if raw samples are missing, end within a sample, or last too long.
    pub fn expect(&mut self, len: u64) -> Result<(), AudioError> {
        self.len = Some(len);
        if let Stage::Samples(samples) = &mut self.stage {
            samples.format.data_len = Some(check_end(len)?);
            check_length(samples.format, self.limits)?;
        }
        Ok(())
    }

    /// Takes the next bytes, and appends the output that is ready: that of all blocks of 10 ms but
    /// the newest one or two. The output of a WAV file begins with a header.
    ///
    /// # Errors
    ///
    /// Returns an error if the audio is not supported, is too long, or has a broken header.
    pub fn push(&mut self, mut chunk: &[u8], output: &mut Vec<u8>) -> Result<(), AudioError> {
        if let Stage::Header(reader) = &mut self.stage {
            let Some(header) = reader.read(&mut chunk)? else { return Ok(()) };
            let rest = self.len.map(|len| len.saturating_sub(reader.len()));
            let data_len = match (header.data, rest) {
                (DataLength::Bytes(len), Some(got)) if got < u64::from(len) => {
                    return Err(AudioError::Truncated { expected: len.into(), got });
                }
                (DataLength::Bytes(len), _) => Some(len.into()),
                (DataLength::UntilEnd(_), rest) => rest.map(check_end).transpose()?,
            };
            let format = Format { rate: header.rate, data_len };
            check_length(format, self.limits)?;
            let samples = Samples::new(Container::Wav, format, self.output_rate, self.limits);
            output.extend_from_slice(&samples.output_header(header.data).to_bytes());
            self.stage = Stage::Samples(Box::new(samples));
        }
        match &mut self.stage {
            Stage::Samples(samples) => samples.push(chunk, output),
            Stage::Header(_) => Ok(()),
        }
    }

    /// Ends the stream, and appends the rest of the output.
    ///
    /// # Errors
    ///
    /// Returns an error if the audio is empty, or ends too early.
    pub fn finish(self, output: &mut Vec<u8>) -> Result<(), AudioError> {
        match self.stage {
            Stage::Header(reader) => Err(reader.end()),
            Stage::Samples(samples) => samples.finish(output),
        }
    }

    /// Returns the format of the input: that of raw samples at once, that of a WAV file once its
    /// header has come.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        match &self.stage {
            Stage::Header(_) => None,
            Stage::Samples(samples) => Some(samples.format),
        }
    }

    /// Returns whether samples have come.
    #[must_use]
    pub fn has_samples(&self) -> bool {
        match &self.stage {
            Stage::Header(_) => false,
            Stage::Samples(samples) => samples.received() > 0,
        }
    }

    /// Returns the length of the whole output in bytes, once that of the input is known.
    #[must_use]
    pub fn output_len(&self) -> Option<u64> {
        match &self.stage {
            Stage::Header(_) => None,
            Stage::Samples(samples) => samples.output_len(),
        }
    }
}

impl Samples {
    fn new(
        container: Container,
        format: Format,
        output_rate: Option<SampleRate>,
        limits: Limits,
    ) -> Self {
        let output_rate = output_rate.unwrap_or(format.rate);
        let pipeline = Pipeline::new(format.rate, output_rate);
        Self { container, format, output_rate, limits, half: None, pipeline }
    }

    fn push(&mut self, chunk: &[u8], output: &mut Vec<u8>) -> Result<(), AudioError> {
        let received = self.received();
        let end = self.format.data_len.unwrap_or(self.limits.max_bytes(self.format.rate));
        let room = usize::try_from(end - received).unwrap_or(usize::MAX).min(chunk.len());
        let (mut bytes, rest) = chunk.split_at(room);
        if let (Some(low), Some((high, after))) = (self.half, bytes.split_first()) {
            self.half = None;
            self.pipeline.push(i16::from_le_bytes([low, *high]), output);
            bytes = after;
        }
        let (samples, half) = bytes.as_chunks();
        for sample in samples {
            self.pipeline.push(i16::from_le_bytes(*sample), output);
        }
        self.half = half.first().copied().or(self.half);
        // Behind samples of a known length come other chunks of the WAV file, which are left out.
        if self.format.data_len.is_none() && !rest.is_empty() {
            let limit = self.limits.max_seconds;
            return Err(AudioError::TooLong { seconds: u64::from(limit) + 1, limit });
        }
        Ok(())
    }

    fn finish(self, output: &mut Vec<u8>) -> Result<(), AudioError> {
        let got = self.received();
        match self.format.data_len {
            Some(expected) if got < expected => Err(AudioError::Truncated { expected, got }),
            None if got == 0 => Err(AudioError::Empty),
            None if self.half.is_some() => Err(AudioError::OddLength),
            _ => {
                self.pipeline.finish(output);
                Ok(())
            }
        }
    }

    /// Returns the bytes of samples so far.
    fn received(&self) -> u64 {
        self.pipeline.accepted() * SAMPLE_BYTES + u64::from(self.half.is_some())
    }

    fn output_len(&self) -> Option<u64> {
        let header = match self.container {
            Container::Wav => HEADER_LEN as u64,
            Container::Pcm(_) => 0,
        };
        Some(header + self.output_bytes(self.format.data_len?))
    }

    fn output_bytes(&self, data_len: u64) -> u64 {
        self.output_rate.samples_of(data_len / SAMPLE_BYTES, self.format.rate) * SAMPLE_BYTES
    }

    /// Returns the header of the output. An input until the end has an output until the end.
    fn output_header(&self, data: DataLength) -> Header {
        let data = match data {
            DataLength::Bytes(len) => {
                // Lengths above 2 GB mean “until the end”, so that twice the length has 32 bits.
                let len = u32::try_from(self.output_bytes(u64::from(len))).unwrap_or(u32::MAX);
                DataLength::Bytes(len)
            }
            DataLength::UntilEnd(_) => data,
        };
        Header { rate: self.output_rate, data }
    }
}

/// Refuses samples of a length that ends too early.
fn check_end(len: u64) -> Result<u64, AudioError> {
    match len {
        0 => Err(AudioError::Empty),
        _ if !len.is_multiple_of(SAMPLE_BYTES) => Err(AudioError::OddLength),
        _ => Ok(len),
    }
}

/// Refuses audio that is announced to last too long.
fn check_length(format: Format, limits: Limits) -> Result<(), AudioError> {
    match format.data_len {
        Some(len) if len > limits.max_bytes(format.rate) => Err(AudioError::TooLong {
            seconds: len.div_ceil(u64::from(format.rate.hertz()) * SAMPLE_BYTES),
            limit: limits.max_seconds,
        }),
        _ => Ok(()),
    }
}
