//! `worker-pack build`: the folder it finds, `--watch`, and closed pipes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::{parts, run, small_site};
use crate::support::site::{Site, program};

/// A process that is killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn watch_writes_only_changed_files() {
    let site = small_site();
    let mut build = program();
    build.env("WORKER_PACK_CACHE_DIR", site.project().join("cache"));
    build.args(["build", "--watch", "--out", "out"]).current_dir(site.project());
    build.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut build = Running(build.spawn().unwrap());
    let lines = BufReader::new(build.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut written = lines.filter(|line| line.starts_with("out: "));
    assert_eq!(written.next().as_deref(), Some("out: 4 written, 0 unchanged, 0 removed"));
    for word in ["first", "second"] {
        let page = format!("<h1>{word}</h1>");
        site.replace("index.html", &page);
        // The watcher may report a change twice: the second run then writes nothing.
        let line = written.find(|line| !line.starts_with("out: 0 written")).unwrap();
        assert_eq!(line, "out: 4 written, 0 unchanged, 2 removed");
        assert!(site.has_body(page.as_bytes()), "{word}");
    }
}

#[test]
fn the_astro_build_is_found_without_an_argument() {
    let site =
        Site::new(&[("client/index.html", "<h1>client</h1>"), ("server/entry.mjs", "secret()")]);
    let output = run(site.project(), &["build", "--out", "out", "--format", "json"]);
    let (code, stdout, stderr) = parts(&output);
    assert_eq!(code, 0, "{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["layout"], "client-and-server");
    assert_eq!(report["files"][0]["url"], "/");
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let site = small_site();
    let shell = format!("{} build --out out | head -n 1", env!("CARGO_BIN_EXE_worker-pack"));
    let output = Command::new("sh")
        .args(["-c", &format!("{shell}; echo ok")])
        .current_dir(site.project())
        .output()
        .unwrap();
    let (code, stdout, stderr) = parts(&output);
    assert_eq!(code, 0);
    assert!(stdout.ends_with("ok\n") && !stderr.contains("panicked"), "{stdout}{stderr}");
}

/// The folder of the project gives the Worker its name, and the project its configuration.
#[test]
fn a_build_is_packed_the_same_by_each_way_to_name_its_folder() {
    let site = Site::new(&[("index.html", "<p>"), ("sub/a.txt", "a")]);
    let engine = site.project().join("engine.wasm");
    fs::write(&engine, b"\0asm\x01\0\0\0").unwrap();
    let built = |folder: &str, dist: &str, out: &str| {
        let out = site.project().join(out);
        let (engine, target) = (engine.to_str().unwrap(), out.to_str().unwrap());
        let arguments = [
            "build",
            dist,
            "--target",
            "worker",
            "--engine",
            engine,
            "--out",
            target,
            "--cache-dir=none",
        ];
        let (code, _, stderr) = parts(&run(&site.project().join(folder), &arguments));
        assert_eq!(code, 0, "{stderr}");
        fs::read_to_string(out.join("wrangler.jsonc")).unwrap()
    };
    let names = [("", "dist", "out1"), ("dist", ".", "out2"), ("dist/sub", "..", "out3")];
    let [plain, dot, dots] = names.map(|(folder, dist, out)| built(folder, dist, out));
    assert_eq!(plain, dot);
    assert_eq!(plain, dots);
    let config = r#"{ "name": "sea", "vars": { "A": "1" }, "assets": { "directory": "dist" } }"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    for (folder, dist, out) in names {
        let out = format!("named-{out}");
        assert!(built(folder, dist, &out).contains(r#""name": "sea""#), "{folder} {dist}");
    }
}
