//! The modules of a Worker, by its configuration for wrangler.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use serde_json::json;

use super::program::program;
use super::{assert_complete, modules, parts_with, weigh, worker};

#[test]
fn rules_and_environments_decide_which_files_are_modules() {
    let config = r#"{
        "main": "src/index.mjs", "base_dir": "src", "no_bundle": true,
        "rules": [
            { "type": "ESModule", "globs": ["**/*.mjs"] },
            { "type": "Data", "globs": ["lib/*.dat"] },
            { "type": "Data", "globs": ["**/*.more"] }
        ],
        "env": {
            "free": { "rules": [{ "type": "Data", "globs": ["lib/*.dat"], "fallthrough": true }] },
            "far": { "main": "far/index.mjs" },
            "none": { "find_additional_modules": false },
            "bundled": { "no_bundle": false },
            "both": { "no_bundle": false, "find_additional_modules": true }
        }
    }"#;
    let folder = worker(&[
        ("wrangler.jsonc", config),
        (
            "src/index.mjs",
            "import a from './lib/a.mjs'; import './note.txt'; import 'preact/hooks'; import(a);",
        ),
        ("src/lib/a.mjs", "export { default } from '../../far/b.js';"),
        ("src/lib/unused.mjs", "1"),
        ("src/lib/q.dat", "22"),
        ("src/lib/deep/q.dat", "not matched"),
        ("src/lib/r.bin", "333"),
        ("src/lib/s.more", "shadowed"),
        ("src/note.txt", "4444"),
        ("src/data.json", "{}"),
        ("src/node_modules/p/i.mjs", "55555"),
        ("src/.wrangler/z.mjs", "is not that of the project"),
        ("far/index.mjs", "666666"),
        ("far/far.txt", "7777777"),
        ("far/b.js", "export default 8;"),
    ]);
    symlink("../../far/far.txt", folder.path().join("src/lib/linked.txt")).unwrap();
    symlink("../../far", folder.path().join("src/lib/folder")).unwrap();
    let _socket = UnixListener::bind(folder.path().join("src/lib/socket")).unwrap();
    let names = |arguments: &[&str]| {
        let (code, report, stderr) = weigh(folder.path(), arguments);
        assert_eq!(code, 0, "{stderr}");
        assert_complete(&report);
        let all: Vec<String> =
            modules(&report).iter().map(|(name, _)| (*name).to_owned()).collect();
        (all, report["upload"].as_str().unwrap().to_owned(), report)
    };
    let found = [
        ".wrangler/z.mjs",
        "index.mjs",
        "lib/a.mjs",
        "lib/linked.txt",
        "lib/q.dat",
        "lib/unused.mjs",
        "node_modules/p/i.mjs",
        "note.txt",
    ];
    let (all, upload, report) = names(&[]);
    assert_eq!((all, upload.as_str()), (found.map(str::to_owned).to_vec(), "as-written"));
    let size = |name| modules(&report).iter().find(|(one, _)| *one == name).unwrap().1;
    assert_eq!([size("lib/linked.txt"), size("lib/q.dat")], [7, 2]);

    let (all, ..) = names(&["--env", "free"]);
    assert_eq!(all, ["index.mjs", "lib/linked.txt", "lib/q.dat", "lib/r.bin", "note.txt"]);
    let (all, _, report) = names(&["--env", "far"]);
    assert_eq!(all.iter().filter(|name| *name == "index.mjs").count(), 2, "{all:?}");
    assert_eq!(report["environment"], "far");
    assert_eq!(names(&["--env", "none"]).0, ["index.mjs"]);
    let (all, upload, report) = names(&["--env", "bundled"]);
    assert_eq!((all.len(), &*all[0], upload.as_str()), (2, "index.js", "bundled"));
    assert_eq!(
        parts_with(&report, ""),
        ["src/index.mjs", "src/lib/a.mjs", "far/b.js", "src/note.txt"]
    );
    assert_eq!((&report["packages"], &report["computedImports"]), (&json!(["preact"]), &json!(1)));
    let (all, upload, _) = names(&["--env", "both"]);
    assert_eq!((all.len(), upload.as_str()), (found.len(), "bundled"));

    // A link to a folder, or what is not a file, with the name of a module.
    for name in ["folder.txt", "socket.txt"] {
        let path = folder.path().join("src/lib").join(name);
        fs::rename(path.with_extension(""), &path).unwrap();
        let (code, _, stderr) = weigh(folder.path(), &[]);
        assert!(code == 1 && stderr.contains(&format!("lib/{name}`")), "{stderr}");
        fs::remove_file(path).unwrap();
    }
    let (code, _, stderr) = weigh(folder.path(), &["--env", "staging"]);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("it has no environment `staging`; it has `free`, `far`, `none`"),
        "{stderr}"
    );
}

