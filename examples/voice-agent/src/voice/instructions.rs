//! The instructions for the agent.

use super::{Role, Turn};

/// The agent's role, in calls and in the chat.
const INSTRUCTIONS: &str = include_str!("instructions.txt");

/// Returns the instructions for the chat.
pub(crate) fn for_chat() -> &'static str {
    INSTRUCTIONS.trim_ascii_end()
}

/// Returns the instructions for a call that goes on with an earlier one.
pub(super) fn for_call(transcript: &[Turn]) -> String {
    let instructions = INSTRUCTIONS.trim_ascii_end();
    if transcript.is_empty() {
        return instructions.to_owned();
    }
    let turns: Vec<_> = transcript.iter().map(line).collect();
    format!(
        "{instructions}\n\nThe connection was lost, and this is what was said before. Do not greet again, \
         and go on where it ended.\n\n{}",
        turns.join("\n"),
    )
}

fn line(turn: &Turn) -> String {
    let role = match turn.role {
        Role::User => "They",
        Role::Assistant => "You",
    };
    // A line for each turn, whatever has been said.
    let words: Vec<_> = turn.text.split_whitespace().collect();
    format!("{role}: {}", words.join(" "))
}
