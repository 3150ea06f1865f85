//! `worker-pack weigh`: a built Worker and the limits of the platform.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{parts, run, small_site};
use crate::support::site::{PROSE, Site};

/// A folder with the files of a Worker.
fn worker<B: AsRef<[u8]>>(files: &[(&str, B)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Weighs, and returns the exit code, the report and standard error.
fn weigh(folder: &Path, arguments: &[&str]) -> (i32, Value, String) {
    let arguments = [&["weigh", "--format", "json"], arguments].concat();
    let (code, stdout, stderr) = parts(&run(folder, &arguments));
    (code, serde_json::from_str(&stdout).unwrap_or_default(), stderr)
}

/// Returns the names and sizes of all modules.
fn modules(report: &Value) -> Vec<(&str, u64)> {
    let all = report["modules"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    all.iter().map(|one| (one["name"].as_str().unwrap(), one["size"].as_u64().unwrap())).collect()
}

/// Returns the names of all parts that contain a text.
fn parts_with<'r>(report: &'r Value, text: &str) -> Vec<&'r str> {
    let all = report["weight"]["parts"].as_array().unwrap();
    all.iter().map(|one| one["name"].as_str().unwrap()).filter(|it| it.contains(text)).collect()
}

/// Checks that the parts add up to the size.
fn assert_complete(report: &Value) {
    let weight = &report["weight"];
    for parts in [&weight["parts"], &report["kinds"]] {
        let sizes = parts.as_array().unwrap().iter().map(|one| one["size"].as_u64().unwrap());
        assert_eq!(sizes.sum::<u64>(), weight["size"].as_u64().unwrap(), "{report:#}");
    }
}

/// A section of a WebAssembly module.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], &*leb(content.len()), content].concat()
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 127).unwrap();
        number >>= 7;
        bytes.push(if number > 0 { low | 128 } else { low });
        if number == 0 {
            return bytes;
        }
    }
}

/// A constant, whose highest bit is the sign.
fn signed(number: usize) -> Vec<u8> {
    let mut bytes = leb(number);
    let last = bytes.len() - 1;
    if bytes[last] & 64 > 0 {
        bytes[last] |= 128;
        bytes.push(0);
    }
    bytes
}

/// A WebAssembly module with some pages of memory, a name section, and data at addresses.
fn program(pages: usize, data: &[(usize, &[u8])]) -> Vec<u8> {
    let mut segments = leb(data.len());
    for (address, bytes) in data {
        let signed = [signed(*address), vec![0x0b]].concat();
        segments.extend([&[0, 0x41], &*signed, &*leb(bytes.len()), *bytes].concat());
    }
    let names = [&[4], &b"name"[..], &[0; 60]].concat();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(5, &[&[1, 0][..], &*leb(pages)].concat()),
        section(10, &[1, 2, 0, 0x0b]),
        section(11, &segments),
        section(0, &names),
    ]
    .concat()
}

#[test]
fn a_packed_worker_weighs_what_its_build_reported() {
    let site = small_site();
    site.write("prose.txt", PROSE);
    fs::write(site.project().join("engine.wasm"), program(17, &[(8, b"data")])).unwrap();
    for arguments in [&[][..], &["--spill-above", "3kB"], &["--identity", "stored"]] {
        let build = ["build", "--target=worker", "--engine=engine.wasm", "--format=json"];
        let (code, stdout, stderr) = parts(&run(site.project(), &[&build[..], arguments].concat()));
        assert_eq!(code, 0, "{stderr}");
        let mut built: Value = serde_json::from_str(&stdout).unwrap();
        let (code, mut report, stderr) = weigh(site.project(), &[]);
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(report["subject"], "dist-worker/wrangler.jsonc");
        assert_complete(&report);
        // The files of the site have names in both.
        let prose = parts_with(&report, "/prose.txt (br)").len();
        assert_eq!(prose, usize::from(!arguments.contains(&"3kB")), "{report:#}");
        let [ours, theirs] = [&mut report["weight"], &mut built["worker"]["weight"]];
        ours["parts"] = Value::Null;
        theirs["parts"] = Value::Null;
        if arguments.contains(&"3kB") {
            // The file by which the folder is not public without the Worker.
            assert_eq!(ours["staticAssets"], 1);
        }
        assert_eq!(ours, theirs, "{arguments:?}");
    }
}

