//! The layouts that Astro builds.

use worker_pack::report::{Layout, LeftOutReason};

use crate::support::site::{Site, paths};

#[test]
fn every_astro_layout_excludes_server_code() {
    let astro7 = Site::new(&[
        ("client/index.html", "<p>"),
        ("client/_astro/a.js", "1"),
        ("server/entry.mjs", "secret()"),
        ("server/chunks/a.mjs", "secret()"),
        ("notes.txt", "beside"),
    ]);
    let packed = astro7.pack();
    assert_eq!(packed.report().layout, Layout::ClientAndServer);
    assert_eq!(paths(&packed), ["/_astro/a.js", "/index.html"]);
    let left_out: Vec<_> =
        packed.report().left_out.iter().map(|left| (left.file.as_str(), left.reason)).collect();
    assert_eq!(
        left_out,
        [("notes.txt", LeftOutReason::BesideClient), ("server/", LeftOutReason::ServerCode),]
    );

    for worker in ["_worker.js", "_worker.js/index.js"] {
        let astro5 = Site::new(&[
            ("index.html", "<p>"),
            (worker, "secret()"),
            ("_routes.json", r#"{"include":["/*"]}"#),
        ]);
        let packed = astro5.pack();
        assert_eq!(packed.report().layout, Layout::PagesWorker);
        assert_eq!(paths(&packed), ["/index.html"]);
    }

    // With a `base`, the adapter puts all pages of a static build below `client/BASE`.
    let without_server =
        Site::new(&[("client/.assetsignore", ""), ("client/docs/index.html", "<p>")]);
    assert_eq!(without_server.pack().report().layout, Layout::ClientAndServer);
    assert_eq!(paths(&without_server.pack()), ["/docs/index.html"]);

    let pages =
        Site::new(&[("index.html", "<p>"), ("client/index.html", ""), ("server/index.html", "")]);
    assert_eq!(pages.pack().report().layout, Layout::Static);
    assert_eq!(paths(&pages.pack()).len(), 3, "folders of pages, not a server build");
}
