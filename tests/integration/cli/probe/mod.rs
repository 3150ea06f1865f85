//! `worker-pack probe`: a running deployment compared with what was packed.

mod bad_hosts;
mod canary;
mod crawl;
mod faults;
mod host;
mod refusals;
mod sides;
mod tls;
mod variants;

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;

use super::{parts, run};
use crate::support::server::Server;
use crate::support::site::{PROSE, Site, blog};
use crate::support::xtask;
use host::Host;

/// A site with all that is checked, and its manifest.
static SITE: LazyLock<(Site, PathBuf)> = LazyLock::new(|| {
    let page = |title: &str| {
        format!("<!doctype html><html lang=en><title>{title}</title><a href=/about/>a</a>{PROSE}")
    };
    let site = Site::new(&[
        ("index.html", page("Home")),
        ("about/index.html", page("About")),
        ("404.html", page("Missing")),
        ("_astro/app.D4f5G6h7.js", "export const answer = [40, 2, 40, 2];\n".repeat(20)),
        ("style.css", "body { color: red; margin: 0 }\n".repeat(20)),
        ("photo.jpg", "not really".to_owned()),
        ("empty.txt", String::new()),
        ("_redirects", "/old /about/ 301\n/blog/* /about/:splat 302\n/seen / 200\n".to_owned()),
        ("_headers", "/*\n  X-Frame-Options: DENY\n/about/*\n  ! X-Frame-Options\n".to_owned()),
    ]);
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out", "--quiet"]));
    assert_eq!(code, 0, "{stderr}");
    let manifest = site.project().join("out");
    (site, manifest)
});

/// The exit code, the report and what was printed beside it.
struct Probed {
    code: i32,
    report: Value,
    stderr: String,
}

/// Probes a deployment, and returns the report.
fn probe(url: &str, arguments: &[&str]) -> Probed {
    let format = ["--format", "json", "--timeout", "60s"];
    let arguments = [&["probe", url], arguments, &format].concat();
    let (code, stdout, stderr) = parts(&run(SITE.0.project(), &arguments));
    let report = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
    Probed { code, report, stderr }
}

/// Probes a host that should have the site.
fn probe_site(host: &Host, arguments: &[&str]) -> Probed {
    let manifest = ["--manifest", SITE.1.to_str().unwrap()];
    probe(&host.url(), &[&manifest, arguments].concat())
}

impl Probed {
    /// The findings, each as its class, check, path and message.
    fn findings(&self) -> Vec<[&str; 4]> {
        let all = self.report["findings"].as_array().unwrap().iter();
        all.map(|it| ["class", "check", "path", "message"].map(|name| it[name].as_str().unwrap()))
            .collect()
    }
}

#[test]
fn the_example_blog_answers_as_packed_when_it_is_served() {
    let server = Server::start(&blog(), &["--quiet"]);
    let url = format!("http://{}", server.address());
    let dist = blog();
    let found = probe(&url, &["--manifest", dist.to_str().unwrap()]);
    assert_eq!((found.code, found.findings()), (0, vec![]));
    let report = &found.report;
    assert_eq!(report["asked"], report["routes"]);
    assert!(report["asked"].as_u64().unwrap() > 90, "{report}");
    assert!(report["paths"].as_u64() > report["asked"].as_u64(), "redirects are asked for too");
    let deployment = &report["deployment"];
    let requests = deployment["requests"].as_u64().unwrap();
    assert!(requests > 600);
    assert!(deployment["connections"].as_u64().unwrap() < 20, "connections are used again");
    assert!(deployment["firstByte"]["p99"].as_f64() >= deployment["firstByte"]["p50"].as_f64());
}

#[test]
fn a_documentation_site_answers_as_packed_when_it_is_served() {
    let (stdout, _) = xtask::run(&["docs-site", "--pages", "20"]);
    let dist = PathBuf::from(stdout.lines().last().unwrap());
    let server = Server::start(&dist, &["--quiet"]);
    let url = format!("http://{}", server.address());
    let found = probe(&url, &["--manifest", dist.to_str().unwrap()]);
    assert_eq!((found.code, found.findings()), (0, vec![]), "{}", found.report);
}

