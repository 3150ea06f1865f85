//! The sites that are packed: two that Astro built, and generated ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use fs_err as fs;
use serde::Deserialize;

use super::Bench;
use crate::bench::Scale;
use crate::bench::words::Words;
use crate::command::run;
use crate::files::{copy, put, repository};
use crate::sites::docs_site;

/// The name of the docs site.
pub(super) const DOCS: &str = "the docs site";

/// A little longer than the time for which worker-pack assumes that a file may still be written.
const UNSETTLED: Duration = Duration::from_millis(2_200);

/// The word that is replaced to change a page.
const WORD: &str = " the ";

/// A copy of a site, whose files may be changed.
pub(super) struct Site {
    pub(super) name: &'static str,
    pub(super) dist: PathBuf,
    /// The paths of its files.
    pub(super) names: Vec<PathBuf>,
}

impl Site {
    /// Copies the build of the example blog.
    pub(super) fn blog(bench: &Bench) -> Result<Self> {
        let dist = bench.fresh()?;
        let names = copy(&repository("examples/blog/dist"), &dist)?;
        Ok(Self { name: "the blog", dist, names })
    }

    /// Copies the documentation site of 600 pages, which is built if it is missing.
    pub(super) fn docs(bench: &Bench) -> Result<Self> {
        Self::docs_in(bench, bench.fresh()?)
    }

    /// Copies the documentation site to a folder.
    pub(super) fn docs_in(bench: &Bench, dist: PathBuf) -> Result<Self> {
        if bench.scale == Scale::Smoke {
            let generated = bench.fresh()?;
            small_pages(&generated, 20)?;
            let names = copy(&generated, &dist)?;
            return Ok(Self { name: "a tiny site", dist, names });
        }
        let names = copy(&docs_site::build()?, &dist)?;
        Ok(Self { name: DOCS, dist, names })
    }

    /// Changes a word in the page of a number, and returns its path. Other numbers have other pages,
    /// as long as there are any.
    pub(super) fn change(&self, number: usize, word: &str) -> Result<&Path> {
        let is_page = |name: &&PathBuf| name.ends_with("index.html");
        let pages: Vec<&PathBuf> = self.names.iter().filter(is_page).collect();
        // Neighbours are similar.
        let pages = (0..pages.len()).map(|index| pages[(number * 97 + index) % pages.len()]);
        for name in pages {
            let path = self.dist.join(name);
            let text = fs::read_to_string(&path)?;
            if text.contains(WORD) {
                fs::write(&path, text.replacen(WORD, &format!(" {word} "), 1))?;
                return Ok(name);
            }
        }
        anyhow::bail!("no page of {} has the word `{}`", self.name, WORD.trim())
    }
}

/// Generates a site of small pages in folders of their own, and returns its size in bytes.
pub(super) fn small_pages(dist: &Path, count: usize) -> Result<usize> {
    generate(dist, count, 1_200)
}

/// Generates a site of large pages and of files that cannot be compressed, and returns its size in
/// bytes.
pub(super) fn mixed(dist: &Path, pages: usize, files: usize) -> Result<usize> {
    let mut size = generate(dist, pages, 60_000)?;
    let mut random = Rng::with_seed(2);
    for number in 0..files {
        let mut bytes = vec![0; 1_000_000];
        random.fill(&mut bytes);
        put(&dist.join(format!("images/{number}.png")), &bytes)?;
        size += bytes.len();
    }
    Ok(size)
}

fn generate(dist: &Path, pages: usize, size: usize) -> Result<usize> {
    let mut words = Words::new();
    let mut total = 0;
    for number in 0..pages {
        let path = format!("section/{}/page-{number}/index.html", number % 37);
        let page = words.page(&path, size);
        put(&dist.join(&path), &page)?;
        total += page.len();
    }
    Ok(total)
}

/// Waits until new files are on the disk, and so old that worker-pack trusts their times. That only
/// matters to figures.
pub(super) fn settle(bench: &Bench) -> Result<()> {
    if bench.scale == Scale::Full {
        run(&mut Command::new("sync"))?;
        thread::sleep(UNSETTLED);
    }
    Ok(())
}

/// The manifest of a packed site.
#[derive(Deserialize)]
pub(super) struct Manifest {
    /// The files of the site, by their paths in URLs.
    pub(super) assets: BTreeMap<String, Asset>,
}

/// A file of the site.
#[derive(Deserialize)]
pub(super) struct Asset {
    pub(super) representations: Vec<Representation>,
}

/// A body of a file.
#[derive(Deserialize)]
pub(super) struct Representation {
    pub(super) encoding: String,
    /// The file that contains the body, by its path in the output.
    pub(super) file: PathBuf,
    /// The position of the body in it, in bytes.
    pub(super) offset: usize,
    /// The size.
    pub(super) bytes: usize,
}

impl Manifest {
    /// Reads the manifest in a folder of output.
    pub(super) fn read(out: &Path) -> Result<Self> {
        Ok(serde_json::from_slice(&fs::read(out.join("manifest.json"))?)?)
    }
}
