//! The merge of a packed Worker's settings into the configuration of its output folder.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstObject, CstRootNode};
use serde_json::{Map, Value, json};

use super::bucket::{self, Bucket};
use super::memory::WrittenSettings;
use super::scope::{Scope, input};
use super::settings::Settings;
use super::{FILE_NAME, Needs, OwnConfig};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::output::worker::node::Decoder;
use crate::project::wrangler::PACKED_BINDING;

const HEAD: &str = "\
// Created by worker-pack, and yours to edit. Each build sets `main`, `base_dir`, `rules`,
// `no_bundle`, `find_additional_modules` and `assets`, and adds and updates the settings that it
// takes from the site. What you write or change, and your comments, stay unchanged.
";

/// Settings that every build decides. An environment inherits them.
const DECIDED: [&str; 6] =
    ["main", "base_dir", "rules", "no_bundle", "find_additional_modules", "assets"];

/// A merged configuration.
#[derive(Debug)]
pub(crate) struct Merged {
    /// The text to write.
    pub(crate) text: String,
    /// The settings in it that worker-pack wrote.
    pub(crate) written: WrittenSettings,
    /// Notes on settings of the user that differ from those of the build.
    pub(crate) notes: Vec<Diagnostic>,
    /// The R2 buckets with bodies of the site.
    pub(crate) buckets: Vec<Bucket>,
}

/// Updates the output's own configuration with the settings that the packed Worker requires and
/// those of the site.
pub(crate) fn merge(
    own: &OwnConfig,
    settings: &Settings,
    default_name: &str,
    needs: &Needs,
) -> Result<Merged, PackError> {
    let OwnConfig { config, earlier } = own;
    let text = config.text().map_or_else(|| format!("{HEAD}{{\n}}\n"), str::to_owned);
    let invalid = |message: String| PackError::Config { path: config.path().to_owned(), message };
    let root = CstRootNode::parse(&text, &ParseOptions::default())
        .map_err(|error| invalid(error.to_string()))?;
    let object =
        root.object_value().ok_or_else(|| invalid("its top level is not an object".to_owned()))?;
    let own = bucket::without_bodies(config.values());
    let top = Scope::top(object.clone(), &own);
    let mut merge =
        Merge { earlier: earlier.as_ref(), written: WrittenSettings::default(), notes: Vec::new() };

    match &settings.name {
        Some(name) => merge.name(&top, name),
        None => top.add("name", &json!(default_name)),
    }
    top.set("main", &json!(needs.program.main()));
    merge.scope(&top, &settings.top, &settings.defaults);
    let environments = merge.environments(&object, &own, settings);
    if let Some(decoder) = &needs.decoder {
        environments.iter().chain([&top]).for_each(|scope| merge.add_flags(scope, decoder));
    }
    for (name, value) in needs.bundling.settings(needs.program, &settings.rules) {
        top.set(name, &value);
    }
    if needs.static_assets {
        let assets = json!({
            "directory": needs.program.path_of("bundle/assets"),
            "binding": PACKED_BINDING,
            "html_handling": "none",
            "not_found_handling": "none",
            "run_worker_first": true
        });
        top.set("assets", &assets);
    } else {
        // Its directory is no longer written.
        top.remove("assets");
    }
    let Merge { earlier, mut written, notes } = merge;
    let buckets = bucket::settle(&object, config.values(), earlier, &mut written, needs);
    Ok(Merged { text: root.to_string(), written, notes, buckets })
}

/// A merge, with what it has found out so far.
struct Merge<'m> {
    /// The settings that an earlier build wrote. `None` if it is not known.
    earlier: Option<&'m WrittenSettings>,
    written: WrittenSettings,
    notes: Vec<Diagnostic>,
}

