//! Redirects that precede a file at its URL.

use crate::support::site::{Site, warnings, workers};

/// Packs pages with redirects. Returns the warnings.
fn hidden(redirects: &str) -> Vec<String> {
    let site = Site::new(&[
        ("index.html", "<p>home"),
        ("about.html", "<p>about"),
        ("blog/one/index.html", "<p>one"),
        ("blog/two/index.html", "<p>two"),
        ("caf\u{e9}.html", "<p>coffee"),
        ("moved.html", "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=/about\">"),
        ("_redirects", redirects),
    ]);
    warnings(&site.pack_with(workers()))
}

#[test]
fn a_redirect_from_the_url_of_a_page_is_told() {
    for (redirects, expected) in [
        ("/about /team 301\n", "`/about` in line 1 hides the file `about.html`"),
        ("# x\n/ /en/ 302\n", "`/` in line 2 hides the file `index.html`"),
        (
            "/blog/* /news/:splat\n",
            "`/blog/*` in line 1 hides 2 files, such as `blog/one/index.html`",
        ),
        ("/café /tea\n", "`/caf%C3%A9` in line 1 hides the file `café.html`"),
        ("/about /index.html 200\n", "`/about` in line 1 hides the file `about.html`"),
    ] {
        let found = hidden(redirects);
        let is_expected = |text: &String| text.starts_with("_redirects") && text.contains(expected);
        assert!(found.iter().any(is_expected), "{redirects:?}: {found:#?}");
    }
}

#[test]
fn redirects_that_leave_every_page_in_sight_are_silent() {
    for redirects in [
        "/about.html /about 301\n",
        "/blog/one /blog/one/ 301\n",
        "/none /about\n/blog/three/* /blog/one/\n",
        // It serves the very page.
        "/about /about.html 200\n",
        // The page does what the redirect does.
        "/moved /about 301\n",
        // The first rule that matches applies, and serves the very page.
        "/blog/* /blog/:splat 200\n",
        "/blog/* /blog/:splat 200\n/blog/:name/ /news/ 301\n",
    ] {
        let found = hidden(redirects);
        assert!(!found.iter().any(|text| text.contains("hides")), "{redirects:?}: {found:#?}");
    }
}
