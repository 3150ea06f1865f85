//! A packed Worker as workerd reads it: its modules, bindings and compatibility settings.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use walkdir::WalkDir;

use super::bindings::Bindings;
use crate::output::worker::{STATIC_ASSETS, WORKER};
use crate::project::path::{normalised, slashes};
use crate::transform::javascript::Imports;

/// The first module of the packed Worker.
const MAIN: &str = "index.js";
/// The module around it that observes its replies.
const OBSERVED: &str = "worker-pack-check.js";
const OBSERVED_JS: &str = include_str!("host/observed.js");
const STUBS_JS: &str = include_str!("host/stubs.js");
const KV_JS: &str = include_str!("host/kv.js");
const NOTHING_JS: &str = include_str!("host/nothing.js");

/// The binding of the files in Workers Static Assets.
const FILES: &str = crate::project::wrangler::PACKED_BINDING;

/// A packed Worker in a folder of its own.
#[derive(Debug)]
pub(super) struct Worker {
    /// The output folder of the pack.
    folder: PathBuf,
    modules: Vec<(String, PathBuf)>,
    date: String,
    flags: Vec<String>,
    pub(super) bindings: Bindings,
    /// The classes of Durable Objects that use `SQLite`.
    with_sql: Vec<String>,
}

impl Worker {
    /// Reads the Worker that was packed into a folder, and writes the modules around it.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub(super) fn read(
        folder: &Path,
        config: &Map<String, Value>,
        bindings: Bindings,
    ) -> io::Result<Self> {
        let root = folder.join("bundle").join(WORKER);
        let observing = root.join("worker-pack-check");
        fs::create_dir_all(&observing)?;
        fs::write(root.join(OBSERVED), OBSERVED_JS)?;
        fs::write(observing.join("stubs.js"), STUBS_JS)?;
        fs::write(folder.join("kv.js"), KV_JS)?;
        fs::write(folder.join("nothing.js"), NOTHING_JS)?;
        let mut modules = Vec::new();
        for entry in WalkDir::new(&root).sort_by_file_name() {
            let entry = entry.map_err(io::Error::other)?;
            if entry.file_type().is_file() {
                let name = slashes(entry.path().strip_prefix(&root).unwrap_or(entry.path()));
                modules.push((name, entry.path().canonicalize()?));
            }
        }
        modules.sort_by_key(|(name, _)| (name != OBSERVED, name.clone()));
        let text = |name: &str| config.get(name).and_then(Value::as_str).unwrap_or_default();
        let list = config.get("compatibility_flags").and_then(Value::as_array);
        let flags = list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        Ok(Self {
            folder: folder.canonicalize()?,
            modules,
            date: text("compatibility_date").to_owned(),
            flags: flags.collect(),
            bindings,
            with_sql: sql_classes(config),
        })
    }

    /// Sets the compatibility date.
    pub(super) fn with_date(self, date: String) -> Self {
        Self { date, ..self }
    }

    /// Returns the first specifier in the modules that workerd cannot resolve: a file elsewhere, or a package.
    pub(super) fn unresolved(&self) -> Option<String> {
        let names: BTreeSet<&str> = self.modules.iter().map(|(name, _)| name.as_str()).collect();
        let is_script = |name: &str| {
            let extension = Path::new(name).extension().unwrap_or_default();
            extension == "js" || extension == "mjs"
        };
        self.modules.iter().filter(|(name, _)| is_script(name)).find_map(|(name, path)| {
            let text = fs::read_to_string(path).ok()?;
            let imports = Imports::of(&text).ok()?;
            let folder = Path::new(name).parent().unwrap_or(Path::new(""));
            imports.linked.into_iter().find(|specifier| {
                let is_of_host = ["node:", "cloudflare:", "workerd:"]
                    .iter()
                    .any(|scheme| specifier.starts_with(scheme));
                let target = slashes(&normalised(&folder.join(specifier)));
                !is_of_host && !names.contains(target.as_str())
            })
        })
    }

    /// Returns the name of the first module that the observing module imports.
    pub(super) const fn main() -> &'static str {
        MAIN
    }

    /// Renders the configuration of a workerd that runs the Worker on a free port of loopback.
    pub(super) fn config(&self) -> String {
        let mut modules = String::new();
        for (name, path) in &self.modules {
            let kind = match name.rsplit_once('.').map(|(_, extension)| extension) {
                Some("js" | "mjs") => "esModule",
                Some("wasm") => "wasm",
                Some("txt" | "html" | "sql") => "text",
                _ => "data",
            };
            let (name, path) = (quoted(name), quoted(&path.to_string_lossy()));
            let _ = writeln!(modules, "    (name = {name}, {kind} = embed {path}),");
        }
        let (bindings, services) = self.bindings_and_services();
        let flags: Vec<String> = self.flags.iter().map(|flag| quoted(flag)).collect();
        let (flags, date) = (flags.join(", "), quoted(&self.date));
        let mut objects = String::new();
        for class in self.bindings.objects.values() {
            let sql = if self.with_sql.contains(class) { ", enableSql = true" } else { "" };
            let class = quoted(class);
            let _ = write!(objects, "(className = {class}, uniqueKey = {class}{sql}), ");
        }
        let embed = |name: &str| quoted(&self.folder.join(name).to_string_lossy());
        let (kv, nothing) = (embed("kv.js"), embed("nothing.js"));
        format!(
            "using Workerd = import \"/workerd/workerd.capnp\";\n\
             const config :Workerd.Config = (\n  \
               services = [\n    (name = \"worker\", worker = .worker),\n    \
                 (name = \"kv\", worker = .kv),\n    (name = \"nothing\", worker = .nothing),\n{services}  ],\n  \
               sockets = [(name = \"http\", address = \"127.0.0.1:0\", http = (), service = \"worker\")],\n\
             );\n\
             const kv :Workerd.Worker = (compatibilityDate = \"2026-01-01\", modules = [(name = \"kv.js\", esModule = embed {kv})]);\n\
             const nothing :Workerd.Worker = (compatibilityDate = \"2026-01-01\", modules = [(name = \"nothing.js\", esModule = embed {nothing})]);\n\
             const worker :Workerd.Worker = (\n  \
               compatibilityDate = {date},\n  compatibilityFlags = [{flags}],\n  \
               modules = [\n{modules}  ],\n  bindings = [\n{bindings}  ],\n  \
               durableObjectNamespaces = [{objects}],\n  durableObjectStorage = (inMemory = void),\n  \
               globalOutbound = \"nothing\",\n\
             );\n",
        )
    }

    fn bindings_and_services(&self) -> (String, String) {
        let Bindings { texts, json, kv, objects, stubs, .. } = &self.bindings;
        let (mut bindings, mut services) = (String::new(), String::new());
        let mut bind = |name: &str, value: &str| {
            let _ = writeln!(bindings, "    (name = {}, {value}),", quoted(name));
        };
        for (name, text) in texts {
            bind(name, &format!("text = {}", quoted(text)));
        }
        for (name, text) in json {
            bind(name, &format!("json = {}", quoted(text)));
        }
        for name in kv {
            bind(name, "kvNamespace = \"kv\"");
        }
        for (name, class) in objects {
            bind(name, &format!("durableObjectNamespace = {}", quoted(class)));
        }
        bind("WORKER_PACK_CHECK", &format!("text = {}", quoted(&json!(stubs).to_string())));
        let files = self.folder.join("bundle").join(STATIC_ASSETS);
        if files.is_dir() {
            bind(FILES, &format!("service = {}", quoted(FILES)));
            let path = quoted(&files.to_string_lossy());
            let _ = writeln!(services, "    (name = {}, disk = (path = {path})),", quoted(FILES));
        }
        (bindings, services)
    }
}

/// Returns the classes of Durable Objects that migrations create with `SQLite`.
fn sql_classes(config: &Map<String, Value>) -> Vec<String> {
    let migrations = config.get("migrations").and_then(Value::as_array);
    let lists = migrations
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("new_sqlite_classes")?.as_array());
    lists.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Writes a string of Cap'n Proto, which for text is one of JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
