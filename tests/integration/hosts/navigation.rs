//! Navigations to missing files in a packed site with a server, in `workerd`.

use std::fs;

use super::packed_site::{PackedSite, RunningSite, text};
use crate::support::client::{Request, ask};
use crate::support::site::Site;

/// The recorded answers of Workers are replayed in `conformance::router`.
#[test]
fn navigations_to_missing_files_get_the_404_page_under_strict_fidelity_alone() {
    let strict = start(None, &["--fidelity", "strict"]);
    let improved = start(None, &[]);
    // Twice, since the Worker caches replies.
    for _ in 0..2 {
        for (mode, expected) in [(Some("navigate"), "<p>404"), (Some("cors"), "api"), (None, "api")]
        {
            assert_eq!(answer(&strict, "/missing", mode), expected, "{mode:?}");
            assert_eq!(answer(&improved, "/missing", mode), "api", "{mode:?}");
        }
    }
    assert_eq!(answer(&strict, "/", None), "<p>home");
}

/// A form that is sent is a navigation too, so Workers answer it with 405.
#[test]
fn patterns_of_the_server_leave_all_other_paths_to_the_assets_under_strict_fidelity_alone() {
    let first = r#"["/api/*", "!/api/files/*"]"#;
    let strict = start(Some(first), &["--fidelity", "strict"]);
    let improved = start(Some(first), &[]);
    for (target, theirs, ours) in [
        ("/api/x", "api", "api"),
        ("/missing", "<p>404", "api"),
        ("/api/files/x", "<p>404", "api"),
        ("/", "<p>home", "<p>home"),
    ] {
        assert_eq!(answer(&strict, target, None), theirs, "{target}");
        assert_eq!(answer(&improved, target, None), ours, "{target}");
    }
    let post = |site: &Running| ask(&site.address, &Request::new("POST", "/missing")).status;
    assert_eq!((post(&strict), post(&improved)), (405, 200));
}

struct Running {
    address: String,
    _site: RunningSite,
}

/// Starts a site whose server answers `api`.
fn start(run_worker_first: Option<&str>, arguments: &[&str]) -> Running {
    let site = Site::new(&[
        ("index.html", "<p>home"),
        ("404.html", "<p>404"),
        ("_worker.js", "export default { fetch() { return new Response('api'); } };"),
    ]);
    let first = run_worker_first.map(|patterns| format!(r#", "run_worker_first": {patterns}"#));
    let first = first.unwrap_or_default();
    let config = format!(
        r#"{{ "compatibility_date": "2026-06-01",
             "assets": {{ "directory": "dist", "not_found_handling": "404-page"{first} }} }}"#
    );
    fs::write(site.project().join("wrangler.json"), config).unwrap();
    let site = PackedSite::new(&site.dist(), arguments).start();
    Running { address: site.address(), _site: site }
}

fn answer(site: &Running, target: &str, mode: Option<&str>) -> String {
    let request = Request::new("GET", target);
    let request = match mode {
        Some(mode) => request.with("Sec-Fetch-Mode", mode),
        None => request,
    };
    text(&ask(&site.address, &request))
}
