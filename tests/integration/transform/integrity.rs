//! Code whose hash is named by a page or a Content Security Policy.

use worker_pack::report::{Outcome, UntouchedReason};

use super::outcome;
use crate::support::site::{Site, text};

#[test]
fn code_with_a_known_hash_is_left_unchanged() {
    let script = "var  a  =  1 ;  // two spaces";
    let page = format!("<head>\n<script>{script}</script>\n</head>");
    let policy = "<meta http-equiv='Content-Security-Policy' content=\"script-src 'sha256-abc='\">";
    let with_meta = page.replace("<head>", &format!("<head>{policy}"));
    let integrity = "<script src='/lib.js' integrity='sha384-abc'></script>";
    let site = Site::new(&[
        ("plain.html", page.as_str()),
        ("meta.html", &with_meta),
        ("integrity.html", integrity),
        ("lib.js", script),
    ]);
    let packed = site.pack();
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    assert!(!text(&table, "/plain.html").contains("two spaces"));
    let meta = text(&table, "/meta.html");
    assert!(
        meta.contains(script) && meta.len() < with_meta.len(),
        "only the code is left unchanged: {meta}"
    );
    assert_eq!(text(&table, "/lib.js"), script);
    assert_eq!(outcome(&packed, "lib.js"), Outcome::Untouched(UntouchedReason::IntegrityChecked));

    site.write("_headers", "/*\n  Content-Security-Policy: script-src 'sha256-abc='\n");
    assert!(site.packed_text("/plain.html").contains(script), "the policy is in _headers");
    site.write("_headers", b"# caf\xe9\n/*\n  Content-Security-Policy: script-src 'sha256-abc='\n");
    assert!(site.packed_text("/plain.html").contains(script), "the file is not UTF-8");
}

#[test]
fn integrity_is_found_in_attributes_import_maps_and_policies() {
    let script = "var  a  =  1 ;  // two spaces";
    let map =
        "<script type=importmap>{ \"integrity\": { \"/mapped.js\": \"sha384-abc\" } }</script>";
    let site = Site::new(&[
        ("base.html", "<base href='/app/'><script src=main.js integrity=sha384-abc></script>"),
        ("app/main.js", script),
        ("main.js", script),
        ("map.html", map),
        ("mapped.js", script),
        (
            "cdn.html",
            "<script src='https://cdn.example/v1/elsewhere.js' integrity=sha384-abc></script>",
        ),
        ("elsewhere.js", script),
        (
            "entity.html",
            "<meta http-equiv=Content-Security-Policy content='script-src &#39;SHA256-abc=&#39;'>\
             <script>var  a  =  1 ;  // two spaces</script>",
        ),
    ]);
    let image = site.pack().table().to_memory().unwrap();
    let table = image.table();
    for unchanged in ["/app/main.js", "/mapped.js", "/elsewhere.js", "/entity.html"] {
        assert!(text(&table, unchanged).contains(script), "{unchanged}");
    }
    assert!(!text(&table, "/main.js").contains("two spaces"), "the page refers to another file");
}

#[test]
fn integrity_is_found_in_pages_that_cannot_be_minified() {
    let script = "var  a  =  1 ;  // two spaces";
    let load = |name: &str| format!("<script src=/{name}.js integrity=sha384-abc></script>");
    let latin = [b"<p>caf\xe9".as_slice(), load("latin").as_bytes()].concat();
    let utf_16 = load("wide").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let utf_16 = [b"\xff\xfe".as_slice(), &utf_16].concat();
    let ambiguous = format!("<select><xmp></xmp></select>{}", load("ambiguous"));
    let site = Site::new(&[
        ("latin.html", latin.as_slice()),
        ("wide.html", &utf_16),
        ("ambiguous.html", ambiguous.as_bytes()),
        ("latin.js", script.as_bytes()),
        ("wide.js", script.as_bytes()),
        ("ambiguous.js", script.as_bytes()),
        ("other.js", script.as_bytes()),
    ]);
    let packed = site.pack();
    for unchanged in ["latin.js", "wide.js", "ambiguous.js"] {
        let expected = Outcome::Untouched(UntouchedReason::IntegrityChecked);
        assert_eq!(outcome(&packed, unchanged), expected, "{unchanged}");
    }
    assert_eq!(outcome(&packed, "other.js"), Outcome::Minified);

    site.write("deep.html", format!("{}{}", "<div>".repeat(50_000), load("other")));
    assert!(matches!(outcome(&site.pack(), "other.js"), Outcome::Untouched(_)));
}
