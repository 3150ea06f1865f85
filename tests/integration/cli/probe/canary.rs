//! `--watch`: rounds without sleeps.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::host::{Host, Reply};
use super::{Probed, SITE, parts, probe_site, run};
use crate::support::site::Site;

fn watch(host: &Host, arguments: &[&str]) -> Probed {
    let watch = ["--watch", "--interval", "0", "--rounds", "3"];
    let is_short = arguments.contains(&"--interval");
    let watch = if is_short { &watch[..1] } else { &watch[..] };
    probe_site(host, &[watch, arguments].concat())
}

#[test]
fn a_healthy_canary_ends_with_exit_code_0() {
    let host = Host::of_site();
    let found = watch(&host, &["--max-latency-ratio", "1000"]);
    assert_eq!(found.code, 0, "{}", found.report);
    assert_eq!(found.report["state"], "healthy");
    let rounds = found.report["rounds"].as_array().unwrap();
    assert_eq!(rounds.len(), 3);
    assert!(rounds.iter().all(|round| round["errors"] == 0));
    assert_eq!(found.stderr.lines().filter(|line| line.starts_with("round ")).count(), 3);
    // No time is left for a second round.
    let found = watch(&host, &["--for", "0", "--interval", "1s"]);
    assert_eq!(found.report["rounds"].as_array().unwrap().len(), 1);
}

#[test]
fn errors_above_the_bound_say_how_to_roll_back() {
    let pages = AtomicUsize::new(0);
    let host = Host::with(move |asked, reply| {
        if asked.path == "/about/" && asked.is_usual() && pages.fetch_add(1, Ordering::SeqCst) > 0 {
            *reply = Reply::new(500, "failed");
        }
    });
    let found = watch(&host, &["--max-latency-ratio", "1000"]);
    assert_eq!(found.code, 1, "{}", found.report);
    assert_eq!(found.report["state"], "roll-back");
    assert_eq!(found.report["rounds"].as_array().unwrap().len(), 2);
    let reason = found.report["reason"].as_str().unwrap();
    assert!(reason.starts_with("1 of 16 paths have an error (6.2 %"), "{reason}");

    let failing = Host::with(|_, reply| *reply = Reply::new(500, "failed"));
    let site = Site::new::<&str>(&[]);
    let out = site.project().join("dist-worker");
    std::fs::create_dir(&out).unwrap();
    std::fs::copy(SITE.1.join("manifest.json"), out.join("manifest.json")).unwrap();
    std::fs::write(out.join("wrangler.jsonc"), "{}").unwrap();
    let arguments = ["probe", &failing.url(), "--watch", "--interval", "0"];
    let (code, stdout, stderr) = parts(&run(site.project(), &arguments));
    assert_eq!(code, 1, "{stderr}");
    assert!(stdout.starts_with("roll back: 16 of 16 paths have an error"), "{stdout}");
    let config = "--config dist-worker/wrangler.jsonc\n";
    assert!(stdout.contains(&format!("  npx wrangler rollback {config}")), "{stdout}");
    assert!(
        stdout.contains(&format!("  npx wrangler versions deploy OLD-VERSION-ID@100 {config}")),
        "{stdout}"
    );
    // Some errors may be allowed.
    let found = watch(&failing, &["--max-error-rate", "100%", "--max-latency-ratio", "1000"]);
    assert_eq!(found.code, 0, "{}", found.report);
}

#[test]
fn a_host_that_goes_away_is_rolled_back() {
    let rounds = AtomicUsize::new(0);
    let host = Host::with(move |asked, reply| {
        let is_greeting = asked.path == "/" && asked.is_usual();
        // A round asks for the home page twice: at first, and as a route.
        if is_greeting && rounds.fetch_add(1, Ordering::SeqCst) >= 2 {
            reply.raw = Some(b"gone".to_vec());
        }
    });
    let found = watch(&host, &["--max-latency-ratio", "1000"]);
    assert_eq!((found.code, &found.report["state"]), (1, &"roll-back".into()), "{}", found.report);
    assert!(found.report["reason"].as_str().unwrap().contains("is not HTTP"), "{}", found.report);
}

#[test]
fn options_of_a_watch_need_it() {
    for arguments in [["--interval", "1s"], ["--for", "1m"], ["--rounds", "1"]] {
        let command = [&["probe", "http://127.0.0.1:1"][..], &arguments].concat();
        let (code, _, stderr) = parts(&run(SITE.0.project(), &command));
        assert!(code == 2 && stderr.contains("--watch"), "{stderr}");
    }
}
