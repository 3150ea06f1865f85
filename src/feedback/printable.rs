//! Text of unknown origin, such as file names, in a form that is safe to print.
//!
//! A name may contain whatever its author likes: escape sequences that drive a terminal, marks that
//! reorder what a reader sees, line breaks followed by a command for a CI server or for Cargo. Each
//! message that contains such a text is made with [`Printable`], which shows those characters as
//! escapes.

use std::fmt::{self, Display, Formatter, Write};
use std::path::Path;

/// A text on one line, without characters that do more than appear.
///
/// Printing a printable text as printable again changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'t>(pub &'t str);

/// A text that may have several lines, each of which is [`Printable`].
#[derive(Clone, Copy, Debug)]
pub struct PrintableLines<'t>(pub &'t str);

/// The first characters of lines that CI servers and Cargo take for commands.
const COMMANDS: [&str; 2] = ["::", "cargo:"];

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|(c, form)| match form {
            Form::Plain => f.write_char(c),
            Form::Escaped => escape(c, f),
        })
    }
}

/// The form in which a character is printed.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    Escaped,
}

impl Display for PrintableLines<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, line) in self.0.split('\n').enumerate() {
            if index > 0 {
                f.write_char('\n')?;
            }
            Printable(line).fmt(f)?;
        }
        Ok(())
    }
}

/// A path on one line. Parts that are not UTF-8 are replaced.
#[derive(Clone, Copy, Debug)]
pub struct PrintablePath<'p>(pub &'p Path);

impl Display for PrintablePath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Printable(&self.0.to_string_lossy()).fmt(f)
    }
}

impl<'t> Printable<'t> {
    /// Returns what each character of the text is printed as.
    pub fn parts(self) -> impl Iterator<Item = String> + use<'t> {
        self.chars().map(|(c, form)| match form {
            Form::Plain => c.to_string(),
            Form::Escaped => {
                let mut text = String::new();
                escape(c, &mut text).expect("a string can be written");
                text
            }
        })
    }

    fn chars(self) -> impl Iterator<Item = (char, Form)> + use<'t> {
        let Self(text) = self;
        // White space before a command does not matter to those that look for it.
        let start = text.trim_start();
        let is_command = COMMANDS.iter().any(|command| start.starts_with(command));
        let colon = is_command.then(|| text.find(':')).flatten();
        text.char_indices().map(move |(index, c)| {
            let is_escaped =
                Some(index) == colon || Self::is_active(c) || Self::begins_command(&text[index..]);
            (c, if is_escaped { Form::Escaped } else { Form::Plain })
        })
    }

    /// Returns whether a character does more than appear: it controls a terminal, ends a line,
    /// changes the order of the characters around it, or hides among them.
    pub fn is_active(c: char) -> bool {
        c.is_control()
            || matches!(
                c,
                '\u{61c}'
                    | '\u{200b}'
                    | '\u{200e}'
                    | '\u{200f}'
                    | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}'
                    | '\u{feff}'
                    | '\u{fff9}'..='\u{fffb}'
                    | '\u{e0000}'..='\u{e007f}'
            )
    }

    /// Returns whether a text begins with a command such as `##[error]` or `##vso[task]`, which
    /// servers of GitHub and Azure obey anywhere in a line.
    pub fn begins_command(text: &str) -> bool {
        let Some(rest) = text.strip_prefix("##") else { return false };
        rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[')
    }
}

fn escape(c: char, f: &mut impl Write) -> fmt::Result {
    match c {
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        _ => write!(f, "\\u{{{:x}}}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(text: &str) -> String {
        Printable(text).to_string()
    }

    #[test]
    fn ordinary_text_is_printed_as_it_is() {
        for text in ["a/b c.html", "naïve/日本語/🦀👩‍👩‍👧.txt", "C:\\site", "a::b", "# Title ##", "[x]"]
        {
            assert_eq!(printed(text), text);
        }
    }

    #[test]
    fn active_characters_and_commands_are_escaped() {
        let cases = [
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("a\n::error::b", "a\\n::error::b"),
            ("::error::b", "\\u{3a}:error::b"),
            ("  ::error::b", "  \\u{3a}:error::b"),
            ("cargo::warning=b", "cargo\\u{3a}:warning=b"),
            ("a ##[error]b ##vso[task.x]", "a \\u{23}#[error]b \\u{23}#vso[task.x]"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("\u{9b}31m\u{7f}\t\r", "\\u{9b}31m\\u{7f}\\t\\r"),
        ];
        for (text, expected) in cases {
            assert_eq!(printed(text), expected);
        }
        assert_eq!(PrintableLines("a\n ::b\r").to_string(), "a\n \\u{3a}:b\\r");
    }

    proptest! {
        #[test]
        fn a_printed_text_is_inert_and_printed_again_the_same(
            text in "([\\x00-\\xff]|::|cargo:|##|vso|\\[|\u{202e}|\u{2028}|a){0,12}",
        ) {
            let once = printed(&text);
            prop_assert!(!once.contains(Printable::is_active));
            prop_assert!(!COMMANDS.iter().any(|command| once.trim_start().starts_with(command)));
            prop_assert!(!once.contains("##[") && !once.contains("##vso["));
            prop_assert_eq!(printed(&once), once);
        }
    }
}
