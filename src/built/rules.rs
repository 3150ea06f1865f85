//! The rules by which wrangler decides which files are modules, and of which type.

use serde::Deserialize;

use super::glob::{Glob, Star};

/// The type of a module, as in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) enum RuleType {
    #[serde(rename = "ESModule")]
    EsModule,
    #[serde(rename = "CommonJS")]
    CommonJs,
    CompiledWasm,
    Text,
    Data,
    PythonModule,
    PythonRequirement,
}

impl RuleType {
    /// Returns whether a host parses and runs modules of this type.
    pub(super) fn is_script(self) -> bool {
        match self {
            Self::EsModule | Self::CommonJs | Self::PythonModule => true,
            Self::CompiledWasm | Self::Text | Self::Data | Self::PythonRequirement => false,
        }
    }
}

/// A rule in a configuration.
#[derive(Clone, Debug, Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: RuleType,
    globs: Vec<String>,
    #[serde(default)]
    fallthrough: bool,
}

/// The rules of a Worker that are in effect, in their order.
#[derive(Clone, Debug)]
pub(super) struct Rules(Vec<Rule>);

/// The rules of wrangler itself, behind those of the configuration.
const DEFAULTS: [(RuleType, &[&str]); 3] = [
    (RuleType::Text, &["**/*.txt", "**/*.html", "**/*.sql"]),
    (RuleType::Data, &["**/*.bin"]),
    (RuleType::CompiledWasm, &["**/*.wasm", "**/*.wasm?module"]),
];

/// The rules for scripts, with which a folder without a configuration is read.
const SCRIPTS: (RuleType, &[&str]) = (RuleType::EsModule, &["**/*.js", "**/*.mjs", "**/*.cjs"]);

impl Rules {
    /// Reads the rules of a configuration. Returns the reason if they are not valid.
    pub(super) fn of(value: Option<&serde_json::Value>) -> Result<Self, String> {
        let own: Vec<Rule> = match value {
            None | Some(serde_json::Value::Null) => Vec::new(),
            Some(value) => Vec::deserialize(value).map_err(|error| format!("`rules`: {error}"))?,
        };
        Ok(Self::in_effect(own, &DEFAULTS))
    }

    /// Returns the rules for a folder without a configuration.
    pub(super) fn of_folder() -> Self {
        let [text, data, wasm] = DEFAULTS;
        Self::in_effect(Vec::new(), &[SCRIPTS, text, data, wasm])
    }

    /// Leaves out the rules behind one of the same type that does not fall through.
    fn in_effect(own: Vec<Rule>, defaults: &[(RuleType, &[&str])]) -> Self {
        let default = |(kind, globs): &(RuleType, &[&str])| {
            let globs = globs.iter().map(|glob| (*glob).to_owned()).collect();
            Rule { kind: *kind, globs, fallthrough: false }
        };
        let mut complete = Vec::new();
        let mut rules = Vec::new();
        for rule in own.into_iter().chain(defaults.iter().map(default)) {
            if complete.contains(&rule.kind) {
                continue;
            }
            if !rule.fallthrough {
                complete.push(rule.kind);
            }
            rules.push(rule);
        }
        Self(rules)
    }

    /// Returns the type of the module in a file, given by its path below the base folder. Returns `None`
    /// if it is not a module.
    pub(super) fn of_file(&self, path: &str) -> Option<RuleType> {
        self.find(path, Star::InParts, |_| true)
    }

    /// Returns the type of an imported module that wrangler uploads as it is, beside the bundle.
    pub(super) fn of_specifier(&self, specifier: &str) -> Option<RuleType> {
        self.find(specifier, Star::Any, |kind| {
            !matches!(kind, RuleType::EsModule | RuleType::CommonJs)
        })
    }

    fn find(&self, text: &str, star: Star, accepts: fn(RuleType) -> bool) -> Option<RuleType> {
        let rules = self.0.iter().filter(|rule| accepts(rule.kind));
        let matches = |glob: &String| Glob::new(glob, star).matches(text);
        rules.filter(|rule| rule.globs.iter().any(matches)).map(|rule| rule.kind).next()
    }
}
