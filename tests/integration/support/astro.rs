//! Projects that a test changes, and builds by the Astro of an example.

use std::fs;
use std::path::{Path, PathBuf};

use super::site::{Site, blog, files_below};
use super::xtask;

/// Builds a project with the modules of another one.
pub(crate) fn build(site: &Site, modules: &Path) {
    let [folder, modules] = [site.project(), modules].map(|path| path.to_str().unwrap());
    xtask::run(&["node", "tests/worker/astro_build.mjs", folder, modules]);
}

/// Builds the example with islands of five libraries. `edit` returns the text of each of its files, which it may
/// change, or `None` if the project is to have no such file.
pub(crate) fn islands(edit: impl Fn(&str, String) -> Option<String>) -> Site {
    let (stdout, _) = xtask::run(&["astro-islands"]);
    let built = PathBuf::from(stdout.lines().last().unwrap_or_default());
    let site = Site::new::<&str>(&[]);
    let example = blog().parent().unwrap().parent().unwrap().join("astro-islands");
    for file in files_below(&example) {
        let name = file.to_str().unwrap();
        let text = fs::read_to_string(example.join(name)).unwrap();
        if let Some(text) = edit(name, text) {
            site.write(&format!("../{name}"), text);
        }
    }
    build(&site, &built.parent().unwrap().join("node_modules"));
    site
}
