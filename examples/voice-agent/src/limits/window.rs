//! A window of time that ends now, in which requests are counted.

use serde::{Deserialize, Serialize};

use super::{Count, Verdict};

/// The times of the requests that have passed, in milliseconds, in ascending order.
///
/// The window moves with the clock, so that no client gets twice the limit around the end of a minute.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Window(Vec<u64>);

impl Window {
    /// Counts a request at a time, if it passes. A request that does not pass does not count.
    pub(super) fn pass(&mut self, now: u64, count: &Count) -> Verdict {
        let length = count.window * 1000;
        self.0.retain(|time| now.saturating_sub(*time) < length);
        let passes = self.0.len() < count.limit;
        if passes {
            self.0.push(now);
        }
        let reset = self.0.first().map_or(0, |oldest| (oldest + length).saturating_sub(now));
        Verdict {
            passes,
            remaining: count.limit.saturating_sub(self.0.len()),
            reset: reset.div_ceil(1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: Count = Count { limit: 10, window: 60 };

    /// Returns the number of requests at a time that pass, of 50.
    fn passing(window: &mut Window, now: u64) -> usize {
        (0..50).filter(|_| window.pass(now, &COUNT).passes).count()
    }

    #[test]
    fn ten_of_fifty_requests_at_once_pass() {
        assert_eq!(passing(&mut Window::default(), 0), 10);
    }

    #[test]
    fn the_end_of_a_minute_gives_no_second_quota() {
        let mut window = Window::default();
        assert_eq!(passing(&mut window, 59_000), 10);
        for now in [59_999, 60_000, 61_000, 118_999] {
            assert_eq!(passing(&mut window, now), 0, "{now}");
        }
        assert_eq!(passing(&mut window, 119_000), 10);
    }

    #[test]
    fn each_request_is_free_again_after_a_minute() {
        let mut window = Window::default();
        for (sent, now) in (0..10_000).step_by(1000).enumerate() {
            assert_eq!(window.pass(now, &COUNT).remaining, 9 - sent);
        }
        let refused = window.pass(30_500, &COUNT);
        assert_eq!(refused, Verdict { passes: false, remaining: 0, reset: 30 });
        assert!(window.pass(60_000, &COUNT).passes);
        assert!(!window.pass(60_000, &COUNT).passes);
    }

    #[test]
    fn a_clock_that_runs_back_frees_nothing() {
        let mut window = Window::default();
        assert_eq!(passing(&mut window, 100_000), 10);
        assert_eq!(passing(&mut window, 1_000), 0);
    }
}
