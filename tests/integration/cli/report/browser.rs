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
    compare_with_browser(&blog(), &PAGES);
}

#[test]
fn pages_in_unusual_markup_are_as_heavy_as_in_a_browser() {
    let site = unusual();
    let pages: Vec<String> = UNUSUAL.iter().map(|(name, _)| format!("/{name}/")).collect();
    compare_with_browser(&site.dist(), &pages.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Compares pages of a site with Chromium, and looks at its report and at that of a hostile site.
fn compare_with_browser(dist: &Path, pages: &[&str]) {
    let folder = TempDir::new().unwrap();
    let (chromium, _) = xtask::run(&["chromium"]);
    let server = Server::start(dist, &["--quiet"]);
    let weight = folder.path().join("weight.json");
    fs::write(&weight, reported(folder.path(), dist, "site.html")).unwrap();
    let hostile = hostile();
    reported(folder.path(), &hostile.dist(), "hostile.html");
    let reports = ["site.html", "hostile.html"].map(|name| folder.path().join(name));
    let reports = reports.map(|path| path.to_str().unwrap().to_owned()).join(",");
    let variables = [
        ("WORKER_PACK_CHROMIUM", chromium.lines().last().unwrap_or_default().to_owned()),
        ("SITE_URL", format!("http://{}/", server.address())),
        ("WEIGHT", weight.to_str().unwrap().to_owned()),
        ("REPORTS", reports),
        ("PAGES", pages.join(",")),
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

/// Pages whose loads depend on rules of HTML and CSS that are easy to miss.
const UNUSUAL: [(&str, &str); 12] = [
    (
        "base",
        "<template><base href=/late/></template><base href=/docs/><link rel=stylesheet href=x.css>\
         <img src=i.png><img src=''><script src=''></script>",
    ),
    ("no-base", "<base href='data:text/plain,a'><link rel=stylesheet href=/docs/x.css>"),
    (
        "sets",
        "<img src=/1.png sizes='50%, 300px' srcset='/2.png 300w, /3.png 1300w'>\
         <img srcset='/4.png -1x, /5.png 1x'><img srcset='/6.png (a, b) 1x, /7.png 1x'>\
         <img srcset='/8.png 100w 2x, /9.png 1x'>",
    ),
    (
        "media",
        "<picture><source media='foo bar, screen' srcset=/1.png><img src=/2.png></picture>\
         <link rel=stylesheet media='(unknown), print' href=/docs/x.css>\
         <link rel=stylesheet type=text/less href=/other.css>",
    ),
    ("preloaded-module", "<link rel=modulepreload href=/m.js>"),
    (
        "preloaded-script",
        "<link rel=preload as=script href=/m.js crossorigin><script type=module src=/m.js></script>",
    ),
    ("print-module", "<link rel=modulepreload media=print href=/m.js>"),
    ("preloaded-style", "<link rel=preload as=style href=/imports.css>"),
    (
        "imports",
        "<link rel=stylesheet media=print href=/imports.css><link rel=stylesheet href=/imports.css>",
    ),
    (
        "import-maps",
        r#"<script type=importmap>{"imports":{"a":"/a.js","b":"/b.js"},"scopes":{"/inner/":{"b":"/c.js"}}}</script>
        <script type=importmap>{"imports":{"d":"/d.js"}}</script>
        <script type=module>import "a"; import "d"; import "/inner/i.js"</script>"#,
    ),
    (
        "fonts",
        "<style>@font-face{font-family:F;font-weight:300;src:url(/3.woff2)}\
         @font-face{font-family:F;src:url(/4.woff2)}@font-face{font-family:F;font-weight:500;src:url(/5.woff2)}\
         @font-face{font-family:F;font-weight:700;src:url(/7.woff2)}body{font-family:F}</style>\
         <style media=print>@font-face{font-family:P;src:url(/p.woff2)}body{font-family:P}</style><p>Text",
    ),
    (
        "inner",
        "<object data=/framed></object><iframe srcdoc='<img src=/2.png>'></iframe>\
         <svg><style>@font-face{font-family:S;src:url(/s.woff2)}text{font-family:S}</style><text>Text</text></svg>",
    ),
];

/// A picture of one pixel. Chromium ends the download of what is not a picture.
const PIXEL: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\xdacd\xf8\xcfP\x0f\0\x03\x86\x01\x80Z4}k\0\0\0\0IEND\xaeB`\x82";

/// A site with these pages and all that they name.
fn unusual() -> Site {
    let site = Site::new(&[
        ("docs/x.css", "p { color: red }"),
        ("late/x.css", "p { color: tan }"),
        ("other.css", "p { color: navy }"),
        (
            "imports.css",
            "@import 'docs/x.css' print; @import '/other.css?v=1#x'; @import 'imports.css'; a {}",
        ),
        ("m.js", "import './n.js'; export const m = 1"),
        ("n.js", "import './m.js'; export const n = 2"),
        ("inner/i.js", "import 'b'; console.log('i')"),
        (
            "framed.html",
            "<!doctype html><title>F</title><link rel=icon href='data:,'><img src=/1.png>",
        ),
    ]);
    for letter in ["a", "b", "c", "d"] {
        site.write(&format!("{letter}.js"), format!("console.log('{letter}')"));
    }
    for number in 1..10 {
        site.write(&format!("{number}.png"), [PIXEL, &vec![0; number]].concat());
    }
    site.write("docs/i.png", PIXEL);
    for name in ["3", "4", "5", "7", "p", "s"] {
        site.write(&format!("{name}.woff2"), format!("font {name}"));
    }
    for (name, markup) in UNUSUAL {
        let head = "<!doctype html><html lang=en><meta charset=utf-8><link rel=icon href='data:,'>";
        site.write(&format!("{name}/index.html"), format!("{head}<title>{name}</title>{markup}"));
    }
    site
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
