//! The assembly of a Worker in memory, before anything is written: everything that is decided, with the
//! report and the diagnostics.

use std::mem;

use bytesize::ByteSize;
use worker_pack_runtime::Stored;

use super::bundle::{self, Bundle, Contents};
use super::bundling::Bundling;
use super::node::{Decoder, NodeCompat, NodeGlobals, NodeMode};
use super::own_worker::{self, Found};
use super::placement::{self, Placement, files};
use super::places::Places;
use super::program::Program;
use super::r2::{self, R2Report};
use super::relief::Spilling;
use super::script::{self, ScriptedSite, Server};
use super::server::{ServerBuild, ServerModules};
use super::wrangler::{
    self, Merged, Needs, OwnConfig, OwnWorkerIs, ProgramIs, Settings, WrittenSettings,
};
use super::{WorkerReport, differences, packages, pages_project, rust_script, unanswered};
use crate::asset::blob::Blob;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::{Identity, WorkerOptions};
use crate::output::{Input, table_binary};
use crate::project::Project;
use crate::project::bindings::Bindings;
use crate::source_map::SourceMapFile;
use crate::tabulate::AssetTable;
use crate::weight::limits;

/// Bytes reserved for the scripts of every Worker, which are smaller than that.
const HOST_SCRIPTS: usize = 64 * 1024;

/// A Worker with its report.
pub(super) struct Assembled {
    pub(super) bundle: Bundle,
    pub(super) placement: Placement,
    pub(super) report: WorkerReport,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The settings that it wrote into the configuration for wrangler.
    pub(super) settings: WrittenSettings,
    /// The source maps of the server's modules.
    pub(super) maps: Vec<SourceMapFile>,
}

/// Assembles a Worker and weighs it.
pub(super) fn assemble(
    input: Input<'_>,
    program: Program<'_>,
    places: &Places,
    options: &WorkerOptions,
) -> Result<Assembled, PackError> {
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
    let (mut server, mut diagnostics) = match &build {
        Some(build) => build.read(input, bundling, options.server_code)?,
        None => (ServerModules::default(), Vec::new()),
    };

    let identity = input.options.identity.or(default_identity(&own, &node));
    let taken = server.summary.shipped + program.len() + HOST_SCRIPTS;
    let budget =
        options.budget.map_or_else(|| room(table, identity, program, taken, options), bytes);
    let placement = placement::place(table, options, identity, budget);
    let globals = globals(server_of_scripts);
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

    let maps = mem::take(&mut server.maps);
    let summary = build.is_some().then(|| server.summary.clone());
    let bindings = Bindings::of_site(project);
    let plain = program.plain_replies(&placement.table, table.rules());
    let site = ScriptedSite {
        placement: &placement,
        plain: &plain,
        bindings: &bindings,
        server: server_of_scripts,
        bundling,
        headers: options.headers_on_ssr,
    };
    let scripts = match program {
        Program::Engine(_) => script::scripts(&site),
        Program::Compiled(data) => rust_script::scripts(&site, data),
    };
    let has_server = server_of_scripts.is_some();
    let r2_uploads = r2::uploads(&placement, &options.limits, program.kind());
    let bundle = bundle::collect(Contents {
        table,
        placement: &placement,
        plain,
        server,
        scripts,
        program,
        wrangler,
        r2_uploads,
    });
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
    Ok(Assembled { bundle, placement, report, diagnostics, settings: written, maps })
}

/// Returns the room for bodies that the size limit leaves, given what else is known to be in the Worker.
fn room(
    table: &AssetTable,
    identity: Identity,
    program: Program<'_>,
    taken: usize,
    options: &WorkerOptions,
) -> usize {
    let stored =
        |blob: &Blob| Stored::Module { index: 0, start: 0, len: table_binary::len_u32(blob.len()) };
    let binary = table_binary::render(table, identity, stored);
    // A body that is spilled only makes the index smaller.
    let plain = program.plain_replies(&binary, table.rules()).index.len();
    bytes(options.limits.size).saturating_sub(taken + binary.len() + plain)
}

/// Returns the globals of Node.js that a server expects.
fn globals(server: Option<Server<'_>>) -> NodeGlobals {
    match server {
        Some(Server::Build(build)) if build.is_main => NodeGlobals::AsConfigured,
        Some(Server::Own(_)) => NodeGlobals::AsConfigured,
        // The flags of a project of Pages may be in Cloudflare's dashboard.
        Some(Server::Build(_)) | None => NodeGlobals::Any,
    }
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
