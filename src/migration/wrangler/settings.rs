//! The settings that a site needs on Workers, and those that wrangler no longer accepts.

use serde_json::{Map, Value, json};

use super::{Findings, WranglerFile, pages};
use crate::migration::Answers;
use crate::migration::document::{Change, Step, steps};
use crate::migration::plan::{Question, Remark, RemarkKind};
use crate::output::worker::wrangler::{COMPATIBILITY_DATE, NODE_FLAG};
use crate::project::wrangler::NODE_BY_DEFAULT;

/// The module that `@astrojs/cloudflare` 13 and 14 begin a Worker with, as `astro add cloudflare` writes it.
const ADAPTER_ENTRY: &str = "@astrojs/cloudflare/entrypoints/server";

/// The server of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerIs {
    /// All pages are rendered in advance.
    Missing,
    /// Made by the adapter, of this major version.
    OfAdapter(u32),
    /// The functions of Pages, or `_worker.js` of the site.
    OfPages,
}

/// The requirements of a site.
#[derive(Clone, Debug)]
pub(crate) struct Needs<'n> {
    pub(crate) server: ServerIs,
    /// The binding of the KV namespace with Astro's sessions, if the site uses them.
    pub(crate) sessions: Option<&'n str>,
    /// The folder of the build, as the configuration names it.
    pub(crate) build_folder: &'n str,
    /// The name of the Worker, unless the configuration has one.
    pub(crate) name: &'n str,
    /// The module that the adapter's option `workerEntryPoint` named.
    pub(crate) entry_point: Option<&'n str>,
    pub(crate) answers: &'n Answers,
}

/// Returns the changes that a configuration needs.
pub(crate) fn settle(config: Option<&WranglerFile>, needs: &Needs<'_>) -> Findings {
    let empty = Map::new();
    let values = config.map_or(&empty, |config| &config.values);
    let file = config.map_or_else(|| super::NEW_NAME.to_owned(), |config| config.file.name());
    let mut settling = Settling { values, needs, file, found: Findings::default() };
    if config.is_none() {
        let schema = json!("./node_modules/wrangler/config-schema.json");
        settling.set("$schema", schema);
    }
    settling.name();
    settling.add("compatibility_date", json!(COMPATIBILITY_DATE));
    if config.is_none() {
        settling.flag_of_new_workers();
    }
    settling.node_flag();
    settling.entry();
    settling.add("observability", json!({ "enabled": true }));
    settling.remove_obsolete();
    if config.is_some_and(WranglerFile::is_pages) {
        settling.found.changes.push(Change::remove(&["pages_build_output_dir"]));
        pages::carry(values, &settling.file, &mut settling.found);
    }
    settling.bindings();
    settling.found
}

pub(super) struct Settling<'s> {
    values: &'s Map<String, Value>,
    needs: &'s Needs<'s>,
    file: String,
    pub(super) found: Findings,
}

