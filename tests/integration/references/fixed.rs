//! Texts whose own URL never expires, so that their bytes may only change with it.

use worker_pack::report::NameReason;

use super::{PICTURE, fingerprinted, name, pack, reason, served};

const SHEET: &str = "_astro/Base.9YYzIhhn.css";
const STYLE: &str = "p{background:url(/a.svg)}";
const PAGE: &str = "<link rel=stylesheet href=/_astro/Base.9YYzIhhn.css><img src=/a.svg>";

#[test]
fn a_style_sheet_of_the_bundler_that_names_a_fingerprint_gets_one_too() {
    let packed = pack(&[("index.html", PAGE), (SHEET, STYLE), ("a.svg", PICTURE)]);
    let picture = fingerprinted(&packed, "/a.svg");
    // Its own route is revalidated, since its bytes depend on those of the picture.
    let sheet = fingerprinted(&packed, &format!("/{SHEET}"));
    assert_eq!(served(&packed, &sheet), format!("p{{background:url({picture})}}"));
    assert!(served(&packed, "/index.html").contains(&sheet));
}

#[test]
fn what_a_style_sheet_of_the_bundler_loads_keeps_its_name_if_the_sheet_does() {
    let packed = pack(&[
        ("index.html", PAGE),
        (SHEET, "p{background:url(/b.css.svg)}\n p{background:url(/a.svg)}"),
        ("a.svg", PICTURE),
        ("code.js", "load('Base.9YYzIhhn.css')"),
    ]);
    assert_eq!(reason(&packed, &format!("/{SHEET}")), Some(NameReason::Mentioned));
    let report = name(&packed, "/a.svg");
    assert_eq!(report.reason, Some(NameReason::LoadedByFixed));
    let place = report.place.as_ref().unwrap();
    assert_eq!((&*place.file, place.line), (SHEET, 2));
    assert!(served(&packed, "/index.html").contains("src=/a.svg"));
}

#[test]
fn a_style_sheet_of_the_bundler_that_names_no_other_file_is_left_alone() {
    let packed = pack(&[
        ("index.html", PAGE),
        (SHEET, "p{background:url(/_astro/b.9YYzIhhn.svg)}"),
        ("_astro/b.9YYzIhhn.svg", PICTURE),
        ("a.svg", PICTURE),
    ]);
    fingerprinted(&packed, "/a.svg");
    assert_eq!(packed.report().fingerprints.len(), 1);
}

#[test]
fn a_text_that_a_rule_sends_as_immutable_keeps_the_names_in_it() {
    let rule = "/\n  Cache-Control: max-age=31536000, immutable\n";
    let packed =
        pack(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE), ("_headers", rule)]);
    assert_eq!(reason(&packed, "/a.svg"), Some(NameReason::LoadedByFixed));
    let rule = "/s.css\n  Cache-Control: immutable\n";
    let packed = pack(&[
        ("index.html", "<link rel=stylesheet href=/s.css><link rel=stylesheet href=/u/s.css>"),
        ("s.css", STYLE),
        ("u/s.css", "p{color:red}"),
        ("a.svg", PICTURE),
        ("_headers", rule),
    ]);
    assert_eq!(reason(&packed, "/s.css"), Some(NameReason::AnsweredOtherwise));
    assert_eq!(reason(&packed, "/a.svg"), Some(NameReason::LoadedByFixed));
    fingerprinted(&packed, "/u/s.css");
}
