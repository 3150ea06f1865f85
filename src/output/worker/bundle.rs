//! A Worker in memory: its modules, the bodies outside of them, and its configuration.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::placement::{Placement, Spilled};
use super::plain::PlainReplies;
use super::program::Program;
use super::script::Scripts;
use super::server::ServerModules;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::cache::Cache;
use crate::feedback::error::PackError;
use crate::options::SiteData;
use crate::tabulate::AssetTable;
use crate::weight::{Load, Part, StaticAsset, WeighedModule, Weight};

/// A Worker, ready to be written.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// Its modules, by their paths.
    pub(crate) modules: BTreeMap<String, Module>,
    /// The text of the first module, if it lies beside the folder of the others.
    pub(crate) first: Option<String>,
    /// The bodies and the table, if they are compiled into the program, as modules of the same bytes.
    pub(crate) compiled: BTreeMap<String, Module>,
    /// The bodies for Workers Static Assets, by file name.
    pub(crate) static_assets: BTreeMap<String, Blob>,
    /// The bodies for R2, by key.
    pub(crate) r2_objects: BTreeMap<String, Blob>,
    /// The list of these for wrangler, if there are any.
    pub(crate) r2_uploads: Option<String>,
    /// The configuration for wrangler.
    pub(crate) wrangler: String,
    /// The parts of the Worker for the report: the engine, the table, and each file.
    pub(super) parts: Vec<Part>,
}

impl Bundle {
    /// Weighs the Worker.
    pub(super) fn weight(
        &self,
        placement: &Placement,
        static_assets: &[StaticAsset],
        cache: &Cache,
    ) -> Result<Weight, PackError> {
        let modules = self.modules.iter().chain(&self.compiled).map(|(name, module)| {
            let load = match module.kind {
                ModuleKind::Script | ModuleKind::Bundled => Load::Script,
                ModuleKind::Other => Load::of_bytes(name, &module.parts)?,
            };
            Ok(WeighedModule { load, parts: &module.parts })
        });
        let modules = modules.collect::<Result<Vec<_>, PackError>>()?;
        // The engine copies the table out of its module.
        let copied = if self.compiled.is_empty() { placement.table.len() } else { 0 };
        Weight::of(&modules, copied, static_assets, self.parts.clone(), cache)
    }
}

/// A module of a Worker.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) kind: ModuleKind,
    /// The bytes, in parts that are read one by one.
    pub(crate) parts: Vec<Blob>,
}

impl Module {
    /// Makes a module that is not JavaScript.
    fn data(parts: Vec<Blob>) -> Self {
        Self { kind: ModuleKind::Other, parts }
    }
}

/// The way in which a host loads a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModuleKind {
    /// JavaScript.
    Script,
    /// JavaScript or JSON that only a bundler reads.
    Bundled,
    /// WebAssembly, data or text.
    Other,
}

impl ModuleKind {
    /// Determines the kind of a module from its extension, as the `rules` for wrangler do. Returns
    /// `None` if Workers do not support such a module.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1 {
            "js" | "mjs" => Some(Self::Script),
            "wasm" | "bin" | "txt" | "html" | "sql" => Some(Self::Other),
            _ => None,
        }
    }
}

/// Everything that a Worker is collected from.
pub(super) struct Contents<'c> {
    pub(super) table: &'c AssetTable,
    pub(super) placement: &'c Placement,
    pub(super) plain: PlainReplies,
    pub(super) server: ServerModules,
    pub(super) scripts: Scripts,
    pub(super) program: Program<'c>,
    pub(super) wrangler: String,
    pub(super) r2_uploads: Option<String>,
}

/// Collects the modules of a Worker and its parts for the report.
pub(super) fn collect(contents: Contents<'_>) -> Bundle {
    let Contents { table, placement, plain, server, scripts, program, wrangler, r2_uploads } =
        contents;
    let Scripts { first, others } = scripts;
    let mut modules = BTreeMap::new();
    let mut parts = vec![Part { name: "the table".to_owned(), size: placement.table.len() }];
    let data = placement.modules.iter().map(|module| (module.name(), module.bodies.clone()));
    let table_file = ("table.bin".to_owned(), vec![Blob::new(placement.table.as_slice())]);
    let data = data.chain([table_file]).map(|(name, parts)| (name, Module::data(parts)));
    let mut compiled = BTreeMap::new();
    match program {
        Program::Engine(engine) => {
            parts.push(Part { name: "the engine".to_owned(), size: engine.bytes().len() });
            let name = "the plain replies".to_owned();
            parts.push(Part { name, size: plain.index.len() });
            modules.extend(data);
            let engine = Blob::new(Arc::clone(engine.bytes()));
            modules.insert("engine.wasm".to_owned(), Module::data(vec![engine]));
            let plain = Blob::new(plain.index);
            modules.insert("plain.bin".to_owned(), Module::data(vec![plain]));
        }
        Program::Compiled(SiteData::Compiled) => compiled.extend(data),
        Program::Compiled(SiteData::Modules) => modules.extend(data),
    }
    let mut add = |name: String, kind, parts: Vec<Blob>| {
        modules.insert(name, Module { kind, parts });
    };
    for (name, text) in others {
        add(name.to_owned(), ModuleKind::Script, vec![Blob::new(text.as_bytes())]);
    }
    for (name, bytes) in server.modules {
        let kind = ModuleKind::of(&name).unwrap_or(ModuleKind::Other);
        let name = format!("server/{name}");
        parts.push(Part { name: name.clone(), size: bytes.len() });
        add(name, kind, vec![Blob::new(bytes)]);
    }
    // A body that several files share counts for each of them, but the second route of a file is no other file.
    for entry in table.entries().iter().filter(|entry| entry.fingerprint_of.is_none()) {
        let bodies = entry.required_bodies(placement.identity).map(|(_, blob)| blob);
        let size = bodies.filter(|blob| placement.has_in_module(blob)).map(Blob::len).sum();
        parts.push(Part { name: entry.name.clone(), size });
    }
    let blobs = |spilled: &BTreeMap<String, Spilled>| -> BTreeMap<String, Blob> {
        spilled.iter().map(|(name, spilled)| (name.clone(), spilled.blob.clone())).collect()
    };
    let (static_assets, r2_objects) =
        (blobs(&placement.static_assets), blobs(&placement.r2_objects));
    let mut first = first;
    if let (Some(first), Program::Compiled(SiteData::Modules)) = (&mut first, program) {
        let version = version(&modules, static_assets.values().chain(r2_objects.values()));
        let _ = writeln!(first, "// Modules: {version}");
    }
    Bundle { modules, first, compiled, static_assets, r2_objects, r2_uploads, wrangler, parts }
}

/// Returns a hash of all modules and of the files beside the Worker. The first module, which is
/// written last, contains it, and so changes whenever another one does: a watcher of this file sees each
/// change once it is complete.
fn version<'b>(
    modules: &BTreeMap<String, Module>,
    files: impl Iterator<Item = &'b Blob>,
) -> ContentHash {
    let mut lines = String::new();
    for (name, module) in modules {
        let hashes: Vec<String> = module.parts.iter().map(|part| part.hash().to_string()).collect();
        lines.extend([name, " ", &hashes.join(" "), "\n"]);
    }
    for blob in files {
        lines.extend([&*blob.hash().to_string(), "\n"]);
    }
    ContentHash::of(lines.as_bytes())
}
