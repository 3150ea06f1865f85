//! Exclusions: secrets, configuration, `.assetsignore`, source maps, hidden files.

use worker_pack::Options;
use worker_pack::options::{Dotfiles, SourceMaps};

use crate::support::site::{Site, paths, text};

/// Secrets, configuration and leftovers that a build may contain.
const NEVER_PUBLIC: [&str; 18] = [
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
    "_routes.json",
    ".git/config",
    "node_modules/x/index.js",
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
