//! `worker-pack probe` asks Workers in `workerd` for what was packed.

use std::path::Path;

use serde_json::Value;

use super::packed_site::{PackedSite, SERVERS};
use crate::support::site::{blog, program};
use crate::support::xtask::Serving;

/// Probes a Worker that is packed with arguments, and returns the exit code and the report.
fn probe(dist: &Path, packed: &[&str], arguments: &[&str]) -> (i32, Value) {
    let site = PackedSite::new(dist, packed);
    // The folder is read while the Worker runs.
    let manifest = site.scratch.out();
    let worker = site.start();
    ask(&worker.address(), &manifest, arguments)
}

/// Probes a host, and returns the exit code and the report.
fn ask(address: &str, manifest: &Path, arguments: &[&str]) -> (i32, Value) {
    let output = program()
        .args(["probe", &format!("http://{address}"), "--format", "json"])
        .args(["--timeout", "60s", "--manifest"])
        .arg(manifest)
        .args(arguments)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
    (output.status.code().unwrap(), report)
}

#[test]
fn a_static_site_in_workerd_answers_as_packed() {
    let (code, report) = probe(&blog(), &[], &[]);
    assert_eq!((code, &report["findings"]), (0, &Value::Array(Vec::new())), "{report}");
    assert!(report["asked"].as_u64().unwrap() > 90, "{report}");
}

#[test]
fn a_site_with_strict_fidelity_answers_as_packed() {
    let (code, report) = probe(&blog(), &["--fidelity", "strict"], &["--sample", "30"]);
    assert_eq!((code, &report["findings"]), (0, &Value::Array(Vec::new())), "{report}");
}

#[test]
fn a_site_with_a_server_answers_as_packed() {
    let [ssr, pages] = &*SERVERS;
    let paths = ["--path", "/desk/", "--path", "/api/time-zone"];
    let (code, report) = probe(ssr, &[], &paths);
    assert_eq!((code, &report["findings"]), (0, &Value::Array(Vec::new())), "{report}");
    let (code, report) = probe(pages, &[], &[]);
    assert_eq!((code, &report["findings"]), (0, &Value::Array(Vec::new())), "{report}");
}

#[test]
fn header_rules_on_responses_of_the_server_are_checked() {
    let [ssr, _] = &*SERVERS;
    let paths = ["--path", "/desk/", "--path", "/aground/"];
    let (code, report) = probe(ssr, &["--headers-on-ssr", "on"], &paths);
    let findings = report["findings"].as_array().unwrap();
    // That page fails on purpose.
    let [failed] = &findings[..] else { panic!("{report}") };
    assert_eq!(
        (code, &failed["path"], &failed["check"]),
        (1, &"/aground/".into(), &"status".into())
    );
}

/// `wrangler dev` has a proxy, which compresses for clients that accept gzip alone.
#[test]
fn what_the_proxy_of_wrangler_does_is_a_note() {
    let site = PackedSite::new(&blog(), &[]);
    let wrangler = Serving::dev_by(&site.config());
    let address = wrangler.address();
    let (code, report) = ask(&address, &site.scratch.out(), &["--sample", "20"]);
    let findings = report["findings"].as_array().unwrap();
    let is_note = |finding: &Value| finding["class"] == "note";
    assert!(code == 0 && !findings.is_empty() && findings.iter().all(is_note), "{report}");
}
