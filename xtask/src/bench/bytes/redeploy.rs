//! A redeploy: the same build after an edit of a component that all pages have, and of a script.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use fs_err as fs;

use crate::files::{Files, put};

/// The folder of the files with a hash in their names.
const HASHED: &str = "_astro";

/// The ends of elements into which the component writes. The last one in a page counts.
const PLACES: [&str; 2] = ["</footer>", "</body>"];

/// The line that the component has more after the edit.
const LINE: &str = "<p class=\"renewed\">Renewed on a Thursday.</p>";

/// The statement that the script has more.
const STATEMENT: &str = "\n;globalThis.renewedOnAThursday = [1, 2, 3].map((day) => day + 1);\n";

/// Copies a build, and edits the copy.
pub(super) fn edit(from: &Path, names: &[PathBuf], to: &Path) -> Result<()> {
    let mut files = Files::new();
    for name in names {
        files.insert(name.clone(), fs::read(from.join(name))?);
    }
    let script = script(&files).context("no script with a hash is named by pages alone")?;
    for (name, bytes) in &files {
        let edited = Edited { script: &script }.file(name, bytes);
        let name = if *name == script { renamed(name) } else { name.clone() };
        put(&to.join(name), edited)?;
    }
    Ok(())
}

/// Finds the largest script with a hash in its name that pages name, and no other script does: its new name
/// changes the names of no others.
fn script(files: &Files) -> Option<PathBuf> {
    let is_named_by = |script: &Path, kind: &str| {
        let others = files.iter().filter(|(name, _)| *name != script && extension(name) == kind);
        let mut texts = others.filter_map(|(_, bytes)| str::from_utf8(bytes).ok());
        texts.any(|text| text.contains(file_name(script)))
    };
    let hashed =
        files.iter().filter(|(name, _)| name.starts_with(HASHED) && extension(name) == "js");
    let alone = hashed.filter(|(name, _)| is_named_by(name, "html") && !is_named_by(name, "js"));
    alone.max_by_key(|(_, bytes)| bytes.len()).map(|(name, _)| name.clone())
}

/// The edit of a redeploy.
struct Edited<'s> {
    script: &'s Path,
}

impl Edited<'_> {
    fn file(&self, name: &Path, bytes: &[u8]) -> Vec<u8> {
        let Ok(text) = str::from_utf8(bytes) else { return bytes.to_owned() };
        if name == self.script {
            return format!("{text}{STATEMENT}").into_bytes();
        }
        if !["html", "js", "css", "json"].contains(&extension(name)) {
            return bytes.to_owned();
        }
        let mut text = text.replace(file_name(self.script), file_name(&renamed(self.script)));
        if extension(name) == "html"
            && let Some(place) = PLACES.iter().find_map(|place| text.rfind(place))
        {
            text.insert_str(place, LINE);
        }
        text.into_bytes()
    }
}

/// Returns the name of a file with another hash, of the same length and as hard to guess.
fn renamed(name: &Path) -> PathBuf {
    let parts: Vec<&str> = file_name(name).split('.').collect();
    let hash = parts.len().saturating_sub(2);
    let turned = |(index, part): (usize, &&str)| {
        if index == hash { part.chars().rev().collect() } else { (*part).to_owned() }
    };
    let parts: Vec<String> = parts.iter().enumerate().map(turned).collect();
    name.with_file_name(parts.join("."))
}

fn extension(name: &Path) -> &str {
    name.extension().and_then(OsStr::to_str).unwrap_or_default()
}

fn file_name(name: &Path) -> &str {
    name.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    #[test]
    fn a_redeploy_changes_each_page_and_the_script_with_its_name() {
        let [before, after] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let pages = "<script src=\"/_astro/page.Abc1.js\"></script><footer></footer></body>";
        let texts = [
            ("index.html", pages),
            ("_astro/page.Abc1.js", "import './all.Xyz2.js' // page.Abc1.js.map"),
            ("_astro/all.Xyz2.js", "a longer script, which another one imports"),
            ("a.css", "p {}"),
        ];
        for (name, text) in texts {
            put(&before.path().join(name), text).unwrap();
        }
        let names = texts.map(|(name, _)| PathBuf::from(name));
        edit(before.path(), &names, after.path()).unwrap();
        let edited = files::read(after.path(), &[]).unwrap();
        let text = |name: &str| str::from_utf8(&edited[Path::new(name)]).unwrap();
        assert_eq!(edited.len(), 4);
        let page = "<script src=\"/_astro/page.1cbA.js\"></script><footer>";
        assert_eq!(text("index.html"), format!("{page}{LINE}</footer></body>"));
        assert_eq!(text("_astro/page.1cbA.js"), format!("{}{STATEMENT}", texts[1].1));
        assert_eq!(text("_astro/all.Xyz2.js"), texts[2].1);
        assert_eq!(text("a.css"), texts[3].1);
    }
}
