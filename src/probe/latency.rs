//! Percentiles of durations.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Percentiles of durations, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Half of all answers took at most this.
    pub p50: f64,
    /// 95 of 100 answers took at most this.
    pub p95: f64,
    /// 99 of 100 answers took at most this.
    pub p99: f64,
}

impl Latency {
    /// Computes the percentiles by the nearest rank: each is one of the durations.
    pub(crate) fn of(mut durations: Vec<Duration>) -> Option<Self> {
        durations.sort();
        let rank = |percent: usize| {
            let rank = (durations.len() * percent).div_ceil(100).max(1);
            durations.get(rank - 1).copied().map(milliseconds)
        };
        Some(Self { p50: rank(50)?, p95: rank(95)?, p99: rank(99)? })
    }
}

/// Converts a duration to milliseconds, to a hundredth.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_durations_of_the_list() {
        let list = |range: std::ops::RangeInclusive<u64>| {
            Latency::of(range.rev().map(Duration::from_millis).collect())
        };
        assert_eq!(list(1..=100), Some(Latency { p50: 50.0, p95: 95.0, p99: 99.0 }));
        assert_eq!(list(7..=7), Some(Latency { p50: 7.0, p95: 7.0, p99: 7.0 }));
        assert_eq!(list(1..=2), Some(Latency { p50: 1.0, p95: 2.0, p99: 2.0 }));
        assert_eq!(Latency::of(Vec::new()), None);
    }
}
