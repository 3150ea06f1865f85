//! The tally of the answers of a deployment: protocol, connections, versions, times.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use super::Answer;
use crate::probe::latency::{Latency, milliseconds};
use crate::probe::report::{DeploymentReport, FirstAnswer};

/// Most different values that are listed.
const MAX_VALUES: usize = 20;

/// The answers of a deployment, counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    requests: usize,
    unanswered: usize,
    bytes: u64,
    connections: BTreeSet<SocketAddr>,
    protocols: BTreeMap<String, usize>,
    versions: BTreeMap<String, usize>,
    locations: BTreeMap<String, usize>,
    first: Option<FirstAnswer>,
    first_bytes: Vec<Duration>,
    totals: Vec<Duration>,
}

impl Tally {
    /// Counts a request without an answer.
    pub(crate) fn unanswered(&mut self) {
        self.requests += 1;
        self.unanswered += 1;
    }

    /// Counts an answer.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        self.requests += 1;
        self.bytes += answer.body.len() as u64;
        // What came over a connection of its own says nothing about times and connections.
        let Some(connection) = answer.connection else { return };
        self.connections.insert(connection);
        *self.protocols.entry(answer.protocol.to_owned()).or_default() += 1;
        for (name, value) in &answer.fields {
            if names_a_version(name) {
                count(&mut self.versions, format!("{name}: {value}"));
            } else if name == "cf-ray"
                && let Some((_, location)) = value.rsplit_once('-')
            {
                count(&mut self.locations, location.to_owned());
            }
        }
        if self.first.is_none() {
            let first_byte = milliseconds(answer.first_byte);
            self.first = Some(FirstAnswer { first_byte, total: milliseconds(answer.total) });
            return;
        }
        self.first_bytes.push(answer.first_byte);
        self.totals.push(answer.total);
    }

    /// Returns the report on a deployment.
    pub(crate) fn report(self, url: String) -> DeploymentReport {
        DeploymentReport {
            url,
            requests: self.requests,
            unanswered: self.unanswered,
            bytes: self.bytes,
            connections: self.connections.len(),
            protocols: self.protocols,
            versions: self.versions,
            locations: self.locations,
            first: self.first,
            first_byte: Latency::of(self.first_bytes),
            total: Latency::of(self.totals),
        }
    }
}

fn count(counts: &mut BTreeMap<String, usize>, value: String) {
    if counts.len() < MAX_VALUES || counts.contains_key(&value) {
        *counts.entry(value).or_default() += 1;
    }
}

/// Returns whether a field tells the version of a Worker: Cloudflare has none, so these are the usual names.
fn names_a_version(name: &str) -> bool {
    const PARTS: [&str; 3] = ["version-id", "worker-version", "deployment-id"];
    PARTS.into_iter().any(|part| name.contains(part))
        || matches!(name, "cf-version" | "version" | "x-version" | "x-release" | "x-commit")
}
