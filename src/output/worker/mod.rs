//! The target [`Target::Worker`](super::Target::Worker): a Worker for JavaScript hosts, with its
//! engine, table, bodies, server and configuration.
//!
//! The Worker is first assembled in memory and weighed, so that one that exceeds a limit of the
//! platform fails before any file changes. Then [`emit`] writes it.

mod assembly;
mod bundle;
mod bundling;
mod deploy_config;
mod differences;
mod engine;
mod node;
mod own_worker;
pub(crate) mod packages;
mod pages_project;
mod placement;
mod places;
mod plain;
mod policies;
mod program;
mod r2;
mod relief;
mod rust_script;
mod script;
mod server;
mod unanswered;
pub(crate) mod wrangler;
mod write;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use engine::Engine;
pub use r2::R2Report;
pub use server::ServerSummary;
pub use wrangler::{Bucket, ProgramIs};

use super::manifest::{self, BodyFiles};
use super::rust_module::{self, Includer};
use super::{Input, Output};
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::options::{Identity, SiteData, WorkerOptions};
use crate::project::wrangler::WranglerConfig;
use crate::weight::Weight;
use assembly::{Assembled, assemble};
pub(crate) use bundle::Bundle;
use bundle::ModuleKind;
pub(crate) use places::Places;
use program::Program;
use write::emit;

pub(crate) use wrangler::{FILE_NAME as WRANGLER_CONFIG, WrittenSettings};

/// The folder of the Worker's modules, below the bundle's folder.
pub(crate) const WORKER: &str = "worker";
/// The folder of the Data modules with bodies, below [`WORKER`].
pub(crate) const BODIES: &str = "bodies";
/// The folder of files for Workers Static Assets, below the bundle's folder.
pub(crate) const STATIC_ASSETS: &str = "assets";

/// The folder of the module that a program in Rust includes, below the output folder.
const TABLE: &str = "table";

/// The report on a Worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerReport {
    /// The program that answers its requests.
    pub program: ProgramIs,
    /// Its sizes, with estimates of its memory and start-up time.
    pub weight: Weight,
    /// True if the Worker runs code of the site: Astro's server, or a Worker of the site's own.
    pub has_server: bool,
    /// The modules of the server, if the build has one.
    pub server: Option<ServerSummary>,
    /// The source of bodies for clients that accept no content coding.
    pub identity: Identity,
    /// The files of the site that were moved to Workers Static Assets, sorted.
    pub spilled: Vec<String>,
    /// The files of the site that were moved to R2, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r2: Option<R2Report>,
}

/// The output folder, engine and options of a Worker.
#[derive(Clone, Debug)]
pub struct WorkerTarget {
    /// The output folder. `bundle/` in it is replaced as a whole. `wrangler.jsonc` is created, or
    /// updated if it exists.
    pub out: PathBuf,
    /// The engine that answers requests.
    pub engine: Engine,
    /// The options of the Worker.
    pub options: WorkerOptions,
}

/// The crate and the options of a Worker in Rust.
#[derive(Clone, Debug)]
pub struct RustWorkerTarget {
    /// The folder of the Worker's crate. In `build/` of it, into which `worker-build` compiles the
    /// crate, `bundle/` is replaced as a whole, and `table/` gets the Rust module. `wrangler.jsonc` in
    /// this folder is created, or updated if it exists.
    pub root: PathBuf,
    /// The options of the Worker.
    pub options: WorkerOptions,
}

impl RustWorkerTarget {
    /// Makes a target of a folder, with the default options. A build script runs in the folder of its
    /// crate, `"."`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), options: WorkerOptions::default() }
    }

    /// Returns the folder of everything that is written, except for the configuration.
    pub(crate) fn out(&self) -> PathBuf {
        self.root.join(wrangler::BUILD)
    }
}

