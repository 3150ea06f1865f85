//! The functions that an emitted module calls for the files that it includes.
//!
//! The compiler runs them, so that a Worker starts with its table in place, and damaged files fail to
//! compile.

use crate::records::Modules;
use crate::table::Table;
use crate::table_binary::{BinaryTable, BinaryTableError};

/// Returns an included file.
///
/// # Panics
/// If the file has another length than `worker-pack` wrote.
pub const fn file(bytes: &'static [u8], len: usize) -> &'static [u8] {
    assert!(
        bytes.len() == len,
        "the length of an included file has changed: run `worker-pack build` again"
    );
    bytes
}

/// Reads an included binary table, whose bodies are in included files.
///
/// # Panics
/// If the bytes are not a table, incomplete, or of another version.
pub const fn table(bytes: &'static [u8], bodies: &'static [&'static [u8]]) -> Table<'static> {
    match BinaryTable::read(bytes, Modules::Linked(bodies)) {
        Ok(binary) => Table::from_binary(binary),
        Err(BinaryTableError::OtherVersion(_)) => panic!(
            "the included table is of another version: use the same version of worker-pack and \
             worker-pack-runtime"
        ),
        Err(BinaryTableError::NotATable | BinaryTableError::Truncated) => {
            panic!("the included table is damaged: run `worker-pack build` again")
        }
    }
}

/// Makes the table that the Worker's scripts give to the program when it starts.
#[cfg(feature = "worker")]
pub const fn table_of_host() -> Table<'static> {
    Table::of_host()
}
