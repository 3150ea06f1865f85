//! Symbolic links.

use std::os::unix::fs::symlink;

use worker_pack::report::LeftOutReason;

use crate::support::site::{Site, paths, warnings};

#[test]
fn links_are_followed_only_within_the_site() {
    let site =
        Site::new(&[("index.html", "<p>"), ("docs/page.html", "<p>page"), (".env", "secret")]);
    std::fs::write(site.project().join("outside.txt"), "secret").unwrap();
    let link = |target: &str, name: &str| symlink(target, site.dist().join(name)).unwrap();
    link("docs", "manual");
    link("index.html", "start.html");
    link("../outside.txt", "outside.txt");
    link("..", "up");
    link(".env", "settings.txt");
    link("nowhere", "broken.txt");
    link("../docs", "docs/loop");

    let packed = site.pack();
    assert_eq!(
        paths(&packed),
        ["/docs/page.html", "/index.html", "/manual/page.html", "/start.html"]
    );
    let reason = |file: &str| {
        let found = packed.report().left_out.iter().find(|left| left.file == file);
        found.unwrap_or_else(|| panic!("{file}: {:?}", packed.report().left_out)).reason
    };
    assert_eq!(reason("outside.txt"), LeftOutReason::LinkOutside);
    assert_eq!(reason("up/"), LeftOutReason::LinkOutside);
    assert_eq!(reason("settings.txt"), LeftOutReason::Secret);
    assert_eq!(reason("broken.txt"), LeftOutReason::LinkBroken);
    assert_eq!(reason("docs/loop"), LeftOutReason::LinkLoop);
    assert!(
        warnings(&packed)
            .iter()
            .any(|warning| warning.starts_with("broken.txt: ingest/broken-link: "))
    );
}

#[test]
fn links_to_excluded_files_are_excluded() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        (".git/config", "secret"),
        (".git/refs/heads", "secret"),
        ("_worker.js/index.js", "secret()"),
        (".hidden/notes.txt", "secret"),
        ("real/secret.txt", "secret"),
        ("real/private/deep.txt", "secret"),
        ("real/public.txt", "public"),
        ("wrangler.toml", "secret"),
        (".assetsignore", "/real/secret.txt\n/real/private/\n"),
    ]);
    for (target, name) in [
        (".git/config", "git.txt"),
        (".git/refs", "refs"),
        ("_worker.js/index.js", "worker.txt"),
        (".hidden/notes.txt", "notes.txt"),
        ("real", "alias"),
        ("real/private", "deep"),
        ("wrangler.toml", "settings.txt"),
    ] {
        symlink(target, site.dist().join(name)).unwrap();
    }
    assert_eq!(paths(&site.pack()), ["/alias/public.txt", "/index.html", "/real/public.txt"]);
}
