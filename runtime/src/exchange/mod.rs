//! The exchange of requests and replies with the scripts of a host, in the memory of a WebAssembly
//! module: the engine, or a Worker's program in Rust.
//!
//! The script writes the [text of a request](request_text) into the memory and asks a question. It
//! gets the address of a [record](record). Bodies do not pass through the exchange: a record says where
//! they are stored.

#[cfg(test)]
mod host_scripts;
pub mod questions;
pub mod record;
pub mod request_text;

use std::borrow::Cow;
use std::fmt;
use std::ptr;

use crate::records::Modules;
use crate::respond::Answer;
use crate::table::Table;
use crate::table_binary::{BinaryTable, BinaryTableError};
use record::ReplyRecord;

/// The table, the input of the host, and the last record for it.
pub struct Exchange {
    table: Table<'static>,
    input: Vec<u8>,
    reply: ReplyRecord,
}

/// A question of the host about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The answer to a client: a reply, or that the server answers.
    Respond,
    /// The reply to the server's own request, as by the binding `env.ASSETS`.
    RespondToServer,
    /// The reply to a client whose request the server has no answer to either.
    NotFound,
}

/// The result of loading a table, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Loaded {
    /// The table can be asked.
    Complete = 0,
    /// The bytes are not a table.
    NotATable = 1,
    /// The table is of another version.
    OtherVersion = 2,
    /// The table is incomplete.
    Truncated = 3,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("table", &self.table).finish_non_exhaustive()
    }
}

impl Exchange {
    /// Makes an exchange about a table.
    pub const fn new(table: Table<'static>) -> Self {
        Self { table, input: Vec::new(), reply: ReplyRecord::new() }
    }

    /// Returns the table.
    #[cfg(feature = "worker")]
    pub(crate) const fn table(&self) -> Table<'static> {
        self.table
    }

    /// Makes room for `len` bytes of input, and returns its address.
    pub fn room(&mut self, len: usize) -> *mut u8 {
        // It never shrinks: the host writes into the same room as long as its texts fit.
        if self.input.len() < len {
            self.input.resize(len, 0);
        }
        self.input.as_mut_ptr()
    }

    /// Loads the table in the first `len` bytes of the input.
    pub fn load(&mut self, len: usize) -> Loaded {
        let mut bytes = std::mem::take(&mut self.input);
        bytes.truncate(len);
        // Leaked, since the table is needed for as long as the isolate lives.
        match BinaryTable::read(bytes.leak(), Modules::Host) {
            Ok(table) => {
                self.table = Table::from_binary(table);
                Loaded::Complete
            }
            Err(BinaryTableError::NotATable) => Loaded::NotATable,
            Err(BinaryTableError::OtherVersion(_)) => Loaded::OtherVersion,
            Err(BinaryTableError::Truncated) => Loaded::Truncated,
        }
    }

    /// Answers a question about the request in the first `len` bytes of the input, and returns the
    /// address of the record.
    pub fn answer(&mut self, question: Question, len: usize) -> *const u32 {
        let text = text(&self.input, len);
        let request = request_text::parse(&text);
        let answer = match question {
            Question::Respond => self.table.answer(&request),
            Question::RespondToServer => Answer::Reply(self.table.respond_to_server(&request)),
            Question::NotFound => Answer::Reply(self.table.not_found(&request)),
        };
        match answer {
            Answer::Reply(reply) => self.reply.write(&reply),
            Answer::Server { path, .. } => self.reply.write_server(&request, &path),
        }
    }

    /// Applies the header rules to the server's response to the request in the first `len` bytes of
    /// the input, and returns the address of the record, or null without a change.
    pub fn header_changes(&mut self, len: usize, status: u32) -> *const u32 {
        let text = text(&self.input, len);
        // HTTP has no larger status. One from a faulty host counts as an error.
        let status = u16::try_from(status).unwrap_or(u16::MAX);
        let changes = self.table.header_changes(&request_text::parse(&text), status);
        if changes.is_empty() { ptr::null() } else { self.reply.write_changes(&changes) }
    }
}

fn text(input: &[u8], len: usize) -> Cow<'_, str> {
    String::from_utf8_lossy(input.get(..len).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::{Behaviour, Fidelity};
    use crate::rows::{HeaderOperation, HeaderRule};

    static RULES: [HeaderRule<'static>; 1] = [HeaderRule::new(
        "/*",
        &[
            HeaderOperation::Remove("vary"),
            HeaderOperation::Set("cache-control", "public, max-age=60"),
            HeaderOperation::Set("link", "</a.css>; rel=preload"),
            HeaderOperation::Set("x-frame-options", "DENY"),
        ],
    )];

    /// Returns the lines of the changes to a response with a status.
    fn changes(status: u32, fidelity: Fidelity) -> String {
        let table = Table::new(&[])
            .with_header_rules(&RULES)
            .with_behaviour(Behaviour { fidelity, ..Behaviour::DEFAULT });
        let mut exchange = Exchange::new(table);
        exchange.input = b"GET\nhttps://a.example/b".to_vec();
        exchange.header_changes(exchange.input.len(), status);
        exchange.reply.headers().to_owned()
    }

    #[test]
    fn header_changes_depend_on_the_status() {
        let always = "+link\n</a.css>; rel=preload\n=x-frame-options\nDENY\n";
        let policy = "=cache-control\npublic, max-age=60\n";
        assert_eq!(changes(200, Fidelity::Improved), [policy, always].concat());
        assert_eq!(changes(404, Fidelity::Improved), always);
        assert_eq!(changes(500, Fidelity::Improved), always);
    }

    #[test]
    fn strict_header_changes_have_no_exceptions() {
        let all = "-vary\n\n=cache-control\npublic, max-age=60\n\
                   =link\n</a.css>; rel=preload\n=x-frame-options\nDENY\n";
        assert_eq!(changes(404, Fidelity::Strict), all);
    }
}
