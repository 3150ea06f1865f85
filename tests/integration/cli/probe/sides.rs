//! Two deployments, and baselines.

use std::fs;

use serde_json::Value;

use super::host::Host;
use super::{Probed, SITE, parts, probe, probe_site, run};
use crate::support::site::Site;

/// The differences, each as its field, its path and the reason why it is wanted.
fn differences(found: &Probed) -> Vec<(String, String, Option<String>)> {
    let all = found.report["compared"]["differences"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    all.map(|it| (text(&it["field"]).unwrap(), text(&it["path"]).unwrap(), text(&it["wanted"])))
        .collect()
}

/// A host with the site as Cloudflare Pages would serve it.
fn pages() -> Host {
    Host::with(|asked, reply| {
        if reply.status == 200 {
            if let Some(tag) = reply.field("ETag") {
                let tag = format!("W/{tag}");
                reply.set("ETag", &tag);
            }
            reply.set("Cache-Control", "public, max-age=0, must-revalidate");
            reply.remove("Vary");
        }
        if asked.path == "/about/" {
            reply.set("X-Robots-Tag", "noindex");
        }
    })
}

#[test]
fn improvements_are_wanted_and_losses_are_not() {
    let (new, old) = (Host::of_site(), pages());
    let found = probe_site(&new, &[&old.url()]);
    let all = differences(&found);
    let unwanted: Vec<_> = all.iter().filter(|(_, _, wanted)| wanted.is_none()).collect();
    assert!(!unwanted.is_empty());
    assert!(
        unwanted.iter().all(|(field, path, _)| field == "x-robots-tag" && path == "/about/"),
        "{unwanted:?}"
    );
    let wanted = |field: &str| all.iter().any(|it| it.0 == field && it.2.is_some());
    assert!(["etag", "vary", "cache-control"].into_iter().all(wanted), "{all:?}");
    assert_eq!((found.code, found.findings()), (1, vec![]));
    let compared = &found.report["compared"];
    assert_eq!(compared["deployment"]["url"], old.url());
    assert!(compared["deployment"]["firstByte"]["p95"].is_number());
    let manifest = SITE.1.to_str().unwrap();
    let arguments = ["probe", &new.url(), &old.url(), "--manifest", manifest];
    let (_, stdout, _) = parts(&run(SITE.0.project(), &arguments));
    assert!(
        stdout.starts_with("1 unwanted difference, although the 7 routes answer as packed\n"),
        "{stdout}"
    );
    assert!(stdout.contains("unwanted  x-robots-tag"), "{stdout}");
}

#[test]
fn a_lost_page_of_the_old_site_is_not_wanted() {
    let old = Host::of_site();
    let new = Host::with(|asked, reply| {
        if asked.path == "/about/" {
            *reply = super::host::Reply::new(404, "missing");
        }
    });
    // Nothing is known: the old site is crawled, and the new one is asked for the same.
    let found = probe(&new.url(), &[&old.url(), "--crawl"]);
    assert_eq!(found.code, 1);
    let lost: Vec<_> = differences(&found).into_iter().filter(|it| it.2.is_none()).collect();
    assert_eq!(lost, [("status".to_owned(), "/about/".to_owned(), None)]);
    let found = probe(&old.url(), &[&old.url(), "--crawl"]);
    assert_eq!((found.code, differences(&found)), (0, vec![]));
}

#[test]
fn a_baseline_is_written_once_and_compared_later() {
    let site = Site::new::<&str>(&[]);
    let file = site.project().join("before.json");
    let (host, file) = (Host::of_site(), file.to_str().unwrap());
    let found = probe(&host.url(), &["--crawl", "--save", file]);
    assert_eq!(found.code, 0, "{}", found.report);
    let text = fs::read_to_string(file).unwrap();
    assert!(!text.contains("set-cookie"));
    let answers: Value = serde_json::from_str(&text).unwrap();
    let paths: Vec<&str> = answers["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["/", "/about/", "/worker-pack-probe/no-such-page"]);

    let found = probe(&host.url(), &["--baseline", file]);
    assert_eq!((found.code, differences(&found)), (0, vec![]), "{}", found.report);
    assert_eq!(found.report["source"], "baseline");
    let changed = Host::with(|asked, reply| {
        if asked.path == "/about/" {
            reply.set("X-Frame-Options", "DENY");
        }
        if asked.path == "/" {
            reply.remove("Cache-Control");
        }
    });
    let found = probe(&changed.url(), &["--baseline", file]);
    assert_eq!(found.code, 1);
    let lost: Vec<_> = differences(&found).into_iter().filter(|it| it.2.is_none()).collect();
    assert_eq!(lost, [("cache-control".to_owned(), "/".to_owned(), None)]);
    // With a manifest, both count.
    let found = probe_site(&changed, &["--baseline", file]);
    assert_eq!(found.report["source"], "manifest");
    assert!(found.findings().len() > 1);
}

#[test]
fn files_that_are_not_baselines_are_refused() {
    let site = Site::new::<&str>(&[]);
    let file = site.project().join("before.json");
    let host = Host::of_site();
    for (text, part) in [
        ("", "`worker-pack probe --save` writes them"),
        ("{}", "`worker-pack probe --save` writes them"),
        ("{\"generator\":\"worker-pack probe\",\"version\":99}", "a newer worker-pack wrote it"),
        ("{\"generator\":\"worker-pack probe\",\"version\":1}", "missing field"),
    ] {
        fs::write(&file, text).unwrap();
        let arguments = ["probe", &host.url(), "--baseline", file.to_str().unwrap()];
        let (code, _, stderr) = parts(&run(site.project(), &arguments));
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(part) && stderr.contains("before.json"), "{stderr}");
    }
    let arguments = ["probe", &host.url(), "--crawl", "--save", "nowhere/before.json"];
    let (code, _, stderr) = parts(&run(site.project(), &arguments));
    assert!(code == 1 && stderr.contains("cannot write `nowhere/before.json`"), "{stderr}");
}
