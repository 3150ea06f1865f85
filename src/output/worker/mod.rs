//! The target [`Target::Worker`](super::Target::Worker): a Worker for JavaScript hosts, with its
//! engine, table, bodies, server and configuration.
//!
//! The Worker is first assembled in memory and weighed, so that one that exceeds a limit of the
//! platform fails before any file changes. Then [`emit`] writes it.

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
mod plain;
mod r2;
mod relief;
mod rust_script;
mod script;
mod server;
mod unanswered;
pub(crate) mod wrangler;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};
use worker_pack_runtime::Stored;

pub use engine::Engine;
pub use r2::R2Report;
pub use server::ServerSummary;
pub use wrangler::{Bucket, ProgramIs};

use super::manifest::{self, BodyFiles};
use super::{Input, Output, rust_module, table_binary};
use crate::asset::blob::Blob;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::options::{Identity, SiteData, WorkerOptions};
use crate::project::Project;
use crate::project::bindings::Bindings;
use crate::project::wrangler::WranglerConfig;
use crate::rules::SiteRules;
use crate::weight::{Weight, limits};
pub(crate) use bundle::Bundle;
use bundle::{ModuleKind, assemble};
use bundling::Bundling;
use node::{Decoder, NodeCompat, NodeGlobals, NodeMode};
use own_worker::Found;
use placement::{Placement, Spilled};
use plain::PlainReplies;
use relief::Spilling;
use script::Server;
use server::{ServerBuild, ServerModules};
use wrangler::{Merged, Needs, OwnConfig, OwnWorkerIs, Settings};
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

/// Bytes reserved for the scripts of every Worker, which are smaller than that.
const HOST_SCRIPTS: usize = 64 * 1024;

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

/// The program that answers the requests of a packed Worker.
#[derive(Clone, Copy, Debug)]
enum Program<'e> {
    /// The engine.
    Engine(&'e Engine),
    /// The user's, in Rust, with the place of table and bodies.
    Compiled(SiteData),
}

impl Program<'_> {
    fn kind(self) -> ProgramIs {
        match self {
            Self::Engine(_) => ProgramIs::Engine,
            Self::Compiled(_) => ProgramIs::Compiled,
        }
    }

    /// Returns the plain replies of a binary table, if the Worker has an index of them.
    fn plain_replies(self, table: &[u8], rules: &SiteRules) -> PlainReplies {
        match self {
            Self::Engine(_) => PlainReplies::of(table, rules),
            Self::Compiled(_) => PlainReplies::default(),
        }
    }

    /// Returns the size of the program. That of one that is not yet compiled is what examples have.
    fn len(self) -> usize {
        match self {
            Self::Engine(engine) => engine.bytes().len(),
            Self::Compiled(_) => 1024 * 1024,
        }
    }
}

/// The folders of a packed Worker.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The output folder.
    pub(crate) out: PathBuf,
    /// The folder of the configuration for wrangler.
    pub(crate) config: PathBuf,
}

impl Places {
    /// Returns the path of the configuration, as seen from the output folder.
    fn config_from_out(&self) -> String {
        if self.out == self.config {
            WRANGLER_CONFIG.to_owned()
        } else {
            format!("../{WRANGLER_CONFIG}")
        }
    }
}

/// A Worker with its report.
struct Bundled {
    bundle: Bundle,
    placement: Placement,
    report: WorkerReport,
    diagnostics: Vec<Diagnostic>,
    /// The settings that it wrote into the configuration for wrangler.
    settings: WrittenSettings,
}

/// Assembles a Worker, weighs it, and writes it.
pub(super) fn write(
    input: Input<'_>,
    target: &WorkerTarget,
    findings: &mut Findings,
) -> Result<Output, PackError> {
    let (out, choice) = (&target.out, target.options.deploy_config);
    let places = Places { out: out.clone(), config: out.clone() };
    let Bundled { bundle, report, diagnostics, settings, .. } =
        bundle(input, Program::Engine(&target.engine), &places, &target.options)?;
    findings.add(diagnostics);
    let text = Ok(bundle.wrangler.clone().into_bytes());
    let config = WranglerConfig::parse(&out.join(WRANGLER_CONFIG), text)?;
    findings.add(deploy_config::obstacle(&config, out, choice).into_iter().collect());
    findings.check()?;
    let names = write::names(&bundle);
    let manifest =
        manifest::render(input.table, BodyFiles::InModules { files: &names, settings: &settings });
    let output = emit(&bundle, &manifest, report, &places, &input.earlier.files)?;
    let found = deploy_config::settle(input.project, &config, out, choice);
    findings.add(found.into_iter().collect());
    findings.check()?;
    Ok(output)
}

