//! A redeploy: the same build after edits of a component that all pages have, of a function in a script, and of a
//! style sheet.
//!
//! As Vite does, the edited files get another hash in their names, and with them the files that name them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::Result;
use fs_err as fs;
use regex::Regex;

use crate::files::{Files, put};

/// The folder of the files with a hash in their names.
const HASHED: &str = "_astro";

/// The extensions of the files that may name others.
const TEXTS: [&str; 4] = ["html", "js", "css", "json"];

/// The ends of elements into which the component writes. The last one in a page counts.
const PLACES: [&str; 2] = ["</footer>", "</body>"];

/// The line that the component has more after the edit.
const LINE: &str = "<p class=\"renewed\">Renewed on a Thursday.</p>";

/// The statement that a function of the script has more. It has no quotes, since its place may be in a string.
const STATEMENT: &str = "globalThis.renewedOnAThursday=[1,2,3].map(day=>day+1);";

/// The rule that the style sheet has more.
const RULE: &str = ".renewed{margin-block:1rem;color:#123456}";

/// A file that a redeploy has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// The path of its URL after the redeploy.
    pub(super) path: String,
    /// Its size before the redeploy.
    pub(super) bytes: usize,
}

/// The files that a redeploy has changed besides the pages, if the visited pages have such.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edits {
    /// The largest script with a hash in its name that visited pages load.
    pub(super) script: Option<Edit>,
    /// The largest style sheet of that kind.
    pub(super) sheet: Option<Edit>,
}

/// Copies a build, and edits the copy.
pub(super) fn edit(
    from: &Path,
    names: &[PathBuf],
    visited: &[PathBuf],
    to: &Path,
) -> Result<Edits> {
    let mut files = Files::new();
    for name in names {
        files.insert(name.clone(), fs::read(from.join(name))?);
    }
    let texts: BTreeMap<&Path, &str> = files
        .iter()
        .filter(|(name, _)| TEXTS.contains(&extension(name)))
        .filter_map(|(name, bytes)| Some((&**name, str::from_utf8(bytes).ok()?)))
        .collect();
    let loaded = loaded(&texts, visited);
    let largest = |kind: &str| {
        let of_kind = loaded.iter().copied().filter(|name| extension(name) == kind);
        of_kind.max_by_key(|name| (texts[name].len(), *name))
    };
    let script = largest("js").and_then(|name| Some((name, with_statement(texts[name])?)));
    let sheet = largest("css").map(|name| (name, format!("{}{RULE}", texts[name])));
    let edited: BTreeMap<&Path, String> = script.iter().chain(&sheet).cloned().collect();
    let renamed = renamed(&texts, edited.keys().copied());
    for (name, bytes) in &files {
        let target = to.join(renamed.get(&**name).unwrap_or(name));
        let Some(text) = texts.get(&**name) else {
            put(&target, bytes)?;
            continue;
        };
        let mut text = edited.get(&**name).map_or(*text, |text| text).to_owned();
        for (before, after) in &renamed {
            text = text.replace(file_name(before), file_name(after));
        }
        if extension(name) == "html"
            && let Some(place) = PLACES.iter().find_map(|place| text.rfind(place))
        {
            text.insert_str(place, LINE);
        }
        put(&target, text)?;
    }
    let edit = |(name, _): &(&Path, String)| Edit {
        path: format!("/{}", renamed[name].to_string_lossy()),
        bytes: texts[name].len(),
    };
    Ok(Edits { script: script.as_ref().map(edit), sheet: sheet.as_ref().map(edit) })
}

/// Finds the files with a hash in their names that some pages name, or files that these name.
fn loaded<'t>(texts: &BTreeMap<&'t Path, &str>, pages: &[PathBuf]) -> BTreeSet<&'t Path> {
    let hashed: Vec<&Path> = hashed(texts).collect();
    let mut loaded = BTreeSet::new();
    let mut open: Vec<&str> = pages.iter().filter_map(|page| texts.get(&**page).copied()).collect();
    while let Some(text) = open.pop() {
        for name in &hashed {
            if text.contains(file_name(name)) && loaded.insert(*name) {
                open.push(texts[name]);
            }
        }
    }
    loaded
}

