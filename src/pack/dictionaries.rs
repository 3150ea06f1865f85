//! The dictionaries of a run, and the report on them.

use serde::{Deserialize, Serialize};

use super::run::Run;
use crate::asset::dictionary::DictionaryOrigin;
use crate::asset::digest::ContentHash;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::Fidelity;
use crate::tabulate::AssetTable;

/// A dictionary that the packer has made for pages. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DictionaryReport {
    /// The path of its URL.
    pub url: String,
    /// Its SHA-256, by which the variants of files name it. None in reports of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ContentHash>,
    /// The page that it is a copy of, relative to the packed folder: as this build has it, or an earlier one.
    pub file: String,
    /// The build that it comes from.
    #[serde(default)]
    pub origin: DictionaryOrigin,
    /// The value of `Use-As-Dictionary`, with the pattern of the URLs that it is for.
    pub use_as_dictionary: String,
    /// Its size as sent, once for each visitor. If it is not a copy of a page of this build, a Worker has these
    /// bytes in addition.
    pub bytes: usize,
    /// Its size as sent to a visitor who has the one that it has replaced, if there is such a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<usize>,
    /// Number of pages that announce it.
    pub announced: usize,
    /// Number of pages that have a body for it.
    pub pages: usize,
    /// The size of these pages as sent without it.
    pub without: usize,
    /// The size of these bodies.
    pub with: usize,
    /// Number of further pages of a visit after which it has saved more than it costs a visitor without it. 0 if it
    /// is replaced, and only used by those who have it.
    pub pays_after: usize,
}

impl DictionaryReport {
    /// Returns the number of bytes that the dictionary adds to a Worker, about.
    pub fn stored(&self) -> usize {
        let own = match self.origin {
            DictionaryOrigin::ThisBuild => 0,
            DictionaryOrigin::EarlierBuild | DictionaryOrigin::Replaced => self.bytes,
        };
        self.with + self.difference.unwrap_or_default() + own
    }
}

impl Run<'_> {
    /// Adds dictionaries for pages to the table, if the options ask for them. Those of earlier builds are known by
    /// then.
    pub(super) fn dictionaries(&mut self, table: &AssetTable) -> Result<AssetTable, PackError> {
        self.dictionaries.clear();
        if !self.pack.options.dictionaries.are_for_pages() {
            return Ok(table.clone());
        }
        let table = if table.rules().behaviour.fidelity == Fidelity::Strict {
            let message = "there are none, since `fidelity` is `strict`";
            let note = Diagnostic::note(Code::DictionaryNotServed, "dictionaries", message);
            self.findings.add(vec![note]);
            table.clone()
        } else {
            self.with_dictionaries(table)?
        };
        self.findings.check()?;
        Ok(table)
    }

    #[cfg(feature = "dictionaries")]
    fn with_dictionaries(&mut self, table: &AssetTable) -> Result<AssetTable, PackError> {
        use crate::dictionary::{MadeDictionary, WithDictionaries, for_pages};
        use crate::feedback::stage::Stage;
        use crate::retention::{EarlierDictionaries, Retention};

        let Self { pack, cache, timings, retention, .. } = self;
        pack.progress.started(Stage::Represent, 0);
        let none = EarlierDictionaries::default();
        let earlier = retention.as_ref().map_or(&none, Retention::dictionaries);
        let WithDictionaries { table, made, withdrawn, diagnostics } = timings
            .time(Stage::Represent, || for_pages(table, earlier, pack.options.effort(), cache))?;
        self.findings.add(diagnostics);
        if let Some(retention) = &mut self.retention {
            let announced = made.iter().filter(|one| one.origin != DictionaryOrigin::Replaced);
            let announced = announced.map(|one| one.dictionary.clone()).collect();
            retention.note_dictionaries(announced, withdrawn);
        }
        let report = |one: MadeDictionary| DictionaryReport {
            url: one.dictionary.route.to_string(),
            sha256: Some(one.dictionary.identity.hash()),
            file: one.file,
            origin: one.origin,
            use_as_dictionary: one.dictionary.use_as_dictionary,
            bytes: one.len,
            difference: one.difference,
            announced: one.announced,
            pages: one.pages,
            without: one.without,
            with: one.with,
            pays_after: one.pays_after,
        };
        self.dictionaries = made.into_iter().map(report).collect();
        self.dictionaries.sort_by(|a, b| a.url.cmp(&b.url));
        Ok(table)
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
