//! What is reported about policies.

use worker_pack::Options;
use worker_pack::report::Code;

use super::{hash, hashes, with_attributes};
use crate::support::site::{Site, text, warnings};

#[test]
fn what_a_policy_blocks_is_reported_at_its_place_once() {
    let page = "<!doctype html>\n<title>x</title>\n<p style=\"color:red\">a</p>\n\
                <p onclick=\"a()\">b</p>\n<a href=\"javascript:a()\">c</a>\n\
                <script src=\"data:text/javascript,a()\"></script>";
    let site = Site::new(&[("a.html", page), ("b.html", page)]);
    let found = warnings(&site.pack_with(hashes()));
    let places = ["a.html:3:11", "a.html:4:13", "a.html:5:10", "a.html:6:14"];
    for place in places {
        let at_place = |one: &&String| {
            one.contains(place) && one.contains("csp/blocked") && one.contains("1 more page")
        };
        assert_eq!(found.iter().filter(at_place).count(), 1, "{place}: {found:#?}");
    }
    assert_eq!(found.len(), places.len(), "{found:#?}");
    let found = warnings(&site.pack_with(with_attributes()));
    assert_eq!(found.len(), 2, "hashes cannot allow the others: {found:#?}");
}

#[test]
fn a_script_url_is_reported_however_it_is_written() {
    for url in ["JavaScript:a()", " javascript:a()", "java\nscript:a()", "\tjavascript\t:a()"] {
        let site = Site::new(&[("a.html", format!("<p><a href=\"{url}\">b</a>"))]);
        let found = warnings(&site.pack_with(hashes()));
        assert!(found.len() == 1 && found[0].contains("csp/blocked"), "{url:?}: {found:#?}");
    }
    let site = Site::new(&[("a.html", "<p><a href=\"/javascript:a\">b</a>")]);
    assert_eq!(warnings(&site.pack_with(hashes())), [""; 0]);
}

#[test]
fn what_the_user_allows_is_not_reported() {
    let site = Site::new(&[("a.html", "<p style=\"color:red\">a</p>")]);
    let csp_add = vec!["style-src-attr 'unsafe-inline'".parse().unwrap()];
    assert_eq!(warnings(&site.pack_with(Options { csp_add, ..hashes() })), [""; 0]);
}

#[test]
fn many_different_attributes_are_summed_up() {
    let parts: Vec<String> = (0..70).map(|n| format!("<p style='--n:{n}'></p>")).collect();
    let page = parts.concat();
    let found = warnings(&Site::new(&[("a.html", page)]).pack_with(hashes()));
    assert_eq!(found.len(), 51);
    assert!(found.iter().any(|one| one.contains("20 more `style` attributes")), "{found:#?}");
}

#[test]
fn a_page_whose_text_is_uncertain_has_no_policy_and_is_reported() {
    let site = Site::new(&[("a.html", &b"<script>a('\xe9')</script>"[..]), ("b.html", &b"b"[..])]);
    let packed = site.pack_with(hashes());
    let memory = packed.table().to_memory().unwrap();
    let has = |path: &str| memory.table().asset(path).unwrap().content_security_policy().is_some();
    assert!(!has("/a.html") && has("/b.html"));
    assert!(warnings(&packed).iter().any(|one| one.contains("csp/no-policy")));
}

/// A policy with hashes of many styles allows them in general, and one of many scripts is not sent.
#[test]
fn a_policy_that_does_not_fit_into_a_response_is_shortened() {
    let code = |tag: &str, text: fn(usize) -> String| -> String {
        let elements = (0..300).map(|n| format!("<{tag}>{}</{tag}>", text(n)));
        elements.collect::<Vec<_>>().concat()
    };
    let site = Site::new(&[
        ("styles.html", code("style", |n| format!("p{{order:{n}}}"))),
        ("scripts.html", code("script", |n| format!("a({n})"))),
    ]);
    let packed = site.pack_with(hashes());
    let memory = packed.table().to_memory().unwrap();
    let table = memory.table();
    let styles = table.asset("/styles.html").unwrap().content_security_policy().unwrap();
    assert!(styles.contains("style-src 'unsafe-inline'"), "{styles}");
    assert_eq!(table.asset("/scripts.html").unwrap().content_security_policy(), None);
    let has = |code: Code, file: &str| {
        packed.report().diagnostics.iter().any(|one| one.code == code && one.file == file)
    };
    assert!(has(Code::CspShortened, "styles.html") && has(Code::CspTooLong, "scripts.html"));
}

/// What Astro writes: a policy in the page, with the hashes of some of its code.
#[test]
fn a_policy_in_a_page_is_completed_and_what_was_missing_is_reported() {
    let page = "<!doctype html>\n<title>x</title>\n\
                <meta http-equiv=\"content-security-policy\" content=\"script-src 'self' 'sha256-YWJj';\">\n\
                <p>text</p>\n<script>a( 1 )</script>\n";
    let site = Site::new(&[("a.html", page)]);
    let packed = site.pack_with(hashes());
    let memory = packed.table().to_memory().unwrap();
    let table = memory.table();
    let text = text(&table, "/a.html");
    assert!(text.contains("<script>a( 1 )</script>"), "hashed code keeps its bytes: {text}");
    let hash = hash("a( 1 )");
    assert!(
        text.contains(&format!("content=\"script-src 'self' 'sha256-YWJj' {hash};\"")),
        "{text}"
    );
    assert_eq!(table.asset("/a.html").unwrap().content_security_policy(), None);
    let notes = packed.report().diagnostics.iter().filter(|one| one.code == Code::CspUnhashedCode);
    let places: Vec<usize> = notes.map(|note| note.excerpt.as_ref().unwrap().line).collect();
    assert_eq!(places, [5]);
    assert!(!site.packed_text("/a.html").contains(&hash), "only by option");
}
