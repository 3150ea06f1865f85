//! `POST sdp`: the way into a call. The Worker passes the browser's offer on to the voice service, and
//! keeps the name of the call, by which it can end it. The page talks to its own origin alone.

use worker::{Env, Request, ResponseBuilder};

use super::{idempotency, input};
use crate::exchange::Exchange;
use crate::limits::{self, Quota};
use crate::problem::{Answer, Kind, Problem};
use crate::session::{self, Open, Opened, Reason, SessionId};

/// Number of bytes of an offer. Browsers send some two to eight thousand.
const MOST: usize = 64 * 1024;

/// Opens a call, which goes on with an earlier one if the query names it in `resume`.
pub(super) async fn post(env: &Env, exchange: &Exchange, mut request: Request) -> Answer {
    input::expect_type(&request, "application/sdp")?;
    let id = idempotency::session_of(&request, exchange, "sdp")?;
    let earlier = earlier(&request)?;
    let offer = input::text(&mut request, MOST).await?;
    check(&offer)?;
    let resumed = earlier.as_ref().map_or("", SessionId::as_str);
    let fingerprint = crate::hash::of(&[offer.as_bytes(), resumed.as_bytes()]);
    // A request that is sent again uses up no quota.
    let is_repeatable = request.headers().has("Idempotency-Key")?;
    if is_repeatable && let Some(opened) = session::known(env, exchange, &id, &fingerprint).await? {
        return response(&id, opened);
    }
    let allowance = limits::pass(env, exchange, Quota::Calls).await?;
    let opened = match open(env, exchange, &id, fingerprint, offer, earlier.as_ref()).await {
        Ok(opened) => opened,
        Err(problem) => return Err(allowance.show_in(problem)),
    };
    Ok(allowance.show(response(&id, opened)?)?)
}

/// Opens the call, and then ends the one that it goes on with.
async fn open(
    env: &Env,
    exchange: &Exchange,
    id: &SessionId,
    fingerprint: String,
    offer: String,
    earlier: Option<&SessionId>,
) -> Answer<Opened> {
    let transcript = match earlier {
        Some(earlier) => session::show(env, exchange, earlier).await?.transcript,
        None => Vec::new(),
    };
    let open = Open {
        fingerprint,
        offer,
        base_url: super::base_url(exchange),
        safety_identifier: super::safety_identifier(exchange),
        transcript,
    };
    let opened = session::open(env, exchange, id, open).await?;
    if let Some(earlier) = earlier {
        // If it cannot be ended now, its object tries again.
        let _ = session::end(env, exchange, earlier, Reason::Resumed).await;
    }
    Ok(opened)
}

fn response(id: &SessionId, opened: Opened) -> Answer {
    let response = ResponseBuilder::new()
        .with_status(201)
        .with_header("Content-Type", "application/sdp")?
        .with_header("Location", &format!("{}session/{}", super::PREFIX, id.as_str()))?
        .with_header("Voice-Api", &opened.api)?
        .with_header("Voice-Ends-At", &opened.ends_at.to_string())?
        .fixed(opened.answer.into_bytes());
    Ok(response)
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

/// Returns the name of the call that this one goes on with.
fn earlier(request: &Request) -> Answer<Option<SessionId>> {
    let Some(name) = input::query(request, "resume")? else { return Ok(None) };
    let name = SessionId::parse(&name).ok_or_else(|| {
        let detail = "`resume` has to be the name of a session: 64 hexadecimal digits";
        Problem::new(Kind::BadRequest, detail)
    })?;
    Ok(Some(name))
}