/// Gives other names to files, and to those that name them. Returns the new names by the earlier ones.
fn renamed<'t>(
    texts: &BTreeMap<&'t Path, &str>,
    edited: impl Iterator<Item = &'t Path>,
) -> BTreeMap<&'t Path, PathBuf> {
    let mut open: Vec<&Path> = edited.collect();
    let mut all = BTreeMap::new();
    while let Some(name) = open.pop() {
        if all.insert(name, with_other_hash(name)).is_none() {
            open.extend(hashed(texts).filter(|other| texts[other].contains(file_name(name))));
        }
    }
    all
}

fn hashed<'t>(texts: &BTreeMap<&'t Path, &str>) -> impl Iterator<Item = &'t Path> {
    let is_hashed =
        |name: &&Path| name.starts_with(HASHED) && ["js", "css"].contains(&extension(name));
    texts.keys().copied().filter(is_hashed)
}

/// Adds a statement to the function that begins nearest to the middle of a script, if there is one.
fn with_statement(script: &str) -> Option<String> {
    static FUNCTION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"=> ?\{|function ?[A-Za-z0-9_$]*\([A-Za-z0-9_$, ]*\) ?\{")
            .expect("the pattern is valid")
    });
    let bodies = FUNCTION.find_iter(script).map(|head| head.end());
    let place = bodies.min_by_key(|place| place.abs_diff(script.len() / 2))?;
    Some(format!("{}{STATEMENT}{}", &script[..place], &script[place..]))
}

/// Returns the name of a file with another hash, of the same length and as hard to guess.
fn with_other_hash(name: &Path) -> PathBuf {
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
    fn a_redeploy_changes_pages_a_script_a_sheet_and_the_names_of_what_names_them() {
        let [before, after] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let page = "<link href=\"/_astro/a.Css1.css\"><script src=\"/_astro/page.Abc1.js\">\
                    </script><footer></footer></body>";
        let texts = [
            ("index.html", page),
            ("other/index.html", "<script src=\"/_astro/unvisited.Def2.js\"></script></body>"),
            ("_astro/page.Abc1.js", "import './all.Xyz2.js'"),
            ("_astro/all.Xyz2.js", "let a=()=>{b()};let c=function(d,e){f()};a(c);a(c);a(c)"),
            ("_astro/alone.Ghi3.js", "not loaded"),
            ("_astro/unvisited.Def2.js", &"()=>{}".repeat(99)),
            ("_astro/a.Css1.css", "p{}"),
        ];
        for (name, text) in texts {
            put(&before.path().join(name), text).unwrap();
        }
        let names = texts.map(|(name, _)| PathBuf::from(name));
        let edits = edit(before.path(), &names, &names[..1], after.path()).unwrap();
        let edited = files::read(after.path(), &[]).unwrap();
        let text = |name: &str| str::from_utf8(&edited[Path::new(name)]).unwrap();
        assert_eq!(edited.len(), texts.len());
        assert_eq!(
            text("index.html"),
            format!(
                "<link href=\"/_astro/a.1ssC.css\"><script src=\"/_astro/page.1cbA.js\">\
                 </script><footer>{LINE}</footer></body>"
            )
        );
        assert_eq!(text("_astro/page.1cbA.js"), "import './all.2zyX.js'");
        let script =
            format!("let a=()=>{{b()}};let c=function(d,e){{{STATEMENT}f()}};a(c);a(c);a(c)");
        assert_eq!(text("_astro/all.2zyX.js"), script);
        assert_eq!(text("_astro/a.1ssC.css"), format!("p{{}}{RULE}"));
        assert_eq!(text("_astro/alone.Ghi3.js"), "not loaded");
        let edit = |path: &str, bytes| Some(Edit { path: path.to_owned(), bytes });
        let script = edit("/_astro/all.2zyX.js", texts[3].1.len());
        assert_eq!(edits, Edits { script, sheet: edit("/_astro/a.1ssC.css", 3) });
    }

    #[test]
    fn a_site_without_scripts_and_sheets_has_no_edits_of_them() {
        let [before, after] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        put(&before.path().join("index.html"), "</body>").unwrap();
        let names = [PathBuf::from("index.html")];
        let edits = edit(before.path(), &names, &names, after.path()).unwrap();
        assert_eq!(edits, Edits { script: None, sheet: None });
    }
}
