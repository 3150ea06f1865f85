//! The rule that a configuration for wrangler keeps to the schema of the wrangler that is
//! installed.

use std::collections::BTreeSet;

use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde_json::Value;

use super::packages::Package;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::data::{DataFile, Step};
use crate::inspection::subject::{Data, Subject};
use crate::project::npm_package;

/// Maximum number of characters of a value in a message.
const SHOWN: usize = 80;

/// Settings of earlier versions, with what does their work now.
const REMOVED: [(&str, &str); 4] = [
    ("usage_model", "remove it: all Workers are billed in one way, by `limits.cpu_ms` at most"),
    ("node_compat", "write `\"compatibility_flags\": [\"nodejs_compat\"]` instead"),
    ("type", "remove it: `build.command` and `main` say how the Worker is made"),
    ("zone_id", "write it into the `routes`"),
];

/// Least similarity of a setting that may be meant.
const SIMILAR: f32 = 0.7;

/// The schema of an installed wrangler.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    values: Value,
    /// The version of wrangler, for messages.
    version: String,
}

impl Schema {
    /// Reads the schema of the wrangler that is installed for a project. Returns `None` if there is
    /// none.
    pub(super) fn installed(subject: &Subject) -> Option<Self> {
        let wrangler = Package::of(subject, "wrangler")?;
        let version = wrangler.version.map_or_else(String::new, |version| format!(" {version}"));
        let values = npm_package::wrangler_schema(&subject.root)?;
        values.is_object().then_some(Self { values, version })
    }

    /// Returns the settings that an environment does not inherit, by their descriptions.
    pub(super) fn not_inherited(&self) -> Vec<String> {
        let properties = self.values.pointer("/definitions/RawEnvironment/properties");
        let properties = properties.and_then(Value::as_object).into_iter().flatten();
        let is_described = |value: &Value| {
            let text = value.get("description").and_then(Value::as_str).unwrap_or_default();
            text.contains("not automatically inherited")
        };
        let all = properties.filter(|(_, value)| is_described(value));
        all.map(|(name, _)| name.clone()).collect()
    }

    /// Returns the names of all settings.
    fn names(&self) -> BTreeSet<&str> {
        let definitions = self.values.get("definitions").and_then(Value::as_object);
        let properties =
            definitions.into_iter().flatten().filter_map(|(_, one)| one.get("properties"));
        let names = properties.filter_map(Value::as_object).flatten();
        names.map(|(name, _)| name.as_str()).collect()
    }
}

/// Compares the user's configuration with the schema.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let Some(config) = Data::values(subject.config.as_ref()) else { return Vec::new() };
    let Some(schema) = Schema::installed(subject) else {
        let note = Diagnostic::note(
            Code::ProjectNoSchema,
            &config.file.name,
            "is not compared with a schema: no wrangler is installed in the project that has one",
        );
        return vec![
            note.with_help("install the packages of the project first, wrangler among them"),
        ];
    };
    let Ok(validator) = jsonschema::validator_for(&schema.values) else {
        let message = format!(
            "is not compared with the schema of wrangler{}, which cannot be read",
            schema.version
        );
        let note = Diagnostic::note(Code::ProjectNoSchema, &config.file.name, message);
        return vec![note.with_help("install wrangler again")];
    };
    let instance = Value::Object(config.values().clone());
    let errors: Vec<ValidationError<'_>> = validator.iter_errors(&instance).collect();
    errors.iter().flat_map(|error| problems(error, config, &schema)).collect()
}

