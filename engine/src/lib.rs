//! The runtime as a WebAssembly module, for Workers written in JavaScript.
//!
//! The module imports nothing and exports a memory and six functions. A request costs one call:
//!
//! 1. The host asks [`input`] for room, and writes its data into the memory.
//! 2. Once, after the start: it writes the table and calls [`load`].
//! 3. For each request: it writes the [text of the request](request_text) and calls [`respond`]. It gets
//!    the address of a [record], which may say that the server answers. [`not_found`] is for what the
//!    server has no answer to either, and [`respond_to_server`] for the server's own requests.
//! 4. If the user's header rules apply to the server's responses: it writes the text of the request
//!    and calls [`header_changes`].
//!
//! Bodies do not pass through the module: a record says where its body is stored.

use std::cell::RefCell;

use worker_pack_runtime::Table;
use worker_pack_runtime::exchange::{Exchange, Question};
#[cfg(doc)]
use worker_pack_runtime::exchange::{record, request_text};

thread_local! {
    static EXCHANGE: RefCell<Exchange> = const { RefCell::new(Exchange::new(Table::new(&[]))) };
}

/// Calls a function with the module's only exchange.
fn with_exchange<T>(run: impl FnOnce(&mut Exchange) -> T) -> T {
    EXCHANGE.with_borrow_mut(run)
}

/// Makes room for the next input, and returns its address, which is valid until the next call of any
/// function.
#[expect(unsafe_code, reason = "no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn input(len: usize) -> *mut u8 {
    with_exchange(|exchange| exchange.room(len))
}

/// Loads the table in the first `len` bytes of the input, which stay the engine's. Returns 0, or the
/// reason for a failure: 1 for bytes that are not a table, 2 for a table of another version, 3 for an
/// incomplete one.
#[expect(unsafe_code, reason = "no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn load(len: usize) -> u32 {
    with_exchange(|exchange| exchange.load(len) as u32)
}

/// Answers the request in the first `len` bytes of the input, or says that the server answers. Returns
/// the address of a [record].
#[expect(unsafe_code, reason = "no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn respond(len: usize) -> *const u32 {
    with_exchange(|exchange| exchange.answer(Question::Respond, len))
}

/// Answers the request of the server in the first `len` bytes of the input, as the binding `env.ASSETS`
/// does. Returns the address of a [record].
#[expect(unsafe_code, reason = "no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn respond_to_server(len: usize) -> *const u32 {
    with_exchange(|exchange| exchange.answer(Question::RespondToServer, len))
}

/// Answers the request in the first `len` bytes of the input with a 404.
#[expect(unsafe_code, reason = "no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn not_found(len: usize) -> *const u32 {
    with_exchange(|exchange| exchange.answer(Question::NotFound, len))
}

/// Applies the user's header rules to the server's response, with a status, to the request in the
/// first `len` bytes of the input. Returns the address of a [record] of changes, or 0 if
/// nothing changes.
#[expect(unsafe_code, reason = "no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn header_changes(len: usize, status: u32) -> *const u32 {
    with_exchange(|exchange| exchange.header_changes(len, status))
}
