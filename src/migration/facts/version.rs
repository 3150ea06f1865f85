//! The version of a package in a project: the installed one, else the locked one, else the wanted one.

use std::path::Path;

use serde_json::Value;

use super::manager::{Manager, PackageManager};
use crate::project::npm_package::{self, GROUPS};

/// A version of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// The version, or the range of versions, as it is written.
    pub(crate) text: String,
    /// The first number of it.
    pub(crate) major: u32,
}

impl Version {
    fn new(text: &str) -> Option<Self> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        // A tag or a path may contain digits too.
        let is_range = text[..start].chars().all(|c| "^~>=< v".contains(c))
            || text.starts_with("npm:")
            || text.starts_with("workspace:");
        let digits: String = text[start..].chars().take_while(char::is_ascii_digit).collect();
        let major = digits.parse().ok().filter(|_| is_range)?;
        Some(Self { text: text.to_owned(), major })
    }
}

/// Returns the range of versions that `package.json` names for a package.
pub(crate) fn wanted<'p>(package: &'p Value, name: &str) -> Option<&'p str> {
    GROUPS.iter().find_map(|kind| package.get(kind)?.get(name)?.as_str())
}

/// Returns the version of a package. Returns `None` if the project does not have it, or names it by a tag.
pub(crate) fn of(root: &Path, manager: &Manager, package: &Value, name: &str) -> Option<Version> {
    let wanted = wanted(package, name);
    npm_package::version(root, name)
        .and_then(|version| Version::new(&version))
        .or_else(|| wanted.and_then(|wanted| locked(manager, root, name, wanted)))
        .or_else(|| Version::new(wanted?))
}

/// Returns the version in the lock file. If the projects of a repository have several versions, it is one
/// that the range allows.
fn locked(manager: &Manager, root: &Path, name: &str, wanted: &str) -> Option<Version> {
    let text = manager.lock_text()?;
    match manager.kind {
        PackageManager::Npm => locked_by_npm(&text, manager, root, name),
        PackageManager::Yarn => locked_by_yarn(&text, name, wanted),
        PackageManager::Pnpm | PackageManager::Bun => named_with_version(&text, name, wanted),
    }
}

fn locked_by_npm(text: &str, manager: &Manager, root: &Path, name: &str) -> Option<Version> {
    let lock: Value = serde_json::from_str(text).ok()?;
    let around = manager.lock.as_ref()?.parent()?;
    let own = root.strip_prefix(around).ok()?;
    let own: Vec<_> = own.iter().map(|part| part.to_string_lossy()).collect();
    let places = (0..=own.len()).rev().map(|length| {
        let package = format!("node_modules/{name}");
        let folders = own[..length].iter().map(AsRef::as_ref);
        folders.chain([&*package]).collect::<Vec<&str>>().join("/")
    });
    let packages = lock.get("packages");
    let mut places = places;
    let found = places.find_map(|place| packages?.get(place)?.get("version"));
    let older = || lock.get("dependencies")?.get(name)?.get("version");
    Version::new(found.or_else(older)?.as_str()?)
}

/// Reads `"astro@^5.0.0", "astro@npm:^5":`, followed by `  version "5.18.2"` or `  version: 5.18.2`.
fn locked_by_yarn(text: &str, name: &str, wanted: &str) -> Option<Version> {
    let names = |line: &str, is_it: &dyn Fn(&str) -> bool| {
        !line.starts_with(char::is_whitespace)
            && line.split(", ").any(|one| is_it(one.trim_matches(['"', ':'])))
    };
    let version = |is_it: &dyn Fn(&str) -> bool| {
        let mut lines = text.lines().skip_while(|line| !names(line, is_it)).skip(1);
        let version = lines.find_map(|line| line.trim().strip_prefix("version"))?;
        Version::new(version.trim_matches([':', ' ', '"']))
    };
    let exact = [format!("{name}@{wanted}"), format!("{name}@npm:{wanted}")];
    let start = format!("{name}@");
    version(&|one| exact.iter().any(|exact| exact == one))
        .or_else(|| version(&|one| one.starts_with(&start)))
}

