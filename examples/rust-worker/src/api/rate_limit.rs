//! How many sessions a client may open.
//!
//! The count is kept in KV, as a key for each session that was opened lately. KV drops the keys by
//! itself: a minute is the shortest time that it keeps one for. One key with a number in it would
//! lose counts, since two requests may read the same number, and KV takes one write a second for a
//! key.
//!
//! It is not a strict limit. Nothing here is atomic, so that requests at the same time may all pass
//! as the tenth; and KV is eventually consistent, so that a client that comes by way of another data
//! centre begins anew there for up to a minute. Where the limit has to hold, use a Durable Object
//! for each client; the rate limiting binding counts more cheaply, but in each data centre for
//! itself too.

use std::net::IpAddr;

use worker::{Date, Result};

use super::session::{Sessions, random_id};

/// How many sessions a client may open within [`WINDOW_SECONDS`].
const LIMIT: u64 = 10;

/// How long a session counts. KV keeps nothing for less than 60 seconds.
const WINDOW_SECONDS: u64 = 60;

/// Whether a client may go on.
pub(super) enum Verdict {
    /// It may, and the session it opens is counted.
    Pass,
    /// It may not, for some time.
    Wait {
        /// How long, at least one.
        seconds: u64,
    },
}

/// Counts a session that a client wants to open, unless there are too many.
pub(super) async fn check(sessions: &Sessions, client: Option<IpAddr>) -> Result<Verdict> {
    let client = client.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
    // Not a colon, which addresses have too: one may be the beginning of another.
    let prefix = format!("opened/{client}/");
    let opened = sessions.namespace().list().prefix(prefix.clone()).limit(LIMIT).execute().await?;
    let now = Date::now().as_millis() / 1000;
    if opened.keys.len() as u64 >= LIMIT {
        let next = opened.keys.iter().filter_map(|key| key.expiration).min();
        let seconds = next.map_or(WINDOW_SECONDS, |next| next.saturating_sub(now).max(1));
        return Ok(Verdict::Wait { seconds });
    }
    let key = prefix + &random_id()?;
    sessions.namespace().put(&key, "")?.expiration_ttl(WINDOW_SECONDS).execute().await?;
    Ok(Verdict::Pass)
}
