//! Server code, recognised by what it is rather than by where it lies.
//!
//! Astro's options move the server of a build anywhere, even among its public files. Only marks that
//! code for browsers never has count here: what adapters write into a server, imports that only a
//! server can resolve, and entries at the places where hosts look for them.

use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use walkdir::WalkDir;

/// Texts that may be a mark of server code. [`is_mark`] decides about each place.
pub(crate) const MARKS: [&str; 6] = [
    // The routes and options of the site, which adapters embed into the server.
    "deserializeManifest(",
    "adapterName",
    "@astrojs-ssr-adapter",
    "\\0virtual:astro",
    // Modules that only workerd has.
    "cloudflare:",
    // In the source map of a server: the parts of Astro that run there.
    "astro/dist/core/app/",
];

/// The ends of the names of modules that Astro and its adapter make up for servers alone.
const SERVER_MODULES: [&str; 7] = [
    ":manifest",
    ":middleware",
    ":page",
    ":renderers",
    ":server-island-manifest",
    ":session-driver",
    "-cloudflare:config",
];

/// The properties of Astro's manifest with folders of the machine that built it, as URLs.
pub(crate) const MANIFEST_FOLDERS: [&str; 8] = [
    "rootDir",
    "hrefRoot",
    "cacheDir",
    "outDir",
    "srcDir",
    "publicDir",
    "buildClientDir",
    "buildServerDir",
];

/// The property of an imported picture with its path on that machine, which only the build reads.
pub(crate) const PICTURE_PATH: &str = "fsPath";

/// Extensions of sources. Astro names the source of each component, by its path.
const SOURCES: [&str; 13] =
    ["astro", "cjs", "cts", "js", "jsx", "md", "mdx", "mjs", "mts", "svelte", "ts", "tsx", "vue"];

/// Returns whether a path is that of a source. A query, or a part of the module, may follow.
pub(crate) fn is_source(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let extension = Path::new(path).extension().unwrap_or_default();
    SOURCES.iter().any(|source| extension == *source)
}

/// The place where the marks of a file are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeKind {
    Script,
    SourceMap,
}

/// Returns whether the mark with a number in [`MARKS`], found at an offset of a file, shows that the
/// file is server code.
pub(crate) fn is_mark(number: usize, kind: CodeKind, bytes: &[u8], at: usize) -> bool {
    let mark = MARKS[number];
    let (before, after) = (&bytes[..at], &bytes[at + mark.len()..]);
    match (mark, kind) {
        ("astro/dist/core/app/", kind) => kind == CodeKind::SourceMap,
        (_, CodeKind::SourceMap) => false,
        // A call with the manifest itself, not the declaration of the function.
        ("deserializeManifest(", _) => after.trim_ascii_start().starts_with(b"{"),
        ("adapterName", _) => names_an_adapter(after),
        ("@astrojs-ssr-adapter", _) => is_specifier(before),
        ("cloudflare:", _) => {
            before.ends_with(b"\"") && is_specifier(before)
                || before.ends_with(b"'") && is_specifier(before)
        }
        // A comment of the bundler with the name of a module that it has made up. Others are for browsers.
        _ => {
            before.trim_ascii_end().ends_with(b"//")
                && SERVER_MODULES.iter().any(|module| after.starts_with(module.as_bytes()))
        }
    }
}

/// Returns whether a mark in [`MARKS`] is a part of an import.
pub(crate) fn is_import(number: usize) -> bool {
    matches!(MARKS[number], "cloudflare:" | "@astrojs-ssr-adapter")
}

/// Returns whether a text after a key sets it to the name of an adapter for Astro.
fn names_an_adapter(after: &[u8]) -> bool {
    let after = after.strip_prefix(b"\"").unwrap_or(after).trim_ascii_start();
    let Some(value) = after.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { return false };
    let Some((quote @ (b'"' | b'\'' | b'`'), value)) = value.split_first() else { return false };
    let name = value.split(|byte| byte == quote).next().unwrap_or_default();
    name.len() < 100 && name.windows(5).any(|part| part == b"astro")
}

/// Returns whether a text ends within the specifier of an import.
fn is_specifier(before: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-/@".contains(byte);
    let rest = before.iter().rposition(|byte| !is_part(byte));
    let Some(quote) = rest.filter(|&index| matches!(before[index], b'"' | b'\'')) else {
        return false;
    };
    let before = before[..quote].trim_ascii_end();
    ["from", "import", "import("].iter().any(|word| before.ends_with(word.as_bytes()))
}

/// Returns whether a file has a name and a content by which it is the entry of a server. `path` is
/// relative to the public folder, with slashes.
pub(crate) fn is_entry(path: &str, bytes: &[u8]) -> bool {
    let path = path.trim_start_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_in = |wanted: &str| folder.split('/').any(|part| part == wanted);
    if path == "server/entry.mjs" {
        return true;
    }
    if name == "_worker.js" || is_in("_worker.js") && name == "index.js" {
        // A script of a Web Worker may have this name, but no default export.
        return has_default_export(bytes);
    }
    if folder.split('/').next() == Some("functions") && is_script(name) {
        return has_handler(bytes);
    }
    let has_place = name == "entry.mjs" || is_in("server") && has_entry_name(name);
    has_place && has_default_export(bytes) && has(bytes, "fetch")
}

