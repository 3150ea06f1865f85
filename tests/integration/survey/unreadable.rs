//! Pages in other encodings and languages, and pages that cannot be read.

use worker_pack::report::{Outcome, UntouchedReason};

use super::report;
use crate::support::site::{Site, text, warnings};

const SCRIPT: &str = "var  shared  =  1 ;  // two spaces\n";

const XHTML: &str = "<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'>";

#[test]
fn integrity_is_found_in_xhtml_and_in_every_encoding() {
    let load = |name: &str| format!("<script src='/{name}.js' integrity='sha384-abc'/>");
    let xhtml = format!("{XHTML}<head>{}</head></html>", load("xhtml"));
    let named = "<meta charset=windows-1251><base href='/\u{43f}/'>";
    let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode(named);
    let cyrillic = [&*cyrillic, b"<script src=a.js integrity=sha384-abc></script>"].concat();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let wide_xhtml = [b"\xfe\xff", &*wide(&xhtml.replace("/xhtml.js", "/wide.js"))].concat();
    let site = Site::new(&[
        ("page.xhtml", xhtml.as_bytes()),
        ("wide.xht", &wide_xhtml),
        ("cyrillic.html", &cyrillic),
        ("xhtml.js", SCRIPT.as_bytes()),
        ("wide.js", SCRIPT.as_bytes()),
        ("\u{43f}/a.js", SCRIPT.as_bytes()),
        ("other.js", SCRIPT.as_bytes()),
    ]);
    let packed = site.pack();
    for (file, by) in
        [("xhtml.js", "page.xhtml"), ("wide.js", "wide.xht"), ("\u{43f}/a.js", "cyrillic.html")]
    {
        let file = report(&packed, file);
        let expected = Outcome::Untouched(UntouchedReason::IntegrityChecked);
        assert_eq!((file.transform, file.named_by.as_deref()), (expected, Some(by)));
    }
    assert_eq!(report(&packed, "other.js").transform, Outcome::Minified);
}

/// A script that only XHTML or an image loads as a classic one must not become a module.
#[test]
fn scripts_of_xhtml_and_of_images_keep_their_globals() {
    let module = "<script type=module src=/a.js></script><script type=module src=/b.js></script>";
    let site = Site::new(&[
        ("index.html", module),
        ("page.xhtml", &format!("{XHTML}<script src=\"a.js\"></script></html>")),
        ("logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script href='b.js'/></svg>"),
        ("a.js", SCRIPT),
        ("b.js", SCRIPT),
    ]);
    let image = site.pack().table().to_memory().unwrap();
    for file in ["/a.js", "/b.js"] {
        assert!(text(&image.table(), file).contains("shared"), "{file}");
    }
}

#[test]
fn a_page_that_cannot_be_read_is_a_warning_and_every_file_keeps_its_bytes() {
    let site = Site::new(&[("index.html", "<p>"), ("app.js", SCRIPT)]);
    assert_eq!(report(&site.pack(), "app.js").transform, Outcome::Minified);
    for (name, page) in
        [("page.xhtml", format!("{XHTML}<p></html>")), ("deep.html", "<div>".repeat(50_000))]
    {
        let site = Site::new(&[("app.js", SCRIPT), (name, &page)]);
        let packed = site.pack();
        let app = report(&packed, "app.js");
        let expected = Outcome::Untouched(UntouchedReason::IntegrityChecked);
        assert_eq!((app.transform, app.named_by.as_deref()), (expected, Some(name)));
        let found = warnings(&packed);
        assert!(found.iter().any(|one| one.contains("html/unreadable")), "{found:?}");
    }
}

#[test]
fn what_a_page_loads_that_is_not_understood_stays_as_it_is() {
    let load =
        "<link rel=stylesheet href=a.css><script src=app.js></script><a href=next.html>x</a>";
    let latin = [b"caf\xe9".as_slice(), load.as_bytes()].concat();
    let ambiguous = format!("<select><xmp></xmp></select>{load}");
    for page in [latin.as_slice(), ambiguous.as_bytes()] {
        let site = Site::new(&[
            ("old.html", page),
            ("a.css", b"a { b : c }\n"),
            ("app.js", SCRIPT.as_bytes()),
            ("other.js", SCRIPT.as_bytes()),
            ("next.html", b"<p>a</p><!-- a remark of ours --><p>b</p>"),
        ]);
        let packed = site.pack();
        for file in ["a.css", "app.js"] {
            let file = report(&packed, file);
            let expected = Outcome::Untouched(UntouchedReason::LoadedInDoubt);
            assert_eq!((file.transform, file.named_by.as_deref()), (expected, Some("old.html")));
        }
        for file in ["other.js", "next.html"] {
            assert_eq!(report(&packed, file).transform, Outcome::Minified, "{file}");
        }
        assert_eq!(warnings(&packed).len(), 1);
    }
}
