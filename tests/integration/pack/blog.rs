//! The example blog.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;

use worker_pack::Packed;
use worker_pack::report::Outcome;
use worker_pack_runtime::packer::path;
use worker_pack_runtime::{Coding, Method, Request};

use crate::support::site::{blog, blog_pack, files_below, get, paths, text, warnings};

fn packed() -> Packed {
    blog_pack().run().unwrap()
}

#[test]
fn every_file_is_served_or_left_out_with_a_reason() {
    let packed = packed();
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    let left_out: BTreeSet<&str> =
        packed.report().left_out.iter().map(|left| left.file.as_str()).collect();
    let all = files_below(&blog());
    assert!(all.len() > 100, "the blog is incomplete");
    for name in all.iter().map(|path| path.to_str().unwrap()) {
        let route = format!("/{name}");
        if left_out.contains(name) {
            assert!(table.asset(&route).is_none(), "{name} is public although it is left out");
        } else {
            let page = table.asset(&route).unwrap_or_else(|| panic!("{name} is missing"));
            let url = packed.report().files.iter().find(|file| file.route == route).unwrap();
            let request = Request::new(Method::Get, &url.url);
            let reply = table.respond(&request).unwrap();
            assert_eq!(reply.status(), 200, "{name} at {}", url.url);
            assert_eq!(
                reply.body().bytes().unwrap(),
                page.identity().body().bytes().unwrap(),
                "{name}"
            );
        }
    }
    assert_eq!(paths(&packed).len() + left_out.len(), all.len());
}

#[test]
fn brotli_bodies_decode_to_the_transformed_files() {
    let packed = packed();
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    let mut compressed = 0;
    for asset in table.assets() {
        let target = path::encode(asset.path());
        let request = Request { accept_encoding: Some("br"), ..Request::new(Method::Get, &target) };
        let mut reply = table.respond(&request).unwrap();
        let location = reply.headers().get("Location").map(str::to_owned);
        if let Some(location) = &location {
            reply = table.respond(&Request { path: location, ..request }).unwrap();
        }
        let mut body = reply.body().bytes().unwrap().to_vec();
        if reply.headers().get("Content-Encoding") == Some(Coding::Brotli.token()) {
            compressed += 1;
            let mut decoded = Vec::new();
            brotli_decompressor::Decompressor::new(&*body, 4096).read_to_end(&mut decoded).unwrap();
            body = decoded;
        }
        assert_eq!(body, asset.identity().body().bytes().unwrap(), "{}", asset.path());
    }
    assert!(compressed > 50, "only {compressed} files are compressed");
}

#[test]
fn the_blog_packs_without_warnings_and_shrinks() {
    let packed = packed();
    assert_eq!(warnings(&packed), Vec::<String>::new());
    let report = packed.report();
    let saved = |kind: &str| 100 - 100 * report.types[kind].sent / report.types[kind].source;
    assert!(saved("text/html") >= 75, "{}", saved("text/html"));
    assert!(saved("text/javascript") >= 60, "{}", saved("text/javascript"));
    let minified = report.files.iter().filter(|file| file.transform == Outcome::Minified).count();
    assert!(minified >= 50, "only {minified} files are minified");
}

#[test]
fn numbers_globals_and_modern_css_are_preserved() {
    let packed = packed();
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    let data = text(&table, "/data/measurements.json");
    for number in ["12345678901234567890", "1.0", "1e3"] {
        assert!(data.contains(number), "{number}");
    }
    let legacy = text(&table, "/legacy/site-legacy.js");
    assert!(legacy.starts_with("/*!") && legacy.contains("@license"), "{legacy}");
    let source = fs::read_to_string(blog().join("legacy/site-legacy.js")).unwrap();
    let globals: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("function ").or_else(|| line.strip_prefix("var ")))
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .collect();
    assert!(globals.len() > 3, "{globals:?}");
    for global in globals {
        assert!(legacy.contains(global), "the global {global} is missing");
    }
    let css = text(&table, "/styles/print.css");
    for feature in
        ["/*!", "@layer", "@container", "@property", "@starting-style", "light-dark(", ":has("]
    {
        assert!(css.contains(feature), "{feature}");
    }
    assert_eq!(get(&table, "/blog/naïve-caching/").status(), 200);
}
