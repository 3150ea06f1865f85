//! The noise suppression, and the state in which it begins.
//!
//! `RNNoise` has a memory, and its behaviour depends on what it has heard. In a new state it takes white
//! noise without speech for something to keep, often for many seconds, since it has never heard a
//! voice: 4 s of it became only 1–7 dB quieter (mean of five seeds, levels of −21 to −61 dBFS, both
//! rates). After speech the same noise is 30–47 dB quieter. So a state is made that has heard a voice
//! for a second, and each stream begins with a copy of it: the same noise is then 18–31 dB quieter.
//! Speech at the beginning changes little: over 12 utterances at 5 dB, the gain of the first second
//! changes by +0.6 dB in white noise and by −0.5 dB in pink noise.

use std::sync::LazyLock;

use nnnoiseless::DenoiseState;

use crate::resample::{WIDE, WideBlock};

const _: () = assert!(WIDE == DenoiseState::FRAME_SIZE);

/// The blocks of the voice that a new state hears: a second.
const VOICE_BLOCKS: usize = 100;
/// The blocks of silence behind the voice, which fill all buffers of samples. A silent block leaves the
/// memory of the network as it is.
const SILENT_BLOCKS: usize = 6;

/// A state that has heard a voice. It has nothing of a stream, so all streams may share it.
static BEGINNING: LazyLock<Box<DenoiseState<'static>>> = LazyLock::new(|| {
    let mut state = DenoiseState::new();
    let mut ignored = [0.0; WIDE];
    for block in voice() {
        state.process_frame(&mut ignored, &block);
    }
    for _ in 0..SILENT_BLOCKS {
        state.process_frame(&mut ignored, &[0.0; WIDE]);
    }
    state
});

/// The suppression of the noise of one stream.
pub(crate) struct Suppression(Box<DenoiseState<'static>>);

impl Suppression {
    /// The samples of 48 kHz by which the output is late: one block. So the first block of the output
    /// is before the beginning of the input, and is to be left out.
    pub(crate) const DELAY: usize = WIDE;

    pub(crate) fn new() -> Self {
        Self(BEGINNING.clone())
    }

    pub(crate) fn next(&mut self, block: &WideBlock) -> WideBlock {
        let mut quiet = [0.0; WIDE];
        self.0.process_frame(&mut quiet, block);
        quiet
    }
}

/// Returns something like a voice: pulses, made dull, whose pitch falls from 160 to 107 Hz and begins
/// again.
fn voice() -> impl Iterator<Item = WideBlock> {
    let mut sample = 0_usize;
    let mut value = 0.0_f32;
    (0..VOICE_BLOCKS).map(move |block| {
        let period = 300 + 2 * block % 150;
        std::array::from_fn(|_| {
            let pulse = if sample.is_multiple_of(period) { 30_000.0 } else { 0.0 };
            sample += 1;
            value += 0.05 * (pulse - value);
            value
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_voice_of_the_beginning_is_not_heard() {
        let mut suppression = Suppression::new();
        for _ in 0..10 {
            let block = suppression.next(&[0.0; WIDE]);
            assert!(block.iter().all(|value| value.abs() < 0.5), "rounds to silence");
        }
    }

    #[test]
    fn streams_do_not_hear_each_other() {
        let loud: WideBlock = std::array::from_fn(|n| if n % 100 < 50 { 9000.0 } else { -9000.0 });
        let first = Suppression::new().next(&loud);
        Suppression::new().next(&[5000.0; WIDE]);
        assert_eq!(Suppression::new().next(&loud).map(f32::to_bits), first.map(f32::to_bits));
    }
}