/// Assembles what surrounds a program in Rust, and writes it, with the module that the program includes.
pub(super) fn write_rust(
    input: Input<'_>,
    target: &RustWorkerTarget,
    findings: &mut Findings,
) -> Result<Output, PackError> {
    // An empty path names the current folder too, but none that can be opened.
    let config = if target.root.as_os_str().is_empty() { Path::new(".") } else { &target.root };
    let places = Places { out: target.out(), config: config.to_owned() };
    let site_data = target.options.site_data;
    let Bundled { bundle, report, diagnostics, settings, placement } =
        bundle(input, Program::Compiled(site_data), &places, &target.options)?;
    findings.add(diagnostics);
    findings.check()?;
    let known = &input.earlier.files;
    let names = write::names(&bundle);
    let files = BodyFiles::InModules { files: &names, settings: &settings };
    let manifest = manifest::render(input.table, files);
    let identity = report.identity;
    let written = emit(&bundle, &manifest, report, &places, known)?;
    // Last, since it refers to files of the bundle.
    let elsewhere = placement.elsewhere();
    let user = match site_data {
        SiteData::Compiled => rust_module::User::Worker(&elsewhere),
        SiteData::Modules => rust_module::User::WorkerWithModules,
    };
    let folder = places.out.join(TABLE);
    let module = rust_module::write_for(input, identity, user, &folder, &known.below(TABLE))?;
    Ok(written.with(module, TABLE))
}

