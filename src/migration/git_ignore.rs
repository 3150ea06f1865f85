//! `.gitignore`: what builds, wrangler and secrets write is not committed.

use std::fs;
use std::path::{Component, Path};

use ignore::gitignore::GitignoreBuilder;

use super::MigrationTarget;
use super::facts::Facts;
use super::text::line_break;

/// A pattern, and the files that it is for: a pattern is added if one of them is not ignored.
type Pattern = (&'static str, &'static [(&'static str, IsFolder)]);

/// The kind of an ignored path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IsFolder {
    Folder,
    File,
}

use IsFolder::{File, Folder};

/// The patterns that each project needs.
const PATTERNS: [Pattern; 3] = [
    (".wrangler/", &[(".wrangler", Folder)]),
    // The store of earlier builds, with the option `keep`.
    (".worker-pack/", &[(".worker-pack", Folder)]),
    (".dev.vars*", &[(".dev.vars", File), (".dev.vars.production", File)]),
];

/// Those of a crate around the site.
const OF_CRATE: [Pattern; 2] = [
    ("worker/build/", &[("worker/build", Folder)]),
    ("worker/target/", &[("worker/target", Folder)]),
];

/// Returns the text of `.gitignore` with the patterns that are missing. Returns `None` if none is.
pub(super) fn edited(
    facts: &Facts,
    target: MigrationTarget,
    packed_folder: &str,
) -> Option<String> {
    let text = facts.ignored.as_ref().map_or("", |file| &file.text);
    let mut builder = GitignoreBuilder::new(&facts.root);
    let above: Vec<_> = facts.root.ancestors().skip(1).collect();
    let repository = above.iter().position(|folder| folder.join(".git").exists());
    if let Some(repository) = repository.filter(|_| !facts.root.join(".git").exists()) {
        for folder in above[..=repository].iter().rev() {
            // Patterns of folders above apply as well. One with a slash counts from its own folder.
            let patterns = fs::read_to_string(folder.join(".gitignore")).unwrap_or_default();
            for line in patterns.lines().filter(|line| !line.trim_end_matches('/').contains('/')) {
                let _ = builder.add_line(None, line);
            }
        }
    }
    for line in text.lines() {
        let _ = builder.add_line(None, line);
    }
    let ignored = builder.build().ok()?;
    let is_ignored = |(path, kind): &(&str, IsFolder)| {
        ignored.matched_path_or_any_parents(path, *kind == Folder).is_ignore()
    };
    let patterns: &[&[Pattern]] = match target {
        MigrationTarget::Worker => &[&PATTERNS],
        MigrationTarget::Rust => &[&PATTERNS, &OF_CRATE],
    };
    let mut missing = Vec::new();
    let bundle = format!("{packed_folder}/bundle");
    // Git ignores no files outside of the folder of `.gitignore`.
    let is_inside =
        Path::new(packed_folder).components().all(|it| matches!(it, Component::Normal(_)));
    if target == MigrationTarget::Worker && is_inside && !is_ignored(&(bundle.as_str(), Folder)) {
        missing.push(format!("{bundle}/"));
    }
    let others = patterns.iter().copied().flatten();
    let others = others.filter(|(_, paths)| !paths.iter().all(is_ignored));
    missing.extend(others.map(|(pattern, _)| (*pattern).to_owned()));
    if missing.is_empty() {
        return None;
    }
    let line_break = line_break(text);
    let mut after = text.to_owned();
    if !after.is_empty() && !after.ends_with('\n') {
        after.push_str(line_break);
    }
    for pattern in missing {
        after.push_str(&pattern);
        after.push_str(line_break);
    }
    Some(after)
}