#[test]
fn bodies_in_the_data_of_a_program_have_the_names_of_their_files() {
    let site = Site::new(&[("index.html", "<h1>home</h1>"), ("prose.txt", PROSE)]);
    site.write("copy.txt", PROSE);
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert_eq!(code, 0, "{stderr}");
    let bodies = fs::read_dir(site.out().join("bodies")).unwrap().map(|it| it.unwrap().path());
    let mut bodies: Vec<Vec<u8>> = bodies.map(|path| fs::read(path).unwrap()).collect();
    bodies.sort_by_key(Vec::len);
    let table = bodies.remove(0);
    let body = bodies.pop().unwrap();
    let half = body.len() / 2;
    // An optimiser may split data where it is zero, and join it with other data.
    let data = [b"before".as_slice(), &table, &body[..half]].concat();
    let once = program(17, &[(64, &data), (64 + data.len(), &body[half..])]);
    let twice = program(17, &[(64, &data), (64 + data.len(), &body[half..]), (900_000, &body)]);
    fs::write(site.project().join("index.js"), "import './a.wasm';").unwrap();
    fs::write(site.project().join("wrangler.toml"), "main = 'index.js'").unwrap();

    for (module, notes) in [(once, 0), (twice, 1)] {
        fs::write(site.project().join("a.wasm"), module).unwrap();
        let (code, report, stderr) = weigh(site.project(), &["--manifest", "out/manifest.json"]);
        assert_eq!(code, 0, "{stderr}");
        assert_complete(&report);
        assert_eq!(
            parts_with(&report, "/copy.txt"),
            ["/copy.txt and 1 other", "/copy.txt (br) and 1 other"]
        );
        assert_eq!(parts_with(&report, "/index.html"), ["/index.html"]);
        assert_eq!(parts_with(&report, "the table"), ["the table"]);
        let copies = report["kinds"].as_array().unwrap().iter();
        let copies: Vec<&Value> = copies.filter(|one| one["kind"] == "copies").collect();
        assert_eq!(copies, [&json!({ "kind": "copies", "size": PROSE.len() })]);
        let size = ["--manifest", "out/manifest.json", "--limit-size", "1kB"];
        let (_, _, stderr) = weigh(site.project(), &size);
        assert_eq!(stderr.contains("`identity = \"decoded\"`"), notes == 0, "{stderr}");
        let sections = ["data", "section `name`", "other sections", "code"];
        let mut sections = sections.map(|section| format!("a.wasm: {section}")).to_vec();
        let mut found = parts_with(&report, "a.wasm: ");
        sections.sort();
        found.sort_unstable();
        assert_eq!(found, sections);
        assert_eq!(report["diagnostics"].as_array().unwrap().len(), notes, "{report:#}");
    }

    // Without being told, it is found where Cargo keeps the output of build scripts.
    let (_, report, _) = weigh(site.project(), &[]);
    assert_eq!((parts_with(&report, "/copy.txt").len(), &report["manifest"]), (0, &Value::Null));
    let out = site.project().join("target/wasm32-unknown-unknown/release/build/a-1/out");
    fs::create_dir_all(out.parent().unwrap()).unwrap();
    fs::rename(site.out(), &out).unwrap();
    let (_, report, _) = weigh(site.project(), &[]);
    assert_eq!(parts_with(&report, "/copy.txt").len(), 2, "{report:#}");
    assert!(report["manifest"].as_str().unwrap().ends_with("a-1/out/manifest.json"));
}

#[test]
fn the_memory_and_the_code_of_programs_count() {
    let weight = |name: &str, module: Vec<u8>| {
        let folder = worker(&[(name, module)]);
        let (_, report, _) = weigh(folder.path(), &["."]);
        assert_complete(&report);
        ["memory", "startup", "size"].map(|field| report["weight"][field].as_u64().unwrap())
    };
    let [large, small] = [100, 1].map(|pages| weight("a.wasm", program(pages, &[])));
    assert_eq!(large[0] - small[0], 99 * 65_536);

    // More than there is, and addresses far apart.
    let far: Vec<(usize, &[u8])> = (0..2000).map(|n| (n * 60_000, &b"a"[..])).collect();
    let [memory, ..] = weight("a.wasm", program(u32::MAX as usize, &far));
    assert!(memory > 1 << 47, "{memory}");

    // 5 MB of instructions that do nothing.
    let body = [&[0], &*vec![1; 5_000_000], &[0x0b]].concat();
    let code = section(10, &[&[1], &*leb(body.len()), &body].concat());
    let module =
        [b"\0asm\x01\0\0\0".to_vec(), section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), code];
    let [program, data] = ["a.wasm", "a.bin"].map(|name| weight(name, module.concat()));
    assert_eq!(program[1], data[1] + 20);
    assert_eq!((program[0], program[2]), (data[0], data[2]));
}

