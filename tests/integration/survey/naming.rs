//! Bytes that a text of the build names by their hash.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use sha2::Digest;
use worker_pack::cache::CacheLocation;
use worker_pack::report::{Outcome, UntouchedReason};
use worker_pack::{Options, Packed};

use super::{hex, report};
use crate::support::site::{Site, text};

const SCRIPT: &str = "function  add( first , second )  { return  first + second }  // a sum\n";

fn sha384(text: &str) -> String {
    BASE64_STANDARD.encode(sha2::Sha384::digest(text))
}

fn sha256(text: &str) -> String {
    BASE64_STANDARD.encode(sha2::Sha256::digest(text))
}

/// Returns a script whose SHA-384 contains both of the digits that texts escape.
fn script_to_escape() -> String {
    let scripts = (0..).map(|number| format!("{SCRIPT}add( {number} , 1 );\n"));
    let has_both = |script: &String| {
        let digest = sha384(script);
        digest.contains('+') && digest.contains('/')
    };
    scripts.into_iter().find(has_both).unwrap()
}

/// Asserts that a file is untouched because of another one.
fn assert_named(packed: &Packed, file: &str, by: &str) {
    let file = report(packed, file);
    let expected = Outcome::Untouched(UntouchedReason::NamedByHash);
    assert_eq!((file.transform, file.named_by.as_deref()), (expected, Some(by)), "{}", file.file);
}

