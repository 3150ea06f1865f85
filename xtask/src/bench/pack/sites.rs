//! The sites that are packed: two that Astro built, and trees that are made up.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::Bench;
use crate::bench::words::Words;
use crate::files::{self as tree, failed};
use crate::random::Random;
use crate::sites::docs_site;
use crate::tools::node;

/// How long worker-pack takes a file for one that may still be written, and a bit.
const UNSETTLED: Duration = Duration::from_millis(2_200);

/// A word that pages have, and that can be another one.
const WORD: &str = " the ";

/// A copy of a site, whose files may be changed.
pub(super) struct Site {
    pub(super) name: &'static str,
    pub(super) dist: PathBuf,
    /// How many files it has.
    pub(super) files: usize,
    /// The paths in it of pages that have words to be changed.
    pages: Vec<PathBuf>,
}

impl Site {
    /// The example that is in the repository.
    pub(super) fn blog(bench: &Bench) -> Result<Self, String> {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/blog/dist");
        Self::copy("the blog", &dist, bench.fresh()?)
    }

    /// The documentation of 600 pages, built if need be.
    pub(super) fn docs(bench: &Bench) -> Result<Self, String> {
        Self::docs_in(bench.fresh()?)
    }

    /// The same, copied to some folder.
    pub(super) fn docs_in(folder: PathBuf) -> Result<Self, String> {
        Self::copy("the docs site", &docs_site::build()?, folder)
    }

    fn copy(name: &'static str, from: &Path, dist: PathBuf) -> Result<Self, String> {
        let files = tree::read(from, &[])?;
        tree::create_folder(&dist)?;
        tree::write(&files, &dist, &[])?;
        let is_page = |name: &Path, bytes: &[u8]| {
            name.ends_with("index.html") && str::from_utf8(bytes).is_ok_and(|it| it.contains(WORD))
        };
        let pages = files.iter().filter(|(name, bytes)| is_page(name, bytes));
        let pages = pages.map(|(name, _)| name.clone()).collect();
        Ok(Self { name, dist, files: files.len(), pages })
    }

    /// Returns a page of some number: others for other numbers, for as long as there are any.
    pub(super) fn page(&self, number: usize) -> &Path {
        // They are in order, and neighbours are alike.
        &self.pages[number * 97 % self.pages.len()]
    }

    /// Returns a page with a word replaced by another one.
    pub(super) fn changed(&self, page: &Path, word: &str) -> Result<String, String> {
        let path = self.dist.join(page);
        let text = fs::read_to_string(&path).map_err(|error| failed("read", &path, &error))?;
        Ok(text.replacen(WORD, &format!(" {word} "), 1))
    }

    pub(super) fn write(&self, page: &Path, text: &str) -> Result<(), String> {
        let path = self.dist.join(page);
        fs::write(&path, text).map_err(|error| failed("write", &path, &error))
    }
}

/// Makes up a site of small pages, each in a folder of its own. Returns how many bytes they have.
pub(super) fn small_pages(dist: &Path, count: usize) -> Result<usize, String> {
    let mut words = Words::new();
    let mut size = 0;
    for number in 0..count {
        let path = format!("section/{}/page-{number}/index.html", number % 37);
        size += put(dist, &path, words.page(&path, 1_200).as_bytes())?;
    }
    Ok(size)
}

/// Makes up a site of large pages, and of some files that cannot be compressed. Returns how many
/// bytes they have.
pub(super) fn mixed(dist: &Path, pages: usize, files: usize) -> Result<usize, String> {
    let mut words = Words::new();
    let mut size = 0;
    for number in 0..pages {
        let path = format!("section/{}/page-{number}/index.html", number % 37);
        size += put(dist, &path, words.page(&path, 60_000).as_bytes())?;
    }
    let mut random = Random::new(2);
    for number in 0..files {
        let bytes = (0..500_000).flat_map(|_| [random.below(256), random.below(256)]);
        let bytes: Vec<u8> = bytes.filter_map(|byte| u8::try_from(byte).ok()).collect();
        size += put(dist, &format!("images/{number}.png"), &bytes)?;
    }
    Ok(size)
}

fn put(dist: &Path, name: &str, bytes: &[u8]) -> Result<usize, String> {
    let path = dist.join(name);
    tree::create_folder(path.parent().unwrap_or(dist))?;
    fs::write(&path, bytes).map_err(|error| failed("write", &path, &error))?;
    Ok(bytes.len())
}

/// Waits until new files are on the disk, and old enough not to be read anew each time.
pub(super) fn settle() -> Result<(), String> {
    node::run(&mut Command::new("sync"))?;
    thread::sleep(UNSETTLED);
    Ok(())
}

/// What was made of a file, as the manifest has it.
pub(super) struct Packed {
    /// The path of the file in the site.
    pub(super) name: String,
    /// The bodies it has, each with its content coding, its file and its size.
    pub(super) bodies: Vec<(String, PathBuf, f64)>,
}

/// Reads the manifest of a packed site.
pub(super) fn manifest(out: &Path) -> Result<Vec<Packed>, String> {
    let path = out.join("manifest.json");
    let text = fs::read(&path).map_err(|error| failed("read", &path, &error))?;
    let unreadable = || format!("`{}` is no manifest", path.display());
    let manifest: Value = serde_json::from_slice(&text).map_err(|_| unreadable())?;
    let mut packed = Vec::new();
    for (name, asset) in manifest["assets"].as_object().ok_or_else(unreadable)? {
        let bodies =
            asset["representations"].as_array().ok_or_else(unreadable)?.iter().map(|one| {
                let coding = one["encoding"].as_str()?.to_owned();
                Some((coding, out.join(one["file"].as_str()?), one["bytes"].as_f64()?))
            });
        let bodies = bodies.collect::<Option<_>>().ok_or_else(unreadable)?;
        packed.push(Packed { name: name.trim_start_matches('/').to_owned(), bodies });
    }
    Ok(packed)
}
