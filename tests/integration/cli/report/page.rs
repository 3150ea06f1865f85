//! The page of a report, what pages load, and bad input.

use std::fs;

use super::super::{parts, run};
use super::{loads, report};
use crate::picture::screenshot;
use crate::support::site::{PROSE, Site};

fn site() -> Site {
    Site::new(&[
        (
            "index.html",
            "<!doctype html><title>Home</title><link rel=stylesheet href=/a.css><link rel=icon href=/icon.svg>\
             <link rel=stylesheet href=/print.css media=print><script type=module src=/main.js></script>\
             <picture><source srcset='/wide.avif 1200w, /small.avif 400w' sizes=400px type=image/avif>\
             <img src=/old.png></picture><img src=/far.png loading=lazy><h1>Grüße</h1>\
             <astro-island component-url=/island.js renderer-url=/render.js client=visible></astro-island>",
        ),
        (
            "about.html",
            "<!doctype html><title>About</title><link rel=stylesheet href=/a.css><img src=/gone.png>",
        ),
        (
            "a.css",
            "@import 'b.css'; @font-face { font-family: Own; src: url(/own.woff2) } body { font-family: Own; background: url(bg.png) }",
        ),
        (
            "b.css",
            "@font-face { font-family: Cyrillic; src: url(/ru.woff2); unicode-range: U+400-4FF } p { font-family: Cyrillic }",
        ),
        ("print.css", "body { background: url(/never.png) }"),
        (
            "main.js",
            "import './part.js'; const later = () => import('/later.js'); export { later };",
        ),
        ("part.js", "export const part = 1;"),
        ("later.js", "export const later = 1;"),
        ("island.js", "export default 1;"),
        ("render.js", "export default 1;"),
        ("wide.avif", "1"),
        ("small.avif", "2"),
        ("old.png", "3"),
        ("far.png", "4"),
        ("bg.png", "5"),
        ("never.png", "6"),
        ("own.woff2", "7"),
        ("ru.woff2", "8"),
        ("icon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("prose.txt", PROSE),
        ("_headers", "/own.woff2\n  Cache-Control: max-age=60\n"),
    ])
}

#[test]
fn a_page_loads_what_its_markup_styles_and_modules_name() {
    let report = report(&site(), &[]);
    let mut found = loads(&report, "/");
    found.sort();
    insta::assert_snapshot!(found.join("\n"));
    let about = report["pages"].as_array().unwrap().iter().find(|page| page["url"] == "/about");
    assert_eq!(about.unwrap()["missing"], serde_json::json!(["/gone.png"]));
}

#[test]
fn a_second_page_does_not_request_what_is_fresh() {
    let site = site();
    let report = report(&site, &[]);
    let pages = report["pages"].as_array().unwrap();
    let about = pages.iter().find(|page| page["url"] == "/about").unwrap();
    // The page, its missing picture, and two style sheets that are stale; the font is fresh.
    assert_eq!(about["second"]["requests"], 4);
    let first = about["first"]["bytes"].as_u64().unwrap();
    let second = about["second"]["bytes"].as_u64().unwrap();
    let style = |url: &str| {
        let loads = about["loads"].as_array().unwrap();
        loads.iter().find(|load| load["url"] == url).unwrap()["bytes"].as_u64().unwrap()
    };
    assert_eq!(first - second, style("/a.css") + style("/b.css") + style("/own.woff2"));
}

#[test]
fn the_page_is_written_and_the_answer_printed_in_a_few_lines() {
    let site = site();
    let (code, stdout, stderr) = parts(&run(site.project(), &["report"]));
    assert_eq!(code, 0, "{stderr}");
    insta::assert_snapshot!(stdout);
    let page = fs::read_to_string(site.project().join("report.html")).unwrap();
    let (_, again, _) = parts(&run(site.project(), &["report", "--out", "-"]));
    assert_eq!(page, again);
    for part in ["default-src 'none'", "<caption>", "aria-label=", "First visit of the home page"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("style=\""), "the policy forbids it");
}

#[test]
fn a_report_shows_what_has_changed_since_the_last_build() {
    let site = site();
    let none = report(&site, &[]);
    assert!(none.get("change").is_none());
    let (code, _, stderr) =
        parts(&run(site.project(), &["build", "--out", "dist-worker", "--quiet"]));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(report(&site, &[])["change"]["routes"], serde_json::json!([]));
    site.replace("part.js", "export const part = 12345;");
    let changed = report(&site, &[]);
    assert_eq!(changed["change"]["routes"][0]["url"], "/part.js");
    let (code, _, stderr) = parts(&run(site.project(), &["report", "--since", "nowhere"]));
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("`nowhere` does not exist"), "{stderr}");
}

