//! Compatibility: the server whose rules count, and the options of wrangler.

use std::fs;

use worker_pack::Options;
use worker_pack::options::{Compat, HtmlHandling, NotFoundHandling};
use worker_pack::report::{Code, Severity, UnknownPaths};

use super::location;
use crate::support::site::{Site, get};

/// The type of the plain 404.
const TEXT: &str = "text/plain; charset=utf-8";

/// A site with two pages and no 404 page, and with further files.
fn site(more: &[(&str, &str)]) -> Site {
    let site = Site::new(&[("index.html", "home"), ("about.html", "about")]);
    for (name, text) in more {
        match name.strip_prefix("../") {
            Some(name) => {
                let path = site.project().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            None => site.write(name, text),
        }
    }
    site
}

/// Returns the server that a site follows, with the reason.
fn followed(site: &Site, options: Options) -> (String, String) {
    let packed = site.pack_with(options);
    let rules = &packed.report().rules;
    (rules.compat.to_string(), rules.reason.clone())
}

const ROUTES: (&str, &str) = ("_routes.json", r#"{"version":1,"include":["/*"],"exclude":[]}"#);
const SERVER: (&str, &str) = ("_worker.js/index.js", "export default { fetch() {} };");
const FUNCTION: (&str, &str) = ("../functions/api.js", "export function onRequest() {}");
const ASSETS: (&str, &str) = ("../wrangler.jsonc", r#"{ "assets": { "directory": "dist" } }"#);

/// The defaults of Workers Static Assets: 307, and no page in the place of a missing one.
#[test]
fn a_plain_site_answers_unknown_paths_with_404() {
    let plain = site(&[]);
    let packed = plain.pack();
    assert_eq!(packed.report().rules.unknown_paths, UnknownPaths::NotFound);
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    assert_eq!(location(&table, "/about.html"), (307, Some("/about".to_owned())));
    let unknown = get(&table, "/any/where");
    assert_eq!((unknown.status(), unknown.headers().get("Content-Type")), (404, Some(TEXT)));
    for name in ["Access-Control-Allow-Origin", "Referrer-Policy", "X-Content-Type-Options"] {
        assert_eq!(unknown.headers().get(name), None, "{name}");
    }

    plain.write("404.html", "nothing");
    let packed = plain.pack();
    assert_eq!(packed.report().rules.unknown_paths, UnknownPaths::NotFoundPage);
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    let unknown = get(&table, "/any/where");
    assert_eq!((unknown.status(), unknown.body().bytes()), (404, Some(b"nothing".as_slice())));
}

/// 308, three additional fields, and the home page for every path of a site without a 404 page.
#[test]
fn a_project_of_pages_keeps_the_rules_of_pages() {
    let json = ("../wrangler.jsonc", r#"{ "pages_build_output_dir": "dist" }"#);
    let toml = ("../wrangler.toml", "pages_build_output_dir = \"dist\"\n");
    for (more, reason) in [
        (json, "wrangler.jsonc has `pages_build_output_dir`"),
        (toml, "wrangler.toml has `pages_build_output_dir`"),
        (FUNCTION, "the project has `functions/`"),
        (ROUTES, "the build has `_routes.json`"),
    ] {
        let site = site(&[more]);
        let packed = site.pack();
        let rules = &packed.report().rules;
        assert_eq!((&*rules.compat, &*rules.reason), ("pages", reason));
        assert_eq!(rules.unknown_paths, UnknownPaths::HomePage, "{reason}");
        let image = packed.table().to_memory().unwrap();
        let table = image.table();
        assert_eq!(location(&table, "/about.html"), (308, Some("/about".to_owned())));
        let unknown = get(&table, "/any/where");
        assert_eq!((unknown.status(), unknown.body().bytes()), (200, Some(b"home".as_slice())));
        for (name, value) in [
            ("Access-Control-Allow-Origin", "*"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("X-Content-Type-Options", "nosniff"),
        ] {
            assert_eq!(unknown.headers().get(name), Some(value));
        }
        site.write("404.html", "nothing");
        let image = site.pack().table().to_memory().unwrap();
        let table = image.table();
        let unknown = get(&table, "/any/where");
        let policy = unknown.headers().get("Cache-Control");
        assert_eq!((unknown.status(), policy), (404, Some("no-store")));
    }
    let worker = ("_worker.js", "export default { fetch() {} };");
    for server in [worker, SERVER] {
        let expected = ("pages".to_owned(), "the build has `_worker.js`".to_owned());
        assert_eq!(followed(&site(&[server]), Options::default()), expected);
    }
}

/// A project is deployed to what its configuration says, whatever else lies in its folders.
#[test]
fn a_configuration_with_assets_comes_before_the_files_of_pages() {
    for more in [ROUTES, FUNCTION, SERVER] {
        let expected = ("workers".to_owned(), "wrangler.jsonc has `assets`".to_owned());
        assert_eq!(followed(&site(&[ASSETS, more]), Options::default()), expected, "{more:?}");
    }
    let both = r#"{ "pages_build_output_dir": "dist", "assets": { "directory": "dist" } }"#;
    let both = site(&[("../wrangler.json", both)]);
    let expected = "wrangler.json has `pages_build_output_dir`".to_owned();
    assert_eq!(followed(&both, Options::default()), ("pages".to_owned(), expected));
}

#[test]
fn the_option_compat_comes_before_the_project() {
    let reason = "the option `compat` says so".to_owned();
    for (more, compat) in [(ASSETS, Compat::Pages), (FUNCTION, Compat::Workers)] {
        let options = Options { compat: Some(compat), ..Options::default() };
        let expected = (compat.name().to_owned(), reason.clone());
        assert_eq!(followed(&site(&[more]), options), expected);
    }
}

/// The home page is not guessed to be the page of an application.
#[test]
fn a_home_page_that_is_the_only_page_is_reported_unless_the_project_says_what_it_is() {
    let found = |more: &[(&str, &str)], not_found_handling| {
        let site = site(
            &[&[("index.html", "<div id=app></div><SCRIPT src=/app.js></SCRIPT>")], more].concat(),
        );
        fs::remove_file(site.dist().join("about.html")).unwrap();
        let packed = site.pack_with(Options { not_found_handling, ..Options::default() });
        let mut found = packed.report().diagnostics.iter();
        found.find(|it| it.code == Code::RulesOnlyPage).map(|it| it.severity)
    };
    assert_eq!(found(&[], None), Some(Severity::Warning));
    for chosen in NotFoundHandling::ALL {
        assert_eq!(found(&[], Some(chosen)), None, "{chosen}");
    }
    let text = ("index.html", "<p>Nothing else.</p>");
    for said in [ASSETS, ROUTES, FUNCTION, ("404.html", ""), ("lab/index.html", ""), text] {
        assert_eq!(found(&[said], None), None, "{said:?}");
    }
}

/// Cloudflare ignores the line by which other hosts know an application.
#[test]
fn a_rewrite_of_every_path_to_the_home_page_names_the_option_for_applications() {
    let help = |compat| {
        let site = site(&[("_redirects", "/* /index.html 200\n")]);
        let packed = site.pack_with(Options { compat: Some(compat), ..Options::default() });
        let mut found = packed.report().diagnostics.iter();
        let found = found.find(|it| it.code == Code::RulesRedirectToIndex).unwrap();
        found.help.clone().unwrap()
    };
    assert!(help(Compat::Workers).contains("`not-found-handling`"));
    assert!(!help(Compat::Pages).contains("`not-found-handling`"), "Pages serves the page anyway");
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
