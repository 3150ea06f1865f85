//! The tables of a program that answer requests. Each has an exchange with the scripts, and a number.

use std::cell::RefCell;

use worker::wasm_bindgen;
use worker::wasm_bindgen::closure::Closure;

use super::scripts::{self, Ask};
use crate::exchange::questions::ProgramQuestion;
use crate::exchange::{Exchange, Loaded, Question};
use crate::table::Table;

thread_local! {
    static STARTED: RefCell<Vec<Table<'static>>> = const { RefCell::new(Vec::new()) };
}

/// Makes a table answer requests, unless it does so already. The binding `env.ASSETS` of a site's server
/// answers from the first one.
///
/// The first [`FetchEvent`](super::FetchEvent) does the same. A module for a site with a server calls
/// this when the program starts, since another handler of the server may run before a request.
pub fn start(table: &Table<'static>) {
    number(table);
}

/// Makes a table answer requests, unless it does so already, and returns its number.
pub(super) fn number(table: &Table<'static>) -> usize {
    STARTED.with_borrow_mut(|started| {
        let known = started.iter().position(|known| known.is(table));
        known.unwrap_or_else(|| {
            let number = started.len();
            start_as(number, *table);
            started.push(*table);
            number
        })
    })
}

fn start_as(number: usize, table: Table<'static>) {
    let start = if table.is_of_host() { scripts::start_of_host } else { scripts::start };
    let mut exchange = Exchange::new(table);
    let ask: Closure<Ask> = Closure::new(move |question, len, status| {
        let address = match ProgramQuestion::from_number(question) {
            Some(ProgramQuestion::Input) => exchange.room(len).cast_const().cast(),
            Some(ProgramQuestion::Respond) => exchange.answer(Question::Respond, len),
            Some(ProgramQuestion::RespondToServer) => {
                exchange.answer(Question::RespondToServer, len)
            }
            Some(ProgramQuestion::NotFound) => exchange.answer(Question::NotFound, len),
            Some(ProgramQuestion::HeaderChanges) => exchange.header_changes(len, status),
            Some(ProgramQuestion::Load) => return load(&mut exchange, len),
            None => std::ptr::null(),
        };
        address.addr()
    });
    let decoder = super::decoder::function();
    start(number, wasm_bindgen::memory(), &ask, decoder.as_ref());
    // They are needed for as long as the program lives.
    ask.forget();
    if let Some(decoder) = decoder {
        decoder.forget();
    }
}

/// Loads the table of the host, and returns the result as a number.
fn load(exchange: &mut Exchange, len: usize) -> usize {
    let loaded = exchange.load(len);
    if loaded == Loaded::Complete {
        exchange.table().give_to_program();
    }
    loaded as usize
}
