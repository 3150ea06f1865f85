//! What is kept from one run to the next, and what happens to it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use worker_pack::{CacheLocation, Options, Pack};

use crate::support::site::{Site, files_below, program};

/// Pages, code, and what is served as it is.
pub(crate) const FILES: [(&str, &str); 5] = [
    (
        "index.html",
        "<!doctype html>\n<head>\n  <title>One</title>\n  <script src=\"/app.js\"></script>\n</head>\n<h1>One</h1>\n",
    ),
    ("two/index.html", "<!doctype html>\n<head>\n  <title>Two</title>\n</head>\n<h1>Two</h1>\n"),
    ("app.js", "function add(first, second) {\n  return first + second;\n}\nadd(1, 2);\n"),
    ("prose.txt", include_str!("results.rs")),
    ("photo.jpg", "not really"),
];

/// Runs `build` on a site with arguments, as programs run it.
pub(crate) fn build(site: &Site, arguments: &[&str]) -> Output {
    program()
        .env("WORKER_PACK_CACHE_DIR", site.project().join("cache"))
        .args(["build", "dist", "--out", "out", "--format", "json", "--timings"])
        .args(arguments)
        .current_dir(site.project())
        .output()
        .unwrap()
}

/// Runs `build`, which has to succeed, and returns its report.
fn report(site: &Site, arguments: &[&str]) -> Value {
    let output = build(site, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the files that a run had to work on, sorted.
fn worked_on(report: &Value) -> Vec<&str> {
    let files = report["timings"]["files"].as_array().unwrap().iter();
    let mut files: Vec<&str> = files.map(|file| file["file"].as_str().unwrap()).collect();
    files.sort_unstable();
    files
}

/// Returns whether a run saw at a glance that there was nothing to do.
fn saw_nothing_to_do(report: &Value) -> bool {
    let stages = report["timings"]["stages"].as_array().unwrap();
    stages.len() == 1 && stages[0]["stage"] == "check"
}

/// Runs `build` until the files are at rest for long enough to be known by their state.
fn build_until_known(site: &Site) {
    let found = (0..10_000).find(|_| saw_nothing_to_do(&report(site, &[])));
    assert!(found.is_some(), "an unchanged site is packed again and again");
}

/// Returns the files of an output with their bytes.
pub(crate) fn contents(out: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files_below(out);
    files.retain(|path| !path.ends_with(".worker-pack.lock"));
    files.into_iter().map(|path| (path.clone(), fs::read(out.join(path)).unwrap())).collect()
}

/// Returns what is kept.
fn results(site: &Site) -> Vec<PathBuf> {
    let folder = site.project().join("cache/v1/results");
    files_below(&folder).into_iter().map(|path| folder.join(path)).collect()
}

#[test]
fn what_is_known_is_not_worked_on_again() {
    let site = Site::new(&FILES);
    let cold = report(&site, &[]);
    assert_eq!(worked_on(&cold), ["app.js", "index.html", "prose.txt", "two/index.html"]);
    let output = contents(&site.out());
    fs::remove_dir_all(site.out()).unwrap();
    let warm = report(&site, &[]);
    assert_eq!(worked_on(&warm), [""; 0]);
    assert_eq!(contents(&site.out()), output);
    assert_eq!(warm["files"], cold["files"]);
    assert_eq!(warm["diagnostics"], cold["diagnostics"]);
}

#[test]
fn a_changed_file_is_worked_on_alone() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    site.write("two/index.html", "<h1>Second</h1>");
    assert_eq!(worked_on(&report(&site, &[])), ["two/index.html"]);
    site.write("three.html", "<h1>Three</h1>");
    assert_eq!(worked_on(&report(&site, &[])), ["three.html"]);
}

#[test]
fn how_a_file_is_loaded_is_part_of_what_is_known_of_it() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    site.write("index.html", "<script type=module src=/app.js></script>");
    assert_eq!(worked_on(&report(&site, &[])), ["app.js", "index.html"]);
}

#[test]
fn an_option_that_matters_to_a_file_is_part_of_what_is_known_of_it() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    assert_eq!(worked_on(&report(&site, &["--strict", "--cache", "/app.js=immutable"])), [""; 0]);
    let unminified = report(&site, &["--minify", "none"]);
    assert_eq!(worked_on(&unminified), ["app.js", "index.html", "two/index.html"]);
    assert_eq!(worked_on(&report(&site, &["--encodings", "br,gzip"])).len(), 4);
    assert_eq!(worked_on(&report(&site, &[])), [""; 0]);
}

