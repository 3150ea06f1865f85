//! The modules of a packed Worker that wrangler bundles: those that it bundles of the site's own
//! Worker. Only these get its polyfills of Node.js, its `alias` and its `define`.

use globset::Glob;
use serde::Serialize;
use serde_json::{Value, json};

use super::ModuleKind;
use super::script::Server;
use super::wrangler::ProgramIs;
use crate::options::ServerCode;
use crate::project::Project;
use crate::project::layout::Layout;
use crate::project::wrangler::WranglerConfig;

/// The modules that wrangler bundles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bundling {
    /// None: all are uploaded as they are written.
    AsWritten,
    /// The first one, which gives the others the globals of Node.js. wrangler does the same with a folder
    /// `_worker.js` on Pages.
    FirstModule,
    /// All, into one module.
    AllModules,
}

impl Bundling {
    /// Decides which modules wrangler bundles.
    pub(super) fn of(project: &Project, server: Option<Server<'_>>) -> Self {
        let server = match server {
            None => return Self::AsWritten,
            Some(Server::Own(_)) => return Self::AllModules,
            Some(Server::Build(build)) => build,
        };
        let has = |name| project.config.get(name) == Some(&json!(true));
        let is_pages_layout = project.layout == Layout::PagesWorker;
        if has("no_bundle") {
            Self::AsWritten
        } else if server.is_main || is_pages_layout && server.has_named_exports {
            if has("find_additional_modules") { Self::FirstModule } else { Self::AllModules }
        } else if !is_pages_layout {
            // The adapter has bundled it, with polyfills.
            Self::AsWritten
        } else if server.is_file() {
            Self::AllModules
        } else {
            Self::FirstModule
        }
    }

    /// Returns the settings by which wrangler follows the decision.
    pub(super) fn settings(
        self,
        program: ProgramIs,
        of_site: &[Value],
    ) -> [(&'static str, Value); 4] {
        let collects = self != Self::AllModules;
        let rules = match self {
            Self::AsWritten | Self::FirstModule => match program {
                // For the other kinds wrangler has the same rules itself. 4.59, which adapter 12 brings,
                // refuses a file that one of its rules matches if a rule of the configuration replaces it.
                ProgramIs::Engine => json!([rule("ESModule", &["**/*.js", "**/*.mjs"])]),
                ProgramIs::Compiled => json!([
                    rule("ESModule", &self.globs(Some("index.js"), &["js", "mjs"])),
                    rule("CompiledWasm", &self.globs(Some("index_bg.wasm"), &["wasm"])),
                    rule("Data", &self.globs(None, &["bin"])),
                    rule("Text", &self.globs(None, &["txt", "html", "sql"])),
                ]),
            },
            Self::AllModules => bundling_rules(program, of_site),
        };
        [
            ("base_dir", json!(program.base_dir())),
            ("no_bundle", json!(self == Self::AsWritten)),
            ("find_additional_modules", json!(collects)),
            ("rules", rules),
        ]
    }

    /// Returns the globs of the modules around a program, besides which its folder contains other files.
    fn globs(self, of_program: Option<&str>, extensions: &[&str]) -> Vec<String> {
        let of_bundle = extensions.iter().map(|it| format!("bundle/worker/**/*.{it}"));
        // Where wrangler bundles, it compares the globs with specifiers too.
        let specifiers =
            extensions.iter().flat_map(|it| [format!("./*.{it}"), format!("../*.{it}")]);
        let specifiers = specifiers.filter(|_| self == Self::FirstModule);
        of_program.map(str::to_owned).into_iter().chain(of_bundle).chain(specifiers).collect()
    }

    /// Returns the value of `minify`, by which wrangler keeps modules as small as they are.
    pub(super) fn minify(self, site: &WranglerConfig, code: ServerCode) -> Option<Value> {
        if self == Self::AsWritten {
            return None;
        }
        site.get("minify").cloned().or_else(|| (code == ServerCode::Minified).then(|| json!(true)))
    }

    /// Determines the kind of a server's module. Returns `None` if the Worker cannot contain it.
    pub(super) fn module_kind(self, name: &str, site: &WranglerConfig) -> Option<ModuleKind> {
        let known = ModuleKind::of(name);
        if self != Self::AllModules || known.is_some() {
            return known;
        }
        let extension = name.rsplit_once('.')?.1;
        if SCRIPTS.contains(&extension) {
            return Some(ModuleKind::Bundled);
        }
        let is_other = extension == "json" || globs(site).any(|glob| matches(glob, name));
        is_other.then_some(ModuleKind::Other)
    }
}

/// Returns a rule. Without `fallthrough`, wrangler warns of each one that replaces one of its own.
fn rule<G: Serialize>(kind: &str, globs: &[G]) -> Value {
    json!({ "type": kind, "globs": globs, "fallthrough": false })
}

/// Extensions of scripts that esbuild reads and worker-pack does not.
const SCRIPTS: [&str; 6] = ["cjs", "ts", "mts", "cts", "jsx", "tsx"];

/// Returns the site's own rules, behind ours for the modules that are not of its server. Otherwise
/// wrangler's default rules are enough for these.
fn bundling_rules(program: ProgramIs, of_site: &[Value]) -> Value {
    if of_site.is_empty() {
        return json!([]);
    }
    let module = match program {
        ProgramIs::Engine => "**/engine.wasm",
        ProgramIs::Compiled => "**/index_bg.wasm",
    };
    let ours = [
        json!({ "type": "CompiledWasm", "globs": [module], "fallthrough": true }),
        json!({ "type": "Data", "globs": ["**/plain.bin", "**/table.bin", "**/bodies/*.bin"], "fallthrough": true }),
    ];
    ours.into_iter().chain(of_site.iter().cloned()).collect()
}

/// Returns the patterns of the site's rules.
fn globs(site: &WranglerConfig) -> impl Iterator<Item = &str> {
    let rules = site.get("rules").and_then(Value::as_array).into_iter().flatten();
    let globs = rules.filter_map(|rule| rule.get("globs").and_then(Value::as_array));
    globs.flatten().filter_map(Value::as_str)
}

fn matches(glob: &str, name: &str) -> bool {
    Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(name))
}
