//! `[check]` in `worker-pack.toml`: the findings that are allowed, and those that are denied.

use std::path::Path;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::value::Datetime;
use worker_pack::Denied;
use worker_pack::check::{Allowance, AllowancePlace, AllowedPath, Date, Start};
use worker_pack::report::Code;

/// The settings of `check`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CheckConfig {
    /// The findings that count as errors.
    pub(super) deny: Option<Denied>,
    /// The occasions on which the packed Worker is started.
    pub(super) start: Option<Start>,
    /// The findings that are allowed.
    pub(super) allow: Vec<AllowConfig>,
}

/// The findings of a code that are allowed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AllowConfig {
    code: Spanned<KnownCode>,
    path: Option<Glob>,
    reason: Reason,
    until: Option<Until>,
}

impl AllowConfig {
    /// Returns the allowance, with its place in the configuration.
    pub(super) fn allowance(&self, source: Option<(&Path, &str)>) -> Allowance {
        let offset = self.code.span().start;
        let place = source.map(|(path, text)| {
            let file = path.to_string_lossy().replace('\\', "/");
            AllowancePlace { file, text: text.to_owned(), offset }
        });
        Allowance {
            code: self.code.get_ref().0,
            path: self.path.as_ref().map(|glob| glob.0.clone()),
            reason: self.reason.0.clone(),
            until: self.until.as_ref().map(|until| until.0),
            place,
        }
    }
}

/// A code of `docs/diagnostics.md`.
#[derive(Debug)]
struct KnownCode(Code);

impl<'de> Deserialize<'de> for KnownCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        /// Least similarity of a code that may be meant.
        const SIMILAR: f32 = 0.6;
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(|_| {
            let names = Code::ALL.map(Code::name);
            let similar = similar::get_close_matches(text.as_str(), &names, 1, SIMILAR);
            let remedy = match similar.first() {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => "`worker-pack explain` lists all codes".to_owned(),
            };
            D::Error::custom(format!("`{text}` is not the code of a diagnostic; {remedy}"))
        })
    }
}

/// A glob of files.
#[derive(Debug)]
struct Glob(AllowedPath);

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        AllowedPath::new(&String::deserialize(from)?).map(Self).map_err(D::Error::custom)
    }
}

/// The reason why findings are allowed.
#[derive(Debug)]
struct Reason(String);

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if text.trim().is_empty() {
            return Err(D::Error::custom("`reason` is empty; write why the finding is allowed"));
        }
        Ok(Self(text))
    }
}

/// The last day on which findings are allowed.
#[derive(Debug)]
struct Until(Date);

impl<'de> Deserialize<'de> for Until {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        /// A date in quotation marks, or one of TOML itself.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Date(Datetime),
        }
        let written = Written::deserialize(from)
            .map_err(|_| D::Error::custom("`until` is not a date such as `2027-01-31`"))?;
        let text = match written {
            Written::Text(text) => text,
            Written::Date(date) => date.to_string(),
        };
        text.parse().map(Self).map_err(D::Error::custom)
    }
}
