//! The memory that host and engine exchange data in.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ptr;

use worker_pack_runtime::packer::{BinaryTable, BinaryTableError, Modules};
use worker_pack_runtime::{Answer, Request, Table};

use crate::reply::ReplyRecord;
use crate::request;

thread_local! {
    static EXCHANGE: RefCell<Exchange> = const { RefCell::new(Exchange::new()) };
}

/// Calls a function with the module's only exchange.
pub(crate) fn with_exchange<T>(run: impl FnOnce(&mut Exchange) -> T) -> T {
    EXCHANGE.with_borrow_mut(run)
}

/// The table, the input of the host, and the last record for it.
pub(crate) struct Exchange {
    table: Table<'static>,
    input: Vec<u8>,
    reply: ReplyRecord,
}

/// The result of loading a table, as the number that [`load`](crate::load) returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Loaded {
    Complete = 0,
    NotATable = 1,
    OtherVersion = 2,
    Truncated = 3,
}

impl Exchange {
    const fn new() -> Self {
        Self { table: Table::new(&[]), input: Vec::new(), reply: ReplyRecord::new() }
    }

    /// Makes room for `len` bytes of input, and returns its address.
    pub(crate) fn room(&mut self, len: usize) -> *mut u8 {
        // It never shrinks: the host writes into the same room as long as its texts fit.
        if self.input.len() < len {
            self.input.resize(len, 0);
        }
        self.input.as_mut_ptr()
    }

    /// Loads the table in the first `len` bytes of the input.
    pub(crate) fn load(&mut self, len: usize) -> Loaded {
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

    /// Answers the request in the first `len` bytes of the input, and returns the address of the
    /// record.
    pub(crate) fn answer(
        &mut self,
        len: usize,
        answer: impl for<'r> FnOnce(&Table<'static>, &Request<'r>) -> Answer<'static, 'r>,
    ) -> *const u32 {
        let text = text(&self.input, len);
        let request = request::parse(&text);
        match answer(&self.table, &request) {
            Answer::Reply(reply) => self.reply.write(&reply),
            Answer::Server { path, .. } => self.reply.write_server(&request, &path),
        }
    }

    /// Applies the header rules to the server's response to the request in the first `len` bytes of
    /// the input, and returns the address of the record, or null without a change.
    pub(crate) fn header_changes(&mut self, len: usize, status: u32) -> *const u32 {
        let text = text(&self.input, len);
        // HTTP has no larger status. One from a faulty host counts as an error.
        let status = u16::try_from(status).unwrap_or(u16::MAX);
        let changes = self.table.header_changes(&request::parse(&text), status);
        if changes.is_empty() { ptr::null() } else { self.reply.write_changes(&changes) }
    }
}

fn text(input: &[u8], len: usize) -> Cow<'_, str> {
    String::from_utf8_lossy(input.get(..len).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use worker_pack_runtime::behaviour::Fidelity;
    use worker_pack_runtime::{Behaviour, HeaderOperation, HeaderRule};

    use super::*;

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
        let mut exchange = Exchange::new();
        exchange.table = Table::new(&[])
            .with_header_rules(&RULES)
            .with_behaviour(Behaviour { fidelity, ..Behaviour::DEFAULT });
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
