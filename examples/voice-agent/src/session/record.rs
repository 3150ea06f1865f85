//! The state of a call, and the time at which its object has to look after it again.

use serde::{Deserialize, Serialize};

use super::transcript::Transcript;
use super::{Opened, Reason, View};
use crate::voice::{LONGEST_MINUTES, Prices, Usage, UsageChange};

/// Time between two looks at an open call, in milliseconds. A look opens the sideband again if it is lost.
const LOOK: u64 = 60_000;

/// Time after which the voice service is told again that a call has ended, in milliseconds. It doubles with
/// each try.
const RETRY: u64 = 10_000;

/// The longest such time.
const LONGEST_RETRY: u64 = 10 * 60_000;

/// Time for which a call is kept after its end, so that another one can go on with it, in milliseconds.
const KEPT: u64 = 60 * 60_000;

/// A call. It is stored as JSON, and a deployment reads what the one before it has written: a new field needs
/// a `#[serde(default)]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) api: String,
    pub(super) model: String,
    pub(super) base_url: String,
    /// The name of the call at the voice service.
    pub(super) call: String,
    /// A hash of the request that has opened it.
    pub(super) fingerprint: String,
    /// The answer to the browser's offer (SDP).
    pub(super) answer: String,
    pub(super) state: State,
    /// Number of times that the voice service was told that the call has ended.
    pub(super) tries: u32,
    pub(super) opened_at: u64,
    pub(super) ends_at: u64,
    pub(super) ended_at: Option<u64>,
    pub(super) usage: Usage,
    pub(super) transcript: Transcript,
    /// True once the voice service has accepted a sideband: a 404 then means the end of the call.
    #[serde(default)]
    pub(super) has_sideband: bool,
}

/// The state of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    Open,
    /// The voice service has not confirmed yet that the call has ended.
    Ending(Reason),
    Ended(Reason),
}

/// The end of a call.
pub(super) struct Finished {
    pub(super) reason: Reason,
    /// Length of the call in milliseconds.
    pub(super) length: u64,
}

impl Record {
    /// Returns what the request that opens the call gets.
    pub(super) fn opened(&self) -> Opened {
        Opened { answer: self.answer.clone(), api: self.api.clone(), ends_at: self.ends_at }
    }

    /// Shows the call to its page.
    pub(super) fn view(&self, prices: &Prices) -> View {
        let (state, reason) = match self.state {
            State::Open => ("open", None),
            State::Ending(reason) => ("ending", Some(reason)),
            State::Ended(reason) => ("ended", Some(reason)),
        };
        View {
            state: state.to_owned(),
            reason,
            api: self.api.clone(),
            model: self.model.clone(),
            opened_at: self.opened_at,
            ends_at: self.ends_at,
            ended_at: self.ended_at,
            cost_usd: self.usage.cost(prices),
            usage: self.usage.clone(),
            transcript: self.transcript.turns(),
        }
    }

    /// Begins to end an open call. Whoever began first has given the reason.
    pub(super) fn begin_to_end(&mut self, reason: Reason) {
        if self.state == State::Open {
            self.state = State::Ending(reason);
        }
        self.tries += 1;
    }

    /// Ends the call, for the reason with which that began. Returns none if it has ended before.
    pub(super) fn finish(&mut self, reason: Reason, now: u64) -> Option<Finished> {
        let reason = match self.state {
            State::Open => reason,
            State::Ending(first) => first,
            State::Ended(_) => return None,
        };
        self.state = State::Ended(reason);
        self.ended_at = Some(now);
        Some(Finished { reason, length: now.saturating_sub(self.opened_at) })
    }

    /// Changes the usage, and returns how much more the call costs by that.
    pub(super) fn use_more(&mut self, change: UsageChange, prices: &Prices) -> f64 {
        let before = self.usage.cost(prices);
        self.usage.change(change);
        self.usage.cost(prices) - before
    }

    /// Returns whether the call has ended, and the voice service knows it.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    /// Returns whether the voice service has ended the call by itself, since none is longer.
    pub(super) fn is_certainly_over(&self, now: u64) -> bool {
        now > self.opened_at + LONGEST_MINUTES * 60_000
    }

    /// Returns whether nobody needs the record any more.
    pub(super) fn is_forgotten(&self, now: u64) -> bool {
        self.ended_at.is_some_and(|ended| now >= ended + KEPT)
    }

    /// Returns the time at which the object has to look after the call.
    pub(super) fn next_look(&self, now: u64) -> u64 {
        match self.state {
            State::Open => self.ends_at.min(now + LOOK),
            State::Ending(_) => {
                let doubled = RETRY << self.tries.saturating_sub(1).min(10);
                now + doubled.min(LONGEST_RETRY)
            }
            State::Ended(_) => self.ended_at.unwrap_or(now) + KEPT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Record {
        Record {
            api: "realtime".to_owned(),
            model: String::new(),
            base_url: String::new(),
            call: String::new(),
            fingerprint: String::new(),
            answer: String::new(),
            state: State::Open,
            tries: 0,
            opened_at: 0,
            ends_at: 900_000,
            ended_at: None,
            usage: Usage::default(),
            transcript: Transcript::default(),
            has_sideband: false,
        }
    }

    #[test]
    fn the_first_reason_stays() {
        let mut record = open();
        record.begin_to_end(Reason::Client);
        record.begin_to_end(Reason::Budget);
        let finished = record.finish(Reason::Expired, 5_000);
        let finished = finished.map(|it| (it.reason, it.length));
        assert_eq!(finished, Some((Reason::Client, 5_000)));
        assert!(record.finish(Reason::Dropped, 6_000).is_none());
        assert_eq!(record.state, State::Ended(Reason::Client));
    }

    #[test]
    fn a_call_that_the_service_ends_has_its_reason() {
        let mut record = open();
        let finished = record.finish(Reason::Expired, 5_000);
        assert_eq!(finished.map(|it| it.reason), Some(Reason::Expired));
    }

    #[test]
    fn an_open_call_is_looked_after_each_minute_and_at_its_end() {
        let record = open();
        assert_eq!(record.next_look(0), 60_000);
        assert_eq!(record.next_look(870_000), 900_000);
    }

    #[test]
    fn the_service_is_told_again_less_and_less_often() {
        let mut record = open();
        let mut waits = Vec::new();
        for _ in 0..9 {
            record.begin_to_end(Reason::Budget);
            waits.push(record.next_look(0) / 1000);
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 600, 600, 600]);
    }

    #[test]
    fn an_ended_call_is_kept_for_an_hour_whatever_else_happens() {
        let mut record = open();
        let _ = record.finish(Reason::Client, 1_000);
        for now in [1_000, 2_000, 3_000_000] {
            assert_eq!(record.next_look(now), 3_601_000);
            assert!(!record.is_forgotten(now));
        }
        assert!(record.is_forgotten(3_601_000));
    }
}