impl Merge<'_> {
    /// Merges the settings of a scope.
    fn scope(
        &mut self,
        scope: &Scope<'_>,
        wanted: &Map<String, Value>,
        defaults: &Map<String, Value>,
    ) {
        for (name, value) in wanted {
            self.setting(scope, name, value);
        }
        for (name, value) in defaults {
            match scope.own.get(name) {
                Some(own) if !self.has_written(scope, name, own) => {}
                _ => self.write(scope, name, value),
            }
        }
        for (name, own) in scope.own {
            let is_left = !wanted.contains_key(name) && !defaults.contains_key(name);
            let is_written = self.earlier.is_some_and(|it| it.has(&scope.place(name), own));
            if is_left && is_written && scope.place(name) != "name" {
                scope.remove(name);
            }
        }
    }

    /// Merges a setting of the site.
    fn setting(&mut self, scope: &Scope<'_>, name: &str, value: &Value) {
        match scope.own.get(name) {
            Some(own) if own == value => {
                if self.earlier.is_none_or(|it| it.contains(&scope.place(name))) {
                    self.written.add(scope.place(name), value);
                }
            }
            Some(own) if !self.has_written(scope, name, own) => {
                if !is_extended(own, value) {
                    self.notes.push(kept(&scope.name(name), own, value));
                }
            }
            _ => self.write(scope, name, value),
        }
    }

    /// Merges the name that the site gives the Worker. Another name in the output is deliberate.
    fn name(&mut self, scope: &Scope<'_>, name: &Value) {
        match scope.own.get("name") {
            Some(own) if own != name && !self.has_written(scope, "name", own) => {}
            _ => self.setting(scope, "name", name),
        }
    }

    /// Merges the environments, and returns those of the output's own configuration.
    fn environments<'s>(
        &mut self,
        object: &CstObject,
        own: &'s Map<String, Value>,
        settings: &Settings,
    ) -> Vec<Scope<'s>> {
        let none = Map::new();
        let own_environments = own.get("env").and_then(Value::as_object);
        let mut scopes = Vec::new();
        let all = || Scope::environments(object);
        for (name, wanted) in &settings.environments {
            let own = own_environments.and_then(|all| all.get(name)?.as_object());
            let found = all().and_then(|all| all.object_value(name));
            if let (Some(own), Some(found)) = (own, found) {
                let scope = Scope::environment(name, found, own);
                self.scope(&scope, wanted, &none);
                scopes.push(scope);
            } else {
                let Some(all) = object.object_value_or_create("env") else { continue };
                if all.get(name).is_none() {
                    all.append(name, input(Value::Object(wanted.clone())));
                    for (setting, value) in wanted {
                        self.written.add(format!("env/{name}/{setting}"), value);
                    }
                }
            }
            self.written.add(format!("env/{name}"), &json!({}));
        }
        let is_left = |name: &String| !settings.environments.iter().any(|(one, _)| one == name);
        for (name, own) in own_environments.into_iter().flatten() {
            let found = all().and_then(|all| all.object_value(name));
            let (Some(own), Some(found)) = (own.as_object(), found) else { continue };
            let scope = Scope::environment(name, found, own);
            for setting in DECIDED {
                scope.remove(setting);
            }
            if is_left(name) {
                self.scope(&scope, &none, &none);
                let is_written = self.earlier.is_some_and(|it| it.contains(&format!("env/{name}")));
                if is_written && scope.is_empty() {
                    Scope::remove_environment(object, name);
                    continue;
                }
                scopes.push(scope);
            }
        }
        scopes
    }

    /// Adds the flags of the decoder to flags of the user. Those of the site have them already.
    fn add_flags(&self, scope: &Scope<'_>, decoder: &Decoder) {
        if scope.own.contains_key("compatibility_flags")
            && !self.written.contains(&scope.place("compatibility_flags"))
            && let Some(flags) = decoder.flags(scope.own)
        {
            scope.set("compatibility_flags", &flags);
        }
    }

    /// Returns whether worker-pack wrote a setting of the output's own configuration.
    fn has_written(&self, scope: &Scope<'_>, name: &str, own: &Value) -> bool {
        match self.earlier {
            Some(earlier) => earlier.has(&scope.place(name), own),
            None => name == "compatibility_date" && own == super::COMPATIBILITY_DATE,
        }
    }

    fn write(&mut self, scope: &Scope<'_>, name: &str, value: &Value) {
        scope.set(name, value);
        self.written.add(scope.place(name), value);
    }
}

fn kept(name: &str, own: &Value, value: &Value) -> Diagnostic {
    let (own, value) = (shortened(own), shortened(value));
    let message = format!("keeps its own `{name}`, `{own}`; that of the build is `{value}`");
    Diagnostic::note(Code::WorkerSettingKept, FILE_NAME, message)
        .with_help(format!("remove `{name}` here to use the one of the build"))
}

/// Returns a value for a message.
fn shortened(value: &Value) -> String {
    const MAX_CHARACTERS: usize = 60;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Returns whether both are lists, and `present` contains every element of `value`.
fn is_extended(present: &Value, value: &Value) -> bool {
    match (present, value) {
        (Value::Array(present), Value::Array(value)) => {
            value.iter().all(|one| present.contains(one))
        }
        _ => false,
    }
}
