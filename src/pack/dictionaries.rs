//! The dictionaries of a run, and the report on them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::run::Run;
use crate::asset::digest::ContentHash;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::Fidelity;
use crate::tabulate::{AssetEntry, AssetTable};

/// A dictionary that the packer has made for pages. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DictionaryReport {
    /// The path of its URL.
    pub url: String,
    /// The page that it is a copy of, relative to the packed folder.
    pub file: String,
    /// The value of `Use-As-Dictionary`, with the pattern of the URLs that it is for.
    pub use_as_dictionary: String,
    /// Its size as sent, once for each visitor.
    pub bytes: usize,
    /// Number of pages that announce it.
    pub announced: usize,
    /// Number of pages that have a body for it.
    pub pages: usize,
    /// The size of these pages as sent without it.
    pub without: usize,
    /// The size of these bodies. That is about what it adds to a Worker, since it shares the bodies of its page.
    pub with: usize,
    /// Number of further pages of a visit after which it has saved more than it costs.
    pub pays_after: usize,
}

impl DictionaryReport {
    /// Returns the dictionaries of a table, in the order of their routes.
    pub(super) fn all(table: &AssetTable) -> Vec<Self> {
        let is_dictionary = |entry: &&AssetEntry| entry.route.is_made_by_packer();
        let dictionaries = table.entries().iter().filter(is_dictionary);
        let mut all: BTreeMap<ContentHash, Self> = dictionaries
            .filter_map(|entry| Some((entry.identity.hash(), Self::of(entry)?)))
            .collect();
        for entry in table.entries() {
            if let Some(report) = all.get_mut(&entry.identity.hash())
                && report.file.is_empty()
                && !entry.route.is_made_by_packer()
            {
                report.file.clone_from(&entry.name);
            }
            for variant in &entry.variants {
                let Some(report) = variant.dictionary.and_then(|hash| all.get_mut(&hash)) else {
                    continue;
                };
                report.pages += 1;
                report.without += entry.preferred().len();
                report.with += variant.body.len();
            }
        }
        for report in all.values_mut() {
            let url = format!("<{}>", report.url);
            let links = table.entries().iter().filter_map(|entry| entry.link.as_ref());
            report.announced = links.filter(|link| link.contains(&url)).count();
            let saved = report.without.saturating_sub(report.with).max(1);
            report.pays_after = (report.bytes * report.pages).div_ceil(saved);
        }
        let mut all: Vec<Self> = all.into_values().collect();
        all.sort_by(|a, b| a.url.cmp(&b.url));
        all
    }

    fn of(entry: &AssetEntry) -> Option<Self> {
        Some(Self {
            url: entry.route.to_string(),
            file: String::new(),
            use_as_dictionary: entry.use_as_dictionary.clone()?,
            bytes: entry.preferred().len(),
            announced: 0,
            pages: 0,
            without: 0,
            with: 0,
            pays_after: 0,
        })
    }
}

impl Run<'_> {
    /// Adds dictionaries for pages to the table, if the options ask for them.
    pub(super) fn dictionaries(&mut self, table: AssetTable) -> Result<AssetTable, PackError> {
        if !self.pack.options.dictionaries.are_for_pages() {
            return Ok(table);
        }
        let table = if table.rules().behaviour.fidelity == Fidelity::Strict {
            let message = "there are none, since `fidelity` is `strict`";
            let note = Diagnostic::note(Code::DictionaryNotServed, "dictionaries", message);
            self.findings.add(vec![note]);
            table
        } else {
            self.with_dictionaries(&table)?
        };
        self.findings.check()?;
        Ok(table)
    }

    #[cfg(feature = "dictionaries")]
    fn with_dictionaries(&mut self, table: &AssetTable) -> Result<AssetTable, PackError> {
        use crate::dictionary::{WithDictionaries, for_pages};
        use crate::feedback::stage::Stage;

        let Self { pack, cache, timings, findings, .. } = self;
        pack.progress.started(Stage::Represent, 0);
        timings.time(Stage::Represent, || {
            let WithDictionaries { table, diagnostics } =
                for_pages(table, pack.options.effort(), cache)?;
            findings.add(diagnostics);
            Ok(table)
        })
    }

    #[cfg(not(feature = "dictionaries"))]
    #[expect(clippy::unnecessary_wraps, reason = "with the feature, a body may be lost")]
    fn with_dictionaries(&mut self, table: &AssetTable) -> Result<AssetTable, PackError> {
        self.findings.add(vec![not_available()]);
        Ok(table.clone())
    }
}

/// Returns the warning of a program that cannot make dictionaries.
#[cfg(any(test, not(feature = "dictionaries")))]
fn not_available() -> Diagnostic {
    let message = "there are none, since this program was compiled without their encoder";
    let help =
        "add the feature `dictionaries` to the dependency `worker-pack`, or pack with the command";
    Diagnostic::warning(Code::DictionaryNotAvailable, "dictionaries", message).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::diagnostic::Severity;

    #[test]
    fn a_program_without_the_encoder_warns() {
        let warning = not_available();
        assert_eq!(
            (warning.code, warning.severity),
            (Code::DictionaryNotAvailable, Severity::Warning)
        );
    }
}
