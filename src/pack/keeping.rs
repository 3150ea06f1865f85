//! The files of earlier builds in a run: read after the table is built, and recorded after the output is
//! written. The dictionaries for pages are made in between, since some are of earlier builds.

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
    /// Adds to the table of the site's own files what the options ask for: dictionaries for pages, the files of
    /// earlier builds, and deltas.
    pub(super) fn complete(
        &mut self,
        site: &Site,
        own: &AssetTable,
    ) -> Result<AssetTable, PackError> {
        self.look_back(site, own)?;
        self.with_additions(own)
    }

    /// Reads the store of earlier builds, with the option `keep`.
    fn look_back(&mut self, site: &Site, own: &AssetTable) -> Result<(), PackError> {
        let Self { pack, cache, timings, findings, retention, .. } = self;
        let out = pack.out();
        let found = timings.time(Stage::Tabulate, || {
            Retention::read(site, own, &pack.options, out.as_deref(), cache)
        })?;
        let Some((found, diagnostics)) = found else {
            self.findings.add(self.without_deltas().into_iter().collect());
            return Ok(());
        };
        findings.add(diagnostics);
        *retention = Some(found);
        Ok(())
    }

    /// Returns the table with dictionaries for pages, what is kept, and the deltas between both.
    fn with_additions(&mut self, own: &AssetTable) -> Result<AssetTable, PackError> {
        let table = self.dictionaries(own)?;
        let Some(retention) = &self.retention else { return Ok(table) };
        let table = retention.added_to(&table);
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

    /// Makes the target's output. If the Worker would exceed a limit of the platform, dictionaries of earlier builds
    /// are left out, then the files of the oldest of them. Returns the output with its table. `own` is the table of
    /// the site's own files.
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
                && retention.drop_least()
            {
                self.findings = findings.clone();
                table = self.with_additions(own)?;
                // What there was to say about dictionaries has been said.
                self.findings = findings;
                continue;
            }
            let notes = self.retention.as_ref().map(Retention::over_limit);
            self.findings.add(notes.unwrap_or_default());
            return Ok((table, result?));
        }
    }

    /// Adds this build to the store of earlier builds. Hasty builds are not those that are deployed.
    ///
    /// # Errors
    /// If the store cannot be written, and warnings fail the pack.
    pub(super) fn record(&mut self, table: &AssetTable) -> Result<(), PackError> {
        let Self { pack, timings, findings, retention, .. } = self;
        let is_hasty = pack.options.effort.is_none() && pack.options.effort() != Effort::Max;
        let Some(retention) = retention.as_ref().filter(|_| pack.out().is_some() && !is_hasty)
        else {
            return Ok(());
        };
        let warning = timings.time(Stage::Output, || retention.record(table));
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