/// Reads `astro@7.3.5` anywhere in a text, as pnpm and Bun write it.
fn named_with_version(text: &str, name: &str, wanted: &str) -> Option<Version> {
    let start = format!("{name}@");
    let is_part_of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    let all = text.match_indices(&start).filter_map(|(index, _)| {
        let before = text[..index].chars().next_back();
        // pnpm before version 9 writes `/astro@7.3.5`; `@scope/astro@1.0.0` is another package.
        let scope = text[..index].strip_suffix('/').and_then(|rest| rest.chars().next_back());
        if before.is_some_and(is_part_of_a_name) || scope.is_some_and(is_part_of_a_name) {
            return None;
        }
        let rest = &text[index + start.len()..];
        let is_version = rest.starts_with(|c: char| c.is_ascii_digit());
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !".-+".contains(c));
        is_version.then(|| Version::new(&rest[..end.unwrap_or(rest.len())]))?
    });
    let all: Vec<Version> = all.collect();
    let major = Version::new(wanted).map(|it| it.major);
    let allowed = all.iter().find(|it| Some(it.major) == major);
    allowed.or_else(|| all.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_lock_files() {
        let pnpm = "  '@acme/astro@1.0.0':\n  my-astro@2.0.0:\n  astro@5.18.2(typescript@5.9.3):\n";
        assert_eq!(named_with_version(pnpm, "astro", "^5.0.0").unwrap().text, "5.18.2");
        let pnpm = "  /@astrojs/cloudflare@12.6.13(astro@5.18.2):\n";
        assert_eq!(named_with_version(pnpm, "@astrojs/cloudflare", "catalog:").unwrap().major, 12);
        let bun = r#""astro": ["astro@7.3.5", "", {"#;
        assert_eq!(named_with_version(bun, "astro", "7").unwrap().major, 7);
        let yarn = "\"@acme/astro@^1\":\n  version \"1.0.0\"\n\nastro@^5.0.0, astro@^5.7.0:\n  version \"5.18.2\"\n";
        assert_eq!(locked_by_yarn(yarn, "astro", "latest").unwrap().text, "5.18.2");
        let berry = "\"astro@npm:^6.0.0\":\n  version: 6.1.0\n";
        assert_eq!(locked_by_yarn(berry, "astro", "^6.0.0").unwrap().text, "6.1.0");
    }

    #[test]
    fn of_several_locked_versions_the_range_allows_one() {
        let pnpm = "  astro@5.18.2:\n  astro@7.3.5:\n";
        assert_eq!(named_with_version(pnpm, "astro", "^7.0.0").unwrap().major, 7);
        assert_eq!(named_with_version(pnpm, "astro", "catalog:").unwrap().major, 5);
        let yarn = "astro@^5.0.0:\n  version \"5.18.2\"\n\n\"astro@^7.0.0\", astro@^7.1.0:\n  version \"7.3.5\"\n";
        assert_eq!(locked_by_yarn(yarn, "astro", "^7.1.0").unwrap().major, 7);
        let berry = "\"astro@npm:^5.0.0\":\n  version: 5.18.2\n\n\"astro@npm:^7.0.0, astro@npm:^7.1.0\":\n  version: 7.3.5\n";
        assert_eq!(locked_by_yarn(berry, "astro", "^7.0.0").unwrap().major, 7);
    }

    #[test]
    fn ranges_have_a_major_version_and_tags_have_none() {
        for (text, major) in [("^7.3.5", 7), ("~5", 5), (">=6 <7", 6), ("npm:astro@7.0.0", 7)] {
            assert_eq!(Version::new(text).unwrap().major, major, "{text}");
        }
        for text in ["latest", "next-7", "file:../astro-5", "*", "workspace:*", ""] {
            assert_eq!(Version::new(text), None, "{text}");
        }
    }
}