#[test]
fn imports_are_followed_as_a_bundler_does() {
    let folder = worker(&[
        ("wrangler.toml", "main = 'src/index.ts'"),
        (
            "src/index.ts",
            "import type { T } from './types'; import { a } from './a'; export * from './dir';
             import b from './b.js'; const c = require('./c.cjs'); import './d.json'; import './index';
             import program from './e.wasm?module'; import './e.wasm'; import text from '../f.html';
             import '#own'; import 'node:fs'; import 'cloudflare:workers'; import '@scope/p/x';",
        ),
        ("src/types.ts", "export type T = 1;"),
        ("src/a.tsx", "export const a = <p>{import('./late.mjs')}</p>;"),
        ("src/dir/index.js", "export const dir = import(`../template.js`);"),
        ("src/b.ts", "export default 1 as number;"),
        ("src/c.cjs", "exports.c = require('./g.cjs');"),
        ("src/g.cjs", "exports.g = require('./c.cjs');"),
        ("src/d.json", "{}"),
        ("src/e.wasm", "\0asm\x01\0\0\0"),
        ("src/late.mjs", "// Late."),
        ("src/template.js", "// A template."),
        ("f.html", "<p>"),
        ("src/unused.js", "// Unused."),
    ]);
    let (code, report, stderr) = weigh(folder.path(), &[]);
    assert_eq!(code, 0, "{stderr}");
    assert_complete(&report);
    assert_eq!(report["packages"], json!(["#own", "@scope/p"]));
    let mut parts = parts_with(&report, "");
    parts.sort_unstable();
    let scripts = [
        "f.html",
        "src/a.tsx",
        "src/b.ts",
        "src/c.cjs",
        "src/d.json",
        "src/dir/index.js",
        "src/e.wasm: other sections",
        "src/g.cjs",
        "src/index.ts",
        "src/late.mjs",
        "src/template.js",
    ];
    assert_eq!(parts, scripts);
    let names: Vec<&str> = modules(&report).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["f.html", "index.js", "src/e.wasm"]);
}

