//! Visits to packed sites in Chromium, which records all requests.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use worker_pack::Report;
use worker_pack_runtime::packer::path::{decode, encode_segments};

use super::server::Server;
use super::xtask;

/// The requests of a browser, and the messages in its console.
#[derive(Debug, Deserialize)]
pub(crate) struct Visits {
    /// The status of each path, and the SHA-256 of its body.
    pub(crate) requests: BTreeMap<String, (u16, String)>,
    /// The errors and warnings in the console.
    messages: Vec<String>,
}

impl Visits {
    /// Visits pages of a site that `serve` packs with some arguments, and checks that each request is answered.
    pub(crate) fn of(dist: &Path, arguments: &[&str], pages: &[&str]) -> Self {
        let server = Server::start(dist, arguments);
        Self::at(server.address(), pages)
    }

    /// Visits pages of a site at an address, and checks that each request is answered.
    pub(crate) fn at(address: &str, pages: &[&str]) -> Self {
        let (chromium, _) = xtask::run(&["chromium"]);
        let variables = [
            ("WORKER_PACK_CHROMIUM", chromium.lines().last().unwrap_or_default().to_owned()),
            ("SITE", format!("http://{address}")),
            ("PAGES", serde_json::to_string(pages).unwrap()),
        ];
        let (stdout, _) = xtask::run_with(&["node", "tests/worker/requests.mjs"], &variables);
        let visits: Self = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
        assert_eq!(visits.messages, [""; 0]);
        for (path, (status, _)) in &visits.requests {
            // A browser asks for an icon that no page names.
            assert!(*status == 200 || path == "/favicon.ico", "{path}");
        }
        visits
    }

    /// Checks that no file with a fingerprint is asked for by its own route, and that each that is asked for has the
    /// bytes of its name, unless it is among `circles`. Returns the routes of those.
    pub(crate) fn check_names(&self, report: &Report, circles: &[String]) -> Vec<String> {
        let all = report.fingerprints.iter();
        let named = all.filter_map(|one| Some((&one.route, one.fingerprinted.as_ref()?)));
        let spelt = |route: &str| encode_segments(&decode(route).unwrap());
        let requests: BTreeMap<String, &String> =
            self.requests.iter().map(|(path, (_, digest))| (spelt(path), digest)).collect();
        let mut seen = Vec::new();
        for (old, new) in named {
            assert!(!requests.contains_key(&encode_segments(old)), "{old} is a stale name");
            let Some(digest) = requests.get(&encode_segments(new)) else { continue };
            let is_of_circle = circles.contains(old);
            assert!(is_of_circle || new.contains(&digest[..16]), "{new} has other bytes");
            seen.push(old.clone());
        }
        seen
    }
}
