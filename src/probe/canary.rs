//! The watch over a canary: rounds of the same questions, and when to roll back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::latency::Latency;
use super::report::ProbeReport;
use crate::named::named;

/// The bounds of a canary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The largest share of paths with an error, from 0 to 1.
    pub error_rate: f64,
    /// The largest ratio of the time to the first byte (95 of 100 answers) to that of the second
    /// deployment, or of the first round if there is none.
    pub latency_ratio: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { error_rate: 0.01, latency_ratio: 2.0 }
    }
}

/// Times below this are not compared: on a fast network their ratio says nothing.
const LEAST_LATENCY: f64 = 20.0;

/// The paths with an error, and the times, of a round.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanaryRound {
    /// The number of the round, counted from 1.
    pub round: usize,
    /// Number of paths that were asked for.
    pub paths: usize,
    /// Number of those with an error.
    pub errors: usize,
    /// Time to the first byte of 95 of 100 answers, in milliseconds.
    pub first_byte: Option<f64>,
    /// The same of the second deployment, or of the first round.
    pub reference: Option<f64>,
}

named! {
    /// The state of a canary.
    pub enum CanaryState {
        /// All rounds so far were within the bounds.
        Healthy = "healthy",
        /// A bound was exceeded.
        RollBack = "roll-back",
    }
}

/// The report on a canary.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CanaryReport {
    /// The version of the format.
    pub version: u32,
    /// The deployment.
    pub url: String,
    /// The state at the end.
    pub state: CanaryState,
    /// The reason to roll back, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// All rounds.
    pub rounds: Vec<CanaryRound>,
    /// The last round in full.
    pub last: Option<ProbeReport>,
}

/// A canary: its rounds so far.
#[derive(Clone, Debug)]
pub(crate) struct Canary {
    bounds: Bounds,
    rounds: Vec<CanaryRound>,
}

impl Canary {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, rounds: Vec::new() }
    }

    /// Adds a round, and returns the reason to roll back, if there is one.
    pub(crate) fn add(
        &mut self,
        paths: usize,
        errors: usize,
        times: [Option<Latency>; 2],
    ) -> Option<String> {
        let [first_byte, second] = times.map(|latency| latency.map(|latency| latency.p95));
        let reference = second.or_else(|| self.rounds.first().and_then(|round| round.first_byte));
        let round = self.rounds.len() + 1;
        self.rounds.push(CanaryRound { round, paths, errors, first_byte, reference });
        self.reason()
    }

    /// Returns the rounds.
    pub(crate) fn rounds(&self) -> &[CanaryRound] {
        &self.rounds
    }

    /// Judges the last round.
    fn reason(&self) -> Option<String> {
        let CanaryRound { paths, errors, first_byte, reference, .. } = *self.rounds.last()?;
        let Bounds { error_rate, latency_ratio } = self.bounds;
        // Numbers of paths are far below 2^52.
        #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
        let rate = if paths == 0 { 0.0 } else { errors as f64 / paths as f64 };
        if rate > error_rate {
            return Some(format!(
                "{errors} of {paths} paths have an error ({:.1} %, and {:.1} % are allowed)",
                rate * 100.0,
                error_rate * 100.0
            ));
        }
        let (first_byte, reference) = (first_byte?, reference?);
        let ratio = first_byte / reference.max(f64::MIN_POSITIVE);
        (ratio > latency_ratio && first_byte > LEAST_LATENCY).then(|| {
            format!(
                "the first byte takes {first_byte} ms instead of {reference} ms ({ratio:.1} times, and \
                 {latency_ratio:.1} times are allowed)"
            )
        })
    }
}

/// The time between rounds, which tests replace.
pub trait Pause: Send + Sync {
    /// Waits.
    fn wait(&self, time: Duration);

    /// Returns the time since the watch has begun.
    fn elapsed(&self) -> Duration;
}

/// The rounds of a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The time between two rounds.
    pub interval: Duration,
    /// The time after which no round begins.
    pub duration: Duration,
    /// The largest number of rounds, if there is one.
    pub rounds: Option<usize>,
}

impl Watch {
    /// Returns whether another round is due.
    pub(crate) fn goes_on(&self, done: usize, elapsed: Duration) -> bool {
        self.rounds.is_none_or(|rounds| done < rounds)
            && elapsed.saturating_add(self.interval) <= self.duration
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(p95: f64) -> Latency {
        Latency { p50: p95, p95, p99: p95 }
    }

    #[test]
    fn errors_above_the_bound_roll_back() {
        let mut canary = Canary::new(Bounds { error_rate: 0.1, latency_ratio: 2.0 });
        assert_eq!(canary.add(10, 1, [Some(at(5.0)), None]), None);
        let reason = canary.add(10, 2, [Some(at(5.0)), None]).unwrap();
        assert!(reason.starts_with("2 of 10 paths have an error (20.0 %"), "{reason}");
        assert_eq!(canary.rounds().len(), 2);
    }

    #[test]
    fn slow_answers_are_compared_with_the_second_deployment_or_the_first_round() {
        let bounds = Bounds { error_rate: 0.0, latency_ratio: 2.0 };
        let mut canary = Canary::new(bounds);
        assert_eq!(canary.add(10, 0, [Some(at(100.0)), Some(at(50.0))]), None);
        assert!(
            canary
                .add(10, 0, [Some(at(101.0)), Some(at(50.0))])
                .unwrap()
                .contains("instead of 50 ms")
        );
        let mut canary = Canary::new(bounds);
        assert_eq!(canary.add(10, 0, [Some(at(30.0)), None]), None);
        assert_eq!(canary.add(10, 0, [Some(at(60.0)), None]), None);
        assert!(canary.add(10, 0, [Some(at(61.0)), None]).is_some());
        // On this machine everything is fast.
        let mut canary = Canary::new(bounds);
        assert_eq!(canary.add(10, 0, [Some(at(9.0)), Some(at(1.0))]), None);
    }

    #[test]
    fn rounds_end_by_their_number_or_by_the_time() {
        let second = Duration::from_secs(1);
        let watch = Watch { interval: second, duration: 3 * second, rounds: Some(2) };
        assert!(watch.goes_on(1, second));
        assert!(!watch.goes_on(2, second));
        let longest = Watch { interval: Duration::MAX, ..watch };
        assert!(!longest.goes_on(1, second));
        let watch = Watch { rounds: None, ..watch };
        assert!(watch.goes_on(9, 2 * second));
        assert!(!watch.goes_on(9, 2 * second + Duration::from_millis(1)));
    }
}
