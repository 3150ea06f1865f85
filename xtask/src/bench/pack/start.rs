//! The time of runs with nothing to do: of the program, and of a build script.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use super::sites::{self, Site};
use super::{Bench, Place};
use crate::bench::process::Usage;
use crate::bench::report::{Report, median, ratio, seconds};
use crate::files::{self as tree, failed};
use crate::tools::cargo::{Workspace, cargo};
use crate::tools::node;

/// How often the program is started.
const STARTS: usize = 20;

/// How long it may take, in milliseconds.
const START_AIM: f64 = 10.0;

/// How much longer than the program a build script may take.
const SCRIPT_AIM: f64 = 1.3;

/// The example with a build script.
const PACKAGE: &str = "build-script-example";

/// Starts the program for nothing.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(Usage::of(Command::new(&bench.binary).arg("--version"))?.wall * 1e3);
    }
    let time = median(times);
    report.table(&format!("`worker-pack --version`, the median of {STARTS}"), &["wall"]);
    report.row(&[format!("{time:.1} ms")]);
    report.at_most(START_AIM, time, "start, in ms");
    Ok(())
}

/// Runs a build script that was compiled for development, where nothing has changed.
pub(super) fn measure_build_script(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let script = build_script()?;
    let folder = bench.fresh()?;
    let site = Site::docs_in(folder.join("blog/dist"))?;
    let package = folder.join("build-script");
    tree::create_folder(&package)?;
    sites::settle()?;

    let run_script = |place: &Place| {
        tree::create_folder(&place.out)?;
        let mut command = Command::new(&script);
        command.env("OUT_DIR", &place.out).env("WORKER_PACK_CACHE_DIR", &place.cache);
        command.env("PROFILE", "debug").env("CARGO_MANIFEST_DIR", &package);
        Usage::of(command.current_dir(&package))
    };
    // The effort of a build script under this profile.
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
        "The third run of a build script under the profile `dev`, nothing changed",
        &["", "`worker-pack build`", "build script", "ratio"],
    );
    report.row(&[
        site.name.to_owned(),
        seconds(&programs),
        seconds(&scripts),
        format!("{longer:.2}"),
    ]);
    report.at_most(SCRIPT_AIM, longer, "a build script without a change");
    Ok(())
}

/// Compiles the example, and returns its build script.
fn build_script() -> Result<PathBuf, String> {
    let workspace = Workspace::find()?;
    let mut cargo = cargo();
    cargo.args(["build", "--locked", "--package", PACKAGE]).current_dir(&workspace.root);
    node::run(&mut cargo)?;
    let folder = workspace.target.join("debug/build");
    let mut found: Option<(SystemTime, PathBuf)> = None;
    for path in tree::entries(&folder)? {
        let script = path.join("build-script-build");
        if is_of_package(&path) && script.is_file() {
            let written = fs::metadata(&script).and_then(|metadata| metadata.modified());
            let written = written.map_err(|error| failed("read", &script, &error))?;
            found = found.max(Some((written, script)));
        }
    }
    let (_, script) = found.ok_or_else(|| format!("no script in `{}`", folder.display()))?;
    Ok(script)
}

fn is_of_package(folder: &Path) -> bool {
    let name = folder.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.starts_with(&format!("{PACKAGE}-")))
}
