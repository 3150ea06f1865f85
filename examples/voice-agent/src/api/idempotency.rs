//! The field `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a request that is sent
//! again, since its response was lost, has no second effect.

use worker::Request;

use crate::exchange::Exchange;
use crate::problem::{Answer, Kind, Problem};
use crate::session::SessionId;

/// Returns the name of the session for a request. Requests of a client with the same key get the same
/// one, and requests without a key one of their own.
pub(super) fn session_of(
    request: &Request,
    exchange: &Exchange,
    purpose: &str,
) -> Answer<SessionId> {
    let field = request.headers().get("Idempotency-Key")?;
    // The draft asks for a string with quotation marks, and many clients send none.
    let field = field.as_deref().map(|field| field.trim_matches('"'));
    let key = match field {
        Some(key) if is_valid(key) => key.to_owned(),
        Some(_) => {
            let detail = "the field `Idempotency-Key` has to be 16 to 128 visible ASCII characters";
            return Err(Problem::new(Kind::BadRequest, detail));
        }
        None => crate::hash::random()?,
    };
    Ok(SessionId::new(exchange, purpose, &key))
}

/// Short keys would be guessed, and with them the names of sessions.
fn is_valid(key: &str) -> bool {
    (16..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}