#[test]
fn files_outside_of_the_folder_have_relative_names() {
    let folder = worker(&[
        ("deploy/wrangler.toml", "main = '../src/a.js'"),
        ("src/a.js", "import './b.bin';"),
        ("src/b.bin", "b"),
    ]);
    let (code, report, stderr) = weigh(folder.path(), &["deploy"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(parts_with(&report, ""), ["../src/a.js", "../src/b.bin"]);
}

#[test]
fn a_worker_that_is_not_built_names_the_command_that_builds_it() {
    let folder = worker(&[(
        "wrangler.jsonc",
        r#"{ "main": "build/index.js", "build": { "command": "worker-build --release" } }"#,
    )]);
    let (code, report, stderr) = weigh(folder.path(), &[]);
    assert_eq!(code, 1);
    let sentence = "build/index.js` is missing, though it is `main` in wrangler.jsonc: run \
                    `worker-build --release`, its `build.command`";
    assert!(stderr.contains(sentence), "{stderr}");
    assert!(report["error"].as_str().unwrap().contains(sentence), "{report:#}");

    let empty = worker::<&str>(&[]);
    let (code, _, stderr) = weigh(empty.path(), &[]);
    assert!(code == 2 && stderr.contains("there is no Worker to weigh"), "{stderr}");
    let (code, _, stderr) = weigh(empty.path(), &["."]);
    assert!(code == 1 && stderr.contains("contains no module of a Worker"), "{stderr}");
    let (code, _, stderr) = weigh(empty.path(), &["gone"]);
    assert!(code == 1 && stderr.contains("`gone` does not exist"), "{stderr}");
}

/// The first module of a Worker in Rust is written before the program is compiled.
#[test]
fn a_worker_whose_program_is_not_compiled_is_not_weighed_as_if_it_were() {
    let config = r#"{ "main": "build/first.js", "base_dir": "build", "no_bundle": true }"#;
    let folder = worker(&[
        ("wrangler.jsonc", config),
        ("build/first.js", "import './other.js'; import './own.js'; import('./late.js');"),
        ("build/other.js", "export * from './program.js?x'; import('./late.js'); import 'a';"),
        ("build/own.js", "import './program_bg.wasm'; import './other.js'; not JavaScript"),
    ]);
    let (code, report, _) = weigh(folder.path(), &[]);
    let diagnostics = report["diagnostics"].as_array().unwrap();
    let told: Vec<_> = diagnostics.iter().map(|it| (&it["file"], &it["message"])).collect();
    let missing = json!("imports `./program.js`, which is missing");
    assert_eq!((code, told), (1, vec![(&json!("build/other.js"), &missing)]), "{report:#}");

    fs::write(folder.path().join("build/program.js"), "import './program_bg.wasm';").unwrap();
    let (code, _, stderr) = weigh(folder.path(), &[]);
    assert_eq!(code, 1, "{stderr}");
    fs::write(folder.path().join("build/program_bg.wasm"), program(1, &[])).unwrap();
    let (code, report, stderr) = weigh(folder.path(), &[]);
    assert_eq!(code, 0, "{report:#} {stderr}");
}

#[test]
fn invalid_configurations_are_named() {
    let cases = [
        (r#"{ "main": 1 }"#, "`main` is not a string"),
        ("{", "is not valid"),
        ("[]", "its top level is not an object"),
        ("{}", "it names no `main` module"),
        (r#"{ "main": "a.py" }"#, "`main` is in Python"),
        (r#"{ "main": "a.js", "base_dir": "gone" }"#, "`base_dir`, `gone`, is not a folder"),
        (r#"{ "main": "a.js", "no_bundle": "yes" }"#, "`no_bundle` is not `true` or `false`"),
        (r#"{ "main": "a.js", "rules": {} }"#, "`rules`: "),
        (
            r#"{ "main": "a.js", "rules": [{ "type": "Wasm", "globs": [] }] }"#,
            "unknown variant `Wasm`",
        ),
    ];
    for (config, message) in cases {
        let folder = worker(&[("wrangler.jsonc", config), ("a.js", "")]);
        let (code, _, stderr) = weigh(folder.path(), &["wrangler.jsonc"]);
        assert!(code == 1 && stderr.contains(message), "{config}: {stderr}");
    }
    let folder = worker(&[("a.js", ""), ("manifest.json", "{}")]);
    let (code, _, stderr) = weigh(folder.path(), &[".", "--manifest", "manifest.json"]);
    assert!(
        code == 1 && stderr.contains("it is not a manifest that worker-pack wrote"),
        "{stderr}"
    );
    let (code, _, stderr) = weigh(folder.path(), &[".", "--env", "a"]);
    assert!(code == 2 && stderr.contains("has no environments"), "{stderr}");
}

#[test]
fn a_configuration_without_main_leads_to_the_packed_worker() {
    let folder = worker(&[
        ("wrangler.jsonc", r#"{ "assets": { "directory": "dist" } }"#),
        ("dist-worker/wrangler.jsonc", r#"{ "main": "a.js" }"#),
        ("dist-worker/a.js", ""),
        ("elsewhere/wrangler.jsonc", r#"{ "main": "b.js" }"#),
        ("elsewhere/b.js", ""),
    ]);
    let subject = |arguments: &[&str]| {
        let (code, report, stderr) = weigh(folder.path(), arguments);
        assert_eq!(code, 0, "{stderr}");
        report["subject"].as_str().unwrap().to_owned()
    };
    assert_eq!(subject(&[]), "dist-worker/wrangler.jsonc");
    let config = "target = 'worker'\nout = 'elsewhere'\n";
    fs::write(folder.path().join("worker-pack.toml"), config).unwrap();
    assert_eq!(subject(&[]), "elsewhere/wrangler.jsonc");
    let own = r#"{ "main": "dist-worker/a.js" }"#;
    fs::write(folder.path().join("wrangler.jsonc"), own).unwrap();
    assert_eq!(subject(&[]), "wrangler.jsonc");
    assert_eq!(subject(&["elsewhere"]), "elsewhere/wrangler.jsonc");
}
