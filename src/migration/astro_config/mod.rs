//! The configuration of Astro: read as a program, and edited by the places of its parts, so that
//! comments and style stay.
//!
//! What cannot be edited with certainty is not edited: the user gets the lines to paste.

mod adapter;
mod imports;
mod object;
mod plan;
mod same;
mod shape;
pub(crate) mod source;

use swc_core::ecma::ast::Expr;

use crate::migration::error::MigrationError;
use crate::migration::facts::text_file::TextFile;
use crate::migration::text::apply;
use crate::project::astro_adapter::ADAPTER;
use adapter::{Adapter, adapter_of};
use imports::Imports;
use object::{literal, property};
use plan::Plan;
pub(crate) use shape::ModuleKind;
use shape::{Scope, Shape};
use source::{Dialect, Source};

/// The names of Astro's configuration, in Astro's order of preference.
pub(crate) const NAMES: [&str; 6] = [
    "astro.config.mjs",
    "astro.config.js",
    "astro.config.ts",
    "astro.config.mts",
    "astro.config.cjs",
    "astro.config.cts",
];

/// The name of a new configuration.
pub(crate) const NEW_NAME: &str = NAMES[0];

/// The modules that contain the integration.
pub(super) const INTEGRATION: [&str; 2] = ["worker-pack/astro", "worker-pack"];

/// The facts that the configuration states about the site.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The module of the adapter that it names.
    pub(crate) adapter: Option<String>,
    /// The value of `output`, if it is a text.
    pub(crate) output: Option<String>,
    /// The folder of the source, if it is not `src`.
    pub(crate) source_folder: Option<String>,
    /// The folder of the build, if it is not `dist`.
    pub(crate) out_folder: Option<String>,
    /// The folder of the files that are copied into the build, if it is not `public`.
    pub(crate) public_folder: Option<String>,
    /// The settings with folders whose values are only known when the program runs.
    pub(crate) unknown_folders: Vec<&'static str>,
    /// The state of the integration in the configuration.
    pub(crate) integration: IntegrationIs,
    /// The module that the option `workerEntryPoint` of the adapter names.
    pub(crate) worker_entry_point: Option<String>,
    /// The binding of the KV namespace for sessions, if an option of the adapter names it.
    pub(crate) session_binding: Option<String>,
}

/// The presence of the integration in a configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum IntegrationIs {
    /// The configuration calls it.
    Called,
    /// The configuration does not call it.
    #[default]
    Missing,
}

/// The changes that a configuration needs.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The adapter.
    pub(crate) adapter: AdapterIs,
    /// The call of the integration, such as `workerPack()`, without the name: `()`. `None` if the
    /// integration cannot pack the site.
    pub(crate) integration: Option<String>,
    /// The major version of the adapter, which decides on its options.
    pub(crate) adapter_major: u32,
}

/// The place of the adapter for Cloudflare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AdapterIs {
    /// It stays as it is, present or missing.
    Kept,
    /// It is added, unless another one is present.
    Added,
    /// It is added in the place of any other.
    Replacing,
}

