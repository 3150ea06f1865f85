//! Routes, and pages whose URL belongs to another file.

use worker_pack::Options;
use worker_pack::options::{Compat, HtmlHandling};

use crate::support::site::{Site, get, paths, warnings, workers};

#[test]
fn a_page_whose_url_is_taken_is_served_by_file_name_with_a_warning() {
    let site =
        Site::new(&[("about", "x"), ("about.html", "y"), ("ok/index.html", "x"), ("ok.html", "z")]);
    for compat in Compat::ALL {
        let packed = site.pack_with(Options { compat: Some(compat), ..Options::default() });
        assert_eq!(
            warnings(&packed),
            ["about.html: ingest/file-name-only: is reachable only by file name: `/about` serves \
                 `about` (rename or remove one of the two files)"]
        );
        let image = packed.table().to_memory().unwrap();
        let table = image.table();
        for (path, body) in [("/about", "x"), ("/about.html", "y"), ("/ok/", "x"), ("/ok", "z")] {
            let reply = get(&table, path);
            assert_eq!((reply.status(), reply.body().bytes().unwrap()), (200, body.as_bytes()));
        }
    }
}

/// `/both` would be the URL of both pages.
#[test]
fn pages_that_share_a_url_are_warnings_under_every_html_handling() {
    let site = Site::new(&[("both.html", "file"), ("both/index.html", "folder")]);
    let handled = |handling| {
        let html_handling = Some(handling);
        warnings(&site.pack_with(Options { html_handling, ..workers() })).len()
    };
    assert_eq!(handled(HtmlHandling::AutoTrailingSlash), 0);
    assert_eq!(handled(HtmlHandling::DropTrailingSlash), 1);
    assert_eq!(handled(HtmlHandling::ForceTrailingSlash), 1);
}

#[test]
fn routes_are_sorted_by_bytes_and_unique() {
    let site = Site::new(&[
        ("b.txt", "x"),
        ("a/b.txt", "x"),
        ("a.txt", "x"),
        ("Z.txt", "x"),
        ("ä.txt", "x"),
    ]);
    assert_eq!(paths(&site.pack()), ["/Z.txt", "/a.txt", "/a/b.txt", "/b.txt", "/ä.txt"]);
}
