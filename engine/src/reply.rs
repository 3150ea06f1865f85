//! A reply as a record of 32-bit words.
//!
//! | word | meaning |
//! | --- | --- |
//! | 0 | the status |
//! | 1, 2 | address and length of the header fields: lines, a name and its value in turn |
//! | 3 | where the body is kept: 0 in this memory, 1 in a Data module, 2 in Workers Static Assets |
//! | 4 | the address; the index of the module; the address of the file's name, of 32 bytes |
//! | 5 | where in the module |
//! | 6 | how many bytes are kept |
//! | 7 | how many bytes they decode to with Brotli, or 4294967295 if they are sent as they are kept |
//! | 8, 9 | which bytes are sent, counted after decoding: how many are skipped, and how many follow |
//!
//! Of a record of header changes, only the words 1 and 2 count. The lines are names and values in
//! turn; before the name stands `-` where the field goes (its value is empty), `=` where it gets this
//! value alone, `+` where it gets this value too.

use worker_pack_runtime::{HeaderChange, Reply, Stored};

/// Word 7 of a body that is not decoded.
pub const AS_KEPT: u32 = u32::MAX;

const MEMORY: u32 = 0;
const MODULE: u32 = 1;
const STATIC_ASSET: u32 = 2;

/// A record, and the texts that it points to.
pub(crate) struct ReplyRecord {
    words: [u32; 10],
    headers: String,
    name: String,
}

impl ReplyRecord {
    pub(crate) const fn new() -> Self {
        Self { words: [0; 10], headers: String::new(), name: String::new() }
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
            for text in [name, "\n", value, "\n"] {
                self.headers.push_str(text);
            }
        }
        let body = reply.body();
        let (storage, place, start) = match body.kept() {
            Stored::Memory(bytes) => (MEMORY, address(bytes.as_ptr()), 0),
            Stored::Module { index, start, .. } => (MODULE, index, start),
            Stored::StaticAsset { name, .. } => {
                name.to_string().trim_matches('"').clone_into(&mut self.name);
                (STATIC_ASSET, address(self.name.as_ptr()), 0)
            }
        };
        let range = body.range();
        self.words = [
            u32::from(reply.status()),
            address(self.headers.as_ptr()),
            word(self.headers.len()),
            storage,
            place,
            start,
            word(body.kept().len()),
            body.decoded_len().map_or(AS_KEPT, word),
            word(range.start),
            word(range.len()),
        ];
        self.words.as_ptr()
    }

    /// Writes changes of header fields, and returns the record's address.
    pub(crate) fn write_changes(&mut self, changes: &[HeaderChange<'_>]) -> *const u32 {
        self.headers.clear();
        for change in changes {
            let (mark, name, value) = match change {
                HeaderChange::Remove(name) => ("-", name, ""),
                HeaderChange::Set(name, value) => ("=", name, &**value),
                HeaderChange::Append(name, value) => ("+", name, &**value),
            };
            for text in [mark, name, "\n", value, "\n"] {
                self.headers.push_str(text);
            }
        }
        self.words = [0; 10];
        self.words[1] = address(self.headers.as_ptr());
        self.words[2] = word(self.headers.len());
        self.words.as_ptr()
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