#[test]
fn a_worker_over_a_limit_exits_with_code_1_and_the_sentence() {
    let folder = worker(&[("big.js", "/* */".repeat(1000)), ("small.js", String::new())]);
    let (code, report, stderr) = weigh(folder.path(), &[".", "--limit-size", "4kB"]);
    assert_eq!(code, 1, "{report:#}");
    let sentence =
        "error[worker/too-large]: worker: its modules total 4.9 KiB; the limit is 3.9 KiB";
    assert!(stderr.contains(sentence), "{stderr}");
    assert!(
        stderr.contains("ship less server code") && stderr.contains("largest: big.js"),
        "{stderr}"
    );
    assert!(stderr.ends_with("error: weighing the Worker found 1 error\n"), "{stderr}");
    assert_eq!(
        report["limits"][0],
        json!({
            "quantity": "size", "value": 5000, "limit": 4000, "bound": "limit"
        })
    );

    let (code, _, stderr) = weigh(folder.path(), &[".", "--limit-memory", "1MB"]);
    assert!(code == 1 && stderr.contains("worker/too-much-memory"), "{stderr}");
    let mark = [".", "--limit-gzip-marks", "10B"];
    let (code, _, stderr) = weigh(folder.path(), &mark);
    assert!(code == 0 && stderr.contains("warning[worker/large-under-gzip]"), "{stderr}");
    let (code, _, stderr) =
        weigh(folder.path(), &[&mark[..], &["--strictness", "strict"]].concat());
    assert!(code == 1 && stderr.contains("error[worker/large-under-gzip]"), "{stderr}");

    // Limits in the configuration file.
    fs::write(folder.path().join("worker-pack.toml"), "[worker.limits]\nsize = '4kB'\n").unwrap();
    let (code, _, stderr) = weigh(folder.path(), &["."]);
    assert!(code == 1 && stderr.contains(sentence), "{stderr}");
}

#[test]
fn static_assets_are_counted_without_what_is_ignored() {
    let folder = worker(&[
        (
            "wrangler.jsonc",
            r#"{ "main": "a.js", "no_bundle": true, "assets": { "directory": "public" } }"#,
        ),
        ("a.js", "export default {};"),
        ("public/.assetsignore", "*.psd\n"),
        ("public/_headers", ""),
        ("public/large.png", "0123456789"),
        ("public/a/_headers", "is a file"),
        ("public/draft.psd", "left out"),
    ]);
    let (code, report, stderr) = weigh(folder.path(), &[]);
    assert_eq!(code, 0, "{stderr}");
    let weight = &report["weight"];
    assert_eq!((&weight["staticAssets"], &weight["staticAssetsSize"]), (&json!(2), &json!(19)));
    let limits = ["--limit-static-asset", "9B", "--limit-static-assets", "1"];
    let (code, _, stderr) = weigh(folder.path(), &limits);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("large.png: is 10 B; Workers Static Assets accept files up to 9 B"),
        "{stderr}"
    );
    assert!(
        stderr.contains("2 files would go to Workers Static Assets; the limit is 1"),
        "{stderr}"
    );

    fs::remove_dir_all(folder.path().join("public")).unwrap();
    let (code, _, stderr) = weigh(folder.path(), &[]);
    assert!(
        code == 1 && stderr.contains("public` is missing, though it is `assets.directory`"),
        "{stderr}"
    );
}

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
fn broken_programs_and_missing_imports_are_errors() {
    let whole = program(1, &[(0, &[7; 500])]);
    for len in [0, 7, 8 + 5, whole.len() - 200, whole.len() - 1] {
        let folder = worker(&[("a.wasm", &whole[..len])]);
        let (code, report, stderr) = weigh(folder.path(), &["."]);
        assert_eq!(code, 1, "{len}");
        assert!(stderr.contains("error[worker/invalid-wasm]: a.wasm: is not a valid"), "{stderr}");
        assert_eq!(report["weight"]["size"], json!(len));
        assert_complete(&report);
    }
    let folder =
        worker(&[("wrangler.toml", "main = 'a.ts'"), ("a.ts", "import { b } from './b';")]);
    let (code, _, stderr) = weigh(folder.path(), &[]);
    assert!(code == 1 && stderr.contains("a.ts: imports `./b`, which is missing"), "{stderr}");
    fs::write(folder.path().join("b.ts"), "export const b: number = ;").unwrap();
    let (code, _, stderr) = weigh(folder.path(), &[]);
    assert!(code == 0 && stderr.contains("warning[worker/syntax-error]"), "{stderr}");
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
fn the_text_lists_the_limits_and_the_largest_parts() {
    let folder = worker(&[
        ("wrangler.toml", "main = 'a.js'\nname = 'a'\n".to_owned()),
        ("a.js", "import './b.js'; import './c.bin'; import 'preact';".to_owned()),
        ("b.js", "// padding\n".repeat(2000)),
        ("c.bin", "x".repeat(123_456)),
    ]);
    let marks = ["weigh", "--limit-size", "150kB", "--limit-gzip-marks", "100B,1MB"];
    let (code, stdout, stderr) = parts(&run(folder.path(), &marks));
    assert_eq!(code, 0, "{stderr}");
    insta::assert_snapshot!("weight", stdout);
    assert!(stderr.starts_with("warning[worker/large-under-gzip]"), "{stderr}");
    let quiet = parts(&run(folder.path(), &[&marks[..], &["--quiet"]].concat()));
    assert_eq!(quiet, (0, String::new(), String::new()));
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