impl Settling<'_> {
    fn set(&mut self, key: &str, value: Value) {
        self.found.changes.push(Change::set(&[key], value));
    }

    /// Adds a setting, unless it is present.
    fn add(&mut self, key: &str, value: Value) {
        if !self.values.contains_key(key) {
            self.set(key, value);
        }
    }

    pub(super) fn remark(&mut self, kind: RemarkKind, text: impl Into<String>) {
        self.found.remarks.push(Remark::new(kind, &self.file, text));
    }

    /// Returns the top level and all environments, each with the steps that lead to it.
    pub(super) fn scopes(&self) -> Vec<(Vec<Step>, &Map<String, Value>)> {
        let environments = self.values.get("env").and_then(Value::as_object);
        let below = environments
            .into_iter()
            .flatten()
            .filter_map(|(name, settings)| Some((steps(&["env", name]), settings.as_object()?)));
        std::iter::once((Vec::new(), self.values)).chain(below).collect()
    }

    fn name(&mut self) {
        let wanted = &self.needs.answers.name;
        match (self.values.get("name"), wanted) {
            (Some(present), Some(wanted)) if present != wanted => self.set("name", json!(wanted)),
            (Some(_), _) => {}
            (None, _) => self.set("name", json!(self.needs.name)),
        }
    }

    /// Adds the flag that `astro add cloudflare` writes into a new configuration.
    fn flag_of_new_workers(&mut self) {
        if matches!(self.needs.server, ServerIs::OfAdapter(13..)) {
            let flag = json!("global_fetch_strictly_public");
            self.found.changes.push(Change::append(&["compatibility_flags"], flag));
        }
    }

    /// Adds `nodejs_compat` where a server needs it and the date does not imply it.
    fn node_flag(&mut self) {
        let ServerIs::OfAdapter(_) = self.needs.server else { return };
        let of_top = self.values.get("compatibility_date").and_then(Value::as_str);
        let of_top = of_top.unwrap_or(COMPATIBILITY_DATE).to_owned();
        let mut changes = Vec::new();
        for (keys, scope) in self.scopes() {
            let flags = scope.get("compatibility_flags");
            let date = scope.get("compatibility_date").and_then(Value::as_str).unwrap_or(&of_top);
            // An environment without flags inherits those of the top level.
            let decides = keys.is_empty() || flags.is_some();
            let is_set = flags.and_then(Value::as_array).is_some_and(|flags| {
                let is_about_node =
                    |flag: &str| flag == NODE_FLAG || flag.starts_with("no_nodejs_compat");
                flags.iter().filter_map(Value::as_str).any(is_about_node)
            });
            if decides && !is_set && date < NODE_BY_DEFAULT {
                let steps = [keys, steps(&["compatibility_flags"])].concat();
                changes.push(Change::Append { steps, value: json!(NODE_FLAG) });
            }
        }
        self.found.changes.extend(changes);
    }

    /// Sets the module with which the unpacked Worker begins, by which the adapter builds it.
    fn entry(&mut self) {
        let ServerIs::OfAdapter(major) = self.needs.server else { return };
        if major < 13 {
            return;
        }
        let main = self.values.get("main").and_then(Value::as_str);
        match (main, self.needs.entry_point) {
            // The server of adapter 12, which later ones do not write.
            (Some(main), _) if main.contains("_worker.js") => {
                self.set("main", json!(ADAPTER_ENTRY));
            }
            (Some(_), _) => {}
            (None, Some(entry)) => self.set("main", json!(entry)),
            (None, None) => self.set("main", json!(ADAPTER_ENTRY)),
        }
        if self.needs.entry_point.is_some() {
            self.remark(
                RemarkKind::ByHand,
                "`main` now names the module of `workerEntryPoint`. It exported `createExports`; with this adapter it exports a handler that calls `handle` of `@astrojs/cloudflare/handler`",
            );
        }
        let directory = format!("./{}", self.needs.build_folder);
        self.add("assets", json!({ "directory": directory, "binding": "ASSETS" }));
    }

    /// Removes what wrangler refuses.
    fn remove_obsolete(&mut self) {
        const OBSOLETE: [(&str, &str); 2] = [
            ("usage_model", "all Workers have the standard usage model"),
            ("node_compat", "`nodejs_compat` has taken its place"),
        ];
        let mut changes = Vec::new();
        let mut remarks = Vec::new();
        for (keys, scope) in self.scopes() {
            for (name, reason) in OBSOLETE.into_iter().filter(|(name, _)| scope.contains_key(*name))
            {
                let steps = [&keys[..], &steps(&[name])].concat();
                let place = place_of(&steps);
                changes.push(Change::Remove { steps });
                remarks.push(format!(
                    "`{place}` is removed: {reason}, and wrangler refuses the setting"
                ));
            }
        }
        self.found.changes.extend(changes);
        for text in remarks {
            self.remark(RemarkKind::Changed, text);
        }
        self.limit_rates();
    }

    /// Adds the namespace for sessions, and the bindings and variables that the user names.
    fn bindings(&mut self) {
        let answers = self.needs.answers;
        let mut wanted: Vec<(String, Option<String>)> = answers
            .namespaces
            .iter()
            .map(|(binding, id)| (binding.clone(), Some(id.clone())))
            .collect();
        if let Some(session) = self.needs.sessions
            && !answers.namespaces.contains_key(session)
        {
            wanted.push((session.to_owned(), None));
        }
        for (binding, id) in wanted {
            for (keys, scope) in
                self.scopes().into_iter().map(|(keys, it)| (keys, it.clone())).collect::<Vec<_>>()
            {
                self.namespace(&keys, &scope, &binding, id.as_deref());
            }
        }
        for (name, value) in &answers.variables {
            let present = self.values.get("vars").and_then(|it| it.get(name));
            if present.is_none_or(|present| present != value) {
                self.found.changes.push(Change::set(&["vars", name], json!(value)));
            }
        }
    }

    fn namespace(
        &mut self,
        keys: &[Step],
        scope: &Map<String, Value>,
        binding: &str,
        id: Option<&str>,
    ) {
        let path = [keys, &steps(&["kv_namespaces"])].concat();
        let place_in = |scope: &Map<String, Value>| {
            let list = scope.get("kv_namespaces")?.as_array()?;
            list.iter().position(|one| one.get("binding").and_then(Value::as_str) == Some(binding))
        };
        let id = id.filter(|_| keys.is_empty());
        if let Some(place) = place_in(scope) {
            let present = scope["kv_namespaces"][place].get("id").and_then(Value::as_str);
            if let Some(id) = id.filter(|id| present != Some(*id)) {
                let rest = [Step::Index(place), Step::Key("id".to_owned())];
                let steps = [&path[..], &rest].concat();
                self.found.changes.push(Change::Set { steps, value: json!(id) });
            }
            return;
        }
        // The environments of Pages may already carry those of the top level.
        let is_copied =
            |change: &Change| matches!(change, Change::Set { steps, .. } if *steps == path);
        if place_in(self.values).is_some() && self.found.changes.iter().any(is_copied) {
            return;
        }
        let value = match id {
            Some(id) => json!({ "binding": binding, "id": id }),
            None => json!({ "binding": binding }),
        };
        self.found.changes.push(Change::Append { steps: path, value });
        if keys.is_empty() && id.is_none() {
            self.found.questions.push(Question {
                subject: format!("the id of the KV namespace `{binding}`"),
                text: "without an id, the first `wrangler deploy` makes a new namespace; the one of a project of Pages has an id in the dashboard".to_owned(),
                answer: format!("--kv {binding}=ID"),
            });
        }
    }
}

/// Returns a place in the configuration for messages.
fn place_of(steps: &[Step]) -> String {
    let part = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    };
    steps.iter().map(part).collect::<Vec<_>>().join(".")
}
