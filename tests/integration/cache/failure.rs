//! A damaged cache, an unusable one, and a full disk.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use worker_pack::Options;

use super::{processed, report, results};
use crate::support::site::{FILES, Site, contents};

#[test]
fn damaged_results_are_rebuilt_and_reported() {
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
        assert_eq!(processed(&anew).len(), 4);
        assert_eq!(contents(&site.out()), output);
        let diagnostics = anew["diagnostics"].to_string();
        assert!(diagnostics.contains("cache/damaged-results"), "{diagnostics}");
    }
    assert_eq!(processed(&report(&site, &["--strictness", "strict"])), [""; 0]);
}

#[test]
fn an_unusable_cache_is_reported_and_ignored() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    let output = contents(&site.out());
    let cache = site.project().join("cache");
    fs::remove_dir_all(&cache).unwrap();
    fs::write(&cache, "a file").unwrap();
    fs::remove_dir_all(site.out()).unwrap();
    let without = report(&site, &["--strictness", "strict"]);
    assert_eq!(contents(&site.out()), output);
    let diagnostics = without["diagnostics"].to_string();
    assert!(
        diagnostics.contains("cache/unusable") && diagnostics.contains("`cache-dir`"),
        "{diagnostics}"
    );
    assert_eq!(fs::read_to_string(cache).unwrap(), "a file");
}

/// Runs a shell script as root in its own mount namespace, or returns `None` if that is forbidden.
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
fn a_full_disk_preserves_earlier_output_and_only_disables_the_cache() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    let first = contents(&site.out());
    // Incompressible: 200 kB of it do not fit on the disk.
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
        if $PROGRAM build dist --out small/out --cache-dir none 2> stderr; then exit 9; fi
        cp -r small/out after
        $PROGRAM build dist --out new --cache-dir full > report --format json
        cp -r full left
    ";
    let Some(output) = with_mounts(site.project(), script) else {
        eprintln!("SKIPPED: mounting is not permitted");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stderr = fs::read_to_string(site.project().join("stderr")).unwrap();
    assert!(
        stderr.contains("output: cannot write") && stderr.contains("No space left"),
        "{stderr}"
    );
    let after = contents(&site.project().join("after"));
    assert!(
        first.iter().all(|(path, bytes)| after[path] == *bytes),
        "the earlier output is incomplete"
    );

    let report = fs::read_to_string(site.project().join("report")).unwrap();
    assert!(
        report.contains("cannot write to ") && report.contains("No space left on device"),
        "{report}"
    );
    site.emit(Options::default()).unwrap();
    assert_eq!(contents(&site.project().join("new")), contents(&site.out()));
}
