//! The configuration of Astro: read as a program, and edited by the places of its parts, so that
//! comments and style stay.
//!
//! What cannot be edited with certainty is not edited: the user gets the lines to paste.

mod adapter;
mod imports;
mod options;
mod same;
mod shape;
pub(crate) mod source;

use swc_core::common::Spanned;
use swc_core::ecma::ast::{Expr, Lit, ObjectLit, Prop, PropName, PropOrSpread};

use crate::migration::error::MigrationError;
use crate::migration::facts::text_file::TextFile;
use crate::migration::list::{LastComma, List};
use crate::migration::text::{TextEdit, apply};
use adapter::{Adapter, adapter_of};
use imports::Imports;
pub(crate) use shape::ModuleKind;
use shape::{Reason, Scope, Shape};
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

/// The module of the adapter for Cloudflare.
pub(crate) const CLOUDFLARE: &str = "@astrojs/cloudflare";

/// What the configuration says about the site.
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
    /// The module that the option `workerEntryPoint` of the adapter names.
    pub(crate) worker_entry_point: Option<String>,
    /// The binding of the KV namespace for sessions, if an option of the adapter names it.
    pub(crate) session_binding: Option<String>,
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
    let Ok(shape) = shape::find(&source.module) else {
        return Ok(Facts { adapter: imported(ModuleKind::Esm), ..Facts::default() });
    };
    let text = |name| match property(shape.object, name).map(|it| it.value) {
        Some(Some(Expr::Lit(Lit::Str(value)))) => Some(value.value.to_string_lossy().into_owned()),
        _ => None,
    };
    let adapter = adapter_of(&source, &shape);
    Ok(Facts {
        output: text("output"),
        source_folder: text("srcDir"),
        out_folder: text("outDir"),
        worker_entry_point: adapter.as_ref().and_then(Adapter::worker_entry_point),
        session_binding: adapter.as_ref().and_then(Adapter::session_binding),
        adapter: match adapter {
            Some(adapter) => Some(adapter.module),
            // It may depend on a condition.
            None => property(shape.object, "adapter").and_then(|_| imported(shape.kind)),
        },
    })
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
    if wanted.adapter != AdapterIs::Kept && imports.local(&[CLOUDFLARE]).is_none() {
        head.push(format!("import cloudflare from '{CLOUDFLARE}';"));
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

/// The edits of a configuration.
struct Plan {
    edits: Vec<TextEdit>,
    removed: Vec<(String, &'static str)>,
    unknown: Vec<String>,
    other_adapter: Option<String>,
    locals: Locals,
}

/// The names that an edited configuration gives the modules.
#[derive(Clone, Debug, Default)]
struct Locals {
    pub(super) integration: Option<String>,
    pub(super) cloudflare: Option<String>,
    /// The module whose import is replaced.
    pub(super) replaced: Option<String>,
}

impl Plan {
    fn new(source: &Source<'_>, shape: Shape<'_>, wanted: &Wanted) -> Result<Self, Reason> {
        let imports = Imports::of(source, shape.kind);
        let mut plan = Self {
            edits: Vec::new(),
            removed: Vec::new(),
            unknown: Vec::new(),
            other_adapter: None,
            locals: Locals::default(),
        };
        let (mut added, mut imported) = (Vec::new(), Vec::new());
        let object = shape.object;
        let known = imports.local(&[CLOUDFLARE]);
        let local = known.clone().unwrap_or_else(|| imports.unused("cloudflare"));
        plan.locals.cloudflare = Some(local.clone());
        let present = adapter_of(source, &shape);
        'adapter: {
            match (&present, wanted.adapter) {
                (Some(adapter), _) if adapter.module == CLOUDFLARE => {
                    plan.remove_options(source, adapter, wanted.adapter_major);
                }
                (_, AdapterIs::Kept) => {}
                (Some(adapter), AdapterIs::Replacing) => {
                    let Some(value) = adapter.value.clone() else {
                        return Err("has an adapter that is not a call in this file".to_owned());
                    };
                    plan.edits.push(TextEdit { range: value, text: format!("{local}()") });
                    plan.edits.extend(adapter::rename_import(source, &adapter.module, &local));
                    plan.locals.replaced = Some(adapter.module.clone());
                }
                (Some(adapter), AdapterIs::Added) => {
                    plan.other_adapter = Some(adapter.module.clone())
                }
                (None, AdapterIs::Added | AdapterIs::Replacing) => {
                    if property(object, "adapter").is_some() {
                        // One of several, such as one for each host.
                        if known.is_some() {
                            break 'adapter;
                        }
                        return Err("has an adapter that is not a call in this file".to_owned());
                    }
                    refuse_spread(source, object, "adapter", 0)?;
                    added.push(format!("adapter: {local}()"));
                    if known.is_none() {
                        imported.push((local, CLOUDFLARE));
                    }
                }
            }
        }
        if let Some(call) = &wanted.integration
            && !calls_integration(source, &imports)
        {
            let known = imports.local(&INTEGRATION);
            let local = known.clone().unwrap_or_else(|| imports.unused("workerPack"));
            plan.locals.integration = Some(local.clone());
            let call = format!("{local}{}", call.replace('\'', &imports.quote().to_string()));
            plan.add_integration(source, object, &call, &mut added)?;
            if known.is_none() {
                imported.push((local, INTEGRATION[0]));
            }
        }
        if !added.is_empty() {
            plan.edits.extend(list_of(object).add(source.text, &added, LastComma::Written));
        }
        if !imported.is_empty() {
            plan.edits.push(imports.add(&imported));
        }
        Ok(plan)
    }

    fn remove_options(&mut self, source: &Source<'_>, adapter: &Adapter, major: u32) {
        let Some(options) = &adapter.options else { return };
        let mut places = Vec::new();
        for (place, name) in options.names.iter().enumerate() {
            let entry_point = (
                options::WORKER_ENTRY_POINT,
                13,
                "`main` in the configuration for wrangler names the module",
            );
            let all = options::obsolete(major).map(|it| (it.name, it.since, it.instead));
            let all = all.chain([entry_point].into_iter().filter(|it| it.1 <= major));
            let found = all.into_iter().find(|(obsolete, ..)| Some(*obsolete) == name.as_deref());
            if let Some((obsolete, _, instead)) = found {
                places.push(place);
                self.removed.push((obsolete.to_owned(), instead));
            } else if let Some(name) = name.as_ref().filter(|it| !options::may_have(major, it)) {
                self.unknown.push(name.clone());
            }
        }
        if places.is_empty() {
            return;
        }
        let edits = options.list.remove(source.text, &places);
        let is_empty = places.len() == options.names.len()
            && edits.len() == 1
            && edits[0].range == (options.list.brackets.start + 1..options.list.brackets.end - 1);
        if is_empty {
            self.edits.push(TextEdit::remove(options.list.brackets.clone()));
        } else {
            self.edits.extend(edits);
        }
    }

    /// Adds the call of the integration, as the last one.
    fn add_integration(
        &mut self,
        source: &Source<'_>,
        object: &ObjectLit,
        call: &str,
        added: &mut Vec<String>,
    ) -> Result<(), Reason> {
        let Some(property) = property(object, "integrations") else {
            refuse_spread(source, object, "integrations", 0)?;
            added.push(format!("integrations: [{call}]"));
            return Ok(());
        };
        refuse_spread(source, object, "integrations", property.place)?;
        match property.value {
            Some(Expr::Array(array)) => {
                let elements = array.elems.iter().flatten();
                let items = elements.map(|element| Source::range(element.span())).collect();
                let list = List { brackets: Source::range(array.span), items };
                self.edits.extend(list.add(source.text, &[call.to_owned()], LastComma::Written));
            }
            // Astro accepts lists in lists.
            Some(value) => {
                let range = Source::range(value.span());
                self.edits.push(TextEdit::insert(range.start, "["));
                self.edits.push(TextEdit::insert(range.end, format!(", {call}]")));
            }
            None if property.is_shorthand => {
                let end = Source::range(property.span).end;
                self.edits.push(TextEdit::insert(end, format!(": [integrations, {call}]")));
            }
            None => return Err("has `integrations` that are not a value".to_owned()),
        }
        Ok(())
    }
}

/// Fails if an object that is spread at or after a place may set a property as well.
fn refuse_spread(
    source: &Source<'_>,
    object: &ObjectLit,
    name: &str,
    from: usize,
) -> Result<(), Reason> {
    let scope = Scope::of(&source.module);
    for part in object.props.iter().skip(from) {
        let PropOrSpread::Spread(spread) = part else { continue };
        let value = match &*spread.expr {
            Expr::Ident(name) => scope.get(name),
            value => Some(value),
        };
        let is_without = matches!(value, Some(Expr::Object(inner))
            if inner.props.iter().all(|one| matches!(one, PropOrSpread::Prop(_)))
                && property(inner, name).is_none());
        if !is_without {
            let text = source.slice(spread.expr.span());
            return Err(format!("takes settings from `...{text}`, which may contain `{name}`"));
        }
    }
    Ok(())
}

/// A property of an object.
struct Property<'m> {
    /// The place among the properties of the object.
    pub(super) place: usize,
    /// The value, unless it is a method.
    pub(super) value: Option<&'m Expr>,
    pub(super) is_shorthand: bool,
    pub(super) span: swc_core::common::Span,
}

