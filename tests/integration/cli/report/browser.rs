//! Reports and the weight of pages, compared with Chromium.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::super::parts;
use crate::support::server::Server;
use crate::support::site::{Site, blog, program};
use crate::support::xtask;

/// Pages of the blog whose first visits Chromium counts: with pictures, islands, an import map, audio, and
/// without any of them.
const PAGES: [&str; 5] = ["/", "/about/", "/lab/", "/audio/", "/blog/what-a-304-is-for/"];

#[test]
fn pages_are_as_heavy_as_in_a_browser_and_reports_can_be_read() {
    let folder = TempDir::new().unwrap();
    let (chromium, _) = xtask::run(&["chromium"]);
    let server = Server::start(&blog(), &["--quiet"]);
    let weight = folder.path().join("weight.json");
    fs::write(&weight, reported(folder.path(), &blog(), "blog.html")).unwrap();
    let hostile = hostile();
    reported(folder.path(), &hostile.dist(), "hostile.html");
    let reports = ["blog.html", "hostile.html"].map(|name| folder.path().join(name));
    let reports = reports.map(|path| path.to_str().unwrap().to_owned()).join(",");
    let variables = [
        ("WORKER_PACK_CHROMIUM", chromium.lines().last().unwrap_or_default().to_owned()),
        ("SITE_URL", format!("http://{}/", server.address())),
        ("WEIGHT", weight.to_str().unwrap().to_owned()),
        ("REPORTS", reports),
        ("PAGES", PAGES.join(",")),
    ];
    let test = ["node", "--test", "tests/worker/report.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

/// Writes the page of a report, and returns the report as JSON.
fn reported(folder: &Path, dist: &Path, page: &str) -> String {
    let mut command = program();
    command.arg("report").arg(dist).args(["--out", page, "--format", "json", "--quiet"]);
    let (code, stdout, stderr) = parts(&command.current_dir(folder).output().unwrap());
    assert_eq!(code, 0, "{stderr}");
    stdout
}

/// A site whose names try to leave their places, and that has many files.
fn hostile() -> Site {
    let site = Site::new(&[
        ("index.html", "<title>x</title><img src='/\u{202e}gpj.png'><img src=/a%22b.png>"),
        ("<script>alert(1)<.html", "<p>1"),
        ("a\"b.png", "1"),
        ("\u{202e}gpj.png", "1"),
        ("'onclick='alert(1).js", "let a = 1"),
    ]);
    for number in 0..400 {
        site.write(&format!("many/{number}.txt"), format!("{number}").repeat(10));
    }
    site
}
