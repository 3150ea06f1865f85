//! What host and engine hand each other.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ptr;

use worker_pack_runtime::table_binary::{BinaryTable, BinaryTableError, Modules};
use worker_pack_runtime::{Reply, Request, Table};

use crate::reply::ReplyRecord;
use crate::request;

thread_local! {
    static EXCHANGE: RefCell<Exchange> = const { RefCell::new(Exchange::new()) };
}

/// Runs with the module's one exchange.
pub(crate) fn with_exchange<T>(run: impl FnOnce(&mut Exchange) -> T) -> T {
    EXCHANGE.with_borrow_mut(run)
}

/// The table, the bytes that came in, and the record that goes out.
pub(crate) struct Exchange {
    table: Table<'static>,
    input: Vec<u8>,
    reply: ReplyRecord,
}

impl Exchange {
    const fn new() -> Self {
        Self { table: Table::new(&[]), input: Vec::new(), reply: ReplyRecord::new() }
    }

    pub(crate) fn room(&mut self, len: usize) -> *mut u8 {
        if self.input.len() < len {
            self.input.resize(len, 0);
        }
        self.input.as_mut_ptr()
    }

    pub(crate) fn load(&mut self, len: usize) -> u32 {
        let mut bytes = std::mem::take(&mut self.input);
        bytes.truncate(len);
        // It is kept until the isolate goes.
        match BinaryTable::read(bytes.leak(), Modules::Host) {
            Ok(table) => {
                self.table = Table::from_binary(table);
                0
            }
            Err(BinaryTableError::NotATable) => 1,
            Err(BinaryTableError::OtherVersion(_)) => 2,
            Err(BinaryTableError::Truncated) => 3,
        }
    }

    pub(crate) fn answer(
        &mut self,
        len: usize,
        answer: impl FnOnce(&Table<'static>, &Request<'_>) -> Option<Reply<'static>>,
    ) -> *const u32 {
        let text = text(&self.input, len);
        match answer(&self.table, &request::parse(&text)) {
            Some(reply) => self.reply.write(&reply),
            None => ptr::null(),
        }
    }

    pub(crate) fn header_changes(&mut self, len: usize) -> *const u32 {
        let text = text(&self.input, len);
        let changes = self.table.header_changes(&request::parse(&text));
        if changes.is_empty() { ptr::null() } else { self.reply.write_changes(&changes) }
    }
}

fn text(input: &[u8], len: usize) -> Cow<'_, str> {
    String::from_utf8_lossy(input.get(..len).unwrap_or_default())
}
