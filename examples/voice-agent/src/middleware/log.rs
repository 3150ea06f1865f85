//! Slow and failed requests, kept in KV for a day.

use serde::Serialize;
use worker::{Env, Error, console_error, console_warn};

use crate::exchange::Exchange;
use crate::meter::{Metric, Readings};
use crate::store::{Namespace, Store};

/// Time for which an entry is kept, in seconds.
const LIFETIME: u64 = 24 * 60 * 60;

/// The entry of a request. It has no address, no query, and nothing of the content.
#[derive(Serialize)]
pub(super) struct Entry {
    kind: Kind,
    request_id: String,
    method: String,
    path: String,
    status: u16,
    /// Time of waiting, in milliseconds. See [`clock::now`](crate::clock::now).
    duration_ms: u64,
    /// The part of it for which the voice service was waited for.
    upstream_ms: u64,
    region: Option<String>,
    /// Milliseconds since the epoch.
    at: u64,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Slow,
    Failed,
    /// A client has sent more requests than it may.
    RateLimited,
}

/// Makes the entry of a request, if it is worth one.
pub(super) fn entry(exchange: &Exchange, status: u16) -> Option<Entry> {
    let duration_ms = exchange.elapsed();
    let kind = match status {
        500.. => Kind::Failed,
        429 => Kind::RateLimited,
        _ if duration_ms > exchange.settings.slow_request => Kind::Slow,
        _ => return None,
    };
    match kind {
        Kind::Slow => exchange.readings.count(Metric::Slow, &[]),
        Kind::Failed => exchange.readings.count(Metric::Failed, &[]),
        Kind::RateLimited => {}
    }
    Some(Entry {
        kind,
        request_id: exchange.id.clone(),
        method: exchange.method.clone(),
        path: redacted(&exchange.path),
        status,
        duration_ms,
        upstream_ms: exchange.readings.upstream(),
        region: exchange.edge.colo.clone(),
        at: exchange.begun(),
    })
}

/// Leaves out the name of a session, which is a secret.
fn redacted(path: &str) -> String {
    match path.split_once("/session/") {
        Some((start, _)) => format!("{start}/session/…"),
        None => path.to_owned(),
    }
}

/// Writes an entry to the log and to KV. A failure fails no request.
pub(super) async fn write(entry: Option<Entry>, env: &Env, readings: &Readings) {
    let Some(entry) = entry else { return };
    if let Ok(line) = serde_json::to_string(&entry) {
        console_warn!("voice-agent: {line}");
    }
    if let Err(error) = keep(&entry, env, readings).await {
        console_error!("voice-agent: an entry is lost: {error}");
    }
}

async fn keep(entry: &Entry, env: &Env, readings: &Readings) -> Result<(), Error> {
    // Sorted by time, and never the same key twice: KV accepts one write a second for each.
    let key = format!("{:013}/{}", entry.at, entry.request_id);
    let namespace = match entry.kind {
        Kind::Slow | Kind::Failed => Namespace::PerformanceLogs,
        Kind::RateLimited => Namespace::RateLimits,
    };
    match Store::open(env, namespace, readings) {
        Ok(store) => store.put(&key, entry, LIFETIME).await,
        // `health` says that the binding is missing.
        Err(_) => Ok(()),
    }
}
