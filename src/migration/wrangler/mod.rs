//! The configuration for wrangler in the project's folder: created, or edited in place.
//!
//! worker-pack carries its settings and all environments into the configuration of the packed Worker.

mod pages;
mod rates;
mod schema;
mod settings;

use std::path::Path;

use serde_json::{Map, Value};

use super::document::{Change, Format};
use super::error::MigrationError;
use super::facts::of_names;
use super::facts::text_file::TextFile;
use super::plan::{Question, Remark, RemarkKind};
use crate::project::wrangler::WranglerConfig;
use schema::Schema;
pub(crate) use settings::{Needs, ServerIs, settle};

/// The name of a new configuration.
pub(crate) const NEW_NAME: &str = "wrangler.jsonc";

const HEAD: &str = "\
// The settings of the Worker. Each build by worker-pack carries them, with all environments, into
// dist-worker/wrangler.jsonc, which is what is deployed.
";

/// A configuration for wrangler.
#[derive(Clone, Debug)]
pub(crate) struct WranglerFile {
    pub(crate) file: TextFile,
    pub(crate) values: Map<String, Value>,
}

impl WranglerFile {
    /// Reads all configurations of a project, the one that wrangler reads first.
    pub(crate) fn all(root: &Path) -> Result<Vec<Self>, MigrationError> {
        let files = of_names(root, &WranglerConfig::NAMES)?;
        files.into_iter().map(|file| Ok(Self { values: parse(&file, &file.text)?, file })).collect()
    }

    /// Returns whether it configures a project of Pages.
    pub(crate) fn is_pages(&self) -> bool {
        self.values.contains_key("pages_build_output_dir")
    }

    /// Returns the name of the Worker or of the project of Pages.
    pub(crate) fn name(&self) -> Option<&str> {
        self.values.get("name")?.as_str()
    }
}

fn parse(file: &TextFile, text: &str) -> Result<Map<String, Value>, MigrationError> {
    let config = WranglerConfig::parse(&file.path, Ok(text.as_bytes().to_vec()));
    match config {
        Ok(config) => Ok(config.values().clone()),
        Err(error) => {
            let prefix = format!("`{}` is not valid: ", file.name());
            let message = error.to_string();
            let message = message.strip_prefix(&prefix).unwrap_or(&message).trim_end().to_owned();
            Err(MigrationError::Invalid { path: file.path.clone(), message })
        }
    }
}

/// The changes of a configuration, with what a user has to know about them.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) changes: Vec<Change>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) questions: Vec<Question>,
}

/// Returns the text of the configuration after the changes.
///
/// # Errors
/// If a change cannot be made, or has not the intended result.
pub(crate) fn edited(
    root: &Path,
    wrangler: Option<&WranglerFile>,
    found: &mut Findings,
) -> Result<(String, Map<String, Value>), MigrationError> {
    let file = wrangler.map(|it| &it.file);
    let path = file.map_or_else(|| Path::new(NEW_NAME).to_owned(), |file| file.path.clone());
    let text = file.map_or("{\n}\n", |file| &file.text);
    let wrong = |message: String| MigrationError::WrongEdit { path: path.clone(), message };
    // The changes lead through lists and objects: settings of another kind are the user's mistake.
    let after = Format::of(&path)
        .apply(text, &found.changes)
        .map_err(|message| MigrationError::Invalid { path: path.clone(), message })?;
    let mut expected = wrangler.map(|it| it.values.clone()).unwrap_or_default();
    for change in &found.changes {
        change.apply(&mut expected);
    }
    let config = WranglerConfig::parse(&path, Ok(after.clone().into_bytes()));
    let values = config.map_err(|error| wrong(error.to_string()))?.values().clone();
    if Value::Object(values.clone()) != Value::Object(expected) {
        return Err(wrong("other settings differ".to_owned()));
    }
    if let Some(schema) = Schema::installed(root) {
        let name = path.to_string_lossy();
        let before = wrangler.map(|it| Value::Object(it.values.clone()));
        let before = before.map(|it| schema.refused(&it)).unwrap_or_default();
        for refused in schema.refused(&Value::Object(values.clone())) {
            let text = if wrangler.is_some() && !before.contains(&refused) {
                // An older wrangler does not know a setting that is added.
                format!(
                    "the installed wrangler does not accept {refused}; update it before you build"
                )
            } else {
                format!("the installed wrangler refuses {refused}")
            };
            found.remarks.push(Remark::new(RemarkKind::Warning, &name, text));
        }
    }
    let after = if wrangler.is_none() { format!("{HEAD}{after}") } else { after };
    Ok((after, values))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::migration::document::Step;

    const JSONC: &str = r#"{
  // the name
  "name": "site", /* of the Worker */
  "pages_build_output_dir": "./dist",
  "unsafe": { "bindings": [{ "name": "A", "type": "ratelimit" }, { "name": "B", "type": "x" }] },
  "env": {
    "staging": { "vars": { "A": "b" }, }, // staging
  },
}
"#;

    const TOML: &str = "\
# the name
name = \"site\" # of the Worker
pages_build_output_dir = \"./dist\"

