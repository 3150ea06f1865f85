//! Files of earlier builds that would change an answer of the site, or that it would not publish today.

use std::fs;

use worker_pack::Options;
use worker_pack_runtime::{Answer, Method, Request};

use super::{build, codes, deploy, keeping, kept, site, table};
use crate::support::site::{Site, get};

/// A site whose store has these scripts, and whose build now has only a page.
fn after(scripts: &[&str]) -> Site {
    let site = site();
    let scripts: Vec<(&str, &str)> = scripts.iter().map(|name| (*name, "old")).collect();
    deploy(&site, &scripts, &keeping());
    build(&site, &[]);
    site
}

const APP: &str = "_astro/app.D4f5G6h7.js";
const OTHER: &str = "_astro/other.E5g6H7i8.js";

#[test]
fn a_path_that_is_redirected_stays_redirected() {
    let site = after(&[APP, OTHER]);
    site.write("_redirects", "/_astro/app.* /new.js 302\n");
    let packed = table(&site, &keeping());
    assert_eq!(kept(&packed), ["other.E5g6H7i8.js"]);
    let memory = packed.table().to_memory().unwrap();
    assert_eq!(get(&memory.table(), "/_astro/app.D4f5G6h7.js").status(), 302);
}

#[test]
fn a_path_of_the_server_stays_with_the_server() {
    let site = after(&[APP, OTHER]);
    let config = r#"{ "assets": { "directory": "dist", "run_worker_first": ["/_astro/app.*"] } }"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    assert_eq!(kept(&table(&site, &keeping())), ["other.E5g6H7i8.js"]);
}

/// A module of Astro's server with a route.
fn server(route: &str, pattern: &str, prerender: bool) -> String {
    let data = serde_json::json!({
        "type": "endpoint", "route": route, "pattern": pattern, "params": [], "segments": [],
        "component": "src/pages/route.ts", "prerender": prerender, "fallbackRoutes": [], "origin": "project",
    });
    let manifest =
        serde_json::json!({ "routes": [{ "file": "", "routeData": data }], "base": "/" });
    format!("const manifest = deserializeManifest({manifest});\nexport {{ manifest }};\n")
}

#[test]
fn a_path_that_a_route_of_astro_claims_belongs_to_the_server() {
    let (folder, any) = (r"^\/_astro\/([^/]+?)\/?$", r"^(?:\/(.*?))?\/?$");
    for (name, server, expected) in [
        ("a route of the folder", server("/_astro/[file]", folder, false), 0),
        (
            "a route of the path",
            server("/_astro/app.D4f5G6h7.js", r"^\/_astro\/app\.D4f5G6h7\.js$", false),
            0,
        ),
        ("a route that is rendered by the build", server("/_astro/[file]", folder, true), 1),
        ("a route of any path", server("/[...path]", any, false), 1),
        ("routes of two segments", server("/[a]/[b]", r"^\/([^/]+?)\/([^/]+?)\/?$", false), 1),
        ("a route of another folder", server("/files/[file]", r"^\/files\/([^/]+?)\/?$", false), 1),
        ("a server that is not Astro's", "export const x = \"routes\";".to_owned(), 1),
    ] {
        let site = Site::new::<&str>(&[]);
        let entry = "export { default } from './chunks/app.mjs';";
        site.write("server/entry.mjs", entry);
        site.write("client/index.html", "<p>Home");
        site.write(&format!("client/{APP}"), "export const text = 'old';");
        site.emit(keeping()).unwrap();
        fs::remove_file(site.dist().join("client").join(APP)).unwrap();
        site.write("server/chunks/app.mjs", server);
        let packed = table(&site, &keeping());
        assert_eq!(kept(&packed).len(), expected, "{name}");
        let memory = packed.table().to_memory().unwrap();
        let request = Request::new(Method::Get, "/_astro/app.D4f5G6h7.js");
        let is_of_server = matches!(memory.table().answer(&request), Answer::Server { .. });
        assert_eq!(is_of_server, expected == 0, "{name}");
    }
}

#[test]
fn a_page_at_the_path_stays() {
    let site = after(&[APP, OTHER]);
    site.write("_astro/app.D4f5G6h7.js.html", "<p>A page");
    site.write("_astro/other.E5g6H7i8.js/index.html", "<p>A page");
    let packed = table(&site, &keeping());
    assert!(kept(&packed).is_empty());
    let memory = packed.table().to_memory().unwrap();
    let table = memory.table();
    let reply = get(&table, "/_astro/app.D4f5G6h7.js");
    assert_eq!(reply.headers().get("content-type"), Some("text/html; charset=utf-8"));
}

#[test]
fn a_single_page_application_does_not_hide_kept_files() {
    let site = after(&[APP]);
    let config =
        r#"{ "assets": { "directory": "dist", "not_found_handling": "single-page-application" } }"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    let packed = table(&site, &keeping());
    // The first build had no configuration, so the site is told by the same folder.
    assert_eq!(kept(&packed), ["app.D4f5G6h7.js"]);
    let memory = packed.table().to_memory().unwrap();
    let of =
        |path: &str| get(&memory.table(), path).headers().get("content-type").map(str::to_owned);
    assert_eq!(of("/_astro/app.D4f5G6h7.js").unwrap(), "text/javascript; charset=utf-8");
    assert_eq!(of("/_astro/gone.js").unwrap(), "text/html; charset=utf-8");
}

#[test]
fn files_that_the_site_would_not_publish_today_are_not_kept() {
    let site = after(&[APP, OTHER]);
    let rule = vec!["/_astro/app.* publish=false".parse().unwrap()];
    assert_eq!(kept(&table(&site, &Options { rule, ..keeping() })), ["other.E5g6H7i8.js"]);
    site.write(".assetsignore", "other.*\n");
    assert_eq!(kept(&table(&site, &keeping())), ["app.D4f5G6h7.js"]);
}

#[test]
fn a_file_with_a_secret_is_withheld_with_a_note() {
    let site = after(&[APP, OTHER]);
    build(&site, &[]);
    let options = keeping();
    site.write(APP, "export const text=\"q7Xw9Zk2Lm4Vp8Rt6Yn3\";");
    site.emit(options.clone()).unwrap();
    build(&site, &[]);
    fs::write(site.project().join(".dev.vars"), "API_KEY=q7Xw9Zk2Lm4Vp8Rt6Yn3\n").unwrap();
    let packed = table(&site, &options);
    assert_eq!(kept(&packed), ["other.E5g6H7i8.js"]);
    assert_eq!(codes(&packed.report().diagnostics), ["keep/withheld"]);
}
