//! Rules by path that publish files or leave them out.

use worker_pack::options::Compat;
use worker_pack::report::{Code, LeftOutReason, Severity};
use worker_pack::{Changes, Options, Packed};

use crate::support::site::{Site, paths, warnings};

fn with_rules(compat: Compat, rules: &[&str]) -> Options {
    let rule = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    Options { rule, compat: Some(compat), ..Options::default() }
}

fn reason(packed: &Packed, file: &str) -> Option<LeftOutReason> {
    packed.report().left_out.iter().find(|one| one.file == file).map(|one| one.reason)
}

#[test]
fn a_rule_leaves_files_out() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("drafts/a.html", "<p>"),
        ("drafts/b.html", "<p>"),
        ("a.psd", "x"),
    ]);
    let rules = ["/drafts/** publish=false", "/drafts/b publish=true", "*.psd publish=false"];
    let packed = site.pack_with(with_rules(Compat::Workers, &rules));
    assert_eq!(paths(&packed), ["/drafts/b.html", "/index.html"]);
    assert_eq!(reason(&packed, "drafts/a.html"), Some(LeftOutReason::ByRule));
    assert_eq!(reason(&packed, "a.psd"), Some(LeftOutReason::ByRule));
    assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
}

/// Names that are left out, each with the name that a rule has to contain, if it has to.
const SPECIAL: [(&str, Option<&str>); 14] = [
    (".nojekyll", None),
    (".config/a.txt", None),
    ("app.js.map", None),
    ("drawing.psd", None),
    (".DS_Store", None),
    ("Thumbs.db", None),
    (".git/HEAD", Some("/.git/**")),
    (".wrangler/state.txt", Some("/.wrangler/**")),
    (".vercel/a.txt", Some("/.vercel/a.txt")),
    ("wrangler.toml", Some("/wrangler.toml")),
    (".assetsignore", Some("/.assetsignore")),
    ("keys/demo.pem", Some("/keys/demo.pem")),
    (".env", Some("/.env")),
    ("_headers", Some("/_headers")),
];

#[test]
fn a_rule_publishes_what_is_left_out_and_what_is_guarded_by_its_name_only() {
    for compat in [Compat::Workers, Compat::Pages] {
        for (name, needed) in SPECIAL {
            let site = Site::new(&[("index.html", "<p>")]);
            site.write(".assetsignore", "*.psd\n");
            let text = match name {
                "keys/demo.pem" => "-----BEGIN PRIVATE KEY-----\n",
                ".assetsignore" => "*.psd\n",
                _ => "",
            };
            site.write(name, text);
            let is_public = |rules: &[&str]| {
                let packed = site.pack_with(with_rules(compat, rules));
                (paths(&packed).contains(&format!("/{name}")), warnings(&packed))
            };
            assert!(!is_public(&[]).0, "{compat} {name}");
            let (is_broadly_public, warnings) = is_public(&["/** publish=true"]);
            assert_eq!(is_broadly_public, needed.is_none(), "{compat} {name}");
            if let Some(needed) = needed {
                assert!(warnings.iter().any(|it| it.contains("publish = true")), "{warnings:?}");
                let (is_public, warnings) = is_public(&[&format!("{needed} publish=true")]);
                assert!(is_public, "{compat} {name}: {warnings:?}");
            }
        }
    }
}