/// Returns the last property with a name.
fn property<'m>(object: &'m ObjectLit, name: &str) -> Option<Property<'m>> {
    object.props.iter().enumerate().rev().find_map(|(place, part)| {
        let PropOrSpread::Prop(part) = part else { return None };
        let span = part.span();
        let (key, value, is_shorthand) = match &**part {
            Prop::Shorthand(key) => (key.sym.to_string(), None, true),
            Prop::KeyValue(pair) => (key(&pair.key)?, Some(&*pair.value), false),
            Prop::Method(method) => (key(&method.key)?, None, false),
            Prop::Getter(getter) => (key(&getter.key)?, None, false),
            Prop::Setter(_) | Prop::Assign(_) => return None,
        };
        (key == name).then_some(Property { place, value, is_shorthand, span })
    })
}

/// Returns the name of a property, unless it is computed.
fn key(name: &PropName) -> Option<String> {
    match name {
        PropName::Ident(name) => Some(name.sym.to_string()),
        PropName::Str(name) => Some(name.value.to_string_lossy().into_owned()),
        _ => None,
    }
}

/// Returns the properties of an object as a list.
fn list_of(object: &ObjectLit) -> List {
    let items = object.props.iter().map(|part| Source::range(part.span())).collect();
    List { brackets: Source::range(object.span), items }
}
