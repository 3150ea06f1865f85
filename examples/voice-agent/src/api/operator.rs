//! The token of operators, in the field `Authorization` (RFC 6750 §2.1).

use worker::Request;

use crate::exchange::Exchange;
use crate::problem::{Answer, Kind, Problem};

/// Returns whether the request has the token of operators.
pub(super) fn has_token(request: &Request, exchange: &Exchange) -> bool {
    let field = request.headers().get("Authorization").ok().flatten().unwrap_or_default();
    let sent = field.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    let (Some((_, sent)), Some(token)) = (sent, &exchange.settings.metrics_token) else {
        return false;
    };
    // The time that the comparison of hashes takes says nothing about the token.
    let hash = |text: &str| crate::hash::of(&[b"token", text.trim().as_bytes()]);
    hash(sent) == hash(token)
}

/// Fails if the request has not the token of operators.
pub(super) fn expect_token(request: &Request, exchange: &Exchange) -> Answer<()> {
    if exchange.settings.metrics_token.is_none() {
        let detail = "the Worker has no token for operators: set the secret `METRICS_TOKEN`";
        return Err(Problem::new(Kind::NotConfigured, detail));
    }
    if has_token(request, exchange) {
        return Ok(());
    }
    let detail = "send `Authorization: Bearer` with the Worker's secret `METRICS_TOKEN`";
    // RFC 9110 §11.6.1: a 401 names the scheme.
    Err(Problem::new(Kind::Unauthorized, detail).with("WWW-Authenticate", "Bearer"))
}
