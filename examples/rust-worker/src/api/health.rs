//! `GET /api/health`: reports whether letters can be stored.

use serde::Serialize;
use worker::{Env, Response, Result, console_error};

use super::letters::Letters;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// The availability of the namespace.
    letters: bool,
    version: &'static str,
}

/// Answers 200, or 503 if letters cannot be stored.
pub(super) async fn answer(env: &Env) -> Result<Response> {
    let reached = match Letters::of(env) {
        Ok(letters) => letters.reach().await,
        Err(error) => Err(error),
    };
    if let Err(error) = &reached {
        console_error!("the letters are unavailable: {error}");
    }
    let letters = reached.is_ok();
    let (code, status) = if letters { (200, "ok") } else { (503, "unavailable") };
    super::json(code, &Health { status, letters, version: env!("CARGO_PKG_VERSION") })
}
