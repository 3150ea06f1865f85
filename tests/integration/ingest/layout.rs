//! The layouts that Astro builds.

use std::fs;

use worker_pack::cache::CacheLocation;
use worker_pack::report::{Code, Layout, LeftOutReason};
use worker_pack::{Options, Pack};
use worker_pack_runtime::{Method, Request};

use crate::support::site::{Site, paths};

#[test]
fn every_astro_layout_excludes_server_code() {
    let astro7 = Site::new(&[
        ("client/index.html", "<p>"),
        ("client/_astro/a.js", "1"),
        ("server/entry.mjs", "secret()"),
        ("server/chunks/a.mjs", "secret()"),
        ("notes.txt", "beside"),
    ]);
    let packed = astro7.pack();
    assert_eq!(packed.report().layout, Layout::ClientAndServer);
    assert_eq!(paths(&packed), ["/_astro/a.js", "/index.html"]);
    let left_out: Vec<_> =
        packed.report().left_out.iter().map(|left| (left.file.as_str(), left.reason)).collect();
    assert_eq!(
        left_out,
        [("notes.txt", LeftOutReason::BesideClient), ("server/", LeftOutReason::ServerCode),]
    );

    for worker in ["_worker.js", "_worker.js/index.js"] {
        let astro5 = Site::new(&[
            ("index.html", "<p>"),
            (worker, "secret()"),
            ("_routes.json", r#"{"include":["/*"]}"#),
        ]);
        let packed = astro5.pack();
        assert_eq!(packed.report().layout, Layout::PagesWorker);
        assert_eq!(paths(&packed), ["/index.html"]);
    }

    // With a `base`, the adapter puts all pages of a static build below `client/BASE`.
    let without_server =
        Site::new(&[("client/.assetsignore", ""), ("client/docs/index.html", "<p>")]);
    assert_eq!(without_server.pack().report().layout, Layout::ClientAndServer);
    assert_eq!(paths(&without_server.pack()), ["/docs/index.html"]);

    let pages =
        Site::new(&[("index.html", "<p>"), ("client/index.html", ""), ("server/index.html", "")]);
    assert_eq!(pages.pack().report().layout, Layout::Static);
    assert_eq!(paths(&pages.pack()).len(), 3, "folders of pages, not a server build");
}

/// The build of adapter 14 for a site without a page that the server renders.
///
/// With a `base`, it writes the configuration into the folder of that name.
fn rendered_in_advance(base: &str) -> Site {
    let config = r#"{ "name": "sea", "assets": { "directory": ".", "html_handling": "drop-trailing-slash" } }"#;
    let site = Site::new(&[("client/.assetsignore", "wrangler.json\n.dev.vars\n")]);
    for (name, text) in
        [("index.html", "<p>"), ("about/index.html", "<p>"), ("wrangler.json", config)]
    {
        site.write(&format!("client/{base}{name}"), text);
    }
    // Of the project, which is not the folder around `client`.
    let config = r#"{ "pages_build_output_dir": "dist" }"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    site
}

#[test]
fn a_build_without_server_is_packed_the_same_from_its_folder_and_from_client() {
    for base in ["", "docs/", "docs/2/"] {
        is_packed_the_same(&rendered_in_advance(base), base);
    }
}

fn is_packed_the_same(site: &Site, base: &str) {
    let empty = || fs::create_dir_all(site.dist().join("server/.prerender"));
    let hidden = || fs::write(site.dist().join("server/.prerender/entry.mjs"), "secret()");
    let steps: [&dyn Fn() -> std::io::Result<()>; 3] = [&|| Ok(()), &empty, &hidden];
    for step in steps {
        step().unwrap();
        let mut tables = Vec::new();
        for folder in [site.dist(), site.dist().join("client")] {
            let pack = Pack::from_dir(&folder).cache(CacheLocation::Nowhere);
            let packed = pack.run().unwrap();
            let rules = &packed.report().rules;
            assert_eq!((&*rules.compat, &*rules.html_handling), ("workers", "drop-trailing-slash"));
            let pages = ["about/index.html", "index.html"].map(|page| format!("/{base}{page}"));
            assert_eq!(paths(&packed), pages);
            let image = packed.table().to_memory().unwrap();
            assert!(image.table().respond(&Request::new(Method::Get, "/nowhere")).is_none());
            tables.push(format!("{:?}", image.table().behaviour()));
        }
        assert_eq!(tables[0], tables[1]);
    }
}

/// Any site may contain a file of that name.
#[test]
fn a_configuration_among_public_files_counts_only_if_it_serves_their_folder() {
    for config in ["{", r#"{ "assets": { "directory": "../other" } }"#, "{}"] {
        let site = Site::new(&[("index.html", "<p>"), ("wrangler.json", config)]);
        fs::write(site.project().join("wrangler.toml"), "[assets]\ndirectory = \"dist\"\n")
            .unwrap();
        assert_eq!(site.pack().report().rules.reason, "wrangler.toml has `assets`", "{config}");
    }
}

#[test]
fn a_folder_with_a_package_and_its_packages_is_told_to_be_a_whole_project() {
    let warnings = |files: &[(&str, &str)], rules: &[&str]| {
        let site = Site::new(files);
        let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let packed = site.pack_with(Options { rule: rules, ..Options::default() });
        let found = packed.report().diagnostics.iter();
        let found = found.filter(|it| it.code == Code::IngestWholeProject);
        found.map(|it| (it.file.clone(), it.message.clone())).collect::<Vec<_>>()
    };
    let project = [
        ("index.html", "<p>"),
        ("package.json", "{}"),
        ("node_modules/a/index.js", "1"),
        ("node_modules/b/index.js", "2"),
        ("src/secret.ts", "let plan: string"),
    ];
    let [(name, message)] = &warnings(&project, &[])[..] else { panic!("one warning") };
    assert_eq!(name, "package.json");
    assert!(message.contains("2 files of `node_modules/`"), "{message}");
    assert_eq!(warnings(&project, &["/node_modules/** publish=false"]).len(), 1);
    // What the remedy says ends the warning.
    assert_eq!(warnings(&project, &["/package.json publish=false"]), []);
    let ignored = [&project[..], &[(".assetsignore", "node_modules\npackage.json\n")]].concat();
    assert_eq!(warnings(&ignored, &[]), []);
    // Bundlers write such names too.
    for other in
        [("package.json", "{}"), ("node_modules/a/index.js", "1"), ("_astro/package.json", "{}")]
    {
        assert_eq!(warnings(&[("index.html", "<p>"), other], &[]), []);
    }
    let deeper = [("a/package.json", "{}"), ("a/node_modules/b.js", "1"), ("index.html", "<p>")];
    assert_eq!(warnings(&deeper, &[]), []);
}
