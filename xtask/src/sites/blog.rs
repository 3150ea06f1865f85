//! The example blog, whose build is in the repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Result, bail};
use clap::Args;
use regex::Regex;

use super::project::{Project, Rebuild};
use crate::files::{self, Files};

/// Options of `cargo xtask blog`.
#[derive(Args)]
pub(crate) struct Options {
    /// Compare only, and fail if the build in the repository differs
    #[arg(long)]
    check: bool,
}

/// Builds the blog, and brings the build in the repository up to date or compares it.
pub(crate) fn run_task(options: &Options) -> Result<()> {
    let blog = Project::example("blog");
    let rebuild = if options.check { Rebuild::Always } else { Rebuild::IfChanged };
    let copy = blog.build_copy(rebuild)?;
    let committed = files::read(&blog.dist(), &[])?;
    let built = files::read(&copy.dist(), &[])?;
    let different = different(&committed, &built);
    let Some(first) = different.first() else {
        eprintln!("the {} files of the blog are what Astro builds", built.len());
        return Ok(());
    };
    if options.check {
        let names: Vec<_> = different.iter().map(|name| name.to_string_lossy()).collect();
        bail!(
            "what Astro builds differs in: {}; run `cargo xtask blog`\n{}",
            names.join(", "),
            first_difference(
                &comparable(first, &committed).unwrap_or_default(),
                &comparable(first, &built).unwrap_or_default(),
            ),
        );
    }
    for name in &different {
        let path = blog.dist().join(name);
        match built.get(name) {
            Some(bytes) => files::put(&path, bytes)?,
            None => files::remove(&path)?,
        }
        eprintln!("updated {}", path.display());
    }
    Ok(())
}

/// Returns the names of files that are missing in one of two builds, or differ.
fn different(committed: &Files, built: &Files) -> Vec<PathBuf> {
    let names: BTreeSet<&PathBuf> = committed.keys().chain(built.keys()).collect();
    let differs = |name: &&PathBuf| comparable(name, committed) != comparable(name, built);
    names.into_iter().filter(differs).cloned().collect()
}

/// Returns a file of a build, reduced to the parts that are the same in every build.
fn comparable(name: &Path, files: &Files) -> Option<Vec<u8>> {
    let bytes = files.get(name)?;
    match str::from_utf8(bytes) {
        Ok(page) if name.extension().is_some_and(|extension| extension == "html") => {
            Some(comparable_page(page).into_bytes())
        }
        _ => Some(bytes.clone()),
    }
}

/// Leaves out the `uid` of islands, which depends on the project's folder, and sorts the style
/// sheets in the head.
///
/// Astro sorts them by the first path that it finds in the module graph, and leaves ties in the
/// order in which Vite emits them, which a busy machine can change. It joins neighbours that are
/// inlined into one element, in which each sheet is a line.
fn comparable_page(page: &str) -> String {
    static UID: LazyLock<Regex> = LazyLock::new(|| regex(r#"(<astro-island) uid="[^"]*""#));
    static SHEET: LazyLock<Regex> =
        LazyLock::new(|| regex(r#"(?s)<style>(.*?)</style>|<link rel="stylesheet"[^>]*>"#));
    let page = UID.replace_all(page, "$1");
    let Some((head, rest)) = page.split_once("</head>") else { return page.into_owned() };
    let mut sheets = Vec::new();
    for sheet in SHEET.captures_iter(head) {
        match sheet.get(1) {
            Some(inlined) => sheets.extend(inlined.as_str().lines().map(str::to_owned)),
            None => sheets.push(sheet[0].to_owned()),
        }
    }
    sheets.sort();
    format!("{}\n{}\n</head>{rest}", SHEET.replace_all(head, ""), sheets.join("\n"))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

/// Shows two files around the first byte in which they differ.
fn first_difference(committed: &[u8], built: &[u8]) -> String {
    let start = committed.iter().zip(built).take_while(|(one, other)| one == other).count();
    let [committed, built] = [committed, built].map(|bytes| {
        let end = (start + 100).min(bytes.len());
        String::from_utf8_lossy(&bytes[start.saturating_sub(100)..end]).into_owned()
    });
    format!("committed: …{committed}…\nbuilt:     …{built}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(head: &str, body: &str) -> Files {
        let page = format!("<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>");
        Files::from([("index.html".into(), page.into_bytes())])
    }

    #[test]
    fn the_order_of_style_sheets_is_ignored() {
        let link = "<link rel=\"stylesheet\" href=\"/_astro/Base.9YYzIhhn.css\">";
        let joined = page(&format!("<title>x</title>{link}<style>.a{{}}\n.b{{}}\n</style>"), "");
        let apart = format!("<title>x</title><style>.b{{}}\n</style>{link}<style>.a{{}}\n</style>");
        assert!(different(&joined, &page(&apart, "")).is_empty());
    }

    #[test]
    fn changed_and_missing_style_sheets_are_differences() {
        let sheets = page("<style>.a{}\n</style><style>.b{}\n</style>", "");
        for other in ["<style>.a{}\n</style>", "<style>.a{}\n.c{}\n</style>", ""] {
            assert_eq!(different(&sheets, &page(other, "")), [Path::new("index.html")]);
        }
    }

    #[test]
    fn the_order_of_everything_else_is_a_difference() {
        let scripts = page("<script>1</script><script>2</script>", "<style>.a{}</style><p>");
        for other in [
            page("<script>2</script><script>1</script>", "<style>.a{}</style><p>"),
            page("<script>1</script><script>2</script>", "<p><style>.a{}</style>"),
        ] {
            assert_eq!(different(&scripts, &other).len(), 1);
        }
    }

    #[test]
    fn uids_of_islands_are_ignored() {
        let island = |uid: &str| page("", &format!("<astro-island uid=\"{uid}\" props=\"{{}}\">"));
        assert!(different(&island("Z1abc"), &island("2xyz")).is_empty());
        let other = page("", "<astro-island uid=\"Z1abc\" props=\"1\">");
        assert_eq!(different(&island("Z1abc"), &other).len(), 1);
    }

    #[test]
    fn files_that_are_not_pages_are_compared_byte_by_byte() {
        let script = Files::from([("a.js".into(), b"<astro-island uid=\"1\">".to_vec())]);
        let other = Files::from([("a.js".into(), b"<astro-island uid=\"2\">".to_vec())]);
        assert_eq!(different(&script, &other), [Path::new("a.js")]);
        assert_eq!(different(&script, &Files::new()), [Path::new("a.js")]);
    }
}
