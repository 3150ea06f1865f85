//! A small documentation site whose pages show screenshots: PNG files of an npm package, which Astro leaves as
//! they are, since they are in its public folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::docs_site;
use super::project::Rebuild;
use crate::files::{self, Files};
use crate::tools::npm_tools::Tools;

/// The number of pages, besides the home page and overviews.
const PAGES: usize = 20;

/// The folder with the pictures in their package.
const PICTURES: &str = "node_modules/create-storybook/rendererAssets/common/assets";

/// The folder of the pictures in URLs.
const FOLDER: &str = "screenshots";

/// Builds the site, unless it is unchanged, and returns its output folder.
pub(crate) fn build() -> Result<PathBuf> {
    let tools = Tools::install_from("pictures")?;
    let mut pictures = files::read(&tools.folder().join(PICTURES), &[])?;
    pictures.retain(|name, _| name.extension() == Some(OsStr::new("png")));
    ensure!(!pictures.is_empty(), "the package of pictures has no PNG files");
    let project = docs_site::project("docs-site-illustrated");
    let mut sources = project.sources()?;
    sources.append(&mut illustrated(docs_site::content(PAGES), pictures));
    Ok(project.build_copy_of(&sources, Rebuild::IfChanged)?.dist())
}

/// Shows a picture at the end of each page, in turn.
fn illustrated(mut pages: Files, pictures: Files) -> Files {
    for (page, picture) in pages.values_mut().zip(pictures.keys().cycle()) {
        let line = format!("\n![A screenshot.](/{FOLDER}/{})\n", picture.to_string_lossy());
        page.extend(line.into_bytes());
    }
    let public = Path::new("public").join(FOLDER);
    pages.extend(pictures.into_iter().map(|(name, bytes)| (public.join(name), bytes)));
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_show_the_pictures_in_turn() {
        let files = |names: &[&str]| {
            names.iter().map(|name| (PathBuf::from(name), b"x".to_vec())).collect::<Files>()
        };
        let site = illustrated(files(&["a.md", "b.md", "c.md"]), files(&["1.png", "2.png"]));
        let text = |name: &str| str::from_utf8(&site[Path::new(name)]).unwrap();
        for (name, picture) in [("a.md", "1.png"), ("b.md", "2.png"), ("c.md", "1.png")] {
            assert_eq!(text(name), format!("x\n![A screenshot.](/screenshots/{picture})\n"));
        }
        assert_eq!(text("public/screenshots/2.png"), "x");
    }
}
