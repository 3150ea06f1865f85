//! What the code of a site tells about the sources that its pages need.

use std::collections::BTreeSet;

use memchr::memmem;
use rayon::prelude::*;
use url::Url;

use super::source;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::feedback::error::PackError;
use crate::tabulate::{AssetEntry, AssetTable};

/// What code loads from elsewhere, and what it asks of a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SiteCode {
    /// The sources of modules that it imports from other hosts.
    pub(super) modules: BTreeSet<String>,
    /// The sources of style sheets that it imports from other hosts.
    pub(super) styles: BTreeSet<String>,
    pub(super) wasm: Wasm,
}

/// The use of WebAssembly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wasm {
    #[default]
    Unused,
    /// Code mentions it, so it may compile some.
    Used,
}

impl SiteCode {
    /// Reads the scripts and style sheets of a site. Any page may load any of them at run time.
    pub(super) fn of(table: &AssetTable) -> Result<Self, PackError> {
        let read = |entry: &AssetEntry| -> Result<Self, PackError> {
            let mut code = Self::default();
            match entry.media_type.language() {
                Some(Language::Code(CodeLanguage::JavaScript)) => {
                    code.read_script(&String::from_utf8_lossy(&entry.identity.read()?));
                }
                Some(Language::Code(CodeLanguage::Css)) => {
                    code.read_style(&String::from_utf8_lossy(&entry.identity.read()?));
                }
                _ => {}
            }
            Ok(code)
        };
        let all: Vec<Self> = table.entries().par_iter().map(read).collect::<Result<_, _>>()?;
        Ok(all.into_iter().fold(Self::default(), Self::merged))
    }

    fn merged(mut self, other: Self) -> Self {
        self.modules.extend(other.modules);
        self.styles.extend(other.styles);
        Self { wasm: self.wasm.max(other.wasm), ..self }
    }

    /// Reads a script.
    pub(super) fn read_script(&mut self, text: &str) {
        if text.contains("WebAssembly") {
            self.wasm = Wasm::Used;
        }
        self.modules.extend(urls(text).filter(|(before, _)| imports(before)).filter_map(host));
    }

    /// Reads an import map: whatever it maps to may be imported.
    pub(super) fn read_import_map(&mut self, text: &str) {
        self.modules.extend(urls(text).filter_map(host));
    }

    /// Reads a style sheet.
    pub(super) fn read_style(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        for (at, rule) in lower.match_indices("@import") {
            let rest = text[at + rule.len()..].trim_start();
            let rest = match rest.get(..4) {
                Some(name) if name.eq_ignore_ascii_case("url(") => rest[4..].trim_start(),
                _ => rest,
            };
            let rest = rest.trim_start_matches(['"', '\'']);
            let end = rest.find(['"', '\'', ')', ';']).unwrap_or(rest.len());
            let site = Url::parse(source::SITE).ok();
            let url = site.and_then(|site| site.join(&rest[..end]).ok());
            let other = url.and_then(|url| source::origin(&url)).filter(|one| one != source::OWN);
            self.styles.extend(other);
        }
    }
}

/// Returns the strings of a text that are absolute URLs, each with what is before it.
fn urls(text: &str) -> impl Iterator<Item = (&str, &str)> {
    memmem::find_iter(text.as_bytes(), "://").filter_map(|at| {
        let before = &text[..at];
        let scheme = ["https", "http"].into_iter().find(|scheme| before.ends_with(scheme))?;
        let start = at - scheme.len();
        let quote = text[..start].chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let end = text[start..].find(quote)?;
        Some((&text[..start - 1], &text[start..start + end]))
    })
}

/// Returns whether a string after this text is that of an import.
fn imports(before: &str) -> bool {
    let before = before.trim_end().trim_end_matches('(').trim_end();
    let word = ["import", "from"].into_iter().find_map(|word| before.strip_suffix(word));
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    word.is_some_and(|rest| !rest.ends_with(is_name))
}

fn host((_, url): (&str, &str)) -> Option<String> {
    source::origin(&Url::parse(url).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_other_hosts_are_those_that_are_imported() {
        let mut code = SiteCode::default();
        code.read_script(
            "import a from\"https://a.example/a.js\";import 'https://b.example/b';\
             import (`https://c.example/c`);export*from'http://d.example:81/';\
             fetch('https://e.example/');array.from('https://f.example');x='https://g.example'",
        );
        let hosts: Vec<&str> = code.modules.iter().map(String::as_str).collect();
        assert_eq!(hosts, ["a.example", "b.example", "c.example", "http://d.example:81"]);
        assert_eq!(code.wasm, Wasm::Unused);
    }

    #[test]
    fn style_sheets_of_other_hosts_are_those_that_are_imported() {
        let mut code = SiteCode::default();
        code.read_style(
            "@import url( 'https://a.example/a.css' ) screen;@IMPORT \"//b.example/b\";\
             @import url(https://c.example/c);@import 'own.css';p{background:url(https://d.example)}",
        );
        let hosts: Vec<&str> = code.styles.iter().map(String::as_str).collect();
        assert_eq!(hosts, ["a.example", "b.example", "c.example"]);
    }
}