/// Returns whether a folder of a build contains the entry of a server, whatever else is in it.
pub(crate) fn is_server_folder(folder: &Path) -> bool {
    let marks = AhoCorasick::new(MARKS).expect("the marks are few and short");
    let is_server = |path: &Path| {
        let Ok(bytes) = fs::read(path) else { return false };
        let below = folder.parent().and_then(|parent| path.strip_prefix(parent).ok());
        let below = below.unwrap_or(path).to_string_lossy().replace('\\', "/");
        let is_marked = marks.find_iter(&bytes).any(|found| {
            let number = found.pattern().as_usize();
            is_mark(number, CodeKind::Script, &bytes, found.start())
        });
        is_marked || is_entry(&below, &bytes)
    };
    let files = WalkDir::new(folder).min_depth(1).max_depth(2).into_iter().flatten();
    let mut scripts = files.filter(|file| {
        file.file_type().is_file() && is_script(&file.file_name().to_string_lossy())
    });
    scripts.any(|file| is_server(file.path()))
}

fn has_entry_name(name: &str) -> bool {
    const STEMS: [&str; 6] = ["entry", "handler", "index", "main", "server", "worker"];
    is_script(name) && name.split('.').next().is_some_and(|stem| STEMS.contains(&stem))
}

fn is_script(name: &str) -> bool {
    [".mjs", ".js", ".cjs"].iter().any(|extension| name.ends_with(extension))
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

fn has_default_export(bytes: &[u8]) -> bool {
    ["export default", "as default", "export{default"].iter().any(|text| has(bytes, text))
}

/// Returns whether a module exports a handler of Pages Functions: `onRequest`, or one for a method.
fn has_handler(bytes: &[u8]) -> bool {
    const HANDLER: &[u8] = b"onRequest";
    const METHODS: [&str; 8] = ["", "Get", "Head", "Post", "Put", "Patch", "Delete", "Options"];
    let is_handler = |at: usize| {
        let rest = &bytes[at + HANDLER.len()..];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$".contains(byte);
        let end = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        METHODS.iter().any(|method| rest[..end] == *method.as_bytes())
    };
    let mut places = bytes.windows(HANDLER.len()).enumerate();
    has(bytes, "export") && places.any(|(at, part)| part == HANDLER && is_handler(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_marked(kind: CodeKind, text: &str) -> bool {
        let marks = AhoCorasick::new(MARKS).unwrap();
        let mut found = marks.find_iter(text);
        found.any(|it| is_mark(it.pattern().as_usize(), kind, text.as_bytes(), it.start()))
    }

    #[test]
    fn code_of_servers_is_marked() {
        for text in [
            "const manifest = deserializeManifest({\"rootDir\":\"file:///\"});",
            "x({rootDir:\"/\",adapterName:\"@astrojs/cloudflare\",routes:[]})",
            "f({\"adapterName\": '@deno/astro-adapter'})",
            "import { c } from './chunks/_@astrojs-ssr-adapter_BH0uKiWY.mjs';",
            "import{env}from\"cloudflare:workers\"",
            "await import('cloudflare:sockets')",
            "// \\0virtual:astro-cloudflare:config\n",
            "// \\0virtual:astro:page:src/pages/tonight@_@astro\n",
        ] {
            assert!(is_marked(CodeKind::Script, text), "{text}");
        }
        let map = r#"{"sources":["../../node_modules/astro/dist/core/app/index.js"]}"#;
        assert!(is_marked(CodeKind::SourceMap, map));
    }

    #[test]
    fn code_for_browsers_that_mentions_servers_is_not() {
        for text in [
            "function deserializeManifest(text) { return JSON.parse(text) }",
            "const help = \"import { env } of cloudflare:workers\"; gpu.adapterName;",
            "({ adapterName: 'pouchdb', url: 'cloudflare:x' })",
            "const doc = '@astrojs-ssr-adapter is virtual';",
            "const path = 'astro/dist/core/app/index.js';",
            "// \\0virtual:astro:adapter-config/client\nfetch(1)",
            "// \\0virtual:astro:env/client\n",
        ] {
            assert!(!is_marked(CodeKind::Script, text), "{text}");
        }
    }

    #[test]
    fn entries_are_known_by_place_and_content() {
        let worker = b"export default { fetch(request, env) { return env.ASSETS.fetch(request) } }";
        for path in ["/server/entry.mjs", "/docs/server/index.js", "/docs/_worker.js"] {
            assert!(is_entry(path, worker), "{path}");
        }
        assert!(is_entry("/docs/_worker.js/index.js", b"export{x as default}"));
        assert!(is_entry("/functions/api/a.js", b"export async function onRequestGet() {}"));
        for path in ["/server/a.js", "/api/index.js", "/client.mjs", "/functions/index.js"] {
            assert!(!is_entry(path, worker), "{path}");
        }
        assert!(!is_entry("/js/_worker.js", b"onmessage = () => postMessage(1)"));
        assert!(!is_entry("/server/index.js", b"document.title = 'Servers'"));
    }
}
