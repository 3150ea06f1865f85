//! The bounds of a run: time, bytes, and failures in a row.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Number of requests without an answer, one after the other, after which a host is left alone.
const MAX_FAILURES: usize = 16;

/// The time and the bytes that a run may still use, and the failures that it may have.
#[derive(Debug)]
pub(crate) struct Budget {
    /// The end of the run. None for a time that is longer than clocks run.
    deadline: Option<Instant>,
    most_time: Duration,
    bytes: AtomicU64,
    most_bytes: u64,
    failures: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(most_time: Duration, most_bytes: u64) -> Self {
        Self {
            deadline: Instant::now().checked_add(most_time),
            most_time,
            bytes: AtomicU64::new(0),
            most_bytes,
            failures: AtomicUsize::new(0),
        }
    }

    /// Counts an answer with these bytes.
    pub(crate) fn answered(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.failures.store(0, Ordering::Relaxed);
    }

    /// Counts a request without an answer.
    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the reason to end the run, if there is one.
    pub(crate) fn exhausted(&self) -> Option<String> {
        if self.failures.load(Ordering::Relaxed) >= MAX_FAILURES {
            return Some(format!("{MAX_FAILURES} requests in a row had no answer"));
        }
        if self.bytes.load(Ordering::Relaxed) > self.most_bytes {
            let most = bytesize::ByteSize(self.most_bytes);
            return Some(format!("{most} were downloaded (`--max-download`)"));
        }
        if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            let most = self.most_time.as_secs_f64();
            return Some(format!("{most} s have passed (`--max-time`)"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_time_has_no_end() {
        assert_eq!(Budget::new(Duration::MAX, 0).exhausted(), None);
        assert!(Budget::new(Duration::ZERO, 0).exhausted().is_some_and(|it| it.contains("0 s")));
    }
}