/// Assembles a Worker, weighs it, and writes it.
pub(super) fn write(
    input: Input<'_>,
    target: &WorkerTarget,
    findings: &mut Findings,
) -> Result<Output, PackError> {
    let (out, choice) = (&target.out, target.options.deploy_config);
    let places = Places { out: out.clone(), config: out.clone() };
    let (table, notes) = policies::carry(input, target.options.headers_on_ssr);
    findings.add(notes);
    let input = Input { table: &table, ..input };
    let Assembled { bundle, report, diagnostics, settings, maps, .. } =
        assemble(input, Program::Engine(&target.engine), &places, &target.options)?;
    findings.add(diagnostics);
    let text = Ok(bundle.wrangler.clone().into_bytes());
    let config = WranglerConfig::parse(&out.join(WRANGLER_CONFIG), text)?;
    findings.add(deploy_config::obstacle(&config, out, choice).into_iter().collect());
    findings.check()?;
    let names = write::names(&bundle);
    let headers_on_ssr = report.has_server.then_some(target.options.headers_on_ssr);
    let files = BodyFiles::InModules { files: &names, settings: &settings, headers_on_ssr };
    let manifest = manifest::render(input.table, files);
    let output = emit(&bundle, &manifest, report, &places, &input.earlier.files)?;
    let found = deploy_config::settle(input.project, &config, out, choice);
    findings.add(found.into_iter().collect());
    findings.check()?;
    Ok(output.with_maps(maps))
}

/// A Worker that is assembled and not written.
#[cfg(feature = "cli")]
#[derive(Debug)]
pub(crate) struct ExaminedWorker {
    /// Its configuration for wrangler, as it would be written.
    pub(crate) config: String,
}

/// Assembles a Worker and weighs it.
#[cfg(feature = "cli")]
pub(super) fn examine(
    input: Input<'_>,
    target: &WorkerTarget,
    findings: &mut Findings,
) -> Result<ExaminedWorker, PackError> {
    let places = Places { out: target.out.clone(), config: target.out.clone() };
    let program = Program::Engine(&target.engine);
    assembled_report(input, program, &places, &target.options, findings)
}

/// Assembles the files around a program in Rust, and weighs them.
#[cfg(feature = "cli")]
pub(super) fn examine_rust(
    input: Input<'_>,
    target: &RustWorkerTarget,
    findings: &mut Findings,
) -> Result<ExaminedWorker, PackError> {
    let config = if target.root.as_os_str().is_empty() { Path::new(".") } else { &target.root };
    let places = Places { out: target.out(), config: config.to_owned() };
    let program = Program::Compiled(target.options.site_data);
    assembled_report(input, program, &places, &target.options, findings)
}

#[cfg(feature = "cli")]
fn assembled_report(
    input: Input<'_>,
    program: Program<'_>,
    places: &Places,
    options: &WorkerOptions,
    findings: &mut Findings,
) -> Result<ExaminedWorker, PackError> {
    let (table, notes) = policies::carry(input, options.headers_on_ssr);
    findings.add(notes);
    let input = Input { table: &table, ..input };
    let Assembled { bundle, diagnostics, .. } = assemble(input, program, places, options)?;
    findings.add(diagnostics);
    Ok(ExaminedWorker { config: bundle.wrangler })
}

/// Assembles the files around a program in Rust, and writes them, with the module that the program includes.
pub(super) fn write_rust(
    input: Input<'_>,
    target: &RustWorkerTarget,
    findings: &mut Findings,
) -> Result<Output, PackError> {
    // An empty path names the current folder too, but none that can be opened.
    let config = if target.root.as_os_str().is_empty() { Path::new(".") } else { &target.root };
    let places = Places { out: target.out(), config: config.to_owned() };
    let site_data = target.options.site_data;
    let (table, notes) = policies::carry(input, target.options.headers_on_ssr);
    findings.add(notes);
    let input = Input { table: &table, ..input };
    let Assembled { bundle, report, diagnostics, settings, placement, maps } =
        assemble(input, Program::Compiled(site_data), &places, &target.options)?;
    findings.add(diagnostics);
    findings.check()?;
    let known = &input.earlier.files;
    let names = write::names(&bundle);
    let headers_on_ssr = Some(target.options.headers_on_ssr);
    let files = BodyFiles::InModules { files: &names, settings: &settings, headers_on_ssr };
    let manifest = manifest::render(input.table, files);
    let identity = report.identity;
    let written = emit(&bundle, &manifest, report, &places, known)?;
    // Last, since it refers to files of the bundle.
    let (folder, known) = (places.out.join(TABLE), known.below(TABLE));
    let module = match site_data {
        SiteData::Compiled => {
            let elsewhere = placement.elsewhere();
            let includer = Includer::Worker(&elsewhere);
            rust_module::write_for(input, identity, includer, &folder, &known)?
        }
        SiteData::Modules => rust_module::write_for_host(input, identity, &folder, &known)?,
    };
    Ok(written.with(module, TABLE).with_maps(maps))
}
