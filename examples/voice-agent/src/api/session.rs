//! `GET session/<id>` and `DELETE session/<id>`: a call, and its end.

use serde::Serialize;
use worker::{Env, Request, ResponseBuilder};

use super::operator;
use crate::exchange::Exchange;
use crate::problem::{Answer, Kind, Problem};
use crate::session::{self, Reason, SessionId, View};

/// A call.
#[derive(Serialize)]
struct Shown {
    success: bool,
    #[serde(flatten)]
    view: View,
}

/// Shows a call, or ends it.
pub(super) async fn answer(env: &Env, exchange: &Exchange, request: &Request, id: &str) -> Answer {
    let id = SessionId::parse(id).ok_or_else(|| {
        let detail = "the name of a session has 64 hexadecimal digits";
        Problem::new(Kind::NotFound, detail)
    })?;
    if exchange.method == "DELETE" {
        let is_operator = operator::has_token(request, exchange);
        let reason = if is_operator { Reason::Operator } else { Reason::Client };
        session::end(env, exchange, &id, reason).await?;
        return Ok(ResponseBuilder::new().with_status(204).empty());
    }
    let view = session::show(env, exchange, &id).await?;
    super::json(&Shown { success: true, view })
}
