//! Modules of WebAssembly, and the bodies of a site in their data.

use std::fs;

use serde_json::{Value, json};

use super::{assert_complete, parts_with, weigh, worker};
use crate::cli::{parts, run};
use crate::support::site::{PROSE, Site};

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
pub(super) fn program(pages: usize, data: &[(usize, &[u8])]) -> Vec<u8> {
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
