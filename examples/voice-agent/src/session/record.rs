//! What an object remembers of its call.

use serde::{Deserialize, Serialize};

use super::{Opened, Reason, View};
use crate::voice::{Prices, Turn, Usage, UsageChange};

/// Number of turns that are kept, of which Live accepts 128 from an earlier call.
const MOST_TURNS: usize = 100;

/// Number of characters of all turns that are kept, of which Live accepts some 8,000 tokens.
const MOST_CHARACTERS: usize = 24_000;

/// A call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) api: String,
    pub(super) model: String,
    pub(super) base_url: String,
    /// The name of the call at the voice service.
    pub(super) call: String,
    /// A hash of the request that has opened it.
    pub(super) fingerprint: String,
    answer: String,
    pub(super) state: State,
    pub(super) opened_at: u64,
    pub(super) ends_at: u64,
    pub(super) ended_at: Option<u64>,
    pub(super) usage: Usage,
    transcript: Vec<Turn>,
    /// Whether the last turn goes on.
    is_last_turn_open: bool,
}

/// The state of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    Open,
    /// The voice service does not know yet that the call has ended, since it failed when it was told.
    Ending(Reason),
    Ended(Reason),
}

/// A call that begins.
pub(super) struct Begun {
    pub(super) api: String,
    pub(super) model: String,
    pub(super) base_url: String,
    pub(super) call: String,
    pub(super) answer: String,
    pub(super) fingerprint: String,
    pub(super) opened_at: u64,
    pub(super) ends_at: u64,
    /// The turns of the call that this one goes on with.
    pub(super) transcript: Vec<Turn>,
}

impl Record {
    /// Makes the record of a call that begins.
    pub(super) fn new(begun: Begun) -> Self {
        Self {
            api: begun.api,
            model: begun.model,
            base_url: begun.base_url,
            call: begun.call,
            fingerprint: begun.fingerprint,
            answer: begun.answer,
            state: State::Open,
            opened_at: begun.opened_at,
            ends_at: begun.ends_at,
            ended_at: None,
            usage: Usage::default(),
            transcript: begun.transcript,
            is_last_turn_open: false,
        }
    }

    /// Returns what the request that opens the call gets, however often it is sent.
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
            transcript: self.transcript.clone(),
        }
    }

    /// Adds a whole turn.
    pub(super) fn say(&mut self, turn: Turn) {
        self.transcript.push(turn);
        self.is_last_turn_open = false;
        self.shorten();
    }

    /// Adds a part of a turn, and returns whether somebody else has begun to speak.
    pub(super) fn say_part(&mut self, part: Turn) -> bool {
        match self.transcript.last_mut() {
            Some(last) if self.is_last_turn_open && last.role == part.role => {
                last.text.push_str(&part.text);
                self.shorten();
                false
            }
            _ => {
                self.transcript.push(part);
                self.is_last_turn_open = true;
                self.shorten();
                true
            }
        }
    }

    /// Changes the usage, and returns how much more the call costs by that.
    pub(super) fn use_more(&mut self, change: UsageChange, prices: &Prices) -> f64 {
        let before = self.usage.cost(prices);
        self.usage.change(change);
        self.usage.cost(prices) - before
    }

    /// Drops the oldest turns, which matter least to a call that goes on.
    fn shorten(&mut self) {
        let mut characters: usize = self.transcript.iter().map(|turn| turn.text.len()).sum();
        let mut dropped = 0;
        while self.transcript.len() - dropped > 1
            && (self.transcript.len() - dropped > MOST_TURNS || characters > MOST_CHARACTERS)
        {
            characters -= self.transcript[dropped].text.len();
            dropped += 1;
        }
        self.transcript.drain(..dropped);
        // A single turn that is too long loses its beginning, at the border of a character.
        if let [turn] = &mut *self.transcript
            && turn.text.len() > MOST_CHARACTERS
        {
            let cut = turn.text.ceil_char_boundary(turn.text.len() - MOST_CHARACTERS);
            turn.text.drain(..cut);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::Role;

    fn record() -> Record {
        Record::new(Begun {
            api: "live".to_owned(),
            model: String::new(),
            base_url: String::new(),
            call: String::new(),
            answer: String::new(),
            fingerprint: String::new(),
            opened_at: 0,
            ends_at: 0,
            transcript: Vec::new(),
        })
    }

    fn turn(role: Role, text: &str) -> Turn {
        Turn { role, text: text.to_owned() }
    }

    #[test]
    fn parts_of_a_turn_are_joined_until_somebody_else_speaks() {
        let mut record = record();
        for (role, text) in [
            (Role::User, "I "),
            (Role::User, "resign."),
            (Role::Assistant, "Why"),
            (Role::User, "So"),
        ] {
            record.say_part(turn(role, text));
        }
        let expected =
            [turn(Role::User, "I resign."), turn(Role::Assistant, "Why"), turn(Role::User, "So")];
        assert_eq!(record.transcript, expected);
    }

    #[test]
    fn a_whole_turn_is_not_joined_with_the_next_part() {
        let mut record = record();
        record.say(turn(Role::User, "Earlier."));
        record.say_part(turn(Role::User, "Now."));
        assert_eq!(record.transcript.len(), 2);
    }

    #[test]
    fn a_long_transcript_loses_its_oldest_turns() {
        let mut record = record();
        for number in 0..1000 {
            record.say(turn(Role::User, &number.to_string()));
        }
        assert_eq!(record.transcript.len(), MOST_TURNS);
        assert_eq!(record.transcript.last().unwrap().text, "999");
        record.say(turn(Role::User, &"é".repeat(MOST_CHARACTERS)));
        assert_eq!(record.transcript.len(), 1);
        assert!(record.transcript[0].text.len() <= MOST_CHARACTERS);
    }
}
