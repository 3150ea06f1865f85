//! Exclusions: secrets, configuration, `.assetsignore`, source maps, hidden files.

use worker_pack::Options;
use worker_pack::options::{Compat, Dotfiles, SourceMaps};

use crate::support::site::{Site, paths, text, warnings, workers};

/// Secrets, configuration and leftovers that a build may contain.
const NEVER_PUBLIC: [&str; 16] = [
    ".envrc",
    ".env-prod",
    ".ENV",
    ".Env.production",
    ".env~",
    ".dev.vars-x",
    ".env",
    ".env.production",
    ".dev.vars",
    ".dev.vars.local",
    "wrangler.json",
    "wrangler.toml",
    ".assetsignore",
    "_headers",
    "_redirects",
    ".git/config",
];

#[test]
fn secrets_and_configuration_are_never_public_even_with_dotfiles() {
    for folder in ["", "client/"] {
        let site = Site::new(&[("client/index.html", "<p>"), ("index.html", "<p>")]);
        if folder == "client/" {
            site.write("server/entry.mjs", "secret()");
        }
        for name in NEVER_PUBLIC {
            let text = if name.starts_with("wrangler.") { "{}" } else { "secret" };
            site.write(&format!("{folder}{name}"), text);
        }
        site.write(&format!("{folder}deep/.env"), "secret");
        let options = Options { dotfiles: Dotfiles::Publish, ..Options::default() };
        let packed = site.pack_with(options);
        let public = paths(&packed);
        assert!(public.iter().all(|path| path.ends_with("/index.html")), "{public:?}");
        for name in NEVER_PUBLIC {
            let top = name.split('/').next().unwrap();
            let listed =
                packed.report().left_out.iter().any(|left_out| left_out.file.contains(top));
            assert!(listed, "{name} is not listed as left out");
        }
    }
}

#[test]
fn assetsignore_follows_gitignore_syntax() {
    let site = Site::new(&[
        (".assetsignore", "*.psd\n!keep.psd\n/drafts\n# comment\n"),
        ("index.html", "<p>"),
        ("a/b.psd", "x"),
        ("a/keep.psd", "x"),
        ("drafts/one.html", "x"),
        ("a/drafts/two.html", "x"),
    ]);
    let packed = site.pack();
    assert_eq!(paths(&packed), ["/a/drafts/two.html", "/a/keep.psd", "/index.html"]);
}

#[test]
fn source_maps_and_dotfiles_are_public_only_on_request() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("a.js", "function f(first) { return first }\n//# sourceMappingURL=a.js.map\n"),
        ("a.js.map", "{}"),
        ("world.map", "not a source map"),
        (".well-known/security.txt", "x"),
        (".nojekyll", ""),
    ]);
    let usual = ["/.well-known/security.txt", "/a.js", "/index.html", "/world.map"];
    assert_eq!(paths(&site.pack()), usual);
    assert!(!site.packed_text("/a.js").contains("sourceMappingURL"));

    let options = Options {
        source_maps: SourceMaps::Publish,
        dotfiles: Dotfiles::Publish,
        ..Options::default()
    };
    let packed = site.pack_with(options);
    assert_eq!(paths(&packed).len(), 6);
    let script = text(&packed.table().to_memory().unwrap().table(), "/a.js");
    assert!(script.contains("first") && script.contains("sourceMappingURL"), "the map fits");
}

/// Names with the servers of Cloudflare that publish them, as wrangler 4.164 uploads them.
#[test]
fn the_host_that_is_imitated_decides_which_names_are_public() {
    let both = [Compat::Workers, Compat::Pages];
    let workers: [Compat; 1] = [Compat::Workers];
    let neither: [Compat; 0] = [];
    let cases: [(&str, &[Compat]); 24] = [
        ("assets/node_modules/pkg/font.ttf", &workers),
        ("node_modules/pkg/a.js", &workers),
        ("functions/index.html", &workers),
        ("functions", &workers),
        ("docs/functions/index.html", &both),
        ("_routes.json", &workers),
        ("docs/_routes.json", &both),
        ("docs/_headers", &both),
        ("docs/_redirects", &both),
        ("docs/_worker.js", &both),
        ("docs/.well-known/a.txt", &both),
        ("docs/wrangler.toml", &both),
        ("samples/one/wrangler.jsonc", &both),
        ("package.json", &both),
        ("package-lock.json", &both),
        ("world.map", &both),
        ("thumbs.db", &both),
        ("README", &both),
        ("CNAME", &both),
        ("node_modules.html", &both),
        ("web.config", &both),
        ("_headers", &neither),
        ("_redirects", &neither),
        (".assetsignore", &neither),
    ];
    for (name, expected) in cases {
        for compat in both {
            let text = if name.contains(".json") || name == "world.map" { "{}" } else { "" };
            let site = Site::new(&[("index.html", "<p>"), (name, text)]);
            let options = Options { compat: Some(compat), ..Options::default() };
            let packed = site.pack_with(options);
            let is_public = paths(&packed).contains(&format!("/{name}"));
            assert_eq!(is_public, expected.contains(&compat), "{compat} {name}");
            // A page that Pages does not serve is one that its author misses.
            let is_page = name == "functions" || name == "functions/index.html";
            let is_told = compat == Compat::Pages && is_page;
            assert_eq!(warnings(&packed).len(), usize::from(is_told), "{compat} {name}");
        }
    }
}

/// A package may contain code for servers too, and is public where Cloudflare publishes it.
#[test]
fn code_in_node_modules_does_not_fail_a_pack() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("node_modules/pkg/worker.js", "import { env } from 'cloudflare:workers';\nenv.go();\n"),
        ("node_modules/pkg/functions/a.js", "export const onRequest = () => {};"),
    ]);
    let packed = site.pack_with(workers());
    assert_eq!(paths(&packed).len(), 3, "{:?}", packed.report().diagnostics);
}

/// Pages does not read `.assetsignore`. What it lists stays out of reach, and that is told.
#[test]
fn what_assetsignore_lists_is_left_out_on_pages_with_a_warning() {
    let site = Site::new(&[("index.html", "<p>"), (".assetsignore", "*.psd\n"), ("a/b.psd", "x")]);
    for (compat, told) in [(Compat::Workers, 0), (Compat::Pages, 1)] {
        let packed = site.pack_with(Options { compat: Some(compat), ..Options::default() });
        assert_eq!(paths(&packed), ["/index.html"]);
        let warnings = warnings(&packed);
        assert_eq!(warnings.len(), told, "{warnings:?}");
        assert!(warnings.iter().all(|it| it.starts_with("a/b.psd: ingest/left-out: ")));
    }
}

/// To wrangler, `_headers` and `_redirects` are lines before those of `.assetsignore`.
#[test]
fn assetsignore_includes_the_files_of_rules_on_workers() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        (".assetsignore", "!_headers\n!/_redirects\n"),
        ("_headers", "/*\n  X-A: b\n"),
        ("_redirects", "/a /b\n"),
    ]);
    let packed = site.pack_with(workers());
    assert_eq!(paths(&packed), ["/_headers", "/_redirects", "/index.html"]);
    assert_eq!(packed.report().rules.header_rules, 1, "they are rules all the same");
    let pages = Options { compat: Some(Compat::Pages), ..Options::default() };
    assert_eq!(paths(&site.pack_with(pages)), ["/index.html"]);
}
