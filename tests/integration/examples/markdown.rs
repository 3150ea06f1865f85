//! The documentation of the repository: its files, their code blocks, headings and links.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders that contain documents.
const FOLDERS: [&str; 10] = [
    ".",
    "benches",
    "docs",
    "examples/astro-islands",
    "examples/astro-pages",
    "examples/astro-ssr",
    "examples/blog",
    "examples/rust-ssr",
    "examples/rust-worker",
    "npm/worker-pack",
];

/// A Markdown file.
pub(super) struct Document {
    /// The path below the root of the repository.
    pub(super) path: String,
    pub(super) text: String,
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Document {
    pub(super) fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap();
        Self { path: path.to_owned(), text }
    }

    /// Returns all documents.
    pub(super) fn all() -> Vec<Self> {
        let files = FOLDERS.iter().flat_map(|folder| {
            let entries = fs::read_dir(root().join(folder)).unwrap();
            entries.map(move |entry| Path::new(folder).join(entry.unwrap().file_name()))
        });
        let is_markdown = |path: &PathBuf| path.extension().is_some_and(|it| it == "md");
        let mut paths: Vec<PathBuf> = files.filter(is_markdown).collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path.to_str().unwrap())).collect()
    }

    /// Returns the code blocks in a language.
    pub(super) fn blocks(&self, language: &str) -> Vec<&str> {
        let fence = format!("```{language}\n");
        self.text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
    }

    /// Returns the lines outside of code blocks.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut in_block = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.starts_with("```");
            in_block ^= is_fence;
            !in_block && !is_fence
        })
    }

    /// Returns the targets of the links.
    pub(super) fn links(&self) -> Vec<&str> {
        let targets = self.prose().flat_map(|line| line.split("](").skip(1));
        targets.map(|rest| rest.split(')').next().unwrap()).collect()
    }

    /// Returns the fragments that lead to the headings, as GitHub makes them.
    pub(super) fn anchors(&self) -> Vec<String> {
        let headings = self.prose().filter(|line| line.starts_with('#'));
        let anchor = |heading: &str| {
            let text = heading.trim_start_matches('#').trim().to_lowercase();
            let allowed = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
            text.chars().filter(allowed).map(|c| if c == ' ' { '-' } else { c }).collect()
        };
        headings.map(anchor).collect()
    }
}
