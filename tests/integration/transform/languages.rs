//! Every language: selection, depth, numbers.

use worker_pack::Options;
use worker_pack::options::MinifiedLanguage;
use worker_pack::report::{Outcome, UntouchedReason};

use super::outcome;
use crate::support::site::{Site, text};

#[test]
fn deeply_nested_code_is_packed() {
    let depth = 20_000;
    let functions = format!("{}1{}", "(function(){return ".repeat(depth), "})()".repeat(depth));
    let calls = format!("x{};", ".a().b()".repeat(depth));
    let arrays = format!("f({}{});", "[".repeat(depth), "]".repeat(depth));
    let rules = format!("{}{}", "a{b:c;".repeat(depth), "}".repeat(depth));
    let json = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let xml = format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let site = Site::new(&[
        ("functions.js", functions),
        ("calls.js", calls),
        ("arrays.js", arrays),
        ("rules.css", rules),
        ("deep.json", json),
        ("deep.xml", xml),
    ]);
    assert_eq!(site.pack().table().entries().len(), 6);
}

#[test]
fn json_numbers_are_left_unchanged() {
    let json = "{ \"big\" : 12345678901234567890 , \"one\" : 1.0 , \"e\" : 1E3 }";
    for name in ["a.json", "b.webmanifest", "c.geojson", "d.jsonld"] {
        let minified = Site::new(&[(name, json)]).packed_text(&format!("/{name}"));
        assert_eq!(minified, "{\"big\":12345678901234567890,\"one\":1.0,\"e\":1E3}");
    }
}

#[test]
fn only_selected_languages_are_minified() {
    let site = Site::new(&[
        ("a.css", "a { color : red }"),
        ("b.json", "{ }"),
        ("c.html", "<style> a { color : red } </style><script> f( 1 ) </script>"),
    ]);
    let languages = [MinifiedLanguage::Html, MinifiedLanguage::Css];
    let packed = site.pack_with(Options { minify: languages.into(), ..Options::default() });
    assert_eq!(outcome(&packed, "a.css"), Outcome::Minified);
    assert_eq!(outcome(&packed, "b.json"), Outcome::Untouched(UntouchedReason::ByOption));
    let page = text(&packed.table().to_memory().unwrap().table(), "/c.html");
    assert_eq!(page, "<style>a{color:red}</style><script> f( 1 ) </script>");
}

#[test]
fn minimal_files_are_left_unchanged_with_a_reason() {
    let packed = Site::new(&[("a.json", "{}"), ("b.txt", "  text  ")]).pack();
    assert_eq!(outcome(&packed, "a.json"), Outcome::Untouched(UntouchedReason::NotSmaller));
    assert_eq!(outcome(&packed, "b.txt"), Outcome::NotMinifiable);
}
