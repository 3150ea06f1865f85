//! The questions of the scripts.

/// A question of `host/program.js`, which has their names in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Question {
    /// The address of room for a text.
    Input,
    /// The answer to a client.
    Respond,
    /// The reply to the Worker's own code.
    RespondToServer,
    /// The 404 page.
    NotFound,
    /// The changes of header rules to a response with a status.
    HeaderChanges,
    /// The result of loading a table.
    Load,
}

impl Question {
    /// All questions, in the order of their numbers.
    const ALL: [(Self, &str); 6] = [
        (Self::Input, "input"),
        (Self::Respond, "respond"),
        (Self::RespondToServer, "respond_to_server"),
        (Self::NotFound, "not_found"),
        (Self::HeaderChanges, "header_changes"),
        (Self::Load, "load"),
    ];

    /// Finds the question with a number.
    pub(super) fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).map(|(question, _)| *question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_have_the_numbers_of_the_script() {
        let names: Vec<String> =
            Question::ALL.iter().map(|(_, name)| format!("'{name}'")).collect();
        let list = format!("const QUESTIONS = [{}];", names.join(", "));
        let script = include_str!("../../../host/program.js");
        assert!(script.contains(&list), "{list} is missing");
        for (number, (question, _)) in Question::ALL.into_iter().enumerate() {
            assert_eq!(question as usize, number);
        }
    }
}
