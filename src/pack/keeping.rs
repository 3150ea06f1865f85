//! The files of earlier builds in a run: read after the table is built, and recorded after the output is
//! written.

use super::run::Run;
use crate::feedback::code::Code;
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
        let Some((found, diagnostics)) = found else { return Ok(own.clone()) };
        findings.add(diagnostics);
        let table = found.added_to(own);
        *retention = Some(found);
        Ok(table)
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
                table = retention.added_to(own);
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
