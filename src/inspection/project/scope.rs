//! The scopes of a configuration for wrangler: its top level and its environments.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::inspection::subject::data::{DataFile, Step};

/// A scope of a configuration.
#[derive(Clone, Debug)]
pub(super) struct Scope<'c> {
    /// The name of the environment. `None` for the top level.
    pub(super) environment: Option<&'c str>,
    pub(super) settings: &'c Map<String, Value>,
    /// The way to its settings.
    pub(super) steps: Vec<Step>,
}

/// A binding of a scope.
#[derive(Clone, Debug)]
pub(super) struct Binding<'c> {
    pub(super) name: &'c str,
    /// The setting that it is in, such as `kv_namespaces`.
    pub(super) setting: &'c str,
    /// The way to it.
    pub(super) steps: Vec<Step>,
}

impl<'c> Scope<'c> {
    /// Returns the top level of a configuration, and its environments.
    pub(super) fn all(config: &'c DataFile) -> Vec<Self> {
        let top = Self { environment: None, settings: config.values(), steps: Vec::new() };
        let environments = config.get("env").and_then(Value::as_object).into_iter().flatten();
        let environments = environments.filter_map(|(name, settings)| {
            Some(Self {
                environment: Some(name),
                settings: settings.as_object()?,
                steps: vec!["env".into(), name.as_str().into()],
            })
        });
        [top].into_iter().chain(environments).collect()
    }

    /// Returns the way to a setting.
    pub(super) fn steps_to(&self, steps: &[Step]) -> Vec<Step> {
        [self.steps.as_slice(), steps].concat()
    }

    /// Returns the bindings, in the order of the file.
    pub(super) fn bindings(&self) -> Vec<Binding<'c>> {
        self.settings.iter().flat_map(|(setting, value)| self.bindings_in(setting, value)).collect()
    }

    /// Returns the name of the scope for messages.
    pub(super) fn name(&self) -> String {
        match self.environment {
            Some(name) => format!("`env.{name}`"),
            None => "the top level".to_owned(),
        }
    }

    fn bindings_in(&self, setting: &'c str, value: &'c Value) -> Vec<Binding<'c>> {
        let binding = |name: &'c str, steps: &[Step]| {
            let steps = self.steps_to(steps);
            Binding { name, setting, steps }
        };
        let in_list = |list: Option<&'c Value>, key: &'static str, way: &[Step]| {
            let list = list.and_then(Value::as_array).into_iter().flatten().enumerate();
            list.filter_map(|(index, one)| {
                let way = [way, &[Step::Index(index), key.into()]].concat();
                Some(binding(one.get(key)?.as_str()?, &way))
            })
            .collect::<Vec<_>>()
        };
        let top = [Step::from(setting)];
        // wrangler names some bindings by `name`, most by `binding`.
        match setting {
            "vars" => {
                let all = value.as_object().into_iter().flatten();
                all.map(|(name, _)| binding(name, &[setting.into(), name.as_str().into()]))
                    .collect()
            }
            "durable_objects" | "unsafe" | "logfwdr" => {
                in_list(value.get("bindings"), "name", &[setting.into(), "bindings".into()])
            }
            "queues" => {
                in_list(value.get("producers"), "binding", &[setting.into(), "producers".into()])
            }
            "send_email" | "ratelimits" => in_list(Some(value), "name", &top),
            "env" | "previews" | "secrets" | "dev" => Vec::new(),
            _ => match value.get("binding").and_then(Value::as_str) {
                Some(name) => vec![binding(name, &[setting.into(), "binding".into()])],
                None => in_list(Some(value), "binding", &top),
            },
        }
    }
}

/// Groups bindings by their names.
pub(super) fn by_name<'c>(bindings: &[Binding<'c>]) -> BTreeMap<&'c str, Vec<Binding<'c>>> {
    let mut groups = BTreeMap::<&str, Vec<Binding<'_>>>::new();
    for binding in bindings {
        groups.entry(binding.name).or_default().push(binding.clone());
    }
    groups
}
