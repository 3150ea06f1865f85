//! The way of the samples through resampling and noise suppression, in blocks of 10 ms.
//!
//! All stages are late by a number of samples that is known. The sum of these samples is left out at
//! the beginning of the output, and made up for by silence behind the end of the input.

use crate::format::SampleRate;
use crate::resample::{Downsampler, NARROW, Upsampler, WIDE, WideBlock};
use crate::suppression::Suppression;

/// A stream of samples on its way.
pub(crate) struct Pipeline {
    input_rate: SampleRate,
    output_rate: SampleRate,
    /// The block that is being filled. At 24 kHz it is full after half of its length.
    block: WideBlock,
    filled: usize,
    upsampler: Upsampler,
    suppression: Suppression,
    downsampler: Downsampler,
    /// The late samples that are still to be left out.
    late: usize,
    /// The input samples so far.
    accepted: u64,
    /// The output samples so far.
    returned: u64,
}

impl Pipeline {
    pub(crate) fn new(input_rate: SampleRate, output_rate: SampleRate) -> Self {
        let wide_delay = match input_rate {
            SampleRate::Hz24000 => 2 * Upsampler::DELAY + Suppression::DELAY,
            SampleRate::Hz48000 => Suppression::DELAY,
        };
        let late = match output_rate {
            SampleRate::Hz24000 => wide_delay / 2 + Downsampler::DELAY,
            SampleRate::Hz48000 => wide_delay,
        };
        Self {
            input_rate,
            output_rate,
            block: [0.0; WIDE],
            filled: 0,
            upsampler: Upsampler::new(),
            suppression: Suppression::new(),
            downsampler: Downsampler::new(),
            late,
            accepted: 0,
            returned: 0,
        }
    }

    /// Takes a sample, and appends those that are ready.
    pub(crate) fn push(&mut self, sample: i16, output: &mut Vec<u8>) {
        self.accepted += 1;
        self.fill(f32::from(sample), u64::MAX, output);
    }

    /// Appends the rest, so that the output has as many samples as the input in time.
    pub(crate) fn finish(mut self, output: &mut Vec<u8>) {
        let samples = self.output_rate.samples_of(self.accepted, self.input_rate);
        while self.returned < samples {
            self.fill(0.0, samples, output);
        }
    }

    /// Returns the number of input samples so far.
    pub(crate) const fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Adds a sample to the block. Processes a full one, until the output has `samples` samples.
    fn fill(&mut self, sample: f32, samples: u64, output: &mut Vec<u8>) {
        self.block[self.filled] = sample;
        self.filled += 1;
        let loud = match (self.input_rate, self.block.first_chunk()) {
            (SampleRate::Hz24000, Some(narrow)) if self.filled == NARROW => {
                self.upsampler.next(narrow)
            }
            (SampleRate::Hz48000, _) if self.filled == WIDE => self.block,
            _ => return,
        };
        self.filled = 0;
        let quiet = self.suppression.next(&loud);
        match self.output_rate {
            SampleRate::Hz24000 => {
                let narrow = self.downsampler.next(&quiet);
                self.append(&narrow, samples, output);
            }
            SampleRate::Hz48000 => self.append(&quiet, samples, output),
        }
    }

    fn append(&mut self, block: &[f32], samples: u64, output: &mut Vec<u8>) {
        let late = self.late.min(block.len());
        self.late -= late;
        for value in &block[late..] {
            if self.returned == samples {
                return;
            }
            // `as` clamps: what is louder than 16 bits stays loud instead of wrapping.
            #[expect(clippy::cast_possible_truncation, reason = "rounded and clamped")]
            let sample = value.round_ties_even() as i16;
            output.extend_from_slice(&sample.to_le_bytes());
            self.returned += 1;
        }
    }
}
