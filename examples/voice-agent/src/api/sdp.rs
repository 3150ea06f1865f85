//! `POST sdp`: the way into a call. The Worker passes the browser's offer on to the voice service, and
//! keeps the name of the call, by which it can end it. The page talks to its own origin alone.

use worker::{Env, Request, Response, ResponseBuilder};

use super::{idempotency, input};
use crate::exchange::Exchange;
use crate::limits::{self, Quota};
use crate::problem::{Answer, Kind, Problem};
use crate::session::{self, Open, Reason, SessionId};
use crate::voice::Turn;

/// Number of bytes of an offer. Browsers send some two to eight thousand.
const MOST: usize = 64 * 1024;

/// Opens a call, which goes on with an earlier one if the query names it in `resume`.
pub(super) async fn post(env: &Env, exchange: &Exchange, mut request: Request) -> Answer {
    input::expect_type(&request, "application/sdp")?;
    let id = idempotency::session_of(&request, exchange, "sdp")?;
    let offer = input::text(&mut request, MOST).await?;
    check(&offer)?;
    let allowance = limits::pass(env, exchange, Quota::Calls).await?;
    let transcript = transcript_of(env, exchange, &request).await?;
    let open = Open {
        offer,
        base_url: super::base_url(exchange),
        safety_identifier: super::safety_identifier(exchange),
        transcript,
    };
    let opened = session::open(env, exchange, &id, open).await?;
    let response: Response = ResponseBuilder::new()
        .with_status(201)
        .with_header("Content-Type", "application/sdp")?
        .with_header("Location", &format!("{}session/{}", super::PREFIX, id.as_str()))?
        .with_header("Voice-Api", &opened.api)?
        .with_header("Voice-Ends-At", &opened.ends_at.to_string())?
        .fixed(opened.answer.into_bytes());
    Ok(allowance.show(response)?)
}

/// Fails for a text that cannot be an offer for a call (RFC 8866 §5, RFC 8829 §5.2.1).
fn check(offer: &str) -> Answer<()> {
    let has_line = |start: &str| offer.lines().any(|line| line.starts_with(start));
    let missing = if !offer.starts_with("v=0") {
        "the first line `v=0`"
    } else if !has_line("m=audio") {
        "a line `m=audio`"
    } else if !has_line("a=fingerprint:") {
        "a line `a=fingerprint:`"
    } else {
        return Ok(());
    };
    let detail = format!("the body is not an offer for a call with audio: {missing} is missing");
    Err(Problem::new(Kind::BadRequest, detail))
}

/// Ends the call that this one goes on with, and returns its transcript.
async fn transcript_of(env: &Env, exchange: &Exchange, request: &Request) -> Answer<Vec<Turn>> {
    let Some(earlier) = input::query(request, "resume")? else { return Ok(Vec::new()) };
    let earlier = SessionId::parse(&earlier).ok_or_else(|| {
        let detail = "`resume` has to be the name of a session: 64 hexadecimal digits";
        Problem::new(Kind::BadRequest, detail)
    })?;
    // Also if it cannot be ended now: then its object tries again.
    match session::end(env, exchange, &earlier, Reason::Resumed).await {
        Ok(view) => Ok(view.transcript),
        Err(problem) if problem.kind == Kind::NotFound => Err(problem),
        Err(_) => Ok(session::show(env, exchange, &earlier).await?.transcript),
    }
}
