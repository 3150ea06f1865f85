//! Media types by extension, as Cloudflare's servers send them.
//!
//! The table of `mime_guess` has most of them. `cloudflare_types.txt` has the extensions for which wrangler's
//! tables differ: the npm package `mime`, version 4 for Workers Static Assets and version 3 for Pages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use worker_pack_runtime::behaviour::Compat;

/// The types that the two servers send for an extension, if they send one.
struct Types {
    workers: Option<&'static str>,
    pages: Option<&'static str>,
}

static DIFFERENCES: LazyLock<BTreeMap<&str, Types>> = LazyLock::new(|| {
    let lines = include_str!("cloudflare_types.txt").lines();
    lines.filter_map(difference).collect()
});

/// Reads a line: an extension and its type on each server, `-` for none.
fn difference(line: &'static str) -> Option<(&'static str, Types)> {
    let mut words = line.split(' ');
    let extension = words.next()?;
    let mut next = || words.next().filter(|word| *word != "-");
    let (workers, pages) = (next(), next());
    Some((extension, Types { workers, pages }))
}

/// Types that are sent with improved fidelity only, since those of Cloudflare are wrong: it takes Rust for a
/// list of services, and code of Node for no script.
const IMPROVED: [(&str, &str); 3] =
    [("cjs", "text/javascript"), ("rs", "text/x-rust"), ("topojson", "application/json")];

/// Returns the type that a server sends for files with an extension in lower case, if it sends one.
pub(super) fn on_cloudflare(compat: Compat, extension: &str) -> Option<&'static str> {
    match DIFFERENCES.get(extension) {
        Some(types) => match compat {
            Compat::Workers => types.workers,
            Compat::Pages => types.pages,
        },
        None => mime_guess::from_ext(extension).first_raw(),
    }
}

/// Returns the type of files with an extension in lower case. An unknown one says nothing.
pub(super) fn improved(extension: &str) -> Option<&'static str> {
    let own = IMPROVED.iter().find(|(name, _)| *name == extension);
    own.map(|(_, own)| *own).or_else(|| on_cloudflare(Compat::Workers, extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_each_server() {
        for (extension, workers, pages) in [
            ("html", Some("text/html"), Some("text/html")),
            ("js", Some("text/javascript"), Some("application/javascript")),
            ("cjs", Some("application/node"), Some("application/node")),
            ("jxl", Some("image/jxl"), None),
            ("es", None, Some("application/ecmascript")),
            ("config", None, None),
            ("unheard-of", None, None),
            ("docx", improved("docx"), improved("docx")),
        ] {
            let found = [Compat::Workers, Compat::Pages].map(|it| on_cloudflare(it, extension));
            assert_eq!(found, [workers, pages], "{extension}");
        }
        assert_eq!(improved("cjs"), Some("text/javascript"));
    }

    #[test]
    fn the_differences_are_sorted_and_well_formed() {
        let lines: Vec<&str> = include_str!("cloudflare_types.txt").lines().collect();
        assert!(lines.is_sorted());
        assert_eq!(DIFFERENCES.len(), lines.len(), "each extension once");
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(words.len(), 3, "{line}");
            let is_type = |word: &&str| *word == "-" || word.contains('/');
            assert!(words[1..].iter().all(is_type), "{line}");
            let own = mime_guess::from_ext(words[0]).first_raw().unwrap_or("-");
            assert!(words[1..].iter().any(|word| *word != own), "{line} is not a difference");
        }
    }
}