#[test]
fn the_first_line_is_the_answer() {
    let host = Host::of_site();
    let manifest = SITE.1.to_str().unwrap();
    let arguments = ["probe", &host.url(), "--manifest", manifest];
    let (code, stdout, stderr) = parts(&run(SITE.0.project(), &arguments));
    assert_eq!((code, &*stderr), (0, ""));
    assert!(stdout.starts_with("all 7 routes answer as packed\n"), "{stdout}");
    let (_, stdout, _) =
        parts(&run(SITE.0.project(), &[&arguments[..], &["--sample", "3"]].concat()));
    assert!(stdout.starts_with("3 of 7 routes, a sample, answer as packed\n"), "{stdout}");
    let host = Host::with(|asked, reply| {
        if asked.path == "/style.css" {
            reply.set("Cache-Control", "no-cache");
        }
    });
    let (code, stdout, stderr) =
        parts(&run(SITE.0.project(), &["probe", &host.url(), "--manifest", manifest]));
    assert_eq!((code, &*stderr), (1, "error: the deployment is not in order\n"));
    let expected = "1 of 16 paths do not answer as packed\n";
    assert!(stdout.starts_with(expected), "{stdout}");
    assert!(
        stdout.contains("difference[cache-control]: another cache policy\n  /style.css"),
        "{stdout}"
    );
    let quiet = ["probe", &host.url(), "--manifest", manifest, "--quiet"];
    let (code, stdout, _) = parts(&run(SITE.0.project(), &quiet));
    assert_eq!((code, &*stdout), (1, ""));
}

#[test]
fn the_output_folder_is_the_default_manifest() {
    let host = Host::of_site();
    let site = Site::new::<&str>(&[]);
    std::fs::create_dir(site.project().join("dist-worker")).unwrap();
    let manifest = std::fs::read(SITE.1.join("manifest.json")).unwrap();
    std::fs::write(site.project().join("dist-worker/manifest.json"), manifest).unwrap();
    let (code, stdout, stderr) = parts(&run(site.project(), &["probe", &host.url()]));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.starts_with("all 7 routes answer as packed\n"), "{stdout}");
}

#[test]
fn fields_of_the_user_are_sent_and_never_printed() {
    let host = Host::with(|asked, reply| {
        if asked.field("x-token") != Some("s3cr3t") {
            *reply = host::Reply::new(403, "no");
        }
    });
    let fields = ["--header", "X-Token: s3cr3t"];
    let found = probe_site(&host, &fields);
    assert_eq!((found.code, found.findings()), (0, vec![]));
    assert!(!found.report.to_string().contains("s3cr3t"));
    assert!(probe_site(&host, &[]).code == 1);
    for (wrong, part) in [
        ("X-Token s3cr3t", "`name: value`"),
        ("X Token: s3cr3t", "not the name"),
        ("X-Token: s3cr3t\nx", "contains what a header field may not"),
        ("Accept-Encoding: s3cr3t", "is set by the probe itself"),
    ] {
        let arguments = ["probe", &host.url(), "--header", wrong];
        let (code, stdout, stderr) = parts(&run(SITE.0.project(), &arguments));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(part), "{wrong}: {stderr}");
        assert!(!stderr.contains("s3cr3t") && !stdout.contains("s3cr3t"), "{stderr}");
    }
}

#[test]
fn versions_and_locations_are_counted() {
    let host = Host::with(|asked, reply| {
        reply.set("CF-Ray", "8f00-FRA");
        reply.set("X-Worker-Version", if asked.path == "/" { "new" } else { "old" });
    });
    let found = probe_site(&host, &[]);
    assert_eq!((found.code, found.findings()), (0, vec![]));
    let deployment = &found.report["deployment"];
    assert!(deployment["versions"]["x-worker-version: new"].as_u64().unwrap() > 1);
    assert!(deployment["versions"]["x-worker-version: old"].as_u64().unwrap() > 1);
    assert!(deployment["locations"]["FRA"].as_u64().unwrap() > 1);
}

/// The paths of `run_worker_first` are the server's, whatever file is there.
#[test]
fn paths_of_the_server_are_asked_for_as_such() {
    let site = Site::new(&[("index.html", "<p>"), ("members/list.html", "<p>secret")]);
    let config = r#"{ "assets": { "run_worker_first": ["/members/*"] } }"#;
    std::fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out", "--quiet"]));
    assert_eq!(code, 0, "{stderr}");
    // It runs no server, and answers 501.
    let server = Server::start(&site.dist(), &["--quiet"]);
    let url = format!("http://{}", server.address());
    let manifest = site.project().join("out");
    let found = probe(&url, &["--manifest", manifest.to_str().unwrap(), "--path", "/members/new"]);
    let expected =
        ["/members/list", "/members/new"].map(|path| ["error", "status", path, "another status"]);
    assert_eq!((found.code, found.findings()), (1, expected.to_vec()));
}

#[test]
fn what_stands_before_a_site_is_named() {
    for (status, field, part) in [
        (429, "retry-after", "lower `--concurrency`"),
        (403, "cf-mitigated", "the protection against bots"),
    ] {
        let host = Host::with(move |asked, reply| {
            if asked.path == "/about/" {
                *reply = host::Reply::new(status, "wait");
                reply.set(field, "challenge");
            }
        });
        let found = probe_site(&host, &[]);
        let [[_, _, path, message]] = found.findings()[..] else { panic!("{}", found.report) };
        assert!(path == "/about/" && message.contains(part), "{message}");
    }
}
