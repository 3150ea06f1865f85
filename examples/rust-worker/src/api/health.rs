//! `GET /api/voice-agent/health`: reports whether sessions can be opened.

use serde::Serialize;
use worker::{Env, Response, Result, console_error};

use super::session::Sessions;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// The availability of the namespace.
    sessions: bool,
    version: &'static str,
}

/// Answers 200, or 503 if sessions cannot be opened.
pub(super) async fn answer(env: &Env) -> Result<Response> {
    let reached = match Sessions::of(env) {
        Ok(sessions) => sessions.reach().await,
        Err(error) => Err(error),
    };
    if let Err(error) = &reached {
        console_error!("the sessions are unavailable: {error}");
    }
    let sessions = reached.is_ok();
    let (code, status) = if sessions { (200, "ok") } else { (503, "unavailable") };
    super::json(code, &Health { status, sessions, version: env!("CARGO_PKG_VERSION") })
}
