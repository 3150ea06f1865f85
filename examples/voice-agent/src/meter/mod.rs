//! Counts of what the Worker does, and the Durable Object that sums them up.
//!
//! An isolate lives for minutes, and many run at once. So each request sends what it has counted to one
//! object, after its response.

mod object;
mod series;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use worker::{Env, Result, console_error};

use crate::objects;

pub(crate) use series::{METRICS, Metric};

/// The binding of the object.
pub(crate) const BINDING: &str = "METERS";

/// The name of the object.
const NAME: &str = "all";

/// The counts of one request. Copies count together.
#[derive(Clone, Default)]
pub(crate) struct Readings {
    counts: Rc<RefCell<BTreeMap<String, f64>>>,
    /// Time that the request has waited for the voice service, in milliseconds.
    upstream: Rc<Cell<u64>>,
}

impl Readings {
    /// Adds to a metric. The labels are pairs of a name and a value, which has no quotation mark.
    pub(crate) fn add(&self, metric: Metric, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<_> =
            labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let series = match &*labels {
            [] => metric.name().to_owned(),
            labels => format!("{}{{{}}}", metric.name(), labels.join(",")),
        };
        *self.counts.borrow_mut().entry(series).or_default() += value;
    }

    /// Adds one to a metric.
    pub(crate) fn count(&self, metric: Metric, labels: &[(&str, &str)]) {
        self.add(metric, labels, 1.0);
    }

    /// Adds to the time that the request has waited for the voice service.
    pub(crate) fn waited(&self, milliseconds: u64) {
        self.upstream.set(self.upstream.get() + milliseconds);
    }

    /// Returns the time that the request has waited for the voice service, in milliseconds.
    pub(crate) fn upstream(&self) -> u64 {
        self.upstream.get()
    }

    /// Sends the counts to the object, and forgets them. A failure is logged: metrics fail no request.
    pub(crate) async fn send(&self, env: &Env) {
        let counts = self.counts.take();
        if counts.is_empty() {
            return;
        }
        if objects::ask(env, BINDING, NAME, &counts).await.is_err() {
            console_error!("voice-agent: counts are lost");
        }
    }
}

/// Returns the sums of all counts, by series.
///
/// # Errors
/// If the object is missing or fails.
pub(crate) async fn sums(env: &Env) -> Result<BTreeMap<String, f64>> {
    let meter = env.durable_object(BINDING)?.get_by_name(NAME)?;
    meter.fetch_with_str("http://meter/").await?.json().await
}
