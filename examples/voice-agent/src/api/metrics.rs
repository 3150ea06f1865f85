//! `GET metrics`: the metrics, in the text format of Prometheus (version 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use worker::{Env, Request, ResponseBuilder};

use super::operator;
use crate::exchange::Exchange;
use crate::meter::{self, METRICS, Metric};
use crate::problem::Answer;
use crate::store::Operation;

/// Returns the metrics, for operators.
pub(super) async fn get(env: &Env, exchange: &Exchange, request: &Request) -> Answer {
    operator::expect_token(request, exchange)?;
    let text = text(&meter::sums(env).await?);
    let response = ResponseBuilder::new()
        .with_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")?
        .fixed(text.into_bytes());
    Ok(response)
}

/// Writes all series, each metric with its description.
fn text(sums: &BTreeMap<String, f64>) -> String {
    let mut text = String::new();
    for (name, kind, help) in METRICS {
        head(&mut text, name, kind, help);
        for (series, sum) in sums.iter().filter(|(series, _)| name_of(series) == *name) {
            line(&mut text, series, *sum);
        }
    }
    derived(&mut text, sums);
    text
}

/// Writes what follows from the series.
fn derived(text: &mut String, sums: &BTreeMap<String, f64>) {
    let total = |metric: Metric, label: &str| -> f64 {
        let of_metric = sums.iter().filter(|(series, _)| name_of(series) == metric.name());
        of_metric.filter(|(series, _)| series.contains(label)).map(|(_, sum)| sum).sum()
    };
    let open = total(Metric::Opened, "") - total(Metric::Ended, "");
    head(text, "voice_sessions_open", "gauge", "Calls that are open.");
    line(text, "voice_sessions_open", open.max(0.0));
    let name = "voice_kv_cost_usd_total";
    head(text, name, "counter", "Price of the operations on KV, beyond the free ones of a month.");
    for operation in Operation::ALL {
        let label = format!("operation=\"{}\"", operation.name());
        let cost = total(Metric::KvOperations, &label) * operation.price_of_million() / 1e6;
        line(text, &format!("{name}{{{label}}}"), cost);
    }
}

fn name_of(series: &str) -> &str {
    series.split('{').next().unwrap_or_default()
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(text: &mut String, series: &str, value: f64) {
    let _ = writeln!(text, "{series} {value}");
}
