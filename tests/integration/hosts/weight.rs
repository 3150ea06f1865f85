//! The weight of built Workers, compared with what wrangler uploads.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::packed_site::{PackedSite, SERVERS};
use crate::support::site::{Site, blog, files_below, program};
use crate::support::xtask;

/// The upload of a Worker, as a dry run of wrangler writes and reports it.
pub(super) struct DryRun {
    /// The folder of the modules, with a note and source maps.
    pub(super) folder: Site,
    /// The total size and the one under gzip, in KiB.
    total: [f64; 2],
}

impl DryRun {
    pub(super) fn new(arguments: &[&str]) -> Self {
        let folder = Site::new::<&str>(&[]);
        let out = format!("--outdir={}", folder.dist().display());
        let command = ["wrangler", "deploy", "--dry-run", &out];
        let (stdout, stderr) = xtask::run(&[&command[..], arguments].concat());
        let total = stdout.lines().find_map(|line| line.strip_prefix("Total Upload: "));
        let total = total.unwrap_or_else(|| panic!("{stdout}{stderr}"));
        let sizes = total.split(" / gzip: ").map(|size| size.trim_end_matches(" KiB").parse());
        let sizes: Result<Vec<f64>, _> = sizes.collect();
        Self { folder, total: sizes.unwrap().try_into().unwrap() }
    }

    /// Returns the names and sizes of the modules, sorted.
    fn modules(&self) -> Vec<(String, u64)> {
        let folder = self.folder.dist();
        let mut files = files_below(&folder);
        let is_map = |path: &Path| path.extension().is_some_and(|extension| extension == "map");
        files.retain(|path| !path.ends_with("README.md") && !is_map(path));
        files.sort();
        let size = |path: &Path| fs::metadata(folder.join(path)).unwrap().len();
        files.iter().map(|path| (path.to_str().unwrap().to_owned(), size(path))).collect()
    }

    /// Compares a report with the size that wrangler printed.
    fn assert_size(&self, report: &Value) {
        let size = report["weight"]["size"].as_f64().unwrap() / 1024.0;
        assert!((size - self.total[0]).abs() < 0.006, "{:?} {report:#}", self.total);
    }

    /// Compares a report with the sizes that wrangler printed. It compresses all modules together.
    pub(super) fn assert_total(&self, report: &Value) {
        self.assert_size(report);
        let ratio = report["weight"]["gzip"].as_f64().unwrap() / 1024.0 / self.total[1];
        assert!((0.97..1.03).contains(&ratio), "{:?} {report:#}", self.total);
    }
}

