//! A bound on the memory that all pictures take while cores work on them.

use std::sync::{Condvar, Mutex, PoisonError};

use super::pixels::MAX_PIXELS;

/// The number of pixels that may be worked on at the same time. One picture of the greatest size fits.
const MAX_PIXELS_AT_ONCE: u64 = MAX_PIXELS * 3 / 2;

/// The pixels that are being worked on.
#[derive(Debug, Default)]
pub(crate) struct PixelMemory {
    used: Mutex<u64>,
    changed: Condvar,
}

/// The pixels of one picture, until this is dropped.
pub(super) struct Held<'m> {
    memory: &'m PixelMemory,
    count: u64,
}

/// The memory that a pixel takes whose picture is scored, in pixels of one that is not: 8 times as much.
#[cfg(feature = "lossy")]
const SCORED: u64 = 8;

impl PixelMemory {
    /// Waits until a picture fits whose forms are scored. One that is larger than all that fits is alone.
    #[cfg(feature = "lossy")]
    pub(super) fn hold_for_scores(&self, count: u64) -> Held<'_> {
        self.hold(count.saturating_mul(SCORED).min(MAX_PIXELS_AT_ONCE))
    }

    /// Waits until a picture fits.
    pub(super) fn hold(&self, count: u64) -> Held<'_> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |used: &mut u64| *used + count > MAX_PIXELS_AT_ONCE;
        let mut used =
            self.changed.wait_while(used, is_full).unwrap_or_else(PoisonError::into_inner);
        *used += count;
        Held { memory: self, count }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.memory.used.lock().unwrap_or_else(PoisonError::into_inner) -= self.count;
        self.memory.changed.notify_all();
    }
}