/// The rule that a warning names does publish the file.
#[test]
fn warnings_name_the_rule_that_publishes_the_file() {
    let names = [
        ".htaccess",
        ".hidden/page.html",
        ".git/HEAD",
        "[x].pem",
        "wrangler.jsonc",
        "a {b}/.env",
        "functions/a/index.html",
        "app.js.map",
    ];
    for compat in [Compat::Workers, Compat::Pages] {
        for name in names {
            let text = if name == "wrangler.jsonc" { "{}" } else { "-----BEGIN PRIVATE KEY-----" };
            let site = Site::new(&[("index.html", "<p>")]);
            site.write(name, text);
            let packed = site.pack_with(with_rules(compat, &[]));
            if paths(&packed).len() == 2 {
                assert!(name.starts_with("functions") && compat == Compat::Workers, "{name}");
                continue;
            }
            if name.starts_with(".git") && compat == Compat::Pages {
                assert!(packed.report().diagnostics.is_empty(), "as on Pages");
                continue;
            }
            let found = &packed.report().diagnostics;
            assert_eq!(found.len(), 1, "{compat} {name}: {found:?}");
            let severity = if name == "app.js.map" { Severity::Note } else { Severity::Warning };
            assert_eq!(found[0].severity, severity, "{compat} {name}");
            let help = found[0].help.as_ref().unwrap();
            let (_, rest) = help.split_once("`paths = ").unwrap();
            let (paths_in_toml, _) = rest.split_once('`').unwrap();
            let config = format!("[[rule]]\npaths = {paths_in_toml}\npublish = true\n");
            let options: Options = toml::from_str(&config).unwrap();
            let packed = site.pack_with(Options { compat: Some(compat), ..options });
            assert_eq!(paths(&packed).len(), 2, "{compat} {name}: {config}");
            // And the same rule against publishing ends the warning.
            let config = format!("[[rule]]\npaths = {paths_in_toml}\npublish = false\n");
            let options: Options = toml::from_str(&config).unwrap();
            let packed = site.pack_with(Options { compat: Some(compat), ..options });
            assert_eq!(paths(&packed).len(), 1);
            let found = &packed.report().diagnostics;
            let about_secrets = found.iter().all(|one| one.code == Code::IngestSecretFile);
            assert!(about_secrets, "{compat} {name}: {found:?}");
        }
    }
}

#[test]
fn the_server_of_the_build_is_not_published_by_a_pattern() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("_worker.js/index.js", "export default { fetch() {} };"),
        ("functions/api.js", "export const onRequest = () => {};"),
    ]);
    let packed = site.pack_with(with_rules(Compat::Pages, &["/** publish=true"]));
    assert_eq!(paths(&packed), ["/index.html"]);
    let guarded = packed.report().diagnostics.iter().filter(|it| it.code == Code::IngestGuarded);
    assert_eq!(guarded.count(), 2, "{:?}", packed.report().diagnostics);
    let client = Site::new(&[
        ("client/index.html", "<p>"),
        ("server/entry.mjs", "export default {};"),
        ("notes.txt", "x"),
    ]);
    let packed = client.pack_with(with_rules(Compat::Workers, &["/** publish=true"]));
    assert_eq!(paths(&packed), ["/index.html"]);
}

#[test]
fn a_folder_that_a_pattern_does_not_publish_is_one_warning() {
    let site = Site::new(&[("index.html", "<p>"), (".git/HEAD", "x"), (".git/a/b.txt", "x")]);
    site.write(".wrangler/a.txt", "x");
    let packed = site.pack_with(with_rules(Compat::Workers, &["/** publish=true"]));
    let all = packed.report().diagnostics.iter();
    let guarded: Vec<_> = all.filter(|it| it.code == Code::IngestGuarded).collect();
    let files: Vec<&str> = guarded.iter().map(|it| &*it.file).collect();
    assert_eq!(files, [".git/HEAD", ".wrangler/a.txt"]);
    assert!(guarded[0].message.starts_with("left out, like 1 more:"), "{guarded:?}");
}

/// A file that a rule publishes is packed again like any other when it changes.
#[test]
fn a_live_pack_keeps_the_settings_of_its_files() {
    let site =
        Site::new(&[("index.html", "<p>"), (".notes/a.js", "f(1,  2)"), ("b.js", "f(1,  2)")]);
    let rules = ["/.notes/** publish=true minify=off cache=no-store"];
    let mut live = site.packing(with_rules(Compat::Workers, &rules)).live().unwrap();
    live.emit(&Changes::Anything).unwrap();
    site.write(".notes/a.js", "f(1,   3)");
    let changed = Changes::Files([site.dist().canonicalize().unwrap().join(".notes/a.js")].into());
    let packed = live.emit(&changed).unwrap();
    let files = &packed.report().files;
    let file = files.iter().find(|file| file.file == ".notes/a.js").unwrap();
    assert_eq!((file.transformed, &*file.cache_control), ("f(1,   3)".len(), "no-store"));
}
