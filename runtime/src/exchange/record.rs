//! A reply as a record of 32-bit words.
//!
//! | word | meaning |
//! | --- | --- |
//! | 0 | the status, or 0 |
//! | 1, 2 | address and length of the header fields: lines, a name and its value in turn |
//! | 3 | the place of the body: 0 in this memory, 1 in a Data module, 2 in Workers Static Assets, 3 in R2 |
//! | 4 | by that place: the address; the index of the module; the address of the body's name, of 32 bytes |
//! | 5 | the offset in the module |
//! | 6 | the number of stored bytes |
//! | 7 | the size after decoding the stored Brotli, or 4294967295 if the bytes are sent as they are stored |
//! | 8, 9 | offset and number of the bytes to send, counted after decoding |
//!
//! The status 0 says that the server answers. The words 1 and 2 are then address and length of the URL
//! that the server gets, or 0 if it gets the URL of the request as it is.
//!
//! In a record of header changes, only the words 1 and 2 have a meaning. The lines are names and
//! values in turn, and a mark precedes each name: `-` removes the field (its value is empty), `=`
//! sets it to the value, `+` appends the value to it, `?` sets it if the response lacks it.
//!
//! `host/engine.js` reads the records, and has these numbers a second time.

use crate::body::Stored;
use crate::header_rules::HeaderChange;
use crate::records::RepresentationRecord;
use crate::reply::Reply;
use crate::request::Request;

/// The number of words in a record.
pub const WORDS: usize = 10;

/// Word 0 of a record that leaves the request to the server.
pub const SERVER_ANSWERS: u32 = 0;

/// Word 7 of a body that is sent as it is stored.
pub const AS_STORED: u32 = RepresentationRecord::AS_STORED;

/// The marks before the names in a record of header changes.
pub const REMOVE: &str = "-";
/// See [`REMOVE`].
pub const SET: &str = "=";
/// See [`REMOVE`].
pub const APPEND: &str = "+";
/// See [`REMOVE`].
pub const DEFAULT: &str = "?";

/// A record, and the texts that it points to.
pub(crate) struct ReplyRecord {
    words: [u32; WORDS],
    headers: String,
    name: String,
}

impl ReplyRecord {
    pub(crate) const fn new() -> Self {
        Self { words: [0; WORDS], headers: String::new(), name: String::new() }
    }

    /// Returns the lines of the header fields.
    #[cfg(test)]
    pub(crate) fn headers(&self) -> &str {
        &self.headers
    }

    /// Writes a reply, and returns the record's address.
    pub(crate) fn write(&mut self, reply: &Reply<'static>) -> *const u32 {
        self.headers.clear();
        for (name, value) in reply.headers().iter() {
            self.add_lines("", name, value);
        }
        let body = reply.body();
        let (place, start) = match body.stored() {
            Stored::Memory(bytes) => (address(bytes.as_ptr()), 0),
            Stored::Module { index, start, .. } => (index, start),
            Stored::StaticAsset { name, .. } | Stored::R2Object { name, .. } => {
                name.to_string().trim_matches('"').clone_into(&mut self.name);
                (address(self.name.as_ptr()), 0)
            }
        };
        let range = body.range();
        self.words = [
            u32::from(reply.status()),
            address(self.headers.as_ptr()),
            word(self.headers.len()),
            u32::from(body.stored().kind().number()),
            place,
            start,
            word(body.stored().len()),
            body.decoded_len().map_or(AS_STORED, word),
            word(range.start),
            word(range.len()),
        ];
        self.words.as_ptr()
    }

    /// Writes that the server answers a request, whose path the table has read as `path`, and returns
    /// the record's address.
    pub(crate) fn write_server(&mut self, request: &Request<'_>, path: &str) -> *const u32 {
        self.headers.clear();
        self.words = [0; WORDS];
        self.words[0] = SERVER_ANSWERS;
        if let Some(origin) = request.origin
            && path != request.path
        {
            let (mark, query) = request.query.map_or(("", ""), |query| ("?", query));
            for text in [origin, path, mark, query] {
                self.headers.push_str(text);
            }
            self.words[1] = address(self.headers.as_ptr());
            self.words[2] = word(self.headers.len());
        }
        self.words.as_ptr()
    }

    /// Writes changes of header fields, and returns the record's address.
    pub(crate) fn write_changes(&mut self, changes: &[HeaderChange<'_>]) -> *const u32 {
        self.headers.clear();
        for change in changes {
            match change {
                HeaderChange::Remove(name) => self.add_lines(REMOVE, name, ""),
                HeaderChange::Set(name, value) => self.add_lines(SET, name, value),
                HeaderChange::Append(name, value) => self.add_lines(APPEND, name, value),
                HeaderChange::Default(name, value) => self.add_lines(DEFAULT, name, value),
            }
        }
        self.words = [0; WORDS];
        self.words[1] = address(self.headers.as_ptr());
        self.words[2] = word(self.headers.len());
        self.words.as_ptr()
    }

    fn add_lines(&mut self, mark: &str, name: &str, value: &str) {
        for text in [mark, name, "\n", value, "\n"] {
            self.headers.push_str(text);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the memory has 32-bit addresses")]
fn address(pointer: *const u8) -> u32 {
    pointer.addr() as u32
}

#[expect(clippy::cast_possible_truncation, reason = "no size in a Worker has more bits")]
fn word(size: usize) -> u32 {
    size as u32
}
