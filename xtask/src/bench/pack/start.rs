//! The time of runs without work: of the program, and of a build script.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use fs_err as fs;

use super::sites::{self, Site};
use super::{Bench, Place};
use crate::bench::process::Usage;
use crate::bench::report::{Report, median, ratio, seconds};
use crate::command::run;
use crate::files;
use crate::tools::cargo;

/// The number of starts.
const STARTS: usize = 20;

/// Maximum time of a start, in milliseconds.
const START_TARGET: f64 = 10.0;

/// Maximum time of a build script, compared with that of the program.
const SCRIPT_TARGET: f64 = 1.3;

/// The example with a build script.
const PACKAGE: &str = "build-script-example";

/// Starts the program to print its version.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..bench.scale.pick(STARTS, 1) {
        times.push(Usage::of(Command::new(&bench.program).arg("--version"))?.wall * 1e3);
    }
    report.table(&format!("`worker-pack --version`, the median of {}", times.len()), &["wall"]);
    let time = median(times);
    report.row(&[format!("{time:.1} ms")]);
    report.at_most(START_TARGET, time, "start, in ms");
    Ok(())
}

/// Runs a build script of the profile `dev` on an unchanged site.
pub(super) fn measure_build_script(bench: &Bench, report: &mut Report) -> Result<()> {
    let script = build_script()?;
    let folder = bench.fresh()?;
    let site = Site::docs_in(bench, folder.join("blog/dist"))?;
    let package = folder.join("build-script");
    fs::create_dir_all(&package)?;
    sites::settle(bench)?;

    let run_script = |place: &Place| {
        fs::create_dir_all(&place.out)?;
        let mut command = Command::new(&script);
        command.env("OUT_DIR", &place.out).env("WORKER_PACK_CACHE_DIR", &place.cache);
        command.env("PROFILE", "debug").env("CARGO_MANIFEST_DIR", &package);
        Usage::of(command.current_dir(&package))
    };
    // The default effort of a build script in this profile.
    let run_program = |place: &Place| bench.build(&site.dist, place, &["--effort", "fast"]);
    let [mut scripts, mut programs] = [const { Vec::new() }; 2];
    for _ in 0..bench.rounds {
        let places = [bench.place()?, bench.place()?];
        for run in 1..=3 {
            let (of_script, of_program) = (run_script(&places[0])?, run_program(&places[1])?);
            if run == 3 {
                scripts.push(of_script.wall);
                programs.push(of_program.wall);
            }
        }
    }
    let longer = ratio(&scripts, &programs);
    report.table(
        "Unchanged: the third run of a build script in the profile `dev`",
        &["", "`worker-pack build`", "build script", "ratio"],
    );
    report.row(&[
        site.name.to_owned(),
        seconds(&programs),
        seconds(&scripts),
        format!("{longer:.2}"),
    ]);
    report.at_most(SCRIPT_TARGET, longer, "a build script, unchanged");
    Ok(())
}

/// Compiles the example, and returns its newest build script.
fn build_script() -> Result<PathBuf> {
    run(&mut cargo::build(PACKAGE))?;
    let folder = files::target().join("debug/build");
    let mut newest: Option<(SystemTime, PathBuf)> = None;
    for path in files::entries(&folder)? {
        let script = path.join("build-script-build");
        if is_of_package(&path) && script.is_file() {
            newest = newest.max(Some((fs::metadata(&script)?.modified()?, script)));
        }
    }
    let missing = || format!("no build script in `{}`", folder.display());
    Ok(newest.with_context(missing)?.1)
}

fn is_of_package(folder: &Path) -> bool {
    let name = folder.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.starts_with(&format!("{PACKAGE}-")))
}
