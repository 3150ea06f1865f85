//! An error of a Worker, as workerd and its stack tell it.

/// An error with the place where it was thrown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thrown {
    /// The error's message, on one line.
    pub(super) message: String,
    /// The frames of the stack, the innermost first.
    pub(super) frames: Vec<Frame>,
}

/// A frame of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The name of the module.
    pub(super) module: String,
    /// The line, counted from 1.
    pub(super) line: usize,
    /// The column in UTF-16 units, counted from 1.
    pub(super) column: usize,
}

/// The beginning of a line with an error at the start.
const AT_START: &str = "service worker: ";

impl Thrown {
    /// Reads the log of a workerd that did not start.
    pub(super) fn at_start(log: &str) -> Option<Self> {
        // workerd tells of superfluous flags in the same way, before the error.
        let uncaught = log.find(&format!("{AT_START}Uncaught"));
        let start = uncaught.or_else(|| log.find(AT_START))?;
        let rest = &log[start + AT_START.len()..];
        let mut lines = rest.lines();
        let mut message = lines.next()?.trim().to_owned();
        let mut frames = Vec::new();
        for line in lines {
            let line = line.trim();
            if let Some(frame) = frame(line) {
                frames.push(frame);
            } else if line.starts_with("imported from ") {
                message = format!("{message} ({line})");
            } else if !line.is_empty() && frames.is_empty() {
                message = format!("{message} {line}");
            } else {
                break;
            }
        }
        Some(Self { message: shortened(&message), frames })
    }

    /// Reads an error's `stack`, or a text that was logged.
    pub(super) fn of_stack(stack: &str) -> Self {
        let plain = without_colours(stack);
        // A logger may write the time before.
        let plain = plain.split_once("[ERROR] ").map_or(plain.as_str(), |(_, rest)| rest);
        let mut lines = plain.lines();
        let message = shortened(lines.next().unwrap_or_default().trim());
        Self { message, frames: lines.filter_map(|line| frame(line.trim())).collect() }
    }
}

/// Removes the codes of colours (ECMA-48 §8.3.117).
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

/// Shortens the message that workerd repeats with each error of its kind.
fn shortened(message: &str) -> String {
    let message = message.trim_start_matches("Uncaught ");
    match message.split_once("Disallowed operation called within global scope") {
        Some((before, _)) => format!(
            "{before}Disallowed operation called within global scope: the network, timers and random \
             numbers are for requests only"
        ),
        None => message.to_owned(),
    }
}

/// Reads `at index.js:1:25 in f` and `at f (index.js:1:25)`.
fn frame(line: &str) -> Option<Frame> {
    let rest = line.strip_prefix("at ")?;
    let place = match (rest.split_once(" in "), rest.rsplit_once('(')) {
        (Some((place, _)), _) => place,
        (None, Some((_, place))) => place.trim_end_matches(')'),
        (None, None) => rest,
    };
    let (rest, column) = place.rsplit_once(':')?;
    let (module, line) = rest.rsplit_once(':')?;
    Some(Frame {
        module: module.to_owned(),
        line: line.parse().ok()?,
        column: column.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_a_start_tells_the_error_and_its_place() {
        let log = "some warning\nservice worker: Uncaught Error: boom\n  at server/a.mjs:1:25 in f\n  at index.js:2:46\n";
        let thrown = Thrown::at_start(log).expect("an error");
        assert_eq!(thrown.message, "Error: boom");
        let frame = Frame { module: "server/a.mjs".to_owned(), line: 1, column: 25 };
        assert_eq!((thrown.frames.len(), &thrown.frames[0]), (2, &frame));
        let missing = "service worker: Uncaught Error: No such module \"node:fs\".\n  imported from \"index.js\"\n";
        let thrown = Thrown::at_start(missing).expect("an error");
        assert_eq!(
            thrown.message,
            "Error: No such module \"node:fs\". (imported from \"index.js\")"
        );
        assert_eq!(Thrown::at_start("config.capnp:1: Parse error."), None);
        let notice = "service worker: The compatibility flag a became the default.\n";
        let thrown = Thrown::at_start(&format!("{notice}{log}")).expect("an error");
        assert_eq!(thrown.message, "Error: boom");
    }

    #[test]
    fn a_stack_tells_the_error_and_its_place() {
        let stack = "TypeError: no\n    at Object.fetch (server/entry.mjs:3:9)\n    at async g (index.js:1:2)";
        let thrown = Thrown::of_stack(stack);
        assert_eq!((thrown.message.as_str(), thrown.frames[0].line), ("TypeError: no", 3));
        assert_eq!(Thrown::of_stack("plain text").frames, []);
        let logged =
            "\u{1b}[31m\u{1b}[1m10:00:00\u{1b}[22m [ERROR]\u{1b}[39m Error: no\n    at a.mjs:1:2";
        let thrown = Thrown::of_stack(logged);
        assert_eq!((thrown.message.as_str(), thrown.frames.len()), ("Error: no", 1));
    }
}