/// The result of an edit.
#[derive(Clone, Debug)]
pub(crate) enum Edited {
    /// The new text, with the options of the adapter that were removed.
    Text {
        text: String,
        removed: Vec<(String, &'static str)>,
        /// The options of the adapter that its version does not know.
        unknown: Vec<String>,
        /// The module of an adapter that stays in the place of the one for Cloudflare.
        other_adapter: Option<String>,
    },
    /// Lines for the user to paste, with the reason for which the file is not edited.
    ByHand { reason: String, lines: Vec<String> },
}

/// Reads what a configuration says.
///
/// # Errors
/// If its syntax is invalid.
pub(crate) fn read(file: &TextFile) -> Result<Facts, MigrationError> {
    let source = parse(file, &file.text)?;
    // Its text still tells which modules it imports.
    let imported = |kind| {
        let names = Imports::of(&source, kind).names();
        names.into_iter().map(|it| it.module).find(|module| adapter::is_adapter(module))
    };
    let integration = |kind| {
        let is_called = calls_integration(&source, &Imports::of(&source, kind));
        if is_called { IntegrationIs::Called } else { IntegrationIs::Missing }
    };
    let Ok(shape) = shape::find(&source.module) else {
        let (adapter, integration) = (imported(ModuleKind::Esm), integration(ModuleKind::Esm));
        return Ok(Facts { adapter, integration, ..Facts::default() });
    };
    let text = |name: &str| text_of(&source, &shape, name);
    let is_unknown = |name: &&str| text(name).is_none() && property(shape.object, name).is_some();
    let adapter = adapter_of(&source, &shape);
    Ok(Facts {
        output: text("output"),
        source_folder: text("srcDir"),
        out_folder: text("outDir"),
        public_folder: text("publicDir"),
        unknown_folders: ["srcDir", "outDir", "publicDir"].into_iter().filter(is_unknown).collect(),
        integration: integration(shape.kind),
        worker_entry_point: adapter.as_ref().and_then(Adapter::worker_entry_point),
        session_binding: adapter.as_ref().and_then(Adapter::session_binding),
        adapter: match adapter {
            Some(adapter) => Some(adapter.module),
            // It may depend on a condition.
            None => property(shape.object, "adapter").and_then(|_| imported(shape.kind)),
        },
    })
}

/// Returns the value of a setting, if it is a text or a constant with one.
fn text_of(source: &Source<'_>, shape: &Shape<'_>, name: &str) -> Option<String> {
    let scope = Scope::of(&source.module);
    let property = property(shape.object, name)?;
    match property.value {
        Some(Expr::Ident(constant)) => literal(scope.get(constant)?),
        Some(value) => literal(value),
        None => property.is_shorthand.then(|| literal(scope.named(name)?))?,
    }
}

fn calls_integration(source: &Source<'_>, imports: &Imports<'_, '_>) -> bool {
    let local = imports.local(&INTEGRATION);
    local.is_some_and(|local| adapter::calls(&source.module, &local))
}

fn parse<'t>(file: &TextFile, text: &'t str) -> Result<Source<'t>, MigrationError> {
    Source::parse(text, Dialect::of(&file.name())).map_err(|error| MigrationError::Invalid {
        path: file.path.clone(),
        message: format!("line {}: {}", error.line, error.message),
    })
}

/// Returns the text of a new configuration.
pub(crate) fn created(wanted: &Wanted) -> String {
    let mut head = String::from("// @ts-check\nimport { defineConfig } from 'astro/config';\n");
    let mut body = String::new();
    if wanted.adapter != AdapterIs::Kept {
        head.push_str("import cloudflare from '@astrojs/cloudflare';\n");
        body.push_str("  adapter: cloudflare(),\n");
    }
    if let Some(call) = &wanted.integration {
        head.push_str("import workerPack from 'worker-pack/astro';\n");
        body.extend(["  integrations: [workerPack", call, "],\n"]);
    }
    format!("{head}\nexport default defineConfig({{\n{body}}});\n")
}

/// Edits a configuration.
///
/// # Errors
/// If its syntax is invalid, or an edit would change more than it should.
pub(crate) fn edit(file: &TextFile, wanted: &Wanted) -> Result<Edited, MigrationError> {
    let source = parse(file, &file.text)?;
    let planned = shape::find(&source.module).and_then(|shape| Plan::new(&source, shape, wanted));
    let plan = match planned {
        Ok(plan) => plan,
        Err(reason) => {
            let lines = lines_to_paste(&source, wanted);
            return Ok(if lines.is_empty() {
                Edited::Text {
                    text: file.text.clone(),
                    removed: vec![],
                    unknown: vec![],
                    other_adapter: None,
                }
            } else {
                Edited::ByHand { reason: format!("the configuration {reason}"), lines }
            });
        }
    };
    let Plan { edits, removed, unknown, other_adapter, locals } = plan;
    let text = apply(&file.text, edits);
    let after = parse(file, &text);
    let is_same = after.as_ref().is_ok_and(|after| {
        let names: Vec<&str> = removed.iter().map(|(name, _)| name.as_str()).collect();
        same::but_for_the_edit(&source.module, &after.module, &locals, wanted, &names)
    });
    if !is_same {
        let message = match after {
            Ok(_) => "other parts of the program differ".to_owned(),
            Err(error) => error.to_string(),
        };
        return Err(MigrationError::WrongEdit { path: file.path.clone(), message });
    }
    Ok(Edited::Text { text, removed, unknown, other_adapter })
}

/// Returns the lines that a user has to add.
fn lines_to_paste(source: &Source<'_>, wanted: &Wanted) -> Vec<String> {
    let imports = Imports::of(source, ModuleKind::Esm);
    let (mut head, mut body) = (Vec::new(), Vec::new());
    if wanted.adapter != AdapterIs::Kept && imports.local(&[ADAPTER]).is_none() {
        head.push(format!("import cloudflare from '{ADAPTER}';"));
        body.push("adapter: cloudflare(),".to_owned());
    }
    if let Some(call) = &wanted.integration
        && !calls_integration(source, &imports)
    {
        head.push(format!("import workerPack from '{}';", INTEGRATION[0]));
        body.push(format!("integrations: [/* your own, */ workerPack{call}],"));
    }
    head.extend(body);
    head
}