#[test]
fn a_lesser_effort_takes_what_a_greater_one_has_made() {
    let site = Site::new(&FILES);
    let sent = |report: &Value| report["totals"]["sent"].as_u64().unwrap();
    let fast = report(&site, &["--effort", "fast"]);
    let max = report(&site, &[]);
    assert_eq!(worked_on(&max).len(), 4);
    assert!(sent(&max) < sent(&fast), "{} and {}", sent(&max), sent(&fast));
    let output = contents(&site.out());
    for effort in ["balanced", "fast"] {
        assert_eq!(worked_on(&report(&site, &["--effort", effort])), [""; 0]);
        assert_eq!(contents(&site.out()), output);
    }
}

#[test]
fn a_damaged_result_is_made_anew() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    let output = contents(&site.out());
    let damages: [fn(&mut Vec<u8>); 3] =
        [|bytes| bytes.truncate(bytes.len() / 2), |bytes| bytes[40] ^= 1, Vec::clear];
    for (damage, last) in damages.into_iter().flat_map(|damage| [(damage, false), (damage, true)]) {
        for path in results(&site) {
            let mut bytes = fs::read(&path).unwrap();
            if last {
                bytes.reverse();
                damage(&mut bytes);
                bytes.reverse();
            } else {
                damage(&mut bytes);
            }
            fs::write(path, bytes).unwrap();
        }
        fs::remove_dir_all(site.out()).unwrap();
        let anew = report(&site, &[]);
        assert_eq!(worked_on(&anew).len(), 4);
        assert_eq!(contents(&site.out()), output);
        let said = anew["diagnostics"].to_string();
        assert!(said.contains("results were damaged, and made anew"), "{said}");
    }
    assert_eq!(worked_on(&report(&site, &["--strict"])), [""; 0]);
}

#[test]
fn an_output_that_was_touched_is_seen() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    let output = contents(&site.out());
    build_until_known(&site);
    for path in output.keys() {
        fs::write(site.out().join(path), "// @generated by worker-pack. But for this.").unwrap();
        // A manifest that begins otherwise is somebody else's.
        if path.ends_with("manifest.json") {
            fs::remove_file(site.out().join(path)).unwrap();
        }
        report(&site, &[]);
        assert_eq!(contents(&site.out()), output, "{}", path.display());
        fs::remove_file(site.out().join(path)).unwrap();
        report(&site, &[]);
        assert_eq!(contents(&site.out()), output, "{}", path.display());
    }
}

#[test]
fn a_change_that_leaves_size_and_time_as_they_were_is_seen() {
    let site = Site::new(&FILES);
    build_until_known(&site);
    let path = site.dist().join("two/index.html");
    let before = fs::metadata(&path).unwrap();
    let changed = fs::read_to_string(&path).unwrap().replace("Two", "Six");
    fs::write(&path, changed).unwrap();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(before.modified().unwrap())
        .unwrap();
    let after = fs::metadata(&path).unwrap();
    assert_eq!(
        (after.len(), after.modified().unwrap()),
        (before.len(), before.modified().unwrap())
    );
    assert_eq!(worked_on(&report(&site, &[])), ["two/index.html"]);
}

#[test]
fn no_change_is_missed_however_quick_the_next_one_is() {
    let site = Site::new(&FILES);
    let path = site.dist().join("two/index.html");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    for round in 100..200 {
        fs::write(&path, format!("<p>{round}</p>")).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let packed = Pack::from_dir(site.dist())
            .options(Options { encodings: [].into(), ..Options::default() })
            .cache(CacheLocation::Folder(site.project().join("cache")))
            .emit(site.out())
            .unwrap();
        let file = packed.report().files.iter().find(|file| file.route == "/two/index.html");
        assert_eq!(file.unwrap().source, 10);
        let bodies = contents(&site.out().join("bodies"));
        let page = format!("<p>{round}</p>").into_bytes();
        assert!(bodies.values().any(|body| *body == page), "round {round} is not in the output");
    }
}

/// A change of a site.
type Change = fn(&Site);

