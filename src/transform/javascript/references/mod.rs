//! The references of a script that its text proves: the modules that it imports, `new URL("…", import.meta.url)`,
//! which is a file beside a module, and `new Worker` of such a URL. Bundlers write the text as a template too, and add
//! `import.meta.url` to an empty one.

mod meta;
mod reader;

use std::ops::Range;

use crate::transform::reference::{Reference, References};
use crate::transform::rewrite::{Insertion, differ_in_references};
use reader::Reader;

/// Returns the references of a script. One that neither imports nor exports has none, and is not parsed.
///
/// # Errors
/// If it is not a module. The message is that of the parser.
pub(crate) fn references(source: &str) -> Result<References, String> {
    if !source.contains("import") && !source.contains("export") {
        return Ok(References::default());
    }
    let reader = Reader::read(source)?;
    let all = reader.found.iter().filter_map(|found| {
        let Range { start, end } = found.range;
        let is_quoted = source.is_char_boundary(start) && source.is_char_boundary(end);
        let role = reader.role(&found.usage, source.get(start..end)?)?;
        is_quoted.then_some(Reference { range: start..end, role })
    });
    Ok(References { all: all.collect(), ..References::default() }.sorted())
}

/// The texts by which code finds the elements of scripts, with their URLs.
const WITH_SCRIPTS: [&str; 5] = [
    "currentScript",
    "document.scripts",
    "getElementsByTagName('script')",
    "getElementsByTagName(\"script\")",
    "getElementsByTagName(`script`)",
];

/// Returns the place where a script reads its own URL, for a use that its text does not show. A file that is resolved
/// beside it is no such use.
pub(crate) fn own_url(source: &str) -> Option<usize> {
    let classic = WITH_SCRIPTS.iter().filter_map(|text| source.find(text)).min();
    let meta = || {
        let at = source.find("import.meta")?;
        match Reader::read(source) {
            Ok(reader) => reader.own_url(),
            Err(_) => Some(at),
        }
    };
    classic.or_else(meta)
}

/// Returns whether two modules are the same but for insertions in references.
pub(crate) fn differ_by(before: &str, after: &str, insertions: &[Insertion]) -> bool {
    let (Ok(one), Ok(other)) = (references(before), references(after)) else { return false };
    differ_in_references((before, &one), (after, &other), insertions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::reference::Role;

    fn found(source: &str) -> Vec<&str> {
        let references = references(source).unwrap();
        references.all.into_iter().map(|one| &source[one.range]).collect()
    }

    #[test]
    fn urls_beside_the_module_are_found() {
        let source = "const a = new URL('./a.png', import.meta.url), b = new URL(`b.png`, ``+import.meta.url).href;
            /* é */ f(new URL(\"/c.png\", \"\"+(import.meta.url)), () => { new URL('d.png', import.meta.url) })";
        assert_eq!(found(source), ["./a.png", "b.png", "/c.png", "d.png"]);
    }

    #[test]
    fn modules_that_a_script_imports_are_found() {
        let source = "import './a.js'; import b, { c } from '../b.js'; export * from \"/c.js\"; export { d } from './d.js';
            import(`./e.js`).then(() => import(/* f */ './f.js', { with: { type: 'css' } }))";
        let expected = ["./a.js", "../b.js", "/c.js", "./d.js", "./e.js", "./f.js"];
        assert_eq!(found(source), expected);
        assert_eq!(
            found("function f() { return import('./a.js') }"),
            ["./a.js"],
            "a classic script"
        );
    }

    #[test]
    fn files_that_vite_preloads_are_found() {
        let source = "const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=['_astro/a.js',\"_astro/b.css\",'https://c/d.js'])))=>i.map(i=>d[i]);
            import('./e.js'); const other = ['_astro/f.js'];";
        assert_eq!(found(source), ["_astro/a.js", "_astro/b.css", "./e.js"]);
    }

    #[test]
    fn workers_are_loaded_and_other_urls_may_be_for_any_use() {
        for (source, role) in [
            ("new Worker(new URL('a.js', import.meta.url), { type: 'module' })", Role::Loaded),
            ("new SharedWorker(new URL(`a.js`, ``+import.meta.url))", Role::Loaded),
            ("navigator.serviceWorker.register(new URL('a.js', import.meta.url))", Role::Resolved),
            ("class Worker {} new Worker(new URL('a.js', import.meta.url))", Role::Resolved),
            ("new Other(new URL('a.js', import.meta.url))", Role::Resolved),
        ] {
            let all = references(source).unwrap().all;
            assert_eq!(all.iter().map(|one| one.role).collect::<Vec<_>>(), [role], "{source}");
        }
    }

    #[test]
    fn a_script_that_reads_its_own_url_is_known() {
        for source in [
            "f(document.currentScript.src)",
            "for (const a of document.scripts) f(a)",
            "f(document.getElementsByTagName('script'))",
            "f(import.meta.url)",
            "f(import.meta)",
            "new URL('', import.meta.url)",
            "new URL('?a', import.meta.url)",
            "new URL(a, import.meta.url)",
            "import.meta; a b",
        ] {
            assert!(own_url(source).is_some(), "{source}");
        }
        let preloader =
            "f=e=>import.meta.resolve?new URL(import.meta.resolve(e)):new URL(e,import.meta.url);";
        for source in [
            preloader.to_owned(),
            format!("{preloader}'vite:preloadError';import.meta.url"),
            format!("{preloader}'vite:preloadError';new URL('',import.meta.url)"),
            format!("{preloader}'vite:preloadError';new URL(`${{e}}`,import.meta.url)"),
        ] {
            assert!(own_url(&source).is_some(), "{source}");
        }
        let of_vite = format!("{preloader}new Event(`vite:preloadError`,{{cancelable:!0}})");
        for source in ["new URL('.', import.meta.url)", "import './a.js'", "f()", &of_vite] {
            assert_eq!(own_url(source), None, "{source}");
        }
    }

    #[test]
    fn what_the_text_does_not_prove_is_not_found() {
        for source in [
            "new URL('a.png', location.href + import.meta.url)",
            "new URL('a.png', document.baseURI); import.meta",
            "new URL(`a${b}.png`, import.meta.url)",
            "new URL('a.png' + b, import.meta.url)",
            "new URL('a.png', import.meta.url, ...c)",
            "new other.URL('a.png', import.meta.url)",
            "URL('a.png', import.meta.url)",
            "new URL('a.png', import.meta.env)",
            "import { URL } from 'node:url'; new URL('a.png', import.meta.url)",
            "import URL from 'x'; new URL('a.png', import.meta.url)",
            "function f(URL) { new URL('a.png', import.meta.url) }",
            "class URL {} new URL('a.png', import.meta.url)",
            "URL = f; new URL('a.png', import.meta.url)",
            "fetch('a.png'); 'import.meta'",
            "import 'a.js'; import('https://example.com/a.js'); export * from '#a.js'",
            "import(`./${b}.js`); import('./a' + '.js'); import(b); f.import('./a.js')",
        ] {
            assert_eq!(found(source), [""; 0], "{source}");
        }
        assert!(references("import.meta.").is_err());
        assert_eq!(found("a b c"), [""; 0], "it is not parsed");
    }
}
