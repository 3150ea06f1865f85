//! `GET health`: which parts of the Worker work, and which models end soon.

use serde::{Deserialize, Serialize};
use worker::Env;

use crate::exchange::Exchange;
use crate::limits;
use crate::meter;
use crate::problem::Answer;
use crate::session;
use crate::store::{Cache, Namespace};
use crate::upstream::{Failure, Outgoing, Upstream};

/// The key under which the list of models is cached.
const MODELS_KEY: &str = "models/all";

/// Time before the end of a model from which `health` warns of it, in days.
const WARNING_DAYS: i64 = 90;

#[derive(Serialize)]
struct Health {
    status: Status,
    parts: Parts,
    models: Vec<ModelHealth>,
    /// The variables that cannot be read.
    faults: Vec<String>,
    version: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    /// Calls work, and something else does not.
    Degraded,
    /// Calls do not work.
    Down,
}

#[derive(Serialize)]
struct Parts {
    key: Part,
    upstream: Part,
    sessions: Part,
    rate_limits: Part,
    performance_logs: Part,
    voice_cache: Part,
    edge_limiter: Part,
    durable_objects: Part,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Ok,
    Missing,
    Refused,
    Unreachable,
    /// Not asked, since something else is missing.
    Unknown,
}

#[derive(Serialize)]
struct ModelHealth {
    id: String,
    shutdown_date: Option<String>,
    warning: Option<String>,
}

/// A model of the voice service.
#[derive(Clone, Serialize, Deserialize)]
struct Model {
    id: String,
    /// The day from which it is missing, as `YYYY-MM-DD`.
    shutdown_date: Option<String>,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

/// Looks at all parts. The voice service is asked once in five minutes at most, as long as it answers.
pub(super) async fn get(env: &Env, exchange: &Exchange) -> Answer {
    let settings = &exchange.settings;
    let (key, upstream, known) = match models(env, exchange).await {
        Ok(known) => (Part::Ok, Part::Ok, Some(known)),
        Err(Failure::NoKey) => (Part::Missing, Part::Unknown, None),
        Err(Failure::Refused) => (Part::Refused, Part::Ok, None),
        Err(_) => (Part::Ok, Part::Unreachable, None),
    };
    let kv = |namespace: Namespace| part(env.kv(namespace.binding()).is_ok());
    let objects = [session::BINDING, limits::OBJECT_BINDING, meter::BINDING];
    let parts = Parts {
        key,
        upstream,
        sessions: kv(Namespace::Sessions),
        rate_limits: kv(Namespace::RateLimits),
        performance_logs: kv(Namespace::PerformanceLogs),
        voice_cache: kv(Namespace::VoiceCache),
        edge_limiter: part(env.rate_limiter(limits::EDGE_BINDING).is_ok()),
        durable_objects: part(objects.iter().all(|name| env.durable_object(name).is_ok())),
    };
    let mut used = settings.api.models(&settings.models);
    used.push(&settings.models.chat);
    let models: Vec<_> =
        used.iter().map(|id| model(id, known.as_deref(), exchange.begun())).collect();
    let is_down = [key, upstream, parts.durable_objects].iter().any(|part| *part != Part::Ok);
    let others = [parts.sessions, parts.rate_limits, parts.performance_logs, parts.voice_cache];
    let is_degraded = others.contains(&Part::Missing)
        || parts.edge_limiter == Part::Missing
        || models.iter().any(|model| model.warning.is_some());
    let status = match (is_down || !settings.faults.is_empty(), is_degraded) {
        (true, _) => Status::Down,
        (false, true) => Status::Degraded,
        (false, false) => Status::Ok,
    };
    let health = Health {
        status,
        parts,
        models,
        faults: settings.faults.clone(),
        version: env!("CARGO_PKG_VERSION"),
    };
    super::json_with(if status == Status::Down { 503 } else { 200 }, &health)
}

fn part(is_present: bool) -> Part {
    if is_present { Part::Ok } else { Part::Missing }
}

/// Returns the models of the voice service, from the cache if possible.
async fn models(env: &Env, exchange: &Exchange) -> Result<Vec<Model>, Failure> {
    let base_url = super::base_url(exchange);
    let upstream = Upstream::new(&exchange.settings, &base_url, &exchange.readings)?;
    let cache = Cache::open(env, &exchange.readings).ok();
    if let Some(cache) = &cache
        && let Ok(Some(models)) = cache.get(MODELS_KEY).await
    {
        return Ok(models);
    }
    let reply = upstream.send(Outgoing::get("/v1/models")).await?;
    let models: Models = serde_json::from_str(&reply.body)
        .map_err(|error| Failure::Unexpected(error.to_string()))?;
    if let Some(cache) = &cache {
        // Without it, the next request asks again.
        let _ = cache.put(MODELS_KEY, &models.data).await;
    }
    Ok(models.data)
}

fn model(id: &str, known: Option<&[Model]>, now: u64) -> ModelHealth {
    let found = known.map(|known| known.iter().find(|model| model.id == id));
    let shutdown_date = found.flatten().and_then(|model| model.shutdown_date.clone());
    let warning = match (&found, &shutdown_date) {
        (Some(None), _) => Some("the voice service has no such model".to_owned()),
        (_, Some(date)) => match days_until(date, now) {
            Some(days) if days <= 0 => Some(format!("ended on {date}")),
            Some(days) if days <= WARNING_DAYS => Some(format!("ends on {date}, in {days} days")),
            _ => None,
        },
        _ => None,
    };
    ModelHealth { id: id.to_owned(), shutdown_date, warning }
}

/// Returns the number of days from a time to a date.
fn days_until(date: &str, now: u64) -> Option<i64> {
    let parsed = worker::js_sys::Date::parse(date);
    #[expect(clippy::cast_possible_truncation, reason = "days have few digits")]
    #[expect(clippy::cast_precision_loss, reason = "times have less than 2^52 milliseconds")]
    let days = ((parsed - now as f64) / 86_400_000.0).ceil() as i64;
    parsed.is_finite().then_some(days)
}