#[test]
fn everything_that_a_run_depends_on_is_looked_at() {
    let site = Site::new(&FILES);
    build_until_known(&site);
    let changes: [(&str, Change); 6] = [
        ("a new file", |site| site.write("new/deep/file.txt", "new")),
        ("a file that is gone", |site| fs::remove_file(site.dist().join("photo.jpg")).unwrap()),
        ("a renamed file", |site| {
            fs::rename(site.dist().join("prose.txt"), site.dist().join("verse.txt")).unwrap();
        }),
        ("a rule", |site| site.write("_headers", "/*\n  X-A: b\n")),
        ("an exclusion", |site| site.write(".assetsignore", "verse.txt\n")),
        ("wrangler's configuration", |site| {
            let config = "{ \"assets\": { \"html_handling\": \"none\" } }";
            fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
        }),
    ];
    for (what, change) in changes {
        change(&site);
        let report = report(&site, &[]);
        assert!(!saw_nothing_to_do(&report), "{what} was not seen");
        let fresh = site.pack().report().clone();
        assert_eq!(report["files"], serde_json::to_value(&fresh.files).unwrap(), "{what}");
        build_until_known(&site);
    }
}

#[test]
fn many_processes_share_a_cache() {
    let site = Site::new(&FILES);
    let start = |number: usize| {
        program()
            .env("WORKER_PACK_CACHE_DIR", site.project().join("cache"))
            .args(["build", "dist", "--quiet", "--out", &format!("outs/{number}")])
            .current_dir(site.project())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap()
    };
    for round in 0..5 {
        let processes: Vec<_> = (0..8).map(start).collect();
        for mut process in processes {
            assert!(process.wait().unwrap().success());
        }
        let outputs: Vec<_> =
            (0..8).map(|number| contents(&site.project().join(format!("outs/{number}")))).collect();
        assert!(outputs.iter().all(|output| *output == outputs[0] && !output.is_empty()));
        // Each round begins with nothing, but for those that are still in the way.
        fs::remove_dir_all(site.project().join("outs")).unwrap();
        let before = results(&site).len();
        assert!(before > 0);
        if round < 4 {
            fs::remove_dir_all(site.project().join("cache/v1/results")).unwrap();
        }
    }
    let unfinished = |path: &&PathBuf| path.file_name().unwrap().as_encoded_bytes()[0] == b'.';
    assert_eq!(results(&site).iter().filter(unfinished).count(), 0);
}

#[test]
fn a_cache_that_is_full_loses_what_was_not_used_for_the_longest_time() {
    let site = Site::new(&FILES);
    // More than the quarter that a sweep removes at least.
    site.write(
        "prose.txt",
        concat!(include_str!("../transform/html.rs"), include_str!("../http/answers.rs")),
    );
    report(&site, &[]);
    let len = |path: &PathBuf| fs::metadata(path).unwrap().len();
    let prose = results(&site).into_iter().max_by_key(len).unwrap();
    // All are old, of which those will be used again whose files stay.
    for path in results(&site) {
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    fs::remove_file(site.dist().join("prose.txt")).unwrap();
    for number in 0..2 {
        site.write(&format!("{number}.txt"), format!("{number} {}", include_str!("results.rs")));
    }
    report(&site, &[]);
    let output = contents(&site.out());
    let size = || results(&site).iter().map(len).sum::<u64>();
    let limit = size() - 1;
    fs::write(site.project().join("worker-pack.toml"), format!("cache-size = \"{limit} B\"\n"))
        .unwrap();
    assert!(prose.exists());
    assert_eq!(worked_on(&report(&site, &["--strict"])), [""; 0], "what was used is there");
    assert!(!prose.exists() && size() < limit);
    fs::remove_dir_all(site.out()).unwrap();
    report(&site, &[]);
    assert_eq!(contents(&site.out()), output);
}

#[test]
fn a_cache_that_cannot_be_used_costs_nothing_but_time() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    let output = contents(&site.out());
    let cache = site.project().join("cache");
    fs::remove_dir_all(&cache).unwrap();
    fs::write(&cache, "a file").unwrap();
    fs::remove_dir_all(site.out()).unwrap();
    let without = report(&site, &["--strict"]);
    assert_eq!(contents(&site.out()), output);
    let said = without["diagnostics"].to_string();
    assert!(said.contains("cannot be used") && said.contains("--cache-dir"), "{said}");
    assert_eq!(fs::read_to_string(cache).unwrap(), "a file");
}

