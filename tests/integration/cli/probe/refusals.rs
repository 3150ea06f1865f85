//! Wrong arguments: exit code 2 and the remedy, before anything is asked.

use std::fs;

use super::host::Host;
use super::{SITE, parts, run};
use crate::support::site::Site;

#[test]
fn urls_that_may_not_be_asked_are_refused() {
    for (url, part) in [
        ("example.com", "write it with its scheme, such as `https://example.com`"),
        ("http://example.com", "write `https://example.com`"),
        ("ftp://example.com", "`https` or `http`"),
        ("https://me:s3cr3t@example.com", "`--header`"),
        ("https://example.com/about", "write `https://example.com`"),
        ("", "is not a URL"),
        ("https://\u{1b}[2J", "is not a URL"),
    ] {
        let (code, stdout, stderr) = parts(&run(SITE.0.project(), &["probe", url]));
        assert_eq!((code, &*stdout), (2, ""), "{url}: {stderr}");
        assert!(stderr.contains(part), "{url}: {stderr}");
        assert!(!stderr.contains("s3cr3t") && !stderr.contains('\u{1b}'), "{stderr}");
    }
}

#[test]
fn options_with_wrong_values_are_refused() {
    let cases: [(&[&str], &str); 9] = [
        (&["--sample", "0"], "is at least 1"),
        (&["--concurrency", "0"], "is at least 1"),
        (&["--timeout", "10 years"], "`500ms`"),
        (&["--max-download", "much"], "write a size such as `500 MB`"),
        (&["--path", "api"], "a path begins with `/`"),
        (&["--path", "/a b"], "neither spaces"),
        (&["--watch", "--max-error-rate", "200%"], "write a share"),
        (&["--crawl", "--manifest", "x"], "cannot be used with"),
        (&["--insecure", "--ca", "x"], "cannot be used with"),
    ];
    for (arguments, part) in cases {
        let arguments = [&["probe", "http://127.0.0.1:1"][..], arguments].concat();
        let (code, _, stderr) = parts(&run(SITE.0.project(), &arguments));
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
    }
    // A time that no clock reaches is no mistake.
    let endless = ["probe", "http://127.0.0.1:1", "--max-time", "5000000000000000h"];
    let (code, _, stderr) = parts(&run(SITE.0.project(), &endless));
    assert!(code == 1 && stderr.contains("is refused"), "{stderr}");
    // The place is checked before anything is asked.
    let lost = ["probe", "http://127.0.0.1:1", "--save", "no/such/folder.json"];
    let (code, _, stderr) = parts(&run(SITE.0.project(), &lost));
    assert!(code == 1 && stderr.contains("cannot write `no/such/folder.json`"), "{stderr}");
    let insecure = ["probe", "https://example.com", "--insecure"];
    let (code, _, stderr) = parts(&run(SITE.0.project(), &insecure));
    assert!(code == 2 && stderr.contains("for this machine alone"), "{stderr}");
}

#[test]
fn manifests_that_cannot_be_read_are_told_before_anything_is_asked() {
    let host = Host::of_site();
    let site = Site::new::<&str>(&[]);
    let manifest = fs::read_to_string(SITE.1.join("manifest.json")).unwrap();
    let newer = manifest.replace("\"version\": 1", "\"version\": 99");
    let cut = &manifest[..manifest.len() / 2];
    for (text, part) in [
        (&*newer, "a newer worker-pack wrote it"),
        (cut, "EOF while parsing"),
        ("{}", "not a manifest that worker-pack wrote"),
        ("", "not a manifest that worker-pack wrote"),
    ] {
        fs::write(site.project().join("m.json"), text).unwrap();
        let arguments = ["probe", &host.url(), "--manifest", "m.json"];
        let (code, _, stderr) = parts(&run(site.project(), &arguments));
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(part) && stderr.contains("m.json"), "{stderr}");
    }
    let arguments = ["probe", &host.url(), "--manifest", "nowhere"];
    let (code, _, stderr) = parts(&run(site.project(), &arguments));
    assert!(code == 1 && stderr.contains("`nowhere` does not exist"), "{stderr}");
    assert!(host.asked().is_empty());
}

#[test]
fn a_failure_in_json_is_a_document() {
    let arguments = ["probe", "http://example.com", "--format", "json"];
    let (code, stdout, _) = parts(&run(SITE.0.project(), &arguments));
    let document: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert!(code == 2 && document["error"].as_str().unwrap().contains("without encryption"));
}

#[test]
fn what_a_host_says_is_printed_as_text() {
    let host = Host::with(|asked, reply| {
        if asked.path == "/style.css" {
            reply.set("Content-Type", "\u{202e}::error::gone");
            reply.set("X-Frame-Options", "##[error]a\tb");
        }
        if asked.path == "/old" {
            reply.set("Location", "/\u{9b}31m::error::");
        }
    });
    let manifest = SITE.1.to_str().unwrap();
    for format in ["text", "json"] {
        let arguments = ["probe", &host.url(), "--manifest", manifest, "--format", format];
        let (code, stdout, stderr) = parts(&run(SITE.0.project(), &arguments));
        assert_eq!(code, 1, "{stderr}");
        assert!(stdout.contains("gone"), "{stdout}");
        let is_active = |c: char| matches!(c, '\u{202e}' | '\u{9b}' | '\t' | '\u{1b}');
        assert!(!stdout.contains(is_active), "{stdout}");
        let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
        assert!(!stdout.lines().any(is_command), "{stdout}");
    }
}
