//! Compatibility: Pages by default, and the options of wrangler.

use worker_pack::Options;
use worker_pack::options::{HtmlHandling, NotFoundHandling};

use super::location;
use crate::support::site::{Site, get};

/// The defaults of Pages: 308, three additional fields, and the home page for every path of a site
/// without a 404 page.
#[test]
fn a_plain_site_behaves_as_on_pages() {
    let app = Site::new(&[("index.html", "app"), ("about.html", "about")]);
    let image = app.pack().table().to_memory().unwrap();
    let table = image.table();
    assert_eq!(location(&table, "/about.html"), (308, Some("/about".to_owned())));
    let unknown = get(&table, "/any/where");
    assert_eq!((unknown.status(), unknown.body().bytes()), (200, Some(b"app".as_slice())));
    for (name, value) in [
        ("Access-Control-Allow-Origin", "*"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
    ] {
        assert_eq!(unknown.headers().get(name), Some(value));
    }
    app.write("404.html", "nothing");
    let image = app.pack().table().to_memory().unwrap();
    let table = image.table();
    let unknown = get(&table, "/any/where");
    assert_eq!((unknown.status(), unknown.headers().get("Cache-Control")), (404, Some("no-store")));
}

#[test]
fn wrangler_options_are_read_unless_overridden() {
    let assets = [("about.html", "about"), ("index.html", "home")];
    for (name, text) in [
        (
            "wrangler.jsonc",
            r#"{ /* mine */ "assets": { "directory": "dist", "html_handling": "force-trailing-slash", "not_found_handling": "single-page-application" } }"#,
        ),
        (
            "wrangler.toml",
            "[assets]\ndirectory = \"dist\"\nhtml_handling = \"force-trailing-slash\"\nnot_found_handling = \"single-page-application\"\n",
        ),
    ] {
        let site = Site::new(&assets);
        std::fs::write(site.project().join(name), text).unwrap();
        let image = site.pack().table().to_memory().unwrap();
        let table = image.table();
        assert_eq!(location(&table, "/about"), (307, Some("/about/".to_owned())), "{name}");
        assert_eq!(get(&table, "/any/where").status(), 200, "{name}");
        // Options take precedence.
        let options = Options {
            html_handling: Some(HtmlHandling::DropTrailingSlash),
            not_found_handling: Some(NotFoundHandling::None),
            ..Options::default()
        };
        let image = site.pack_with(options).table().to_memory().unwrap();
        let table = image.table();
        assert_eq!(location(&table, "/about/"), (307, Some("/about".to_owned())), "{name}");
        assert_eq!(get(&table, "/any/where").status(), 404, "{name}");
    }
    let site = Site::new(&assets);
    let text = r#"{ "assets": { "html_handling": "slashes" } }"#;
    std::fs::write(site.project().join("wrangler.jsonc"), text).unwrap();
    let error = site.try_pack(Options::default()).unwrap_err().to_string();
    assert!(error.contains("wrangler.jsonc") && error.contains("html_handling"), "{error}");
}

/// As wrangler decodes it: with a byte order mark, and with a comment that is not UTF-8.
#[test]
fn a_configuration_is_decoded_as_by_wrangler() {
    let json: &[u8] = b"\xef\xbb\xbf{ // caf\xe9\n\"assets\": { \"directory\": \"dist\", }, }";
    let toml: &[u8] = b"\xef\xbb\xbf# caf\xe9\nassets = { directory = \"dist\" }\n";
    for (name, bytes) in
        [("wrangler.json", json), ("wrangler.jsonc", json), ("wrangler.toml", toml)]
    {
        let site = Site::new(&[("about.html", "about")]);
        std::fs::write(site.project().join(name), bytes).unwrap();
        let image = site.pack().table().to_memory().unwrap();
        let (status, _) = location(&image.table(), "/about.html");
        assert_eq!(status, 307, "{name}: of Workers Static Assets");
    }
    let site = Site::new(&[("about.html", "about")]);
    std::fs::write(site.project().join("wrangler.json"), b"\xff\xfe{\0}\0").unwrap();
    let error = site.try_pack(Options::default()).unwrap_err().to_string();
    assert!(error.contains("encoded as UTF-16; save it as UTF-8"), "{error}");
}
