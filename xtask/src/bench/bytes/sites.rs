//! The sites that are visited.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Error, Result, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Bench;
use super::redeploy::{self, Edits};
use crate::bench::Scale;
use crate::files::{self, copy, repository};
use crate::sites::{docs_site, illustrated};

/// The number of pages that are visited: one and five more, or all of a smaller site.
const VISITED: usize = 6;
const VISITED_IN_SMOKE: usize = 2;

/// The number of pages of the docs site in the shortest form.
const PAGES_IN_SMOKE: usize = 20;

/// Characters of a path that stay as they are in a URL.
const IN_PATHS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The extensions of pictures that a contender may send in another type.
const PICTURES: [&str; 3] = ["png", "jpg", "jpeg"];

/// The site that some targets are about.
pub(super) const DOCS: &str = "the docs site";

/// The site that the targets of pictures are about: those of the other one are all SVG.
pub(super) const SMALL_DOCS: &str = "the small docs site";

/// A build from elsewhere, such as that of a starter.
#[derive(Clone)]
pub(super) struct OtherBuild {
    name: String,
    dist: PathBuf,
}

impl FromStr for OtherBuild {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, dist) = text.split_once('=').context("is not NAME=FOLDER")?;
        Ok(Self { name: name.to_owned(), dist: dist.into() })
    }
}

/// A site, before and after a redeploy.
pub(super) struct Site {
    pub(super) name: String,
    pub(super) before: PathBuf,
    pub(super) after: PathBuf,
    /// The paths of the pages that are visited, in this order.
    pub(super) pages: Vec<String>,
    /// The files that the redeploy changes.
    pub(super) edits: Edits,
    /// The pictures that a contender may send in another type.
    pub(super) pictures: usize,
}

/// Copies the sites of the benchmark and some others.
pub(super) fn all(bench: &Bench, others: &[OtherBuild]) -> Result<Vec<Site>> {
    let own = match bench.scale {
        Scale::Full => vec![
            (DOCS, docs_site::build()?),
            (SMALL_DOCS, illustrated::build()?),
            ("the blog", repository("examples/blog/dist")),
        ],
        Scale::Smoke => vec![("a tiny site", docs_site::build_with(PAGES_IN_SMOKE)?)],
    };
    let own = own.iter().map(|(name, dist)| (*name, dist));
    let all = own.chain(others.iter().map(|other| (&*other.name, &other.dist)));
    all.map(|(name, dist)| Site::new(bench, name, dist)).collect()
}

impl Site {
    fn new(bench: &Bench, name: &str, dist: &Path) -> Result<Self> {
        // The folder around a build names the site whose files are kept.
        let [before, after] =
            [bench.fresh()?, bench.fresh()?].map(|folder| folder.join("site/dist"));
        let names = copy(dist, &before)?;
        let visited = spread(&names, bench.scale.pick(VISITED, VISITED_IN_SMOKE));
        ensure!(visited.len() > 1, "{name} has fewer than two pages");
        let edits = redeploy::edit(&before, &names, &visited, &after)?;
        let pictures = names.iter().filter(|name| is_picture(name)).count();
        let pages = visited.iter().map(|name| url(name)).collect();
        Ok(Self { name: name.to_owned(), before, after, pages, edits, pictures })
    }

    /// Copies a build of the site without the pages that are not visited.
    pub(super) fn copy_visited(&self, dist: &Path, to: &Path) -> Result<()> {
        for (name, bytes) in files::read(dist, &[])? {
            if !name.ends_with("index.html") || self.pages.contains(&url(&name)) {
                files::put(&to.join(name), bytes)?;
            }
        }
        Ok(())
    }
}

fn is_picture(name: &Path) -> bool {
    let extension = name.extension().and_then(OsStr::to_str).unwrap_or_default();
    PICTURES.contains(&extension.to_ascii_lowercase().as_str())
}

/// Chooses pages of a site, at equal distances in the order of their paths.
fn spread(names: &[PathBuf], count: usize) -> Vec<PathBuf> {
    let is_page = |name: &&PathBuf| name.ends_with("index.html");
    let mut pages: Vec<&PathBuf> = names.iter().filter(is_page).collect();
    pages.sort_by_key(|name| url(name));
    let count = count.min(pages.len());
    (0..count).map(|index| pages[index * pages.len() / count].clone()).collect()
}

/// Returns the path in URLs of a page in a folder of its own.
fn url(name: &Path) -> String {
    let folder = name.with_file_name("");
    let path = utf8_percent_encode(&folder.to_string_lossy(), IN_PATHS).to_string();
    format!("/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_chosen_at_equal_distances() {
        let names = ["b/index.html", "index.html", "404.html", "a.css", "c/index.html"];
        let names = names.map(PathBuf::from);
        let spread = |count| spread(&names, count).iter().map(|name| url(name)).collect::<Vec<_>>();
        assert_eq!(spread(2), ["/", "/b/"]);
        assert_eq!(spread(3), ["/", "/b/", "/c/"]);
        assert_eq!(spread(9).len(), 3);
    }

    #[test]
    fn the_url_of_a_page_is_percent_encoded() {
        assert_eq!(url(Path::new("index.html")), "/");
        assert_eq!(url(Path::new("blog/naïve-a b/index.html")), "/blog/na%C3%AFve-a%20b/");
    }

    #[test]
    fn another_build_has_a_name_and_a_folder() {
        let other: OtherBuild = "a starter=a=b/dist".parse().unwrap();
        assert_eq!((&*other.name, &*other.dist), ("a starter", Path::new("a=b/dist")));
        assert!("dist".parse::<OtherBuild>().is_err());
    }
}
