//! Scripts that other code, or they themselves, know by their URLs, although no text has the whole name.
//!
//! A script that reads its own URL may look for its name there, or make up those of others. And a module that is
//! loaded by a URL that is made up would become a second instance beside the one with a fingerprint.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use super::encrypted::slots;
use super::parsers::Parsers;
use super::plan::{KeptName, Plan, is_script};
use super::report::{NameReason, TextPlace};
use super::server::{ServerModules, ServerText};
use crate::asset::media_type::{CodeLanguage, Language};
use crate::ingest::{Site, SourceFile};
use crate::survey::{OtherText, Survey, is_read};
use crate::transform::ScriptKind;

impl Plan {
    /// Keeps the names of scripts that read their own URLs, or that other code may load by URLs that it makes up.
    pub(super) fn keep_watched_scripts(
        &mut self,
        site: &Site,
        survey: &Survey,
        others: &[OtherText],
        parsers: Parsers<'_>,
    ) {
        if !self.files.iter().any(|index| is_script(&site.files[*index])) {
            return;
        }
        self.keep(|index| {
            let file = &site.files[index];
            let bytes = is_script(file).then(|| file.content.read().ok()).flatten()?;
            let text = String::from_utf8_lossy(&bytes);
            let place = TextPlace::of(&file.name, text.as_bytes(), parsers.own_url(&text)?);
            Some(KeptName::at(NameReason::ReadsOwnUrl, &place))
        });
        let watchers = Watchers::of_site(site, others, &self.server, parsers);
        let Watchers { import, selector, slots } = watchers;
        self.keep(|index| {
            let file = &site.files[index];
            let is_module = survey.script_kind(&file.route) != ScriptKind::Classic;
            let import = import.as_ref().filter(|_| is_module);
            let place = selector.as_ref().or(import).filter(|_| is_script(file))?;
            Some(KeptName::at(NameReason::ComputedUrl, place))
        });
        self.keep(|index| {
            let place = slots.as_ref().filter(|_| is_script(&site.files[index]))?;
            Some(KeptName::at(NameReason::Encrypted, place))
        });
    }
}

/// The first places of a build that may lead to a script without its whole name.
#[derive(Default)]
struct Watchers {
    /// An import of a URL that is computed, or an import map that leads from one URL to another.
    import: Option<TextPlace>,
    /// A selector of scripts by a part of their URLs.
    selector: Option<TextPlace>,
    /// Encrypted slots of a server island, in a public file.
    slots: Option<TextPlace>,
}

impl Watchers {
    fn of_site(
        site: &Site,
        others: &[OtherText],
        server: &BTreeMap<String, ServerText>,
        parsers: Parsers<'_>,
    ) -> Self {
        let public = site.files.par_iter().filter(|file| is_code(file)).map(|file| {
            let bytes = file.content.read().unwrap_or_default();
            let found = Self::of_text(&file.name, &bytes);
            // The words of a page run nothing.
            let in_code = || Self::of_text(&file.name, &without_words(&bytes, parsers));
            let found = if found.is_none() || is_script(file) { found } else { in_code() };
            let text = String::from_utf8_lossy(&bytes);
            let place = |at| TextPlace::of(&file.name, text.as_bytes(), at);
            Self { slots: slots(&text).map(place), ..found }
        });
        let modules = ServerModules::of(site);
        let others = others.par_iter().map(|text| {
            let found = Self::of_text(&text.name, &text.bytes);
            let in_texts = || {
                let inert = server.get(&text.name).map_or(&[][..], |it| &it.references.inert);
                Self::of_text(&text.name, &without_own_imports(&text.bytes, inert, parsers))
            };
            if found.import.is_some() && modules.has(text) { in_texts() } else { found }
        });
        public.chain(others).reduce(Self::default, |one, other| Self {
            import: one.import.or(other.import),
            selector: one.selector.or(other.selector),
            slots: one.slots.or(other.slots),
        })
    }

    fn is_none(&self) -> bool {
        self.import.is_none() && self.selector.is_none()
    }

    fn of_text(name: &str, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let place = |at: usize| TextPlace::of(name, text.as_bytes(), at);
        let selectors = ["script[src*=", "script[src^=", "script[src$="];
        let selector = selectors.iter().filter_map(|selector| text.find(selector)).min();
        let import = computed_import(&text).or_else(|| mapped_url(&text));
        Self { import: import.map(place), selector: selector.map(place), slots: None }
    }
}

/// Returns whether a file has code that a browser runs, by its type.
fn is_code(file: &SourceFile) -> bool {
    let language = file.certain_type().map_or(Some(Language::Html), |it| it.language());
    let is_code =
        matches!(language, Some(Language::Html | Language::Code(CodeLanguage::JavaScript)));
    is_code && is_read(&file.route, file.state.len())
}

/// Returns a page with spaces in the place of what no program reads. A page that is not understood stays.
fn without_words(page: &[u8], parsers: Parsers<'_>) -> Vec<u8> {
    let references = str::from_utf8(page).ok();
    let references = references.and_then(|page| parsers.references(page, Language::Html));
    without(page, references.map(|references| references.inert).unwrap_or_default())
}

/// Returns a module of a server with spaces in the place of what it imports itself, and of what is `inert` in it. What is
/// left is code in its texts, which it may send to browsers.
fn without_own_imports(module: &[u8], inert: &[Range<usize>], parsers: Parsers<'_>) -> Vec<u8> {
    let imports = str::from_utf8(module).map(|program| parsers.own_imports(program));
    let mut places = imports.unwrap_or_default();
    places.extend_from_slice(inert);
    without(module, places)
}

