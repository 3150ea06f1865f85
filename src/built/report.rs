//! The report on a built Worker.

use serde::Serialize;

use super::modules::Upload;
use crate::feedback::diagnostic::{Diagnostic, Severity};
use crate::named::named;
use crate::weight::Weight;
use crate::weight::limits::Share;

/// The report on a built Worker. Sizes are in bytes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WeightReport {
    /// The version of the format. It changes when a field is removed or changes its meaning.
    pub version: u32,
    /// The configuration for wrangler, or the folder of modules.
    pub subject: String,
    /// The environment in the configuration, if one was chosen.
    pub environment: Option<String>,
    /// The way in which the modules are uploaded.
    pub upload: Upload,
    /// The npm packages that wrangler bundles too, and that are not weighed, sorted.
    pub packages: Vec<String>,
    /// The number of imports that are computed at run time, whose modules are not weighed.
    pub computed_imports: usize,
    /// The manifest from which the names of bodies are, if one was found.
    pub manifest: Option<String>,
    /// The sizes, the estimates, and the parts of the Worker, which add up to its size.
    pub weight: Weight,
    /// The limits and marks, each with what the Worker takes of it.
    pub limits: Vec<Share>,
    /// The kinds of parts, the largest first. They add up to the size too.
    pub kinds: Vec<KindSize>,
    /// The modules, sorted by name.
    pub modules: Vec<ModuleReport>,
    /// The diagnostics, sorted by path.
    pub diagnostics: Vec<Diagnostic>,
}

named! {
    /// A kind of part, which decides how it gets smaller.
    pub enum PartKind {
        /// JavaScript.
        Scripts = "scripts",
        /// Functions in WebAssembly, and what describes them.
        Code = "code",
        /// Sections of WebAssembly that no host needs: names of functions, debug information.
        Custom = "custom",
        /// Files of the site, and other data.
        Data = "data",
        /// Files of the site as they are, of which there is a compressed body too.
        Copies = "copies",
    }
}

/// The size of all parts of a kind.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KindSize {
    /// The kind.
    pub kind: PartKind,
    /// The size.
    pub size: usize,
}

/// A module of a built Worker.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleReport {
    /// Its name.
    pub name: String,
    /// The way in which a host loads it: `script`, `wasm` or `data`.
    pub kind: &'static str,
    /// Its size.
    pub size: usize,
}

impl WeightReport {
    /// The version of the format that this version of worker-pack writes.
    pub const VERSION: u32 = 1;

    /// Returns the number of errors among the diagnostics.
    pub fn errors(&self) -> usize {
        let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
        self.diagnostics.iter().filter(is_error).count()
    }
}
