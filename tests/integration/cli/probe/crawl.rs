//! Crawls of a site without a manifest.

use serde_json::Value;

use super::host::{Host, Reply};
use super::{parts, probe, run};
use crate::support::site::Site;

/// A host with pages and no site.
fn host(pages: &'static [(&'static str, u16, &'static str)]) -> Host {
    Host::with(move |asked, reply| {
        let page = pages.iter().find(|(path, ..)| *path == asked.path);
        *reply = match page {
            Some((_, status @ 300..400, to)) => {
                let mut reply = Reply::new(*status, "");
                reply.set("Location", to);
                reply
            }
            Some((path, status, text)) => {
                let mut reply = Reply::new(*status, text);
                let kind = if path.contains(".txt") { "text/plain" } else { "text/html" };
                reply.set("Content-Type", kind);
                reply
            }
            None => Reply::new(404, "missing"),
        };
    })
}

fn paths(host: &Host) -> Vec<String> {
    let mut paths: Vec<String> = host.asked().into_iter().map(|asked| asked.path).collect();
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn links_sitemaps_and_robots_tell_the_urls() {
    let host = host(&[
        (
            "/",
            200,
            "<a href=/a>a</a><a href=https://elsewhere.example/>x</a><a href=/secret/b>s</a><a href=mailto:a@b.c>m</a><a href=#top>t</a>",
        ),
        ("/a", 200, "<a href='/a?b=1&amp;c=2'>b</a><img src=/photo.jpg>"),
        ("/a?b=1&c=2", 302, "/moved"),
        ("/moved", 200, "<p>"),
        ("/photo.jpg", 200, ""),
        ("/listed", 200, "<p>"),
        ("/robots.txt", 200, "User-agent: *\nDisallow: /secret\nSitemap: /map.txt\n"),
        ("/map.txt", 200, "<urlset><url><loc>/listed</loc></url></urlset>"),
    ]);
    let found = probe(&host.url(), &["--crawl"]);
    assert_eq!((found.code, found.findings()), (0, vec![]), "{}", found.report);
    let expected = [
        "/",
        "/a",
        "/a?b=1&c=2",
        "/listed",
        "/map.txt",
        "/moved",
        "/photo.jpg",
        "/robots.txt",
        "/sitemap-index.xml",
        "/sitemap.xml",
        "/worker-pack-probe/no-such-page",
    ];
    assert_eq!(paths(&host), expected);
    assert_eq!(found.report["source"], "crawl");
    assert_eq!(found.report["asked"], 6);
}

#[test]
fn broken_links_are_errors_with_the_page() {
    let host = host(&[("/", 200, "<a href=/a>a</a>"), ("/a", 200, "<a href=/gone>x</a>")]);
    let found = probe(&host.url(), &[]);
    assert_eq!(found.code, 1);
    assert_eq!(found.findings(), [["error", "link", "/gone", "linked from `/a`"]]);
}

#[test]
fn references_are_read_as_browsers_do() {
    let host = host(&[
        (
            "/",
            200,
            "<base href=/docs/><a href=a>a</a><img srcset='/w=80,q=75/a.png 1x, data:image/png;base64,AA 2x'>\
             <template><a href=/{id}>x</a></template>",
        ),
        ("/docs/a", 200, "<p>"),
        ("/w=80,q=75/a.png", 200, ""),
    ]);
    let found = probe(&host.url(), &["--crawl"]);
    assert_eq!((found.code, found.findings()), (0, vec![]), "{}", found.report);
    assert_eq!(found.report["asked"], 3);
}

#[test]
fn a_site_that_cannot_be_crawled_is_not_in_order() {
    let closed = host(&[("/robots.txt", 200, "User-agent: *\nDisallow: /\n")]);
    let found = probe(&closed.url(), &["--crawl"]);
    assert_eq!((found.code, &found.report["asked"]), (1, &Value::from(0)), "{}", found.report);
    assert_eq!(found.report["stopped"], "`robots.txt` forbids robots to ask for `/`");
    let unknown = Host::with(|_, reply| {
        *reply = Reply::new(200, "<a href=/gone>x</a>");
        reply.set("Content-Type", "text/html");
        reply.set("Content-Encoding", "zstd");
    });
    let found = probe(&unknown.url(), &["--crawl"]);
    let message = "the page cannot be decoded, so its links are unknown";
    assert_eq!(found.findings(), [["error", "coding", "/", message]]);
}

#[test]
fn a_crawl_is_bounded() {
    let host = Host::with(|asked, reply| {
        *reply = Reply::new(200, &format!("<a href={0}a>a</a><a href={0}b>b</a>", asked.path));
        reply.set("Content-Type", "text/html");
    });
    let found = probe(&host.url(), &["--crawl", "--sample", "7"]);
    assert_eq!((found.code, &found.report["asked"]), (0, &Value::from(7)), "{}", found.report);
    let site = Site::new::<&str>(&[]);
    let arguments = ["probe", &host.url(), "--crawl", "--sample", "7"];
    let (_, stdout, _) = parts(&run(site.project(), &arguments));
    assert!(stdout.starts_with("7 of "), "{stdout}");
}