/// Weighs a Worker by the command.
pub(super) fn weigh(arguments: &[&str], variables: &[(&str, String)]) -> Value {
    let output = program()
        .args(["weigh", "--format=json"])
        .args(arguments)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the names and sizes of the modules in a report, sorted.
fn modules(report: &Value) -> Vec<(String, u64)> {
    let all = report["modules"].as_array().unwrap().iter();
    let mut all: Vec<_> = all
        .map(|one| (one["name"].as_str().unwrap().to_owned(), one["size"].as_u64().unwrap()))
        .collect();
    all.sort_by(|(a, _), (b, _)| Path::new(a).cmp(Path::new(b)));
    all
}

#[test]
fn the_weighed_modules_of_packed_workers_are_those_that_wrangler_uploads() {
    let [ssr, pages] = &*SERVERS;
    for (dist, arguments, upload) in [
        (&blog(), &[][..], "as-written"),
        (&blog(), &["--spill-above", "20 kB"][..], "as-written"),
        (ssr, &[][..], "as-written"),
        (pages, &[][..], "bundled"),
    ] {
        let site = PackedSite::new(dist, arguments);
        let config = site.config().display().to_string();
        let uploaded = DryRun::new(&[&format!("--config={config}")]);
        let report = weigh(&[&config], &[]);
        assert_eq!(report["upload"], upload, "{report:#}");
        let parts = report["weight"]["parts"].as_array().unwrap().iter();
        let named = parts.filter(|part| part["name"].as_str().unwrap().ends_with(" (br)"));
        assert!(named.count() > 3, "{report:#}");
        if upload == "as-written" {
            assert_eq!(modules(&report), uploaded.modules());
            uploaded.assert_total(&report);
        } else {
            // What is not a script has another name, and the same size.
            let data = |all: &[(String, u64)]| {
                let sizes = all.iter().filter(|(name, _)| !name.contains(".js"));
                let mut sizes: Vec<u64> = sizes.map(|(_, size)| *size).collect();
                sizes.sort_unstable();
                sizes
            };
            assert_eq!(data(&modules(&report)), data(&uploaded.modules()));
        }
        let folder = uploaded.folder.dist().display().to_string();
        uploaded.assert_total(&weigh(&[&folder], &[]));
    }
}

#[test]
fn rules_find_the_modules_that_wrangler_finds() {
    let config = r#"{
        "name": "a", "compatibility_date": "2026-06-01",
        "main": "src/index.mjs", "base_dir": "src", "no_bundle": true,
        "rules": [
            { "type": "ESModule", "globs": ["**/*.mjs"] },
            { "type": "Data", "globs": ["lib/*.dat", "[a].dat", "x?.dat", "deep/**/z.dat"] },
            { "type": "Text", "globs": ["**/*.md"], "fallthrough": true }
        ],
        "env": {
            "default": { "rules": [] },
            "stars": { "rules": [{ "type": "Text", "globs": ["*", "lib/**"], "fallthrough": true }] },
            "outside": { "main": "far/other.mjs" },
            "none": { "find_additional_modules": false },
            "both": { "no_bundle": false, "find_additional_modules": true }
        }
    }"#;
    let files = [
        ("index.mjs", "import './lib/a.mjs'; export default { fetch: () => new Response() };"),
        ("lib/a.mjs", "export default 1;"),
        ("lib/q.dat", "1"),
        ("lib/deep/q.dat", "22"),
        ("[a].dat", "333"),
        ("a.dat", "4444"),
        ("x?.dat", "55555"),
        ("xy.dat", "666666"),
        ("deep/z.dat", "7777777"),
        ("deep/1/2/z.dat", "88888888"),
        ("deep/1/2/yz.dat", "999999999"),
        ("note.md", "# 1"),
        ("note.txt", "12"),
        ("page.html", "123"),
        ("data.bin", "1234"),
        ("data.json", "{}"),
        ("node_modules/p/i.mjs", "export default 2;"),
        (".wrangler/z.mjs", "export default 3;"),
        (".hidden.mjs", "export default 4;"),
    ];
    let site = Site::new::<&str>(&[]);
    let write = |name: &str, text: &str| {
        let path = site.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for (name, text) in files {
        write(&format!("src/{name}"), text);
    }
    write("far/other.mjs", files[0].1);
    write("far/far.txt", "far");
    write("wrangler.jsonc", config);
    std::os::unix::fs::symlink("../../far/far.txt", site.project().join("src/lib/l.txt")).unwrap();
    let config = site.project().join("wrangler.jsonc").display().to_string();
    for name in ["", "default", "stars", "outside", "none", "both"] {
        let environment = format!("--env={name}");
        let uploaded = DryRun::new(&[&format!("--config={config}"), &environment]);
        let mut arguments = vec![config.as_str()];
        arguments.extend((!name.is_empty()).then_some(environment.as_str()));
        let report = weigh(&arguments, &[]);
        let (mut ours, mut theirs) = (modules(&report), uploaded.modules());
        if name == "both" {
            // The first module is bundled.
            ours.retain(|(name, _)| name != "index.js");
            theirs.retain(|(name, _)| name != "index.js");
        } else {
            uploaded.assert_size(&report);
        }
        assert_eq!(ours, theirs, "{name}");
    }
}