#[test]
fn a_file_keeps_its_bytes_whichever_text_contains_its_hash() {
    let script = script_to_escape();
    let md5 = md5::Md5::digest(&script);
    let sha1 = sha1::Sha1::digest(&script);
    let (sha256, sha512) = (sha2::Sha256::digest(&script), sha2::Sha512::digest(&script));
    let escaped = |plus: &str, slash: &str| sha384(&script).replace('+', plus).replace('/', slash);
    let texts = [
        ("SHA256SUMS", format!("{}  app.js\n", hex(sha256))),
        ("SHA512SUMS.txt", format!("{} *app.js\n", hex(sha512).to_uppercase())),
        ("ngsw.json", format!(r#"{{"hashTable":{{"/app.js":"{}"}}}}"#, hex(sha1))),
        ("sw.js", format!("precache([{{url:'app.js',revision:'{}'}}]);", hex(md5))),
        ("loader.js", format!("script.integrity='sha384-{}';", sha384(&script))),
        ("strings.js", format!(r#"load("\nsha384-{}\n")"#, escaped("\\u002b", "\\/"))),
        ("hex-escapes.js", format!("load('sha384-{}')", escaped("\\x2b", "\\x2F"))),
        ("table.json", format!(r#"["{}"]"#, BASE64_URL_SAFE_NO_PAD.encode(sha512))),
        ("short.json", format!(r#"["{}"]"#, BASE64_STANDARD_NO_PAD.encode(md5))),
        ("query.txt", format!("?integrity=sha384-{}&x", escaped("%2B", "%2F"))),
        ("page.html", format!("<p data-hash='sha384-{}'>", escaped("&#43;", "&sol;"))),
        ("feed.xml", format!("<a hash='sha384-{}'/>", escaped("&#x2b;", "&#x2F;"))),
        ("text-without-extension", hex(sha256)),
        ("data.unheard-of", hex(sha256)),
        ("_headers", format!("/*\n  X-Hash: {}\n", hex(sha256))),
        (".hidden", hex(sha256)),
    ];
    for (name, text) in texts {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &[b"\xff\xfe", &*wide].concat()] {
            // Rules are read as UTF-8 only.
            if name == "_headers" && bytes != text.as_bytes() {
                continue;
            }
            let site = Site::new(&[("app.js", script.as_bytes()), (name, bytes)]);
            site.write("other.js", SCRIPT);
            let packed = site.pack();
            assert_named(&packed, "app.js", name);
            assert_eq!(report(&packed, "other.js").transform, Outcome::Minified, "{name}");
        }
    }
}

#[test]
fn a_file_keeps_its_bytes_if_the_server_or_its_configuration_contains_its_hash() {
    let integrity = format!("sha384-{}", sha384(SCRIPT));
    let code = format!("const page = `<script src=/app.js integrity=\"{integrity}\">`;");
    let entry = "import './chunks/page.mjs'; export default { fetch() {} }";
    let site = Site::new(&[
        ("client/app.js", SCRIPT),
        ("server/entry.mjs", entry),
        ("server/chunks/page.mjs", &code),
    ]);
    assert_named(&site.pack(), "client/app.js", "server/chunks/page.mjs");

    // A module may be a link, and a folder too, which must not lead the search elsewhere.
    let site = Site::new(&[
        ("client/app.js", SCRIPT),
        ("server/entry.mjs", entry),
        ("server/chunks/real.mjs", "export {}"),
        ("server/z/page.txt", &code),
    ]);
    let chunks = site.dist().join("server/chunks");
    std::os::unix::fs::symlink("../z/page.txt", chunks.join("page.mjs")).unwrap();
    std::os::unix::fs::symlink("/", chunks.join("root")).unwrap();
    std::os::unix::fs::symlink("..", chunks.join("loop")).unwrap();
    assert_named(&site.pack(), "client/app.js", "server/chunks/page.mjs");

    let site = Site::new(&[("app.js", SCRIPT), ("_worker.js", &code)]);
    assert_named(&site.pack(), "app.js", "_worker.js");
    let site = Site::new(&[
        ("app.js", SCRIPT),
        ("_worker.js/index.js", entry),
        ("_worker.js/chunks/page.mjs", &code),
    ]);
    assert_named(&site.pack(), "app.js", "_worker.js/chunks/page.mjs");

    let site = Site::new(&[("app.js", SCRIPT)]);
    let vars = format!(r#"{{ "vars": {{ "APP": "{integrity}" }} }}"#);
    std::fs::write(site.project().join("wrangler.jsonc"), vars).unwrap();
    assert_named(&site.pack(), "app.js", "wrangler.jsonc");
}

#[test]
fn a_page_a_style_sheet_and_data_keep_their_bytes_as_well() {
    let files = [
        ("page.html", "<!doctype html>\n<!-- a long remark -->\n<title>x</title>\n"),
        ("theme.css", "body  { color : red }\n"),
        ("data.json", "{ \"a\" : 1 }\n"),
        ("feed.xml", "<rss>\n  <!-- a long remark -->\n</rss>\n"),
        ("logo.svg", "<svg>\n  <!-- a long remark -->\n</svg>\n"),
    ];
    let sums: String =
        files.iter().map(|(_, text)| hex(sha2::Sha256::digest(text)) + "\n").collect();
    let site = Site::new(&files);
    for (file, _) in files {
        assert_eq!(report(&site.pack(), file).transform, Outcome::Minified, "{file}");
    }
    site.write("SHA256SUMS", sums);
    let packed = site.pack();
    for (file, _) in files {
        assert_named(&packed, file, "SHA256SUMS");
    }
}

#[test]
fn inline_code_keeps_its_bytes_if_a_text_contains_its_hash() {
    let page = |code: &str| format!("<title>x</title>\n<!-- a long remark -->\n{code}");
    let (script, style) = ("\n  add( 1 , 2 )\n", " b  { color : red } ");
    let named = page(&format!("<script>{script}</script>"));
    let styled = page(&format!("<style>{style}</style>"));
    // Line breaks are one character when a browser hashes them.
    let windows = named.replace('\n', "\r\n");
    let other = page("<script>\n  add( 3 , 4 )\n</script>");
    let policy = format!(
        "export const csp = \"script-src 'sha256-{}'; style-src 'sha384-{}'\";",
        sha256(script),
        sha384(style)
    );
    let site = Site::new(&[
        ("client/named.html", &named),
        ("client/windows.html", &windows),
        ("client/styled.html", &styled),
        ("client/other.html", &other),
        ("server/entry.mjs", &policy),
    ]);
    let packed = site.pack();
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    assert!(text(&table, "/named.html").contains(script));
    assert!(text(&table, "/windows.html").contains(&script.replace('\n', "\r\n")));
    assert!(text(&table, "/styled.html").contains(style));
    assert!(text(&table, "/other.html").contains("<script>add(3,4)"));
    assert!(!text(&table, "/named.html").contains("remark"), "only the code keeps its bytes");
    let notes: Vec<String> = packed.report().diagnostics.iter().map(ToString::to_string).collect();
    let names_it = |note: &&String| note.contains("`server/entry.mjs` contains its hash");
    assert_eq!(notes.iter().filter(names_it).count(), 3, "{notes:?}");
}

#[test]
fn the_next_run_finds_the_same_names() {
    let site = Site::new(&[
        ("app.js", SCRIPT),
        ("SHA256SUMS", &hex(sha2::Sha256::digest(SCRIPT))),
        ("other.js", "other( 1 , 2 )\n"),
    ]);
    let cache = CacheLocation::Folder(site.project().join("cache"));
    let pack = site.packing(Options::default()).cache(cache);
    for _ in 0..3 {
        let packed = pack.run().unwrap();
        assert_named(&packed, "app.js", "SHA256SUMS");
        assert_eq!(report(&packed, "other.js").transform, Outcome::Minified);
    }
    site.write("SHA256SUMS", hex(sha2::Sha256::digest("other( 1 , 2 )\n")));
    let packed = pack.run().unwrap();
    assert_named(&packed, "other.js", "SHA256SUMS");
    assert_eq!(report(&packed, "app.js").transform, Outcome::Minified);
}

#[test]
fn a_file_with_a_signature_beside_it_keeps_its_bytes() {
    let page = "<!doctype html><title>a</title><!-- a remark of ours --><p>b";
    let site = Site::new(&[
        ("app.js", SCRIPT),
        ("app.js.minisig", "untrusted comment: a signature\n"),
        ("data.json", "{ \"a\" : 1 }\n"),
        ("data.json.sig", "\u{1}\u{2}"),
        ("page.html", page),
        ("page.html.asc", "-----BEGIN PGP SIGNATURE-----\n"),
        ("other.js", SCRIPT),
        ("unsigned.js", &format!("{SCRIPT}f( 2 , 1 );\n")),
        ("other.js.txt", "not a signature"),
    ]);
    let packed = site.pack();
    for (file, by) in [
        ("app.js", "app.js.minisig"),
        ("data.json", "data.json.sig"),
        ("page.html", "page.html.asc"),
    ] {
        assert_named(&packed, file, by);
    }
    for file in ["other.js", "unsigned.js"] {
        assert_eq!(report(&packed, file).transform, Outcome::Minified, "{file}");
    }
}
