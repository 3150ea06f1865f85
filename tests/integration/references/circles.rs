//! Files that load each other in a circle: they have one fingerprint together.

use worker_pack::Options;
use worker_pack::options::Integrity;
use worker_pack::report::NameReason;

use super::{PICTURE, fingerprinted, options, pack, reason, renamed, served};
use crate::support::site::Site;

const PAGE: &str = "<script type=module src=/a.js></script><link rel=stylesheet href=/a.css>";

/// A site with a circle of modules and one of style sheets, each between two files that are in none.
const FILES: [(&str, &str); 9] = [
    ("index.html", PAGE),
    ("a.js", "import './b.js'; import './d.js'"),
    ("b.js", "import './c.js'; export let b = 1"),
    ("c.js", "import { b } from './b.js'; import './d.js'; export default () => b"),
    ("d.js", "f()"),
    ("a.css", "@import 'b.css';"),
    ("b.css", "@import 'c.css'; a{color:red}"),
    ("c.css", "@import 'b.css'; @import 'd.css'; b{color:red}"),
    ("d.css", "c{color:red}"),
];

/// Returns the routes with fingerprints of the site, in which one file may have another text.
fn routes(changed: &str, text: &str) -> Vec<String> {
    let files = FILES.map(|(name, own)| (name, if name == changed { text } else { own }));
    let packed = pack(&files);
    files[1..].iter().map(|(name, _)| renamed(&packed, &format!("/{name}"))).collect()
}

/// Returns the digits in a route.
fn digits(route: &str) -> &str {
    route.split('.').nth(1).unwrap()
}

#[test]
fn files_in_a_circle_load_each_other_by_one_fingerprint() {
    let packed = pack(&FILES);
    for (extension, start) in [("js", "./"), ("css", "")] {
        let route = |name: &str| format!("/{name}.{extension}");
        let [a, d] = ["a", "d"].map(|name| fingerprinted(&packed, &route(name)));
        let [b, c] = ["b", "c"].map(|name| renamed(&packed, &route(name)));
        assert_eq!(digits(&b), digits(&c));
        for (text, loaded) in [("/index.html", &a), (&*a, &b), (&*b, &c), (&*c, &b), (&*c, &d)] {
            let text = served(&packed, text);
            let name = if text.contains("<script") { loaded } else { &loaded[1..] };
            assert!(text.contains(name), "{name} in {text}");
            assert!(!text.contains(&format!("{start}b.{extension}")), "{text}");
        }
    }
}

#[test]
fn a_change_in_a_circle_changes_the_names_of_all_its_files_and_of_those_that_load_it() {
    let before = routes("", "");
    for (changed, text, expected) in [
        ("", "", [false; 8]),
        (
            "b.js",
            "import './c.js'; export let b = 2",
            [true, true, true, false, false, false, false, false],
        ),
        ("d.js", "g()", [true, true, true, true, false, false, false, false]),
        ("a.js", "import './b.js'", [true, false, false, false, false, false, false, false]),
        (
            "c.css",
            "@import 'b.css'; @import 'd.css';",
            [false, false, false, false, true, true, true, false],
        ),
    ] {
        let after = routes(changed, text);
        // Where `a.js` does not load `d.js`, `c.js` still does.
        let found: Vec<bool> = before.iter().zip(&after).map(|(one, other)| one != other).collect();
        assert_eq!(found, expected, "{changed}");
    }
}

#[test]
fn a_module_that_imports_itself_and_drawings_that_load_each_other_are_circles() {
    let drawing = |other: &str| {
        PICTURE.replace("/>", &format!("><image href=\"/{other}.svg\" width=\"1\"/></svg>"))
    };
    let packed = pack(&[
        ("index.html", "<img src=a.svg><script type=module src=self.js></script>"),
        ("a.svg", &*drawing("b")),
        ("b.svg", &*drawing("a")),
        ("self.js", "import * as self from './self.js'; f(self)"),
    ]);
    let [a, b, own] = ["/a.svg", "/b.svg", "/self.js"].map(|route| renamed(&packed, route));
    assert_eq!(digits(&a), digits(&b));
    for (text, loaded) in [(&a, &b), (&b, &a), (&own, &own)] {
        assert!(served(&packed, text).contains(&loaded[1..]), "{text}");
    }
}

#[test]
fn two_circles_that_one_module_leads_to_have_a_fingerprint_each() {
    let packed = pack(&[
        ("index.html", "<script type=module src=/a.js></script>"),
        ("a.js", "import './b.js'; import './d.js'"),
        ("b.js", "import './c.js'"),
        ("c.js", "import './b.js'; import './d.js'"),
        ("d.js", "import './e.js'"),
        ("e.js", "import './d.js'"),
    ]);
    let [b, c, d, e] = ["b", "c", "d", "e"].map(|name| renamed(&packed, &format!("/{name}.js")));
    assert_eq!((digits(&b), digits(&d)), (digits(&c), digits(&e)));
    assert_ne!(digits(&b), digits(&d));
    assert!(served(&packed, &c).contains(&d[1..]));
    fingerprinted(&packed, "/a.js");
}

#[test]
fn a_circle_with_a_name_that_has_to_stay_is_none() {
    let packed = pack(&[
        ("index.html", "<script type=module src=/a.js></script>"),
        ("a.js", "import './b.js'"),
        ("b.js", "import './a.js'; g()"),
        ("c.json", "\"a.js\""),
    ]);
    assert_eq!(reason(&packed, "/a.js"), Some(NameReason::Mentioned));
    fingerprinted(&packed, "/b.js");
}

#[test]
fn a_page_loads_a_module_of_a_circle_by_the_hash_of_its_bytes() {
    let site = Site::new(&[
        ("index.html", "<script type=module src=/a.js></script>"),
        ("a.js", "import './b.js'; f()"),
        ("b.js", "import './a.js'; g()"),
    ]);
    let packed = site.pack_with(Options { integrity: Integrity::Add, ..options() });
    let new = renamed(&packed, "/a.js");
    let page = served(&packed, "/index.html");
    let hash = super::integrity::hash(served(&packed, &new));
    assert!(page.contains(&new) && page.contains(&hash), "{page}");
}
