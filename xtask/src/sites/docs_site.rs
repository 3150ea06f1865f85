//! A large documentation site: hundreds of pages rendered by Starlight, in generated text that
//! compresses about as well as English.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use fastrand::Rng;

use super::project::{Project, Rebuild};
use crate::files::{Files, repository};

/// Words, sentences, and the parts that pages consist of.
const PROSE: &str = include_str!("docs_site/prose.txt");

/// Samples of code.
const SAMPLES: &str = include_str!("docs_site/samples.txt");

/// The folder in which Starlight looks for pages.
const CONTENT: &str = "src/content/docs";

/// The folders of the site with their numbers of pages: [`PAGES`] with the three others.
const SECTIONS: [(&str, usize); 7] = [
    ("tutorials", 30),
    ("guides", 70),
    ("concepts", 40),
    ("reference", 60),
    ("cli", 20),
    ("api", 220),
    ("errors", 157),
];

/// The folders whose pages are not in the sidebar but on an overview with this title.
const OVERVIEWS: [(&str, &str); 2] = [("api", "API"), ("errors", "Errors")];

/// The subfolders of the API.
const MODULES: [&str; 7] = ["build", "cache", "client", "config", "deploy", "router", "testing"];

/// The parts that are words. A page uses only some of them: those of its topic.
const WORDS: [&str; 4] = ["noun", "word", "averb", "adjective"];

/// The first lines of pages in MDX.
const IMPORTS: &str =
    "import { Card, CardGrid, Steps, TabItem, Tabs } from '@astrojs/starlight/components';\n\n";

/// The number of pages that benchmarks use.
const PAGES: usize = 600;

/// Options of `cargo xtask docs-site`.
#[derive(Args)]
pub(crate) struct Options {
    /// Write about this number of pages
    #[arg(long, value_name = "N", default_value_t = PAGES)]
    pages: usize,
}

/// Builds the site and prints its output folder.
pub(crate) fn run_task(options: &Options) -> Result<()> {
    println!("{}", build_with(options.pages)?.display());
    Ok(())
}

/// Builds the site for benchmarks, unless it is unchanged, and returns its output folder.
pub(crate) fn build() -> Result<PathBuf> {
    build_with(PAGES)
}

/// Builds a site of about this number of pages, unless it is unchanged, and returns its output folder.
pub(crate) fn build_with(pages: usize) -> Result<PathBuf> {
    // A smaller site has a folder of its own, so that the other is not built again.
    let name = if pages == PAGES { "docs-site" } else { "docs-site-small" };
    let project = project(name);
    let mut sources = project.sources()?;
    sources.append(&mut content(pages));
    Ok(project.build_copy_of(&sources, Rebuild::IfChanged)?.dist())
}

/// Returns the project without its pages. Copies have the name.
pub(super) fn project(name: &str) -> Project {
    Project::new(name, repository("xtask/docs-site"))
}

/// Writes all pages, the same each time.
pub(super) fn content(count: usize) -> Files {
    let mut writer = Writer::new();
    let pages = writer.pages(count);
    writer.ways.insert("link".to_owned(), pages.iter().map(Page::link).collect());

    let mut files = Files::new();
    for page in &pages {
        let extension = if page.is_mdx() { "mdx" } else { "md" };
        let name = format!("{CONTENT}/{}.{extension}", page.path);
        files.insert(name.into(), writer.page(page).into_bytes());
    }
    files.insert(format!("{CONTENT}/index.mdx").into(), writer.home().into_bytes());
    for (section, title) in OVERVIEWS {
        let page = writer.overview(section, title, &pages);
        files.insert(format!("{CONTENT}/{section}.md").into(), page.into_bytes());
    }
    files
}

/// A page to write.
struct Page {
    section: &'static str,
    title: String,
    /// Its path in URLs, without the slashes around it.
    path: String,
}

impl Page {
    fn link(&self) -> String {
        format!("[{}](/{}/)", self.title, self.path)
    }

    /// Checks whether it is written in MDX, since it has components.
    fn is_mdx(&self) -> bool {
        matches!(self.section, "guides" | "tutorials")
    }
}

/// Writes text out of parts, which consist of other parts.
struct Writer {
    /// The ways to write a part, by its name. `«name»` in a way stands for another part.
    ways: BTreeMap<String, Vec<String>>,
    /// The index at which the words of the topic begin in a list of words.
    topic: usize,
    random: Rng,
}

