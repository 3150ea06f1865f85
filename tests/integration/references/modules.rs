//! References of modules: `new URL("…", import.meta.url)`.

use worker_pack::Options;
use worker_pack::options::SourceMaps;
use worker_pack::report::NameReason;

use super::{PICTURE, fingerprinted, options, pack, reason, served};
use crate::support::site::Site;

const PAGE: &str = "<script type=module src=/js/m.js></script><img src=/i/a.svg>";
const MODULE: &str = "document.body.append(new URL('../i/a.svg', import.meta.url), new URL(`/i/a.svg`, ``+import.meta.url));";

#[test]
fn files_beside_a_module_are_loaded_by_their_fingerprints() {
    let packed = pack(&[("index.html", PAGE), ("js/m.js", MODULE), ("i/a.svg", PICTURE)]);
    let new = fingerprinted(&packed, "/i/a.svg");
    let text = served(&packed, &fingerprinted(&packed, "/js/m.js"));
    assert_eq!(text.matches(&new).count(), 2, "{text}");
    assert!(!text.contains("a.svg"), "{text}");
}

#[test]
fn what_a_module_says_in_other_ways_keeps_the_name() {
    for code in [
        "let a = '/i/a.svg';",
        "fetch('/i/a.svg');",
        "new URL('/i/a.svg', location);",
        "// a.svg\n",
        "let URL = f;",
    ] {
        let module = format!("{code}{MODULE}");
        let packed = pack(&[("index.html", PAGE), ("js/m.js", &*module), ("i/a.svg", PICTURE)]);
        assert_eq!(reason(&packed, "/i/a.svg"), Some(NameReason::Mentioned), "{code}");
        assert!(served(&packed, "/js/m.js").contains("a.svg"), "{code}");
    }
}

#[test]
fn a_module_with_a_source_map_names_files_as_it_is_written() {
    let site = Site::new(&[("index.html", PAGE), ("js/m.js", MODULE), ("i/a.svg", PICTURE)]);
    let packed = site.pack_with(Options { source_maps: SourceMaps::Write, ..options() });
    let new = fingerprinted(&packed, "/i/a.svg");
    assert!(served(&packed, "/index.html").contains(&new));
    assert!(served(&packed, "/js/m.js").contains("/i/a.svg"));
}
