//! Byte order marks, declarations of an encoding, and texts that only seem to be UTF-8.

use worker_pack::Options;
use worker_pack::options::{Compat, Fidelity};
use worker_pack::report::{Outcome, UntouchedReason};

use super::outcome;
use crate::support::site::{Site, text, warnings};

const MARK: &str = "\u{feff}";

/// Returns a file after packing.
fn packed(site: &Site, options: Options, name: &str) -> String {
    text(&site.pack_with(options).table().to_memory().unwrap().table(), &format!("/{name}"))
}

#[test]
fn a_mark_goes_only_where_the_response_names_the_charset() {
    for (name, source, minified) in [
        ("a.css", "/*! c */\n.first { color: red }", "/*! c */ .first{color:red}"),
        ("a.js", "f( 1 );", "f(1);"),
        ("min.css", "a{b:c}", "a{b:c}"),
        ("a.json", "{ }", "{}"),
        ("a.webmanifest", "{ \"a\" : 1 }", "{\"a\":1}"),
        ("a.svg", "<svg>\n<g/>\n</svg>", "<svg><g/></svg>"),
        ("feed.xml", "<rss>\n<channel/>\n</rss>", "<rss><channel/></rss>"),
        ("feed.atom", "<feed>\n<id/>\n</feed>", "<feed><id/></feed>"),
    ] {
        let site = Site::new(&[(name, format!("{MARK}{source}"))]);
        let names_charset = ["a.css", "min.css", "a.js"].contains(&name);
        let expected = if names_charset { minified } else { &format!("{MARK}{minified}") };
        assert_eq!(packed(&site, Options::default(), name), expected, "{name}");
        assert_eq!(warnings(&site.pack()), Vec::<String>::new());
        // A rule may send another type, without a charset.
        site.write("_headers", "/*\n  Content-Type: text/other\n");
        let with_rule = packed(&site, Options::default(), name);
        assert!(with_rule.starts_with(MARK), "{name}");
        assert!(with_rule.ends_with(minified), "{name}");
    }
    // Pages sends scripts without a charset.
    let site = Site::new(&[("a.js", format!("{MARK}f( 1 );"))]);
    let strict =
        Options { compat: Some(Compat::Pages), fidelity: Fidelity::Strict, ..Options::default() };
    assert_eq!(packed(&site, strict, "a.js"), format!("{MARK}f(1);"));
}

#[test]
fn a_mark_stays_before_a_declaration_of_another_encoding() {
    for declared in ["ISO-8859-1", "windows-1251", "UTF-16", "unheard-of"] {
        let source = format!(
            "{MARK}<?xml version=\"1.0\" encoding=\"{declared}\"?>\n<rss>\n<a>K\u{f6}ln</a>\n</rss>"
        );
        let site = Site::new(&[("feed.xml", &source), ("a.svg", &source)]);
        let expected = source.replace(">\n<", "><");
        assert_eq!(packed(&site, Options::default(), "feed.xml"), expected);
        assert_eq!(packed(&site, Options::default(), "a.svg"), expected);
    }
}

#[test]
fn a_document_whose_encoding_is_not_like_ascii_stays_as_it_is() {
    let japanese =
        "<?xml version='1.0' encoding='ISO-2022-JP'?>\n<rss>\n<a>\u{1b}$B4A;z\u{1b}(B</a>\n</rss>";
    let lying = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<svg>\n<g/>\n</svg>";
    let wide: String = "<rss>\n<a/>\n</rss>\n".chars().flat_map(|c| [c, '\0']).collect();
    let narrow: String = "a { b : c }\n".chars().flat_map(|c| ['\0', c]).collect();
    let files = [("a.xml", japanese), ("b.svg", lying), ("c.xml", &wide), ("d.css", &narrow)];
    let site = Site::new(&files);
    for (name, source) in files {
        let expected = Outcome::Untouched(UntouchedReason::NotUtf8);
        assert_eq!(outcome(&site.pack(), name), expected, "{name}");
        assert_eq!(packed(&site, Options::default(), name), source);
    }
    // Most encodings agree with ASCII where the minifier looks.
    let plain = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<rss>\n<a/>\n</rss>";
    let site = Site::new(&[("a.xml", plain)]);
    assert_eq!(packed(&site, Options::default(), "a.xml"), plain.replace(">\n<", "><"));
}

#[test]
fn text_in_ascii_characters_stays_so() {
    let site = Site::new(&[
        ("a.js", "show( '\\u00e9\\u{1f600}' , \"\\xe9\" , `\\u00e9` , /\\u00e9/ );\n"),
        ("b.css", "a::before { content : '\\201c' }\n"),
        ("c.json", "{ \"a\" : \"\\u00e9\" }\n"),
        ("d.js", "show( 'caf\u{e9}' );\n"),
    ]);
    for css_targets in [vec![], vec!["safari 14".to_owned()]] {
        let options = || Options { css_targets: css_targets.clone(), ..Options::default() };
        for name in ["a.js", "b.css", "c.json"] {
            let minified = packed(&site, options(), name);
            assert!(minified.is_ascii(), "{minified}");
            assert_eq!(outcome(&site.pack_with(options()), name), Outcome::Minified);
        }
        assert!(packed(&site, options(), "d.js").contains('\u{e9}'));
    }
}

#[test]
fn no_rule_begins_to_name_the_encoding_of_a_style_sheet() {
    let charset = "@charset \"iso-8859-1\";";
    let source = format!("/* a remark */ {charset} a  {{ b : c }}\n");
    let first = format!("{charset} a  {{ b : c }}\n");
    let site = Site::new(&[("a.css", &source), ("b.css", &first)]);
    assert_eq!(packed(&site, Options::default(), "a.css"), source);
    assert_eq!(packed(&site, Options::default(), "b.css"), format!("{charset}a{{b:c}}"));
}