[[unsafe.bindings]]
name = \"A\"
type = \"ratelimit\"

[[unsafe.bindings]]
name = \"B\"
type = \"x\"

# staging
[env.staging]
vars = { A = \"b\" }
";

    fn changes() -> Vec<Change> {
        let index = |text: &str| Step::Key(text.to_owned());
        vec![
            Change::remove(&["pages_build_output_dir"]),
            Change::set(&["observability"], json!({ "enabled": true })),
            Change::append(&["compatibility_flags"], json!("nodejs_compat")),
            Change::append(&["kv_namespaces"], json!({ "binding": "SESSION" })),
            Change::append(&["env", "staging", "kv_namespaces"], json!({ "binding": "SESSION" })),
            Change::Remove { steps: vec![index("unsafe"), index("bindings"), Step::Index(0)] },
            Change::set(&["env", "preview", "vars"], json!({ "A": "c" })),
        ]
    }

    #[test]
    fn changes_have_the_same_result_in_each_format() {
        for (format, name, text) in
            [(Format::Jsonc, "wrangler.jsonc", JSONC), (Format::Toml, "wrangler.toml", TOML)]
        {
            for text in [text.to_owned(), text.replace('\n', "\r\n")] {
                let read = |text: &str| {
                    let config = WranglerConfig::parse(Path::new(name), Ok(text.into()));
                    config.unwrap().values().clone()
                };
                let mut expected = read(&text);
                for change in changes() {
                    change.apply(&mut expected);
                }
                let after = format.apply(&text, &changes()).unwrap();
                assert_eq!(Value::Object(read(&after)), Value::Object(expected), "{after}");
                assert_eq!(after.contains("\r\n"), text.contains("\r\n"), "{after:?}");
                assert!(!after.replace("\r\n", "").contains('\n') || !text.contains("\r\n"));
                for kept in ["the name", "of the Worker", "staging", "\"B\""] {
                    assert!(after.contains(kept), "{kept} in {after}");
                }
            }
        }
    }

    proptest! {
        /// Each line that is not about the changed setting is in the result, in its order.
        #[test]
        fn other_lines_of_a_configuration_stay(
            comments in proptest::collection::vec("[ -~é]{0,12}", 4),
            indentation in "[ \t]{0,6}",
            is_toml in any::<bool>(),
        ) {
            let comment: Vec<String> = comments.iter().map(|it| it.replace("*/", "")).collect();
            let [a, b, c, d] = &comment[..] else { unreachable!() };
            let (format, text) = if is_toml {
                (Format::Toml, format!("# {a}\nname   = 'site' # {b}\nusage_model = \"bundled\"\n\n# {c}\n[vars]\n{indentation}A = \"1\" # {d}\n"))
            } else {
                (Format::Jsonc, format!("// {a}\n{{\n{indentation}\"name\"  : \"site\", // {b}\n{indentation}\"usage_model\": \"bundled\",\n\n{indentation}// {c}\n{indentation}\"vars\": {{ \"A\":\"1\" }} // {d}\n}}\n"))
            };
            let changes = [Change::remove(&["usage_model"]), Change::set(&["observability"], json!({ "enabled": true }))];
            let after = format.apply(&text, &changes).unwrap();
            let mut rest = after.as_str();
            for line in text.lines().filter(|line| !line.contains("usage_model")) {
                // A comma may follow what was last.
                let is_last = line.contains("\"vars\"");
                let wanted = if is_last { line.split(" //").next().unwrap() } else { line };
                let index = rest.find(wanted);
                prop_assert!(index.is_some(), "{line:?} in {after}");
                rest = &rest[index.unwrap()..];
            }
        }
    }
}
