//! Limits on the number of requests that a client may send.
//!
//! Two limiters stand in line. The rate-limit binding comes first: it costs nothing and answers at once,
//! but counts in each data centre by itself, and roughly. A Durable Object for each client then counts
//! exactly, wherever the requests arrive. KV is no limiter: it accepts one write a second for each key and
//! shows a value up to a minute late, so 50 requests at once would all pass.

mod counter;
mod window;

use serde::{Deserialize, Serialize};
use worker::{Env, Response};

use crate::exchange::Exchange;
use crate::meter::Metric;
use crate::objects;
use crate::problem::{Answer, Kind, Problem};

/// The rate-limit binding.
pub(crate) const EDGE_BINDING: &str = "VOICE_LIMITER";

/// The binding of the objects that count.
pub(crate) const OBJECT_BINDING: &str = "CLIENT_COUNTERS";

/// Length of the window in which an object counts, in seconds.
const WINDOW: u64 = 60;

/// A number of requests for which a client has a limit of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quota {
    /// Calls, whether opened by an offer or by a token.
    Calls,
    /// Messages of the chat.
    Chats,
    /// Recordings whose noise is removed.
    Recordings,
}

impl Quota {
    /// Returns the name in header fields and keys.
    fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Chats => "chats",
            Self::Recordings => "recordings",
        }
    }

    fn limit(self, exchange: &Exchange) -> usize {
        match self {
            Self::Calls => exchange.settings.calls_a_minute,
            Self::Chats => exchange.settings.chats_a_minute,
            Self::Recordings => exchange.settings.recordings_a_minute,
        }
    }
}

/// The question to an object: whether one more request passes.
#[derive(Debug, Serialize, Deserialize)]
struct Count {
    limit: usize,
    /// Length of the window in seconds.
    window: u64,
}

/// Its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    passes: bool,
    /// Number of requests that still pass in this window.
    remaining: usize,
    /// Time until one more request passes, in seconds.
    reset: u64,
}

/// A quota and what is left of it, which the response says.
#[derive(Debug)]
pub(crate) struct Allowance {
    quota: Quota,
    limit: usize,
    verdict: Verdict,
}

impl Allowance {
    /// Adds the fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    pub(crate) fn show(&self, mut response: Response) -> worker::Result<Response> {
        for (name, value) in self.fields() {
            response.headers_mut().set(name, &value)?;
        }
        Ok(response)
    }

    /// Adds the same fields to a problem.
    pub(crate) fn show_in(&self, problem: Problem) -> Problem {
        self.fields().into_iter().fold(problem, |it, (name, value)| it.with(name, value))
    }

    fn fields(&self) -> [(&'static str, String); 2] {
        let (name, limit) = (self.quota.name(), self.limit);
        let Verdict { remaining, reset, .. } = self.verdict;
        [
            ("RateLimit-Policy", format!("\"{name}\";q={limit};w={WINDOW}")),
            ("RateLimit", format!("\"{name}\";r={remaining};t={reset}")),
        ]
    }
}

/// Asks the rate-limit binding. Without one, as in a Worker that was deployed by hand, every request
/// passes to the next limiter, and `health` says so.
///
/// # Errors
/// If the client has sent too many requests to this data centre.
pub(crate) async fn pass_edge(env: &Env, exchange: &Exchange) -> Answer<()> {
    let Ok(limiter) = env.rate_limiter(EDGE_BINDING) else { return Ok(()) };
    if limiter.limit(exchange.client.name().to_owned()).await?.success {
        return Ok(());
    }
    exchange.readings.count(Metric::RateLimited, &[("limiter", "edge")]);
    let detail = "too many requests came from this network; wait a minute";
    Err(Problem::new(Kind::TooManyRequests, detail).with("Retry-After", WINDOW))
}

/// Counts a request of a client, exactly.
///
/// # Errors
/// If the client has used up the quota, or the object is missing.
pub(crate) async fn pass(env: &Env, exchange: &Exchange, quota: Quota) -> Answer<Allowance> {
    let limit = quota.limit(exchange);
    let name = format!("{}/{}", quota.name(), exchange.client.name());
    let count = Count { limit, window: WINDOW };
    let mut response = objects::ask(env, OBJECT_BINDING, &name, &count).await?;
    let verdict: Verdict = response.json().await?;
    let allowance = Allowance { quota, limit, verdict };
    if verdict.passes {
        return Ok(allowance);
    }
    exchange.readings.count(Metric::RateLimited, &[("limiter", "object")]);
    let detail = format!(
        "{limit} {} a minute are allowed from one network; try again in {} s",
        quota.name(),
        verdict.reset,
    );
    let problem = Problem::new(Kind::TooManyRequests, detail).with("Retry-After", verdict.reset);
    Err(allowance.show_in(problem))
}
