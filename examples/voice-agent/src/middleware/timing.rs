//! Header fields that name the request and say where and how long it was answered.

use worker::{Headers, Result};

use crate::exchange::Exchange;

/// Adds the fields.
///
/// The durations are times of waiting, in milliseconds: the clock of Workers advances with I/O alone
/// (see [`clock::now`](crate::clock::now)). A response of the table takes 0 ms by them.
///
/// A response that never changes gets none: a cache would repeat them for other requests.
pub(super) fn show(exchange: &Exchange, headers: &Headers) -> Result<()> {
    if super::never_changes(headers)? {
        return Ok(());
    }
    let (elapsed, upstream) = (exchange.elapsed(), exchange.readings.upstream());
    headers.set("X-Request-Id", &exchange.id)?;
    headers.append("Server-Timing", &format!("worker;dur={elapsed}, upstream;dur={upstream}"))?;
    headers.set("X-Worker-Duration", &elapsed.to_string())?;
    headers.set("X-Worker-Region", exchange.edge.colo.as_deref().unwrap_or("unknown"))
}
