//! The questions that `host/program.js` asks a program in Rust.

/// A question of the script, which has their names in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ProgramQuestion {
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

impl ProgramQuestion {
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
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).map(|(question, _)| *question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_have_the_numbers_of_the_script() {
        let names: Vec<String> =
            ProgramQuestion::ALL.iter().map(|(_, name)| format!("'{name}'")).collect();
        let list = format!("const QUESTIONS = [{}];", names.join(", "));
        let script = include_str!("../../host/program.js");
        assert!(script.contains(&list), "{list} is missing");
        for (number, (question, _)) in ProgramQuestion::ALL.into_iter().enumerate() {
            assert_eq!(question as usize, number);
        }
    }
}
