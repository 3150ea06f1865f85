//! A documentation site as large as they come: hundreds of pages that Starlight renders, in English
//! that is made up but compresses about as English does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::random::Random;
use crate::sites::project::Project;

/// Words and sentences, and the way that pages are made of them.
const PROSE: &str = include_str!("docs_site/prose.txt");

/// Samples of code, in the languages that documentation has.
const SAMPLES: &str = include_str!("docs_site/samples.txt");

/// Where Starlight looks for pages.
const CONTENT: &str = "src/content/docs";

/// The folders of the site, and how many pages each has. With three more there are 600 in all.
const SECTIONS: [(&str, usize); 7] = [
    ("tutorials", 30),
    ("guides", 70),
    ("concepts", 40),
    ("reference", 60),
    ("cli", 20),
    ("api", 220),
    ("errors", 157),
];

/// Those whose pages the sidebar does not list, with the titles of the pages that do.
const OVERVIEWS: [(&str, &str); 2] = [("api", "API"), ("errors", "Errors")];

/// The folders below that of the API.
const MODULES: [&str; 7] = ["build", "cache", "client", "config", "deploy", "router", "testing"];

/// The parts that are words, of which a page has but some: it has a topic.
const WORDS: [&str; 4] = ["noun", "word", "averb", "adjective"];

/// What pages in MDX start with.
const IMPORTS: &str =
    "import { Card, CardGrid, Steps, TabItem, Tabs } from '@astrojs/starlight/components';\n\n";

/// Builds the site, unless it is as it was when it was built, and returns where it is.
pub(crate) fn build() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs-site");
    let project = Project::new("docs-site", folder);
    let mut sources = project.sources()?;
    sources.append(&mut content());
    Ok(project.build_copy_of(&sources)?.dist())
}

/// Writes all pages, the same each time.
fn content() -> Files {
    let mut writer = Writer::new();
    let pages = writer.pages();
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

/// A page that is to be written.
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

    /// Returns whether it is written in MDX, as it has components.
    fn is_mdx(&self) -> bool {
        matches!(self.section, "guides" | "tutorials")
    }
}

/// Writes text of parts that are made of each other.
struct Writer {
    /// The ways to write a part, by its name. `«name»` in one of them stands for a part.
    ways: BTreeMap<String, Vec<String>>,
    /// Where in a list of words those that a page is about begin.
    topic: usize,
    random: Random,
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
        Self { ways, topic: 0, random: Random::new(1) }
    }

    /// Thinks up the pages, no two of which have the same path.
    fn pages(&mut self) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut paths = BTreeSet::new();
        for (section, count) in SECTIONS {
            let end = pages.len() + count;
            while pages.len() < end {
                let title = self.text(&format!("«{section} title»"));
                let folder = match section {
                    "api" => format!("api/{}", self.random.pick(&MODULES)),
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

    /// Writes the page that the site starts with.
    fn home(&mut self) -> String {
        let template = format!(
            "---\ntitle: Lantern\ntemplate: splash\nhero:\n  tagline: «Sentence»\n---\n\n\
             {IMPORTS}«cards»\n\n«paragraph»\n\n«tabs»\n"
        );
        self.text(&template)
    }

    /// Writes the page that lists those of a section.
    fn overview(&mut self, section: &str, title: &str, pages: &[Page]) -> String {
        let pages = pages.iter().filter(|page| page.section == section);
        let lines = pages.map(|page| format!("- {}: «description»\n", page.link()));
        let lines: String = lines.collect();
        self.text(&format!(
            "---\ntitle: {title}\ndescription: «Description»\n---\n\n«paragraph»\n\n{lines}"
        ))
    }

    fn page(&mut self, page: &Page) -> String {
        self.topic = self.random.below(1000);
        let Page { section, title, .. } = page;
        let mut template = format!("---\ntitle: '{title}'\ndescription: «Description»\n---\n\n");
        if page.is_mdx() {
            template += IMPORTS;
        }
        template += "«paragraph»\n";
        for _ in 0..3 + self.random.below(4) {
            template += "\n## «Heading»\n\n«paragraph»\n";
            for _ in 0..=self.random.below(2) {
                let heading = if self.random.below(3) == 0 { "### «Heading»\n\n" } else { "" };
                let _ = write!(template, "\n{heading}«{section} block»\n");
            }
        }
        self.text(&template)
    }

    /// Writes out what stands in a template for a part.
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

    /// Writes a part, with a capital if its name has one here, or in nothing but capitals.
    fn part(&mut self, name: &str) -> String {
        let way = match self.ways.get(&name.to_lowercase()) {
            Some(ways) if WORDS.contains(&name.to_lowercase().as_str()) => {
                let word = self.topic + self.random.below(ways.len() / 7);
                ways[word % ways.len()].clone()
            }
            Some(ways) => ways[self.random.below(ways.len())].clone(),
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

/// Makes a title part of a path.
fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_are_600_and_always_the_same_and_no_part_is_unknown() {
        let pages = content();
        assert_eq!(pages.len(), 600);
        assert!(pages == content());
        for (name, page) in pages {
            let page = String::from_utf8(page).unwrap();
            assert!(!page.contains("?)") && !page.contains(['«', '»']), "{}", name.display());
        }
    }
}
