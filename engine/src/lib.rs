//! The runtime as a WebAssembly module, for Workers written in JavaScript.
//!
//! The module imports nothing and exports a memory and five functions. A request costs one call:
//!
//! 1. The host asks [`input`] for room, and writes what it has into the memory.
//! 2. Once, after the start: it writes the [table](worker_pack_runtime::packer) and calls [`load`].
//! 3. For each request: it writes the [request's text](request) and calls [`respond`], or
//!    [`not_found`] when nobody else has an answer. It gets the address of a [reply record](reply).
//!
//! 4. Where the user's header rules are for the server's answers too, it calls [`header_changes`].
//!
//! Bodies do not pass through the module: a reply says where its body is kept.

mod exchange;
pub mod reply;
pub mod request;

use worker_pack_runtime::Table;

use exchange::{Exchange, with_exchange};

/// Makes room for what the host writes next, and returns its address. It is valid until the next
/// call of any function.
#[expect(unsafe_code, reason = "the name is this module's own")]
#[unsafe(no_mangle)]
pub extern "C" fn input(len: usize) -> *mut u8 {
    with_exchange(|exchange| exchange.room(len))
}

/// Reads the table out of the first `len` bytes of the input, and keeps them. Returns 0, or what is
/// wrong with them: 1 they are no table, 2 their version is another one, 3 they are incomplete.
#[expect(unsafe_code, reason = "the name is this module's own")]
#[unsafe(no_mangle)]
pub extern "C" fn load(len: usize) -> u32 {
    with_exchange(|exchange| exchange.load(len))
}

/// Answers the request in the first `len` bytes of the input. Returns the address of a reply record,
/// or 0 if no asset answers it.
#[expect(unsafe_code, reason = "the name is this module's own")]
#[unsafe(no_mangle)]
pub extern "C" fn respond(len: usize) -> *const u32 {
    with_exchange(|exchange| exchange.answer(len, Table::respond))
}

/// Answers the request in the first `len` bytes of the input with a 404.
#[expect(unsafe_code, reason = "the name is this module's own")]
#[unsafe(no_mangle)]
pub extern "C" fn not_found(len: usize) -> *const u32 {
    with_exchange(|exchange: &mut Exchange| {
        exchange.answer(len, |table, request| Some(table.not_found(request)))
    })
}

/// Applies the user's header rules to the server's response to the request in the first `len` bytes
/// of the input. Returns the address of a [record of changes](reply), or 0 if nothing changes.
#[expect(unsafe_code, reason = "the name is this module's own")]
#[unsafe(no_mangle)]
pub extern "C" fn header_changes(len: usize, status: u32) -> *const u32 {
    with_exchange(|exchange| exchange.header_changes(len, status))
}
