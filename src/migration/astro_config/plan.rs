//! The edits of a configuration: the adapter, its options, and the integration.

use swc_core::common::Spanned;
use swc_core::ecma::ast::{Expr, ObjectLit};

use super::adapter::{self, Adapter, adapter_of};
use super::imports::Imports;
use super::object::{list_of, property, refuse_spread};
use super::shape::{Reason, Shape};
use super::source::Source;
use super::{AdapterIs, INTEGRATION, Wanted, calls_integration};
use crate::migration::list::{LastComma, List};
use crate::migration::text::TextEdit;
use crate::project::astro_adapter::{self, ADAPTER, Obsolete, obsolete};

/// The edits of a configuration.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) edits: Vec<TextEdit>,
    pub(super) removed: Vec<(String, &'static str)>,
    pub(super) unknown: Vec<String>,
    pub(super) other_adapter: Option<String>,
    pub(super) locals: Locals,
}

/// The names that an edited configuration gives the modules.
#[derive(Clone, Debug, Default)]
pub(super) struct Locals {
    pub(super) integration: Option<String>,
    pub(super) cloudflare: Option<String>,
    /// The module whose import is replaced.
    pub(super) replaced: Option<String>,
}

impl Plan {
    pub(super) fn new(
        source: &Source<'_>,
        shape: Shape<'_>,
        wanted: &Wanted,
    ) -> Result<Self, Reason> {
        let imports = Imports::of(source, shape.kind);
        let mut plan = Self::default();
        let (mut added, mut imported) = (Vec::new(), Vec::new());
        let object = shape.object;
        plan.adapter(source, &shape, wanted, &mut added, &mut imported)?;
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

    /// Adds or replaces the adapter, or removes options of the present one.
    fn adapter(
        &mut self,
        source: &Source<'_>,
        shape: &Shape<'_>,
        wanted: &Wanted,
        added: &mut Vec<String>,
        imported: &mut Vec<(String, &'static str)>,
    ) -> Result<(), Reason> {
        let imports = Imports::of(source, shape.kind);
        let known = imports.local(&[ADAPTER]);
        let local = known.clone().unwrap_or_else(|| imports.unused("cloudflare"));
        self.locals.cloudflare = Some(local.clone());
        let elsewhere = || Err("has an adapter that is not a call in this file".to_owned());
        match (adapter_of(source, shape), wanted.adapter) {
            (Some(adapter), _) if adapter.module == ADAPTER => {
                self.locals.cloudflare = Some(adapter.local.clone());
                self.remove_options(source, &adapter, wanted.adapter_major);
            }
            (_, AdapterIs::Kept) => {}
            (Some(adapter), AdapterIs::Added) => self.other_adapter = Some(adapter.module),
            (Some(adapter), AdapterIs::Replacing) => {
                let Some(value) = adapter.value else { return elsewhere() };
                self.edits.push(TextEdit { range: value, text: format!("{local}()") });
                if known.is_none() {
                    let edits = adapter::rename_import(source, &adapter.module, &local);
                    if edits.is_empty() {
                        imported.push((local, ADAPTER));
                    }
                    self.edits.extend(edits);
                }
                self.locals.replaced = Some(adapter.module);
            }
            (None, _) if property(shape.object, "adapter").is_some() => {
                // It may be one of several, such as one for each host.
                if known.is_none() {
                    return elsewhere();
                }
            }
            (None, AdapterIs::Added | AdapterIs::Replacing) => {
                refuse_spread(source, shape.object, "adapter", 0)?;
                added.push(format!("adapter: {local}()"));
                if known.is_none() {
                    imported.push((local, ADAPTER));
                }
            }
        }
        Ok(())
    }

    fn remove_options(&mut self, source: &Source<'_>, adapter: &Adapter, major: u32) {
        let Some(options) = &adapter.options else { return };
        let mut places = Vec::new();
        for (place, name) in options.names.iter().enumerate() {
            let is_it = |obsolete: &&Obsolete| Some(obsolete.name) == name.as_deref();
            if let Some(Obsolete { name, instead, .. }) = obsolete(major).find(is_it) {
                places.push(place);
                self.removed.push(((*name).to_owned(), instead));
            } else if let (Some(name), Some(known)) = (name, astro_adapter::options(major))
                && !known.contains(&name.as_str())
            {
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
