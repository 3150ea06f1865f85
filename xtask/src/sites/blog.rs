//! The example blog, whose build is kept in the repository.

use std::path::{Path, PathBuf};

use crate::files::{self as tree, Files};
use crate::say;
use crate::sites::project::Project;

/// Builds the blog into `examples/blog/dist`.
pub(crate) fn build() -> Result<(), String> {
    let blog = Project::example("blog");
    blog.build()?;
    say(&format!("built {}\n", blog.dist().display()));
    Ok(())
}

/// Builds a copy of the blog, and compares.
pub(crate) fn check() -> Result<(), String> {
    let blog = Project::example("blog");
    let copy = blog.copy()?;
    copy.build()?;
    let committed = contents(&blog.dist())?;
    let built = contents(&copy.dist())?;
    let mut different: Vec<&PathBuf> = committed
        .keys()
        .chain(built.keys())
        .filter(|name| committed.get(*name) != built.get(*name))
        .collect();
    different.sort();
    different.dedup();
    if different.is_empty() {
        say(&format!("the {} files of the blog are what Astro builds\n", built.len()));
        return Ok(());
    }
    let names: Vec<String> = different.iter().map(|name| name.display().to_string()).collect();
    Err(format!("what Astro builds differs in: {}; run `cargo xtask blog`", names.join(", ")))
}

/// Reads a build, but for what depends on the folder that it was made in.
fn contents(dist: &Path) -> Result<Files, String> {
    let mut files = tree::read(dist, &[])?;
    for (name, bytes) in &mut files {
        if name.extension().is_some_and(|extension| extension == "html") {
            *bytes = without_uids(bytes);
        }
    }
    Ok(files)
}

/// Removes what Astro makes of the folder that a component lies in: the `uid` of an island.
fn without_uids(page: &[u8]) -> Vec<u8> {
    let page = String::from_utf8_lossy(page);
    let mut parts = page.split("<astro-island uid=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('"').map_or(part, |(_uid, rest)| rest));
    rest.fold(first, |page, rest| page + "<astro-island" + rest).into_bytes()
}
