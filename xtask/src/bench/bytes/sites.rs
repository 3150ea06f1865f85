//! The sites that are visited.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Bench, redeploy};
use crate::bench::Scale;
use crate::files::{self, copy, repository};
use crate::sites::docs_site;

/// The number of pages that are visited: one and five more.
const VISITED: usize = 6;
const VISITED_IN_SMOKE: usize = 2;

/// The number of pages of the docs site in the shortest form.
const PAGES_IN_SMOKE: usize = 20;

/// Characters of a path that stay as they are in a URL.
const IN_PATHS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The site that some targets are about.
pub(super) const DOCS: &str = "the docs site";

/// A site, before and after a redeploy.
pub(super) struct Site {
    pub(super) name: &'static str,
    pub(super) before: PathBuf,
    pub(super) after: PathBuf,
    /// The paths of the pages that are visited, in this order.
    pub(super) pages: Vec<String>,
}

/// Copies the sites.
pub(super) fn all(bench: &Bench) -> Result<Vec<Site>> {
    Ok(match bench.scale {
        Scale::Full => vec![
            Site::new(bench, DOCS, &docs_site::build()?)?,
            Site::new(bench, "the blog", &repository("examples/blog/dist"))?,
        ],
        Scale::Smoke => {
            vec![Site::new(bench, "a tiny site", &docs_site::build_with(PAGES_IN_SMOKE)?)?]
        }
    })
}

impl Site {
    fn new(bench: &Bench, name: &'static str, dist: &Path) -> Result<Self> {
        // The folder around a build names the site whose files are kept.
        let [before, after] =
            [bench.fresh()?, bench.fresh()?].map(|folder| folder.join("site/dist"));
        let names = copy(dist, &before)?;
        let count = bench.scale.pick(VISITED, VISITED_IN_SMOKE);
        let pages = spread(&names, count);
        ensure!(pages.len() == count, "{name} has only {} pages", pages.len());
        redeploy::edit(&before, &names, &after)?;
        Ok(Self { name, before, after, pages })
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

/// Chooses pages of a site, at equal distances in the order of their paths.
fn spread(names: &[PathBuf], count: usize) -> Vec<String> {
    let is_page = |name: &&PathBuf| name.ends_with("index.html");
    let mut pages: Vec<String> = names.iter().filter(is_page).map(|name| url(name)).collect();
    pages.sort();
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
        assert_eq!(spread(&names, 2), ["/", "/b/"]);
        assert_eq!(spread(&names, 3), ["/", "/b/", "/c/"]);
        assert_eq!(spread(&names, 9).len(), 3);
    }

    #[test]
    fn the_url_of_a_page_is_percent_encoded() {
        assert_eq!(url(Path::new("index.html")), "/");
        assert_eq!(url(Path::new("blog/naïve-a b/index.html")), "/blog/na%C3%AFve-a%20b/");
    }
}
