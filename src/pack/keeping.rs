//! The files of earlier builds in a run: read after the table is built, and recorded after the output is
//! written.

use worker_pack_runtime::behaviour::Fidelity;

use super::run::Run;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::ingest::Site;
use crate::options::Effort;
use crate::output::{Earlier, Output};
use crate::retention::Retention;
use crate::tabulate::AssetTable;

impl Run<'_> {
    /// Adds the files of earlier builds to the table of this one, with the option `keep`.
    pub(super) fn keep(&mut self, site: &Site, own: &AssetTable) -> Result<AssetTable, PackError> {
        let Self { pack, cache, timings, findings, retention, .. } = self;
        let out = pack.out();
        let found = timings.time(Stage::Tabulate, || {
            Retention::read(site, own, &pack.options, out.as_deref(), cache)
        })?;
        let Some((found, diagnostics)) = found else {
            self.findings.add(self.without_deltas().into_iter().collect());
            return Ok(own.clone());
        };
        findings.add(diagnostics);
        *retention = Some(found);
        self.with_kept(own)
    }

    /// Returns a table with what is kept, and with the deltas between both, if the options ask for them.
    fn with_kept(&mut self, own: &AssetTable) -> Result<AssetTable, PackError> {
        let Some(retention) = &self.retention else { return Ok(own.clone()) };
        let table = retention.added_to(own);
        let is_strict = table.rules().behaviour.fidelity == Fidelity::Strict;
        if is_strict || !self.pack.options.dictionaries.are_for_hashed_files() {
            return Ok(table);
        }
        self.with_deltas(&table)
    }

    #[cfg(feature = "dictionaries")]
    fn with_deltas(&mut self, table: &AssetTable) -> Result<AssetTable, PackError> {
        let Self { pack, cache, timings, retention, .. } = self;
        let builds = retention.as_ref().map(Retention::builds).unwrap_or_default();
        timings.time(Stage::Represent, || {
            crate::dictionary::for_hashed_files(table, builds, pack.options.effort(), cache)
        })
    }

    #[cfg(not(feature = "dictionaries"))]
    #[expect(clippy::unnecessary_wraps, reason = "with the feature, a body may be lost")]
    #[expect(clippy::unused_self, reason = "with the feature, it is used")]
    fn with_deltas(&mut self, table: &AssetTable) -> Result<AssetTable, PackError> {
        Ok(table.clone())
    }

    /// Returns a note about deltas without anything that they could be made of.
    fn without_deltas(&self) -> Option<Diagnostic> {
        let options = &self.pack.options;
        if !options.dictionaries.are_for_hashed_files() || options.keep.bounds().is_some() {
            return None;
        }
        let message = "there are none between builds, since `keep` is off";
        let note = Diagnostic::note(Code::DictionaryNotServed, "dictionaries", message);
        Some(note.with_help("turn on `keep`: a delta is made with a file of an earlier build"))
    }

    /// Makes the target's output. If the Worker would exceed a limit of the platform, the oldest of the
    /// earlier builds are left out. Returns the output with its table.
    pub(super) fn output_within_limits(
        &mut self,
        site: &Site,
        own: &AssetTable,
        mut table: AssetTable,
        earlier: &Earlier,
    ) -> Result<(AssetTable, Output), PackError> {
        loop {
            let findings = self.findings.clone();
            let result = self.output(site, &table, earlier);
            if let (Err(error), Some(retention)) = (&result, &mut self.retention)
                && is_over_limit(error)
                && retention.drop_oldest()
            {
                self.findings = findings;
                table = self.with_kept(own)?;
                continue;
            }
            let note = self.retention.as_ref().and_then(Retention::over_limit);
            self.findings.add(note.into_iter().collect());
            return Ok((table, result?));
        }
    }

    /// Adds this build to the store of earlier builds. Hasty builds are not those that are deployed.
    ///
    /// # Errors
    /// If the store cannot be written, and warnings fail the pack.
    pub(super) fn record(&mut self, own: &AssetTable) -> Result<(), PackError> {
        let Self { pack, timings, findings, retention, .. } = self;
        let is_hasty = pack.options.effort.is_none() && pack.options.effort() != Effort::Max;
        let Some(retention) = retention.as_ref().filter(|_| pack.out().is_some() && !is_hasty)
        else {
            return Ok(());
        };
        let warning = timings.time(Stage::Output, || retention.record(own));
        findings.add(warning.into_iter().collect());
        findings.check()
    }
}

/// Returns whether a Worker exceeds a limit of the platform.
fn is_over_limit(error: &PackError) -> bool {
    const LIMITS: [Code; 4] = [
        Code::WorkerTooLarge,
        Code::WorkerTooMuchMemory,
        Code::WorkerStaticAssetTooLarge,
        Code::WorkerTooManyStaticAssets,
    ];
    let PackError::Files { diagnostics } = error else { return false };
    diagnostics.iter().any(|diagnostic| LIMITS.contains(&diagnostic.code))
}
