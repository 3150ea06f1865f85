//! The clock of Workers.

use worker::Date;

/// Returns the time in milliseconds since the epoch.
///
/// The clock stands still while a Worker computes, and advances with its I/O (a response of the voice
/// service, of KV or of a Durable Object). A difference of two readings is the time that the Worker has
/// waited in between. A request that only computes takes 0 ms by this clock.
pub(crate) fn now() -> u64 {
    Date::now().as_millis()
}