/// Assembles a Worker and weighs it.
fn bundle(
    input: Input<'_>,
    program: Program<'_>,
    places: &Places,
    options: &WorkerOptions,
) -> Result<Bundled, PackError> {
    let Input { project, table, cache, .. } = input;
    let config_folder = &places.config;
    let build = ServerBuild::find(project, table.rules().behaviour.compat)?;
    let own = wrangler::read(places, project, program.kind())?;
    let node = NodeCompat::of(&own, &project.config);
    let own_worker = match program {
        Program::Engine(_) => own_worker::find(project, config_folder),
        // The user's program takes its place.
        Program::Compiled(_) => Found::None,
    };
    let server_of_scripts = match (&build, &own_worker) {
        (Some(build), _) => Some(Server::Build(build)),
        (None, Found::Importable(worker)) => Some(Server::Own(worker)),
        (None, Found::None | Found::NotImportable(_)) => None,
    };
    let bundling = Bundling::of(project, server_of_scripts);
    let (server, mut diagnostics) = match &build {
        Some(build) => build.read(bundling, options.server_code, cache)?,
        None => (ServerModules::default(), Vec::new()),
    };

    let identity = input.options.identity.or(default_identity(&own, &node));
    let budget = options.budget.map_or_else(
        || {
            let stored = |blob: &Blob| Stored::Module {
                index: 0,
                start: 0,
                len: table_binary::len_u32(blob.len()),
            };
            let binary = table_binary::render(table, identity, stored);
            // A body that is spilled only makes the index smaller.
            let plain = program.plain_replies(&binary, table.rules()).index.len();
            let table = binary.len() + plain;
            let taken = server.summary.shipped + program.len() + table + HOST_SCRIPTS;
            bytes(options.limits.size).saturating_sub(taken)
        },
        bytes,
    );
    let placement = placement::place(table, options, identity, budget);
    let globals = match server_of_scripts {
        Some(Server::Build(build)) if build.is_main => NodeGlobals::AsConfigured,
        Some(Server::Own(_)) => NodeGlobals::AsConfigured,
        // The flags of a project of Pages may be in Cloudflare's dashboard.
        Some(Server::Build(_)) | None => NodeGlobals::Any,
    };
    diagnostics.extend(
        build.iter().filter_map(|build| packages::find(build, &server.packages, config_folder)),
    );
    let needs = Needs {
        program: program.kind(),
        static_assets: !placement.static_assets.is_empty(),
        r2: !placement.r2_objects.is_empty(),
        decoder: (identity == Identity::Decoded).then(|| Decoder::new(globals, node)),
        bundling,
        own_worker: match server_of_scripts {
            Some(Server::Own(_)) => OwnWorkerIs::Imported,
            Some(Server::Build(_)) | None => OwnWorkerIs::Replaced,
        },
        code: options.server_code,
        site_data: options.site_data,
    };
    let name = default_name(project);
    let settings =
        Settings::new(&project.config, project.user_config.as_ref(), config_folder, &needs);
    let Merged { text: wrangler, written, notes, buckets } =
        wrangler::merge(&own, &settings, &name, &needs)?;
    diagnostics.extend(notes);

    let summary = build.is_some().then(|| server.summary.clone());
    let bindings = Bindings::of_site(project);
    let plain = program.plain_replies(&placement.table, table.rules());
    let headers = options.headers_on_ssr;
    let (scripts, first) = match program {
        Program::Engine(_) => {
            let site =
                script::PackedSite { placement: &placement, plain: &plain, bindings: &bindings };
            (script::scripts(&site, server_of_scripts, bundling, headers), None)
        }
        Program::Compiled(site_data) => {
            let data = match site_data {
                SiteData::Compiled => None,
                SiteData::Modules => Some(&*placement.modules),
            };
            let scripts =
                rust_script::scripts(server_of_scripts, &bindings, identity, headers, data);
            (scripts, Some(rust_script::main_script(server_of_scripts, bundling)))
        }
    };
    let has_server = server_of_scripts.is_some();
    let uploads = r2::uploads(&placement, &options.limits, program.kind());
    let bundle =
        assemble(table, &placement, plain, server, &scripts, first, program, wrangler, uploads);
    diagnostics.extend(match own_worker {
        Found::NotImportable(refused) => Some(*refused),
        Found::None if build.is_none() && program.kind() == ProgramIs::Engine => {
            unanswered::find(&placement, &project.config)
        }
        Found::Importable(_) | Found::None => None,
    });
    diagnostics.extend(pages_project::functions(project));
    diagnostics.extend(pages_project::production(project));
    diagnostics.extend(differences::options(project));
    diagnostics.extend(differences::environments(project, input.options));
    diagnostics.extend(differences::collision(project, &bindings, &needs));
    let static_assets = placement.weighed_static_assets();
    let weight = bundle.weight(&placement, &static_assets, cache)?;
    let remedies = Spilling { placement: &placement, cache };
    diagnostics.extend(limits::compare(&weight, &options.limits, &static_assets, &remedies));
    diagnostics.extend(r2::large_uploads(&placement, &options.limits));
    let spilled = files(&placement.static_assets);
    let r2 = needs.r2.then(|| R2Report::new(&placement.r2_objects, buckets, program.kind()));
    let program = program.kind();
    let report =
        WorkerReport { program, weight, has_server, server: summary, identity, spilled, r2 };
    Ok(Bundled { bundle, placement, report, diagnostics, settings: written })
}

/// Returns the files of the site to which some bodies belong, sorted.
fn files(bodies: &BTreeMap<String, Spilled>) -> Vec<String> {
    let files: BTreeSet<&String> = bodies.values().map(|spilled| &spilled.file).collect();
    files.into_iter().cloned().collect()
}

fn bytes(size: ByteSize) -> usize {
    usize::try_from(size.as_u64()).unwrap_or(usize::MAX)
}

/// Chooses the default source of identity bodies. Decoding ships fewer bytes, since the host
/// provides the decoder. But it requires a compatibility flag, which an existing configuration may
/// omit on purpose, and more of an old date than the server may expect.
fn default_identity(own: &OwnConfig, node: &NodeCompat) -> Identity {
    let is_omitted = own.config.exists() && !own.has_written("compatibility_flags");
    if node.refuses_decoder() || is_omitted && node.mode() == NodeMode::Off {
        Identity::Stored
    } else {
        Identity::Decoded
    }
}

/// Derives the default name of a Worker from the name of the project's folder.
fn default_name(project: &Project) -> String {
    let name: String = project
        .name()
        .unwrap_or_default()
        .to_lowercase()
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
        .collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "site".to_owned() } else { name.to_owned() }
}
