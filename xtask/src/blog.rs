//! The example blog, built by the real Astro.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::node::{Node, run};
use crate::say;

/// What an earlier build may have left, and a build from nothing has not.
const CACHES: [&str; 4] = ["dist", ".astro", "node_modules/.astro", "node_modules/.vite"];

/// Builds the blog into `examples/blog/dist`.
pub(crate) fn build() -> Result<(), String> {
    let blog = blog();
    build_in(&blog)?;
    say(&format!("built {}\n", blog.join("dist").display()));
    Ok(())
}

/// Builds a copy of the blog, and compares.
pub(crate) fn check() -> Result<(), String> {
    let copy = scratch().join("blog");
    copy_sources(&blog(), &copy).map_err(|error| format!("cannot copy the blog: {error}"))?;
    build_in(&copy)?;
    let committed = contents(&blog().join("dist"))?;
    let built = contents(&copy.join("dist"))?;
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

fn blog() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/blog")
}

/// A folder that outlives a run, beside Cargo's own.
fn scratch() -> PathBuf {
    let target = std::env::current_exe().ok();
    let target = target.as_deref().and_then(|program| program.ancestors().nth(2));
    target.unwrap_or(Path::new("target")).join("xtask")
}

fn build_in(folder: &Path) -> Result<(), String> {
    let node = Node::find(&scratch())?;
    let lock = folder.join("package-lock.json");
    let installed = folder.join("node_modules/.installed-lock.json");
    let read = |path: &Path| fs::read(path).unwrap_or_default();
    if read(&lock) != read(&installed) {
        // Not `npm ci`: it wants optional packages of other platforms in the lock file, which npm
        // itself leaves out of it.
        let mut npm = node.command("npm", folder);
        run(npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel", "error"]))?;
        fs::copy(&lock, &installed).map_err(|error| error.to_string())?;
    }
    for cache in CACHES {
        match fs::remove_dir_all(folder.join(cache)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => {}
        }
    }
    let mut astro = node.command("node", folder);
    astro.args(["node_modules/astro/bin/astro.mjs", "build"]).env("ASTRO_TELEMETRY_DISABLED", "1");
    run(&mut astro)
}

/// Copies what a build reads, and keeps the modules that are installed in the copy.
fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    const NOT_COPIED: [&str; 3] = ["dist", "node_modules", ".astro"];
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let path = entry?.path();
        if !NOT_COPIED.iter().any(|name| path.ends_with(name)) {
            remove(&path)?;
        }
    }
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if !NOT_COPIED.iter().any(|name| path.ends_with(name)) {
            copy(&path, &to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        copy(&path, &to.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let unreadable = |error: io::Error| format!("cannot read `{}`: {error}", next.display());
        for entry in fs::read_dir(&next).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                let bytes = fs::read(&path).map_err(unreadable)?;
                let is_page = name.extension().is_some_and(|extension| extension == "html");
                files.insert(name, if is_page { without_uids(&bytes) } else { bytes });
            }
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