/// Returns a text with spaces in some places, and the same lines.
fn without(text: &[u8], places: Vec<Range<usize>>) -> Vec<u8> {
    let mut result = text.to_vec();
    for place in places {
        let bytes = result[place].iter_mut();
        bytes.filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    }
    result
}

/// The names in Astro's code for islands, which imports what attributes of the page say.
const OF_ISLANDS: [&str; 4] =
    ["RetryImportUrl", "before-hydration-url", "component-url", "renderer-url"];

/// The number of bytes around an import in which those names are looked for.
const NEARBY: usize = 200;

/// Returns the place of an `import()` whose argument is not a text.
pub(super) fn computed_import(text: &str) -> Option<usize> {
    let is_computed = |(at, word): &(usize, &str)| {
        let is_of_name = |one: char| one.is_alphanumeric() || matches!(one, '.' | '$' | '_');
        let after = without_space(&text[at + word.len()..]);
        let is_whole = !text[..*at].ends_with(is_of_name);
        let Some(argument) = after.strip_prefix('(').filter(|_| is_whole) else { return false };
        !is_text(without_space(argument)) && !is_of_islands(text, *at)
    };
    text.match_indices("import").find(is_computed).map(|(at, _)| at)
}

fn is_of_islands(text: &str, at: usize) -> bool {
    let start = text.floor_char_boundary(at.saturating_sub(NEARBY));
    let end = text.ceil_char_boundary((at + NEARBY).min(text.len()));
    OF_ISLANDS.iter().any(|name| text[start..end].contains(name))
}

/// Returns the place of a key that is a URL, in a text with an import map (HTML §8.1.6.2). Scopes and hashes have such keys
/// as well, and lead to no other URL.
fn mapped_url(text: &str) -> Option<usize> {
    if !text.contains("importmap") {
        return None;
    }
    let is_key = |(at, _): &(usize, &str)| {
        let content = &text[at + 1..];
        let is_url = ["/", "./", "../", "http"].iter().any(|start| content.starts_with(start));
        let after = content.split_once('"').map_or("", |(_, after)| after);
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        let leads_elsewhere =
            |value: &str| !["{", "\"sha", "\\\"sha"].iter().any(|other| value.starts_with(other));
        is_url && value.is_some_and(leads_elsewhere) && !is_operand(text[..*at].trim_end())
    };
    text.match_indices('"').find(is_key).map(|(at, _)| at)
}

/// Returns whether what follows a text is a part of an expression, such as `a ? b = "c" : d`, or of a `case`.
fn is_operand(before: &str) -> bool {
    let word = before.rsplit(|one: char| !one.is_alphanumeric() && one != '_').next();
    before.ends_with(['?', '=', '+', '|', '&']) || word == Some("case")
}

/// Returns what follows white space and comments.
fn without_space(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("/*") {
        rest = comment.split_once("*/").map_or("", |(_, after)| after).trim_start();
    }
    rest
}

/// Returns whether the first argument of a call is a text alone.
fn is_text(arguments: &str) -> bool {
    let Some(quote) = arguments.chars().next().filter(|one| matches!(one, '"' | '\'' | '`')) else {
        return false;
    };
    let content = &arguments[1..];
    let Some(end) = content.find(quote) else { return false };
    let is_plain = !content[..end].contains(['\\', '$']);
    is_plain && without_space(&content[end + 1..]).starts_with([')', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_import_maps_are_told_from_operands() {
        let map = "<script type=importmap>{\"imports\":{\"/a.js\":\"/b.js\"}}</script>";
        let escaped = map.replace('"', "\\\"");
        for text in [map, &*escaped, "importmap: { \"imports\": {\n  \"./a.js\" : b } }"] {
            assert!(mapped_url(text).is_some(), "{text}");
        }
        for text in [
            "type != \"importmap\" ? a = \"http://a.example\" : b ? \"/a\" : c || \"/d\"",
            "importmap; switch (a) { case \"/a.js\": b() }",
            "{\"imports\":{\"a\":\"/b.js\"}} importmap",
            "importmap {\"scopes\":{\"/a/\":{\"b\":\"/c.js\"}},\"integrity\":{\"/c.js\":\"sha384-d\"}}",
            "{\"/a.js\":\"/b.js\"}",
        ] {
            assert_eq!(mapped_url(text), None, "{text}");
        }
    }

    #[test]
    fn imports_of_computed_urls_are_found_and_those_of_texts_and_islands_are_not() {
        for text in [
            "import(a)",
            "await import (/* @vite-ignore */ `./${a}.js`)",
            "import('./' + a)",
            "a=>import(\n  a)",
            "import('./a\\'.js')",
            "<p onclick=\"import(&quot;./a.js&quot;)\">",
        ] {
            assert!(computed_import(text).is_some(), "{text}");
        }
        for text in [
            "import('./a.js')",
            "import(\n /* a */ `./a.js`, b)",
            "import a from 'b'; f(a)",
            "a.import(b); reimport(b); important(b)",
            "import(e)}catch(r){return import(this.getRetryImportUrl(e))}",
            // Astro 5.
            "let e=this.getAttribute(\"before-hydration-url\");e&&await import(e),this.start()",
            "[import(this.getAttribute(\"component-url\")),n?import(n):()=>()=>{}]",
            "import.meta.url",
        ] {
            assert_eq!(computed_import(text), None, "{text}");
        }
    }
}