#[test]
fn a_report_that_cannot_be_made_says_why() {
    let site = site();
    fs::create_dir(site.project().join("taken")).unwrap();
    for (arguments, code, text) in [
        (&["report", "missing"][..], 1, "`missing` is not a folder; build the site first"),
        (&["report", "--out", "dist/report.html"], 2, "would be published with the site"),
        (&["report", "--out", "taken"], 1, "cannot write the report to `taken`"),
        (&["report", "--out", "no/such/folder.html"], 1, "cannot write the report to"),
    ] {
        let (found, _, stderr) = parts(&run(site.project(), arguments));
        assert_eq!(found, code, "{stderr}");
        assert!(stderr.contains(text), "{stderr}");
    }
    let (code, _, stderr) = parts(&run(&site.dist(), &["report", "."]));
    assert!(code == 2 && stderr.contains("would be published with the site"), "{stderr}");
    let newer = "{\n  \"generator\": \"worker-pack\",\n  \"version\": 99,\n  \"assets\": {}\n}\n";
    fs::write(site.project().join("newer.json"), newer).unwrap();
    let (code, _, stderr) = parts(&run(site.project(), &["report", "--since", "newer.json"]));
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("a newer worker-pack wrote it"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn a_report_in_place_of_a_link_or_a_pipe_leaves_it() {
    let site = site();
    fs::write(site.project().join("kept.html"), "old").unwrap();
    std::os::unix::fs::symlink("kept.html", site.project().join("link.html")).unwrap();
    assert_eq!(parts(&run(site.project(), &["report", "--out", "link.html"])).0, 0);
    assert!(site.project().join("link.html").is_symlink());
    let kept = fs::read_to_string(site.project().join("kept.html")).unwrap();
    assert!(kept.contains("</html>"), "{kept}");
    let pipe = site.project().join("pipe.html");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    let (code, _, stderr) = parts(&run(site.project(), &["report", "--out", "pipe.html"]));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(reader.join().unwrap(), kept);
}

#[test]
fn a_report_on_many_files_stays_small() {
    let site = Site::new(&[("index.html", "<p>Home")]);
    for number in 0..3000 {
        site.write(&format!("f/{number}.txt"), format!("{number}"));
    }
    let (code, _, stderr) = parts(&run(site.project(), &["report", "--quiet"]));
    assert_eq!(code, 0, "{stderr}");
    let page = fs::metadata(site.project().join("report.html")).unwrap().len();
    assert!(page < 600_000, "{page}");
}

#[test]
fn a_map_of_many_folders_has_few_rectangles() {
    let site = Site::new(&[("index.html", "<p>Home")]);
    for number in 0..1000 {
        site.write(&format!("{number}/index.html"), format!("<p>{number}"));
    }
    let (code, stdout, stderr) = parts(&run(site.project(), &["report", "--out", "-"]));
    assert_eq!(code, 0, "{stderr}");
    let cells = stdout.matches("class=\"cell").count();
    assert!((500..600).contains(&cells), "{cells}");
    assert!(stdout.contains("smaller files in the rest"));
}

#[test]
fn the_files_of_a_report_have_their_smallest_variant_with_its_type() {
    let site = Site::new(&[("index.html", "<p>Home")]);
    site.write("a.png", screenshot());
    let page = run(site.project(), &["report", "--quiet", "--out", "-"]).stdout;
    let page = String::from_utf8(page).unwrap();
    let json = run(site.project(), &["report", "--quiet", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let files = report["report"]["files"].as_array().unwrap();
    let picture = files.iter().find(|file| file["file"] == "a.png").unwrap();
    let size = picture["variants"][0]["bytes"].as_u64().unwrap();
    let (_, row) = page.split_once("<th scope=\"row\" class=\"url\">/a.png</th>").unwrap();
    let (row, _) = row.split_once("</tr>").unwrap();
    let digits: String = row.chars().filter(char::is_ascii).collect();
    assert!(digits.contains(&size.to_string()) && row.contains("<td>image/webp</td>"), "{row}");
    let (_, row) = page.split_once("<th scope=\"row\" class=\"url\">/</th>").unwrap();
    assert!(row.contains("<td class=\"n\">–</td><td></td>"), "{row}");
}