impl Writer {
    fn new() -> Self {
        let mut ways: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut name = "";
        for line in PROSE.lines() {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(next) => name = next,
                None => ways.entry(name.to_owned()).or_default().push(line.replace("\\n", "\n")),
            }
        }
        let samples = SAMPLES.split("%%").map(|sample| sample.trim().to_owned());
        ways.insert("sample".to_owned(), samples.collect());
        Self { ways, topic: 0, random: Rng::with_seed(1) }
    }

    /// Plans about this number of pages with different paths, at least one for each section.
    fn pages(&mut self, count: usize) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut paths = BTreeSet::new();
        for (section, share) in SECTIONS {
            let end = pages.len() + (share * count / PAGES).max(1);
            while pages.len() < end {
                let title = self.text(&format!("«{section} title»"));
                let folder = match section {
                    "api" => format!("api/{}", MODULES[self.random.usize(..MODULES.len())]),
                    _ => section.to_owned(),
                };
                let path = format!("{folder}/{}", slug(&title));
                if paths.insert(path.clone()) {
                    pages.push(Page { section, title, path });
                }
            }
        }
        pages
    }

    /// Writes the home page.
    fn home(&mut self) -> String {
        let template = format!(
            "---\ntitle: Lantern\ntemplate: splash\nhero:\n  tagline: «Sentence»\n---\n\n\
             {IMPORTS}«cards»\n\n«paragraph»\n\n«tabs»\n"
        );
        self.text(&template)
    }

    /// Writes the page that lists the pages of a section.
    fn overview(&mut self, section: &str, title: &str, pages: &[Page]) -> String {
        let pages = pages.iter().filter(|page| page.section == section);
        let lines = pages.map(|page| format!("- {}: «description»\n", page.link()));
        let lines: String = lines.collect();
        self.text(&format!(
            "---\ntitle: {title}\ndescription: «Description»\n---\n\n«paragraph»\n\n{lines}"
        ))
    }

    fn page(&mut self, page: &Page) -> String {
        self.topic = self.random.usize(..1000);
        let Page { section, title, .. } = page;
        let mut template = format!("---\ntitle: '{title}'\ndescription: «Description»\n---\n\n");
        if page.is_mdx() {
            template += IMPORTS;
        }
        template += "«paragraph»\n";
        for _ in 0..3 + self.random.usize(..4) {
            template += "\n## «Heading»\n\n«paragraph»\n";
            for _ in 0..=self.random.usize(..2) {
                let heading = if self.random.usize(..3) == 0 { "### «Heading»\n\n" } else { "" };
                let _ = write!(template, "\n{heading}«{section} block»\n");
            }
        }
        self.text(&template)
    }

    /// Replaces the names of parts in a template.
    fn text(&mut self, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, (name, after))) =
            rest.split_once('«').and_then(|(before, rest)| Some((before, rest.split_once('»')?)))
        {
            text += before;
            text += &self.part(name);
            rest = after;
        }
        text + rest
    }

    /// Writes a part, capitalised or in capitals like its name.
    fn part(&mut self, name: &str) -> String {
        let way = match self.ways.get(&name.to_lowercase()) {
            Some(ways) if WORDS.contains(&name.to_lowercase().as_str()) => {
                let word = self.topic + self.random.usize(..ways.len() / 7);
                ways[word % ways.len()].clone()
            }
            Some(ways) => ways[self.random.usize(..ways.len())].clone(),
            None => format!("({name}?)"),
        };
        let mut part = self.text(&way);
        if name.chars().all(char::is_uppercase) {
            part = part.to_uppercase();
        } else if name.starts_with(char::is_uppercase)
            && let Some(first) = part.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
        part
    }
}

/// Turns a title into a part of a path.
fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_has_600_pages_without_unknown_parts() {
        let pages = content(PAGES);
        assert_eq!(pages.len(), PAGES);
        for (name, page) in pages {
            let page = String::from_utf8(page).unwrap();
            assert!(!page.contains("?)") && !page.contains(['«', '»']), "{}", name.display());
        }
    }

    #[test]
    fn the_site_is_the_same_each_time() {
        assert!(content(PAGES) == content(PAGES));
    }

    #[test]
    fn a_small_site_has_pages_in_every_section() {
        let names: Vec<_> = content(1).into_keys().collect();
        assert_eq!(names.len(), SECTIONS.len() + OVERVIEWS.len() + 1);
    }
}
