//! Files of earlier builds that stay public.

mod answers;
mod bounds;
mod command;
mod damage;
pub(crate) mod deltas;
mod sequence;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use worker_pack::options::{Keep, KeepBounds};
use worker_pack::report::Diagnostic;
use worker_pack::{EmittedPack, Options, PackError, Packed, Target};

use crate::support::site::Site;

/// A script of a build. The comment and the spaces go when it is minified.
fn script(text: &str) -> String {
    format!("// A script.\nexport const text = \"{text}\";\n")
}

/// The same script as it is served.
fn served(text: &str) -> String {
    format!("export const text=\"{text}\";")
}

/// Options that keep earlier builds within the default bounds.
fn keeping() -> Options {
    Options { keep: Keep::EarlierBuilds(KeepBounds::default()), ..Options::default() }
}

fn keeping_within(change: impl FnOnce(&mut KeepBounds)) -> Options {
    let mut bounds = KeepBounds::default();
    change(&mut bounds);
    Options { keep: Keep::EarlierBuilds(bounds), ..Options::default() }
}

/// Replaces the build in `dist`: a page, and scripts with a name and a text.
fn build(site: &Site, scripts: &[(&str, &str)]) {
    fs::remove_dir_all(site.dist()).unwrap();
    site.write("index.html", "<!doctype html><title>Home</title><h1>Home</h1>");
    for (name, text) in scripts {
        site.write(name, script(text));
    }
}

fn site() -> Site {
    Site::new::<&str>(&[])
}

/// Builds and packs, with an output.
fn deploy(site: &Site, scripts: &[(&str, &str)], options: &Options) -> EmittedPack {
    build(site, scripts);
    site.emit(options.clone()).unwrap()
}

/// Packs the build up to the table, as one with an output would.
fn table(site: &Site, options: &Options) -> Packed {
    try_table(site, options).unwrap()
}

fn try_table(site: &Site, options: &Options) -> Result<Packed, PackError> {
    site.packing(options.clone()).target(Target::RustModule(site.out())).run()
}

/// Returns the texts of all hashed files in a table, by their routes.
fn scripts(packed: &Packed) -> BTreeMap<String, String> {
    let hashed =
        packed.table().entries().iter().filter(|entry| entry.route.as_str() != "/index.html");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    hashed.map(|entry| (entry.route.to_string(), text(&entry.identity.read().unwrap()))).collect()
}

fn routes(packed: &Packed) -> Vec<String> {
    scripts(packed).into_keys().collect()
}

/// Returns the names of the files that are kept.
fn kept(packed: &Packed) -> Vec<String> {
    let entries = packed.table().entries().iter().filter(|entry| entry.is_of_earlier_build());
    entries.map(|entry| entry.route.file_name().to_owned()).collect()
}

/// The store of the output folder.
fn store(site: &Site) -> PathBuf {
    site.project().join(".worker-pack/out")
}

fn bodies(site: &Site) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(store(site).join("bodies"))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    files.sort();
    files
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<&'static str> {
    diagnostics.iter().map(|one| one.code.name()).collect()
}
