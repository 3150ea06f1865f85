//! A folder that is packed only to look at it: all that the stages know, even if one of them fails.

use super::run::Run;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::ingest::{Site, ingest};
use crate::output::worker::ExaminedWorker;
use crate::output::{self, Earlier, Input};
use crate::project::Project;
use crate::tabulate::AssetTable;

/// The results of the stages, as far as they came.
#[derive(Debug, Default)]
pub(crate) struct Examined {
    /// The files of the site. `None` if there are none, or the layout is not known.
    pub(crate) site: Option<Site>,
    /// The table. `None` if a file cannot be packed.
    pub(crate) table: Option<AssetTable>,
    /// The Worker, if the target is one.
    pub(crate) worker: Option<ExaminedWorker>,
    /// The diagnostics of all stages, sorted.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The problems that are not those of single files.
    pub(crate) failures: Vec<PackError>,
}

impl Examined {
    /// Adds the reason why a stage did not end.
    fn fail(&mut self, error: PackError) -> Result<(), PackError> {
        match error {
            PackError::Files { diagnostics } => self.diagnostics.extend(diagnostics),
            // The cache is in doubt, and the pack is run again.
            lost @ PackError::BodyLost { .. } => return Err(lost),
            other => self.failures.push(other),
        }
        Ok(())
    }
}

impl Run<'_> {
    /// Runs all stages but the writing of the output.
    pub(super) fn examine(&mut self) -> Result<Examined, PackError> {
        let mut examined = Examined::default();
        if let Err(error) = self.examine_into(&mut examined) {
            examined.fail(error)?;
        }
        self.findings.add(self.cache.diagnostics());
        examined.diagnostics.extend(self.findings.clone().into_sorted());
        examined.diagnostics.sort();
        examined.diagnostics.dedup();
        Ok(examined)
    }

    fn examine_into(&mut self, examined: &mut Examined) -> Result<(), PackError> {
        let project = match Project::read(&self.pack.dist) {
            // The files can be looked at without their configuration.
            Err(error @ (PackError::Config { .. } | PackError::Io { .. })) => {
                examined.failures.push(error);
                Project::without_config(&self.pack.dist)?
            }
            project => project?,
        };
        self.pack.progress.started(Stage::Ingest, 0);
        let (options, treatment) = (&self.pack.options, self.pack.target.treatment());
        let site = ingest(project, options, treatment, &mut self.findings)?;
        let site = examined.site.insert(site);
        let survey = self.survey(site);
        let represented = self.represent(site, &survey)?;
        let own = self.tabulate(site, &represented)?;
        let table = examined.table.insert(self.complete(site, &own)?);
        let (earlier, Self { pack, cache, findings, .. }) = (Earlier::default(), &mut *self);
        pack.progress.started(Stage::Output, 0);
        let (project, options) = (&site.project, &pack.options);
        let server_names = &represented.server_names;
        let input = Input { site, project, table, server_names, options, cache, earlier: &earlier };
        examined.worker = output::examine(&pack.target, input, findings)?;
        Ok(())
    }
}
