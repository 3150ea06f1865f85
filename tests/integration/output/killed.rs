//! Killed runs: the output stays complete, and the next run finishes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use worker_pack::options::WorkerOptions;
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Options, Target};

use crate::pack::last_run::build_until_skipped;
use crate::support::site::{FILES, Site, contents, program};
use crate::support::strace::{count_changes, kill_after_change};

/// The arguments that make `build` write a Worker for JavaScript hosts.
const FOR_WORKERS: [&str; 2] = ["--target", "worker"];

/// Maximum number of points at which runs are killed, for each kind of output and each cache. Runs
/// that make more changes are killed after some of them.
const POINTS: usize = 120;

/// Maximum number of these runs that may end before they are killed.
const MAX_ENDED: usize = 5;

type Contents = BTreeMap<PathBuf, Vec<u8>>;

/// A site that has changed since it was packed.
struct ChangedSite<'a> {
    site: Site,
    /// Arguments of `build`.
    arguments: &'a [&'a str],
    /// The output for the site before the change, and after it.
    expected: [Contents; 2],
    /// The cache before the change, with results for both states.
    cache: Contents,
}

/// The cache at the start of a run.
#[derive(Clone, Copy, Debug)]
enum Cache {
    /// The results of earlier runs.
    Filled,
    Missing,
}

impl<'a> ChangedSite<'a> {
    /// Packs a site in both states, and leaves it in the second one. `emit` writes the output that a
    /// run is expected to write.
    fn new(arguments: &'a [&'a str], emit: impl Fn(&Site, &Path)) -> Self {
        let site = Site::new(&FILES);
        let expected = [0, 1].map(|state| {
            become_state(&site, state);
            let out = site.project().join(format!("expected-{state}"));
            emit(&site, &out);
            contents(&out)
        });
        let mut changed = Self { site, arguments, expected, cache: Contents::new() };
        // Runs do not record files that have just changed. Here all files are old enough, so that all
        // runs are alike.
        changed.build_until_skipped(1);
        become_state(&changed.site, 0);
        changed.build_until_skipped(0);
        changed.cache = contents(&changed.cache_folder());
        become_state(&changed.site, 1);
        changed.build_until_skipped(1);
        changed
    }

    fn cache_folder(&self) -> PathBuf {
        self.site.project().join("cache")
    }

    fn command(&self) -> Command {
        let mut command = program();
        command.env("WORKER_PACK_CACHE_DIR", self.cache_folder());
        // With a single thread the order of changes is always the same.
        command.env("RAYON_NUM_THREADS", "1");
        command.args(["build", "dist", "--out", "out", "--quiet"]).args(self.arguments);
        command.current_dir(self.site.project()).stderr(Stdio::null());
        command
    }

    fn build_until_skipped(&self, state: usize) {
        build_until_skipped(&self.site, self.arguments);
        self.assert_written(state, "undisturbed runs");
    }

    fn assert_written(&self, state: usize, what: &str) {
        let found = contents(&self.site.out());
        assert!(found == self.expected[state], "{what}: not the output for state {state}");
    }

    /// Restores the output for the first state, and the cache.
    fn restore(&self, cache: Cache) {
        replace_folder(&self.site.out(), &self.expected[0]);
        match cache {
            Cache::Filled => replace_folder(&self.cache_folder(), &self.cache),
            Cache::Missing => fs::remove_dir_all(self.cache_folder()).unwrap(),
        }
    }

    /// Kills one run after each change of files. Each begins with the output for the first state, and
    /// is followed by a complete run.
    fn survives_kills(&self, assert_whole: impl Fn(&Contents, &[Contents; 2])) {
        for cache in [Cache::Filled, Cache::Missing] {
            self.restore(cache);
            let changes = count_changes(&self.command());
            self.assert_written(1, "a traced run");
            // A run can make a few changes less than another.
            let mut ended = 0;
            for point in points(changes) {
                self.restore(cache);
                if !kill_after_change(&self.command(), point) {
                    ended += 1;
                    assert!(ended <= MAX_ENDED, "runs end before change {point} of {changes}");
                }
                assert_whole(&contents(&self.site.out()), &self.expected);
                assert!(self.command().status().unwrap().success());
                self.assert_written(1, &format!("after change {point} of {changes}, {cache:?}"));
            }
        }
    }
}

/// Returns the numbers from 1 to `changes`, or [`POINTS`] of them, evenly spread.
fn points(changes: usize) -> Vec<usize> {
    let count = changes.min(POINTS);
    (1..=count).map(|point| point * changes / count).collect()
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

/// Replaces a folder.
fn replace_folder(folder: &Path, contents: &Contents) {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    for (name, bytes) in contents {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Asserts that a file of an output belongs to one state, and that all bodies that it names exist.
fn assert_names_present_files(name: &str, output: &Contents, expected: &[Contents; 2]) {
    let file = &output[Path::new(name)];
    let whole = expected.iter().find(|expected| expected[Path::new(name)] == *file);
    let whole = whole.unwrap_or_else(|| panic!("{name} is of neither state"));
    for (path, bytes) in whole.iter().filter(|(path, _)| path.starts_with("bodies")) {
        assert!(output.get(path) == Some(bytes), "{name} names {}", path.display());
    }
}

#[test]
fn a_killed_run_leaves_a_complete_module() {
    let site = ChangedSite::new(&[], |site, out| {
        let target = Target::RustModule(out.to_owned());
        site.packing(Options::default()).target(target).emit().unwrap();
    });
    site.survives_kills(|output, expected| {
        assert_names_present_files("assets.rs", output, expected);
        assert_names_present_files("manifest.json", output, expected);
    });
}

#[test]
fn a_killed_run_leaves_a_complete_worker() {
    // The engine is copied into the output, but never runs.
    let folder = tempfile::tempdir().unwrap();
    let engine = folder.path().join("engine.wasm");
    fs::write(&engine, b"\0asm\x01\0\0\0").unwrap();
    let arguments = [&FOR_WORKERS[..], &["--engine", engine.to_str().unwrap()]].concat();
    let site = ChangedSite::new(&arguments, |site, out| {
        // The name of a Worker comes from the project folder, so it is the same for both states.
        let engine = Engine::from_file(&engine).unwrap();
        let (out, options) = (out.to_owned(), WorkerOptions::default());
        let target = Target::Worker(WorkerTarget { out, engine, options });
        site.packing(Options::default()).target(target).emit().unwrap();
    });
    site.survives_kills(|output, expected| {
        let bundle = |contents: &Contents| -> Contents {
            let bundle = contents.iter().filter(|(path, _)| path.starts_with("bundle"));
            bundle.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
        };
        let is_of = |expected: &Contents| bundle(expected) == bundle(output);
        assert!(expected.iter().any(is_of), "the bundle is of neither state");
        assert!(output.contains_key(Path::new("wrangler.jsonc")));
    });
}
