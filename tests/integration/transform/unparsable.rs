//! Files that do not parse or are not UTF-8.

use worker_pack::options::Strictness;
use worker_pack::report::{Outcome, UntouchedReason};
use worker_pack::{Options, PackError};

use super::outcome;
use crate::support::site::{Site, text, warnings};

#[test]
fn unparsable_files_are_warnings_and_fail_a_strict_pack() {
    let broken = [
        ("a.js", "let a = 1;\nlet b = ;\n"),
        ("b.css", "a { color: red }\n}}\n"),
        ("c.json", "{ \"a\": 1, }"),
        ("d.svg", "<svg><g></svg>"),
        ("e.html", "<p>fine</p>\n<script>\n  let = ( ;\n</script>\n"),
    ];
    let site = Site::new(&broken);
    let packed = site.pack();
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    for (name, source) in broken {
        assert_eq!(text(&table, &format!("/{name}")), source);
    }
    for name in ["a.js", "b.css", "c.json", "d.svg"] {
        assert_eq!(
            outcome(&packed, name),
            Outcome::Untouched(UntouchedReason::DoesNotParse),
            "{name}"
        );
    }
    let warnings = warnings(&packed);
    let places: Vec<&str> = warnings.iter().map(|text| text.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["a.js:2:9", "b.css:3:1", "c.json:1:11", "d.svg:1:9", "e.html:3:11"]);

    let strict = Options { strictness: Strictness::Strict, ..Options::default() };
    match site.try_pack(strict) {
        Err(PackError::Files { diagnostics }) => assert_eq!(diagnostics.len(), broken.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn text_that_is_not_utf_8_is_served_unchanged_without_a_charset() {
    let site = Site::new(&[("old.html", b"<meta charset=latin1>caf\xe9".as_slice())]);
    let packed = site.pack();
    assert_eq!(outcome(&packed, "old.html"), Outcome::Untouched(UntouchedReason::NotUtf8));
    assert_eq!(packed.report().files[0].content_type, "text/html");
    assert_eq!(warnings(&packed).len(), 1);
}
