//! Workers in Rust with the shortest program: the table, then not found.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use fs_err as fs;

use super::process::Usage;
use crate::command::run;
use crate::files::{put, remove, repository};
use crate::tools::rust_worker::{self, Environment, FOLDER};
use crate::tools::wasm_target::TARGET;

/// The program.
const PROGRAM: &str = "\
use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, event};
use worker_pack_runtime::FetchEvent;

mod site {
    worker_pack_runtime::include_site!();
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let mut event = FetchEvent::new(&site::TABLE, request, env, context);
    match event.asset().await? {
        Some(response) => Ok(response),
        None => event.not_found().await,
    }
}
";

/// The line by which the profiles begin in the manifest of the example.
const PROFILES: &str = "\n[profile.release]\n";

/// The features of WebAssembly that `worker-build` enables.
const FEATURES: [&str; 7] = [
    "mutable-globals",
    "sign-ext",
    "nontrapping-float-to-int",
    "bulk-memory",
    "multivalue",
    "reference-types",
    "exception-handling",
];

/// The crate of a Worker, with the profiles and the dependencies of the example.
pub(super) struct RustProgram {
    folder: PathBuf,
    /// The name of the crate, and of its library.
    name: String,
}

/// The resources that each step of a build used.
pub(super) struct Steps {
    pub(super) cargo: Usage,
    pub(super) bindgen: Usage,
    pub(super) optimise: Usage,
}

impl Steps {
    /// Returns the CPU time of all steps, in seconds.
    pub(super) fn cpu(&self) -> f64 {
        self.cargo.cpu + self.bindgen.cpu + self.optimise.cpu
    }
}

impl RustProgram {
    /// Writes the crate into an empty folder.
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self> {
        remove(folder)?;
        let example = repository(FOLDER);
        let manifest = fs::read_to_string(example.join("Cargo.toml"))?;
        let (_, profiles) = manifest.split_once(PROFILES).context("the example has no profiles")?;
        let dependency = manifest.lines().find(|line| line.starts_with("worker = "));
        let worker = dependency.context("the example does not depend on `worker`")?;
        let runtime = repository("runtime").canonicalize()?;
        let runtime = runtime.to_str().context("its path is not UTF-8")?;
        let manifest = format!(
            "[workspace]\n\n\
             [package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [lib]\ncrate-type = [\"cdylib\"]\n\n\
             [dependencies]\n{worker}\n\
             worker-pack-runtime = {{ path = {runtime:?}, features = [\"worker\"] }}\n\
             {PROFILES}{profiles}"
        );
        put(&folder.join("Cargo.toml"), manifest)?;
        // Cargo removes what the crate does not need from it, and keeps the versions of the rest.
        put(&folder.join("Cargo.lock"), fs::read(example.join("Cargo.lock"))?)?;
        put(&folder.join("src/lib.rs"), PROGRAM)?;
        Ok(Self { folder: folder.to_owned(), name: name.to_owned() })
    }

    /// Packs a build into the crate.
    pub(super) fn pack(&self, worker_pack: &Path, dist: &Path, options: &[&str]) -> Result<()> {
        let mut command = Command::new(worker_pack);
        command.arg("build").arg(dist).args(["--quiet", "--target", "rust-worker"]).args(options);
        run(command.arg("--out").arg(&self.folder))
    }

    /// Builds the Worker, and returns the folder of its modules.
    pub(super) fn build(&self, environment: &Environment) -> Result<PathBuf> {
        environment.build(&self.folder)
    }

    /// Runs the steps of `worker-build` that take time, one by one. Returns the program, as it is
    /// deployed, and the cost.
    pub(super) fn build_in_steps(&self, environment: &Environment) -> Result<(PathBuf, Steps)> {
        let step =
            |command: &mut Command| Usage::of(environment.apply(command.current_dir(&self.folder)));
        let target = ["--target", TARGET];
        let cargo =
            step(Command::new("cargo").args(["build", "--quiet", "--release"]).args(target))?;
        let library = self.name.replace('-', "_");
        let built =
            rust_worker::target().join(TARGET).join("release").join(format!("{library}.wasm"));
        let out = self.folder.join("steps");
        let mut bindgen = Command::new(environment.program("WASM_BINDGEN_BIN")?);
        // The arguments of `worker-build`.
        bindgen.args(["--target", "module", "--no-typescript", "--out-name", "index"]);
        bindgen.args(["--experimental-reset-state-function", "--force-enable-abort-handler"]);
        let bindgen = step(bindgen.arg("--out-dir").arg(&out).arg(built))?;
        let optimised = out.join("optimised.wasm");
        let mut optimise = Command::new(environment.program("WASM_OPT_BIN")?);
        optimise.arg("-Oz").args(FEATURES.map(|feature| format!("--enable-{feature}")));
        optimise.arg("--debuginfo").arg(out.join("index_bg.wasm"));
        let optimise = step(optimise.arg("-o").arg(&optimised))?;
        Ok((optimised, Steps { cargo, bindgen, optimise }))
    }
}
