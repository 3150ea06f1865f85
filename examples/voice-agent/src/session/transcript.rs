//! The transcript of a call, in the order in which the turns began.

use serde::{Deserialize, Serialize};

use crate::voice::{Part, Role, Turn};

/// Number of turns that are kept, of which Live accepts 128 from an earlier call.
const MOST_TURNS: usize = 100;

/// Number of bytes of all turns that are kept. Live accepts 8,192 tokens from an earlier call.
const MOST_BYTES: usize = 16_000;

/// The turns of a call.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Transcript(Vec<Entry>);

/// A turn, and what is known of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    turn: Turn,
    /// The name by which Realtime announces a turn, whose words it may only know after the next turn.
    item: Option<String>,
    /// The beginning and the end on the timeline of Live, in milliseconds, while the turn may go on.
    span: Option<(u64, u64)>,
}

impl Transcript {
    /// Makes the transcript of a call that goes on with an earlier one.
    pub(super) fn after(turns: Vec<Turn>) -> Self {
        Self(turns.into_iter().map(|turn| Entry { turn, item: None, span: None }).collect())
    }

    /// Returns the turns whose words are known.
    pub(super) fn turns(&self) -> Vec<Turn> {
        let turns = self.0.iter().map(|entry| &entry.turn);
        turns.filter(|turn| !turn.text.trim().is_empty()).cloned().collect()
    }

    /// Takes the place of a turn whose words are not known yet.
    pub(super) fn begin(&mut self, item: String, role: Role) {
        self.push(Entry { turn: Turn { role, text: String::new() }, item: Some(item), span: None });
    }

    /// Adds the words of a whole turn, at its place if it has one.
    pub(super) fn say(&mut self, item: Option<String>, turn: Turn) {
        let known = self.0.iter_mut().rev().find(|entry| item.is_some() && entry.item == item);
        match known {
            Some(entry) => {
                entry.turn = turn;
                self.shorten();
            }
            None => self.push(Entry { turn, item, span: None }),
        }
    }

    /// Adds a part of a turn. It belongs to the last turn of its speaker, unless the other one has spoken
    /// after that: two people may speak at once.
    pub(super) fn say_part(&mut self, part: Part) {
        let last = self.0.iter().rposition(|entry| entry.turn.role == part.turn.role);
        let open = last.filter(|at| {
            let others = &self.0[at + 1..];
            let end = self.0[*at].span.map(|(_, end)| end);
            let overlaps = |other: &Entry| other.span.is_some_and(|(start, _)| Some(start) < end);
            end.is_some() && others.iter().all(overlaps)
        });
        if let Some(at) = open {
            let entry = &mut self.0[at];
            entry.turn.text.push_str(&part.turn.text);
            let start = entry.span.map_or(part.start, |(start, _)| start);
            entry.span = Some((start, part.end));
            self.shorten();
        } else {
            let span = Some((part.start, part.end));
            self.push(Entry { turn: part.turn, item: None, span });
        }
    }

    fn push(&mut self, entry: Entry) {
        self.0.push(entry);
        self.shorten();
    }

    /// Drops the oldest turns, which matter least to a call that goes on.
    fn shorten(&mut self) {
        let mut bytes: usize = self.0.iter().map(|entry| entry.turn.text.len()).sum();
        let mut dropped = 0;
        while self.0.len() - dropped > 1
            && (self.0.len() - dropped > MOST_TURNS || bytes > MOST_BYTES)
        {
            bytes -= self.0[dropped].turn.text.len();
            dropped += 1;
        }
        self.0.drain(..dropped);
        // A single turn that is too long loses its beginning.
        if let [Entry { turn, .. }] = &mut *self.0
            && turn.text.len() > MOST_BYTES
        {
            let cut = turn.text.ceil_char_boundary(turn.text.len() - MOST_BYTES);
            turn.text.drain(..cut);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(role: Role, text: &str) -> Turn {
        Turn { role, text: text.to_owned() }
    }

    fn part(role: Role, text: &str, start: u64, end: u64) -> Part {
        Part { turn: turn(role, text), start, end }
    }

    #[test]
    fn parts_are_joined_until_the_other_one_has_spoken() {
        let mut transcript = Transcript::default();
        for said in [
            part(Role::User, "I ", 0, 400),
            part(Role::User, "resign.", 400, 800),
            part(Role::Assistant, "Why", 800, 1200),
            part(Role::User, "So", 1200, 1600),
        ] {
            transcript.say_part(said);
        }
        let expected =
            [turn(Role::User, "I resign."), turn(Role::Assistant, "Why"), turn(Role::User, "So")];
        assert_eq!(transcript.turns(), expected);
    }

    #[test]
    fn two_who_speak_at_once_have_one_turn_each() {
        let mut transcript = Transcript::default();
        for word in 0..150 {
            let start = word * 400;
            transcript.say_part(part(Role::User, "a ", start, start + 400));
            transcript.say_part(part(Role::Assistant, "b ", start + 200, start + 600));
        }
        let expected =
            [turn(Role::User, &"a ".repeat(150)), turn(Role::Assistant, &"b ".repeat(150))];
        assert_eq!(transcript.turns(), expected);
    }

    #[test]
    fn a_turn_has_the_place_at_which_it_began() {
        let mut transcript = Transcript::default();
        transcript.begin("question".to_owned(), Role::User);
        transcript.begin("answer".to_owned(), Role::Assistant);
        transcript.say(Some("answer".to_owned()), turn(Role::Assistant, "Why?"));
        assert_eq!(transcript.turns(), [turn(Role::Assistant, "Why?")]);
        transcript.say(Some("question".to_owned()), turn(Role::User, "I resign."));
        transcript.say(Some("unknown".to_owned()), turn(Role::User, "So."));
        let expected =
            [turn(Role::User, "I resign."), turn(Role::Assistant, "Why?"), turn(Role::User, "So.")];
        assert_eq!(transcript.turns(), expected);
    }

    #[test]
    fn a_whole_turn_is_not_joined_with_the_next_part() {
        let mut transcript = Transcript::after(vec![turn(Role::User, "Earlier.")]);
        transcript.say_part(part(Role::User, "Now.", 0, 400));
        assert_eq!(transcript.turns().len(), 2);
    }

    #[test]
    fn a_long_transcript_loses_its_oldest_turns() {
        let mut transcript = Transcript::default();
        for number in 0..1000 {
            transcript.say(None, turn(Role::User, &number.to_string()));
        }
        assert_eq!(transcript.turns().len(), MOST_TURNS);
        assert_eq!(transcript.turns().last().map(|turn| &*turn.text), Some("999"));
        transcript.say(None, turn(Role::User, &"é".repeat(MOST_BYTES)));
        assert_eq!(transcript.turns().len(), 1);
        assert!(transcript.turns()[0].text.len() <= MOST_BYTES);
    }
}
