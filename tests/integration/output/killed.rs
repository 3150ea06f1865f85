//! What a run leaves that is killed, whenever that is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use worker_pack::options::WorkerOptions;
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Options, Target};

use crate::support::site::{FILES, Site, contents, program};

/// How often a run is killed, for each kind of output.
const RUNS: u64 = 100;

type Contents = BTreeMap<PathBuf, Vec<u8>>;

/// A site that has one state and then another.
struct Changing {
    site: Site,
    /// What an output is, for either state.
    expected: [Contents; 2],
    arguments: Vec<String>,
}

impl Changing {
    fn new(arguments: &[&str], emit: impl Fn(&Site, &Path)) -> Self {
        let site = Site::new(&FILES);
        let expected = [0, 1].map(|state| {
            become_state(&site, state);
            let out = site.project().join(format!("expected-{state}"));
            emit(&site, &out);
            contents(&out)
        });
        let arguments = arguments.iter().map(ToString::to_string).collect();
        Self { site, expected, arguments }
    }

    fn command(&self) -> Command {
        let mut command = program();
        command.env("WORKER_PACK_CACHE_DIR", self.site.project().join("cache"));
        command.args(["build", "dist", "--out", "out", "--quiet"]).args(&self.arguments);
        command.current_dir(self.site.project()).stderr(Stdio::null());
        command
    }

    /// Runs to the end, which has to be a good one, and returns how long it took.
    fn run(&self, state: usize) -> Duration {
        let begun = Instant::now();
        assert!(self.command().status().unwrap().success());
        let taken = begun.elapsed();
        assert!(contents(&self.site.out()) == self.expected[state], "not what state {state} is");
        taken
    }

    /// Kills a run after some time, and returns whether it was still at work.
    fn kill_after(&self, time: Duration) -> bool {
        let mut process = self.command().spawn().unwrap();
        let begun = Instant::now();
        while begun.elapsed() < time {
            std::hint::spin_loop();
        }
        process.kill().unwrap();
        !process.wait().unwrap().success()
    }

    /// Kills runs at times that nobody chose. Each changes the site from one state to the other, with
    /// the results of earlier runs or without, and is followed by one that is not killed.
    fn survives(&self, is_whole: impl Fn(&Contents, &[Contents; 2])) {
        become_state(&self.site, 0);
        let taken = self.run(0);
        let mut killed = 0;
        for seed in 0..RUNS {
            let state = usize::from(seed % 2 == 0);
            become_state(&self.site, state);
            if seed % 3 == 0 {
                fs::remove_dir_all(self.site.project().join("cache")).unwrap();
            }
            // A hash of the seed (SplitMix64) says when.
            let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let part = u32::try_from(mixed >> 54).unwrap();
            killed += u64::from(self.kill_after(taken * part / 1024));
            is_whole(&contents(&self.site.out()), &self.expected);
            self.run(state);
        }
        assert!(killed > RUNS / 2, "only {killed} of {RUNS} runs were killed");
    }
}

fn become_state(site: &Site, state: usize) {
    for (name, text) in FILES {
        site.write(name, format!("{text}{}", ["", "\n "][state]));
    }
    let other = site.dist().join(format!("only-{}.txt", 1 - state));
    if other.exists() {
        fs::remove_file(other).unwrap();
    }
    site.write(&format!("only-{state}.txt"), format!("{state} {}", include_str!("killed.rs")));
}

/// Asserts that a file of an output is that of one state, and that all is there that it names.
fn names_what_is_there(name: &str, output: &Contents, expected: &[Contents; 2]) {
    let file = &output[Path::new(name)];
    let whole = expected.iter().find(|expected| expected[Path::new(name)] == *file);
    let whole = whole.unwrap_or_else(|| panic!("{name} is of neither state"));
    for (path, bytes) in whole.iter().filter(|(path, _)| path.starts_with("bodies")) {
        assert!(output.get(path) == Some(bytes), "{name} names {}", path.display());
    }
}

#[test]
fn a_module_that_is_there_is_whole_whenever_a_run_is_killed() {
    let site = Changing::new(&[], |site, out| {
        let target = Target::RustModule(out.to_owned());
        site.packing(Options::default()).target(target).emit().unwrap();
    });
    site.survives(|output, expected| {
        names_what_is_there("assets.rs", output, expected);
        names_what_is_there("manifest.json", output, expected);
    });
}

#[test]
fn a_worker_that_is_there_is_whole_whenever_a_run_is_killed() {
    // It is only carried along.
    let folder = tempfile::tempdir().unwrap();
    let engine = folder.path().join("engine.wasm");
    fs::write(&engine, b"\0asm\x01\0\0\0").unwrap();
    let arguments = ["--target", "worker", "--engine", engine.to_str().unwrap()];
    let site = Changing::new(&arguments, |site, out| {
        // Workers have names, and so they are the same for both.
        let engine = Engine::from_file(&engine).unwrap();
        let (out, options) = (out.to_owned(), WorkerOptions::default());
        let target = Target::Worker(WorkerTarget { out, engine, options });
        site.packing(Options::default()).target(target).emit().unwrap();
    });
    site.survives(|output, expected| {
        let bundle = |contents: &Contents| -> Contents {
            let bundle = contents.iter().filter(|(path, _)| path.starts_with("bundle"));
            bundle.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
        };
        let is_of = |expected: &Contents| bundle(expected) == bundle(output);
        assert!(expected.iter().any(is_of), "the bundle is of neither state");
        assert!(output.contains_key(Path::new("wrangler.jsonc")));
    });
}