/// Returns the findings of an error: one for each setting that is unknown.
fn problems(error: &ValidationError<'_>, config: &DataFile, schema: &Schema) -> Vec<Diagnostic> {
    let steps = steps(error);
    let finding = |steps: &[Step], message: String, help: String| {
        let offset = config.offset(steps);
        config.file.error(Code::ProjectConfigSchema, offset, message).with_help(help)
    };
    let at = |steps: &[Step], message: String| {
        let version = &schema.version;
        let help = format!("correct the value: wrangler{version} refuses the configuration");
        finding(steps, message, help)
    };
    let name = dotted(&steps);
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let unknown = |key: &String| {
                let names: Vec<&str> = schema.names().into_iter().collect();
                let similar = similar::get_close_matches(key.as_str(), &names, 1, SIMILAR);
                let similar = similar.first().map(|name| format!("; did you mean `{name}`?"));
                let way = [steps.as_slice(), &[key.as_str().into()]].concat();
                let message = format!(
                    "`{}` is not a setting of wrangler{}{}",
                    dotted(&way),
                    schema.version,
                    similar.unwrap_or_default()
                );
                let removed = REMOVED.iter().find(|(name, _)| way.len() == 1 && key == name);
                let help = match removed {
                    Some((_, help)) => (*help).to_owned(),
                    None => format!(
                        "correct its name, or remove it: wrangler{} ignores it, or refuses the \
                         configuration",
                        schema.version
                    ),
                };
                finding(&way, message, help)
            };
            unexpected.iter().map(unknown).collect()
        }
        ValidationErrorKind::Type { kind } => {
            vec![at(&steps, format!("`{name}` has to be {}", type_names(&format!("{kind:?}"))))]
        }
        ValidationErrorKind::Enum { options } => {
            let all = options.as_array().into_iter().flatten();
            let all: Vec<String> = all.map(|value| format!("`{value}`")).collect();
            vec![at(&steps, format!("`{name}` has to be one of {}", all.join(", ")))]
        }
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            let name =
                if name.is_empty() { "the configuration".to_owned() } else { format!("`{name}`") };
            vec![at(&steps, format!("{name} lacks `{property}`"))]
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            // The form that is meant has the type of the value, and the fewest errors.
            let is_meant = |errors: &&Vec<ValidationError<'static>>| {
                let is_type = |error: &ValidationError<'_>| {
                    matches!(error.kind(), ValidationErrorKind::Type { .. })
                        && self::steps(error).len() == steps.len()
                };
                !errors.iter().any(is_type)
            };
            let closest = context.iter().filter(is_meant).min_by_key(|errors| errors.len());
            match closest {
                Some(errors) => {
                    errors.iter().flat_map(|error| problems(error, config, schema)).collect()
                }
                None => vec![at(
                    &steps,
                    format!("`{name}` has none of the forms that wrangler accepts"),
                )],
            }
        }
        _ => {
            let text = error.to_string();
            let short: String = text.chars().take(SHOWN).collect();
            let cut = if short.len() < text.len() { "…" } else { "" };
            vec![at(&steps, format!("`{name}` is not valid: {short}{cut}"))]
        }
    }
}

/// Returns the way to the value of an error.
fn steps(error: &ValidationError<'_>) -> Vec<Step> {
    let pointer = error.instance_path().as_str();
    let segments = pointer.split('/').skip(1);
    segments
        .map(|segment| match segment.parse::<usize>() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::Key(segment.replace("~1", "/").replace("~0", "~")),
        })
        .collect()
}

/// Returns the name of a setting, such as `env.staging.kv_namespaces[0]`.
fn dotted(steps: &[Step]) -> String {
    let mut name = String::new();
    for step in steps {
        match step {
            Step::Key(key) if name.is_empty() => name.push_str(key),
            Step::Key(key) => name.extend([".", key]),
            Step::Index(index) => name.extend(["[", &index.to_string(), "]"]),
        }
    }
    name
}

/// Returns the types of a validator's description, such as `Single(String)`, as words.
fn type_names(kind: &str) -> String {
    let names = [
        ("String", "a text"),
        ("Boolean", "`true` or `false`"),
        ("Integer", "a whole number"),
        ("Number", "a number"),
        ("Array", "a list"),
        ("Object", "an object"),
        ("Null", "`null`"),
    ];
    let named: Vec<&str> =
        names.iter().filter(|(name, _)| kind.contains(name)).map(|(_, text)| *text).collect();
    if named.is_empty() { "of another type".to_owned() } else { named.join(" or ") }
}