#[test]
fn the_command_shows_and_empties_the_cache() {
    let site = Site::new(&FILES);
    let cache = |arguments: &[&str]| {
        let output = program()
            .env("WORKER_PACK_CACHE_DIR", "")
            .env_remove("OUT_DIR")
            .arg("cache")
            .args(arguments)
            .current_dir(site.project())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let (_, elsewhere, _) = cache(&["path"]);
    assert!(Path::new(&elsewhere).ends_with("worker-pack"), "{elsewhere}");
    fs::create_dir_all(site.project().join("node_modules/some-package")).unwrap();
    let (_, elsewhere, _) = cache(&["path"]);
    assert!(!elsewhere.contains("node_modules"), "{elsewhere}");
    fs::write(site.project().join("package.json"), "{}").unwrap();
    let (_, in_project, _) = cache(&["path"]);
    assert!(Path::new(&in_project).ends_with("node_modules/.cache/worker-pack"), "{in_project}");
    assert_eq!(cache(&["path", "--cache-dir", "x"]).1, "x");
    let (code, _, none) = cache(&["path", "--cache-dir", "none"]);
    assert_eq!((code, none.as_str()), (2, "error: there is no cache: `none` was asked for"));

    report(&site, &[]);
    let folder = ["--cache-dir", "cache"];
    let (_, stats, _) = cache(&["stats", folder[0], folder[1]]);
    assert_eq!(
        stats.split(", ").next(),
        Some(&*format!("cache: {} results", results(&site).len()))
    );
    fs::write(site.project().join("cache/mine"), "mine").unwrap();
    let (code, cleaned, _) = cache(&["clean", folder[0], folder[1]]);
    assert_eq!((code, cleaned), (0, stats.replace("cache: ", "cache: removed ")));
    assert!(cache(&["stats", folder[0], folder[1]]).1.starts_with("cache: 0 results"));
    assert_eq!(fs::read_to_string(site.project().join("cache/mine")).unwrap(), "mine");
    assert_eq!(worked_on(&report(&site, &[])).len(), 4);
}

#[test]
fn a_cache_in_use_is_not_emptied() {
    let site = Site::new(&FILES);
    let folder = site.project().join("cache");
    let pack = Pack::from_dir(site.dist()).cache(CacheLocation::Folder(folder.clone()));
    let packed = pack.run().unwrap();
    let error = worker_pack::clean_cache(&folder).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    packed.table().to_image().unwrap();
    drop(packed);
    assert!(worker_pack::clean_cache(&folder).unwrap().results > 0);
}

/// Runs a shell script as root of a mount namespace of its own. Returns none where that is forbidden.
fn with_mounts(folder: &Path, script: &str) -> Option<Output> {
    let unshare = |arguments: &[&str], script: &str| {
        let mut command = Command::new("unshare");
        command.args(arguments).args(["--mount", "sh", "-euc", script]);
        command.current_dir(folder).env("PROGRAM", env!("CARGO_BIN_EXE_worker-pack")).output()
    };
    let ways: [&[&str]; 2] = [&[], &["--user", "--map-root-user"]];
    let way = ways.into_iter().find(|way| {
        unshare(way, "mount -t tmpfs none .").is_ok_and(|output| output.status.success())
    })?;
    Some(unshare(way, script).unwrap())
}

#[test]
fn a_full_disk_leaves_the_earlier_output_and_costs_no_more_than_the_cache() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    let first = contents(&site.out());
    // What does not compress: 200 kB of it, which is more than there is room for.
    let mut noise: u32 = 1;
    let noise = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.to_be_bytes()[0]
    });
    site.write("noise.bin", noise.take(200_000).collect::<Vec<u8>>());
    let script = "
        mkdir small full
        mount -t tmpfs -o size=96k none small
        cp -r out small/out
        mount -t tmpfs -o size=8k none full
        if $PROGRAM build dist --out small/out --cache-dir none 2> said; then exit 9; fi
        cp -r small/out after
        $PROGRAM build dist --out new --cache-dir full > report --format json
        cp -r full left
    ";
    let Some(output) = with_mounts(site.project(), script) else {
        eprintln!("SKIPPED: nothing can be mounted here");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = fs::read_to_string(site.project().join("said")).unwrap();
    assert!(said.contains("emit: cannot write") && said.contains("No space left"), "{said}");
    let after = contents(&site.project().join("after"));
    assert!(first.iter().all(|(path, bytes)| after[path] == *bytes), "it is not whole");

    let report = fs::read_to_string(site.project().join("report")).unwrap();
    assert!(report.contains("cannot be written: No space left on device"), "{report}");
    site.pack().emit(&site.out()).unwrap();
    assert_eq!(contents(&site.project().join("new")), contents(&site.out()));
}
