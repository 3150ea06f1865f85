//! The cost of compiling the emitted module, in sites of a few and of very many files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use fs_err as fs;
use serde_json::Value;

use super::{Bench, sites};
use crate::bench::process::Usage;
use crate::bench::report::{Report, float, median, megabytes, seconds};
use crate::command::output;
use crate::tools::cargo;
use crate::tools::wasm_target::{TARGET, Toolchain};

/// The sizes of the sites.
const SITES: [usize; 3] = [1_000, 10_000, 50_000];
const SMOKE_SITES: [usize; 3] = [5, 10, 20];

/// The largest CPU time in seconds, and the most memory in bytes, for the second site.
const TIME_TARGET: f64 = 3.0;
const PEAK_TARGET: f64 = 350e6;

/// The largest time per file of the third site, compared with that of the second.
const LINEAR_TARGET: f64 = 1.3;

/// A program that consists of the module and of a lookup, so that the compiler omits nothing.
const PROGRAM: &str = "\
mod assets { include!(\"out/assets.rs\"); }
fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let len = assets::TABLE.asset(&path).map(|asset| asset.identity().body().bytes().map(<[u8]>::len));
    println!(\"{len:?}\");
}
";

/// A platform that programs are compiled for.
#[derive(Clone, Copy)]
enum Platform {
    /// This machine.
    Native,
    /// Workers.
    Wasm,
}

impl Platform {
    const ALL: [Self; 2] = [Self::Native, Self::Wasm];

    const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Wasm => TARGET,
        }
    }

    /// Makes Cargo or the compiler compile for the platform.
    fn apply(self, command: &mut Command) -> Result<&mut Command> {
        match self {
            Self::Native => Ok(command),
            Self::Wasm => Ok(Toolchain::find()?.apply(command.args(["--target", TARGET]))),
        }
    }
}

/// Compiles a program with the module of each site.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let mut programs = Vec::new();
    for files in bench.scale.pick(SITES, SMOKE_SITES) {
        let (dist, place) = (bench.fresh()?, bench.place()?);
        sites::small_pages(&dist, files)?;
        bench.build(&dist, &place, &["--effort", "fast"])?;
        let program = place.out.with_file_name("main.rs");
        fs::write(&program, PROGRAM)?;
        programs.push((files, program));
    }
    let runtimes = [Runtime::build(Platform::Native)?, Runtime::build(Platform::Wasm)?];
    sites::settle(bench)?;

    report.table(
        "Compiling the emitted module with `rustc -C opt-level=3`, small pages",
        &["files", "platform", "CPU", "per file", "peak"],
    );
    for (platform, runtime) in Platform::ALL.into_iter().zip(runtimes) {
        let mut times_per_file = Vec::new();
        for (index, (files, program)) in programs.iter().enumerate() {
            let usages = (0..bench.rounds).map(|_| runtime.compile(program, platform));
            let usages = usages.collect::<Result<Vec<Usage>>>()?;
            let times: Vec<f64> = usages.iter().map(|usage| usage.cpu).collect();
            let peak = median(usages.iter().map(|usage| usage.peak));
            let time = median(times.iter().copied());
            times_per_file.push(time / float(*files));
            report.row(&[
                files.to_string(),
                platform.name().to_owned(),
                seconds(&times),
                format!("{:.0} µs", times_per_file[index] * 1e6),
                megabytes(peak),
            ]);
            let what = format!("compiling {files} files for {}", platform.name());
            match index {
                1 => {
                    report.at_most(TIME_TARGET, time, &format!("CPU time of {what}, in s"));
                    report.at_most(
                        PEAK_TARGET / 1e6,
                        peak / 1e6,
                        &format!("peak of {what}, in MB"),
                    );
                }
                2 => {
                    let ratio = times_per_file[2] / times_per_file[1];
                    report.at_most(LINEAR_TARGET, ratio, &format!("time per file of {what}"));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// The compiled runtime.
struct Runtime {
    library: PathBuf,
    /// The folders of the libraries that it depends on, some of which run in the compiler.
    folders: BTreeSet<PathBuf>,
}

impl Runtime {
    fn build(platform: Platform) -> Result<Self> {
        let mut build = cargo::build("worker-pack-runtime");
        build.args(["--release", "--message-format", "json-render-diagnostics"]);
        let messages = output(platform.apply(&mut build)?)?;
        let (mut library, mut folders) = (None, BTreeSet::new());
        for line in messages.lines() {
            let message: Value = serde_json::from_str(line)?;
            for file in message["filenames"].as_array().into_iter().flatten() {
                let file = PathBuf::from(file.as_str().unwrap_or_default());
                folders.extend(file.parent().map(Path::to_owned));
                // The library has two names, and those that it depends on are beside the other.
                folders.extend(file.parent().map(|folder| folder.join("deps")));
                if file.extension().is_some_and(|extension| extension == "rlib")
                    && message["target"]["name"] == "worker_pack_runtime"
                {
                    library = Some(file);
                }
            }
        }
        Ok(Self { library: library.context("Cargo built no runtime")?, folders })
    }

    /// Compiles a program, and returns the resources that the compiler used.
    fn compile(&self, program: &Path, platform: Platform) -> Result<Usage> {
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition", "2024", "-C", "opt-level=3", "-C", "strip=debuginfo"]);
        rustc.arg("--extern").arg(format!("worker_pack_runtime={}", self.library.display()));
        for folder in &self.folders {
            rustc.arg("-L").arg(format!("dependency={}", folder.display()));
        }
        rustc.arg(program).arg("-o").arg(program.with_extension(platform.name()));
        Usage::of(platform.apply(&mut rustc)?)
    }
}
