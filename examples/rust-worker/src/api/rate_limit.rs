//! A limit of the sessions that a client may open.
//!
//! KV stores a key for each recently opened session, and deletes it after a minute, the shortest time
//! that KV supports. A single key with a number would lose counts, since two requests may read the
//! same number, and KV accepts one write a second to a key.
//!
//! The limit is not strict. Nothing here is atomic, so simultaneous requests may all pass as the
//! tenth. KV is eventually consistent, so a client that switches to another data centre starts again
//! for up to a minute. For a strict limit, use a Durable Object for each client. The rate limiting
//! binding counts more cheaply, but separately in each data centre too.

use std::net::IpAddr;

use worker::{Date, Result};

use super::session::{Sessions, random_id};

/// The number of sessions that a client may open within [`WINDOW_SECONDS`].
const LIMIT: u64 = 10;

/// The time for which a session counts. KV stores no key for less than 60 seconds.
const WINDOW_SECONDS: u64 = 60;

/// A decision about a client.
pub(super) enum Verdict {
    /// The client may open a session, which has been counted.
    Pass,
    /// The client has to wait.
    Wait {
        /// The time to wait, at least a second.
        seconds: u64,
    },
}

/// Counts a session that a client wants to open, unless it has reached the limit.
pub(super) async fn check(sessions: &Sessions, client: Option<IpAddr>) -> Result<Verdict> {
    let client = client.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
    // The separator is not a colon, since an IPv6 address with one may be the prefix of another.
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
