//! A run: the stages, and the state that they share.

use std::cmp::Reverse;
use std::mem;
use std::sync::Arc;

use super::Pack;
use super::dictionaries::DictionaryReport;
use super::last_run::{LastResult, LastRun, RunInputs};
use super::packed::{EmittedPack, Packed};
use super::report::Report;
use crate::budget;
use crate::cache::{Cache, KnownFiles};
use crate::feedback::budget::BudgetReport;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::feedback::stage::Stage;
use crate::feedback::timings::Timings;
use crate::ingest::{Site, ingest};
use crate::options::{Effort, SourceMaps};
use crate::output::manifest::Manifest;
use crate::output::{self, Earlier, Input, Output, source_maps};
use crate::picture;
use crate::policy;
use crate::project::Project;
use crate::references::{FingerprintReport, IntegrityReport, ServerNames};
use crate::represent::{Represented, represent};
use crate::retention::Retention;
use crate::source_map;
use crate::survey::{Survey, survey};
use crate::tabulate::{AssetTable, tabulate};
use crate::visit;

/// The source of the hashes of unchanged files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hashes {
    /// The cache knows them from the last run.
    Known,
    /// Every file is read and hashed.
    Made,
}

/// A run of a pack. It owns the diagnostics and the timings of all stages.
pub(super) struct Run<'p> {
    pub(super) pack: &'p Pack,
    pub(super) cache: Arc<Cache>,
    hashes: Hashes,
    pub(super) timings: Timings,
    pub(super) findings: Findings,
    /// The state of the inputs before any was read, for the next run. `None` if it is not known for
    /// certain.
    inputs: Option<RunInputs>,
    /// The results of budgets.
    budgets: Vec<BudgetReport>,
    /// The files of earlier builds, if some are to be kept.
    pub(super) retention: Option<Retention>,
    /// The names of files that could have a fingerprint.
    fingerprints: Vec<FingerprintReport>,
    /// The fingerprints that the modules of the server get.
    server_names: ServerNames,
    /// The hashes by which pages load scripts and style sheets.
    integrity: Vec<IntegrityReport>,
    /// The dictionaries for pages.
    pub(super) dictionaries: Vec<DictionaryReport>,
}

impl<'p> Run<'p> {
    pub(super) fn start(pack: &'p Pack, cache: Arc<Cache>, hashes: Hashes) -> Self {
        let findings = Findings::new(pack.options.strictness);
        Self {
            pack,
            cache,
            hashes,
            timings: Timings::default(),
            findings,
            inputs: None,
            budgets: Vec::new(),
            retention: None,
            fingerprints: Vec::new(),
            server_names: ServerNames::default(),
            integrity: Vec::new(),
            dictionaries: Vec::new(),
        }
    }

    /// Compares the folder and the output with the last run. If something has changed, takes a
    /// snapshot of the inputs for the next run.
    pub(super) fn check_last_run(&mut self) -> LastRun {
        let Self { pack, cache, timings, inputs, .. } = self;
        timings.time(Stage::Check, || {
            let last = LastRun::look(pack, cache);
            if let LastRun::Outdated(_) = last {
                *inputs = RunInputs::look(pack);
            }
            last
        })
    }

    /// Finds the files of the site.
    pub(super) fn ingest(&mut self) -> Result<Site, PackError> {
        let Self { pack, timings, findings, .. } = self;
        pack.progress.started(Stage::Ingest, 0);
        timings.time(Stage::Ingest, || {
            let project = Project::read(&pack.dist)?;
            ingest(project, &pack.options, pack.target.treatment(), findings)
        })
    }

    /// Reads the pages of the site.
    pub(super) fn survey(&mut self, site: &Site) -> Survey {
        let Self { pack, cache, hashes, timings, .. } = self;
        pack.progress.started(Stage::Survey, 0);
        timings.time(Stage::Survey, || {
            let known = match hashes {
                Hashes::Known => KnownFiles::read(cache, &site.project.folder),
                Hashes::Made => KnownFiles::default(),
            };
            survey(site, &pack.options, cache, &known)
        })
    }

    /// Makes the representations of all files.
    pub(super) fn represent(
        &mut self,
        site: &Site,
        survey: &Survey,
    ) -> Result<Represented, PackError> {
        let Self { pack, cache, timings, findings, .. } = self;
        let bytes = site.files.iter().map(|file| file.state.len()).sum();
        pack.progress.started(Stage::Represent, bytes);
        findings.add(picture::not_available(&pack.options).into_iter().collect());
        timings.time(Stage::Represent, || {
            let (options, progress) = (&pack.options, &*pack.progress);
            let represented = represent(site, survey, options, cache, progress, findings)?;
            remember_hashes(site, &represented, cache);
            Ok(represented)
        })
    }

    /// Builds the table.
    pub(super) fn tabulate(
        &mut self,
        site: &Site,
        represented: &Represented,
    ) -> Result<AssetTable, PackError> {
        self.pack.progress.started(Stage::Tabulate, 0);
        self.fingerprints.clone_from(&represented.fingerprints);
        self.server_names.clone_from(&represented.server_names);
        self.integrity.clone_from(&represented.integrity);
        let Self { pack, timings, findings, .. } = self;
        let files = &represented.files;
        timings.files = files.iter().filter_map(|file| file.time.clone()).collect();
        timings.files.sort_by_key(|file| Reverse(file.total()));
        findings.add(files.iter().flat_map(|file| file.diagnostics.clone()).collect());
        findings.add(represented.notes.clone());
        let (table, diagnostics) = timings.time(Stage::Tabulate, || {
            policy::for_pages(tabulate(represented, &site.rules), site, &pack.options)
        })?;
        findings.add(diagnostics);
        findings.check()?;
        Ok(table)
    }

    /// Compares the table with the budgets, if the target has an output folder.
    ///
    /// With the default effort of a debug build, sizes are not those that ship, and are not compared.
    pub(super) fn check_budgets(
        &mut self,
        site: &Site,
        table: &AssetTable,
    ) -> Result<(), PackError> {
        let Self { pack, cache, timings, findings, budgets, .. } = self;
        let is_hasty = pack.options.effort.is_none() && pack.options.effort() != Effort::Max;
        let Some(out) = pack.out().filter(|_| !is_hasty) else { return Ok(()) };
        timings.time(Stage::Tabulate, || {
            let (all, diagnostics) = budget::all(&pack.options, &pack.dist)?;
            findings.add(diagnostics);
            if all.is_empty() {
                return Ok(());
            }
            let pages = if all.iter().any(|written| written.budget.page.is_some()) {
                visit::pages(table, site.project.layout)?
            } else {
                Vec::new()
            };
            let earlier = Manifest::in_folder(&out);
            let checked = budget::check(&all, table, &pages, earlier.as_ref(), cache)?;
            findings.add(checked.diagnostics.clone());
            checked.check()?;
            findings.check()?;
            *budgets = checked.budgets;
            Ok(())
        })
    }

    /// Makes the target's output, and writes it.
    pub(super) fn output(
        &mut self,
        site: &Site,
        table: &AssetTable,
        earlier: &Earlier,
    ) -> Result<Output, PackError> {
        let Self { pack, cache, timings, findings, server_names, .. } = self;
        pack.progress.started(Stage::Output, 0);
        let (Site { project, .. }, options) = (site, &pack.options);
        let input = Input { site, project, table, server_names, options, cache, earlier };
        timings.time(Stage::Output, || output::write(&pack.target, input, findings))
    }

    /// Writes the source maps of an output below its folder. Without the option for them, those of an earlier
    /// run are removed.
    ///
    /// # Errors
    /// If a script has changed meanwhile, or the maps cannot be written or removed.
    pub(super) fn source_maps(
        &mut self,
        site: &Site,
        survey: &Survey,
        represented: &Represented,
        output: Output,
    ) -> Result<Output, PackError> {
        let Self { pack, timings, findings, .. } = self;
        let Some(out) = pack.out() else { return Ok(output) };
        timings.time(Stage::Output, || {
            if pack.options.source_maps != SourceMaps::Write {
                return source_maps::remove(output, &out);
            }
            let maps = match source_map::of_site(site, survey, represented, &pack.options) {
                Ok(maps) => maps,
                Err(errors) => {
                    findings.add(errors);
                    findings.check()?;
                    Vec::new()
                }
            };
            source_maps::write(output, maps, &out)
        })
    }

    /// Returns the result of a run with an output.
    pub(super) fn finish(
        &mut self,
        site: &Site,
        table: &AssetTable,
        output: Output,
    ) -> EmittedPack {
        let report = self.report(site, table);
        EmittedPack::new(&site.project, report, output, mem::take(&mut self.timings))
    }

    /// Returns the result of a run that ends with the table.
    pub(super) fn finish_table(&mut self, site: &Site, table: AssetTable) -> Packed {
        let report = self.report(site, &table);
        Packed::new(table, report, mem::take(&mut self.timings), Arc::clone(&self.cache))
    }

    /// Returns the result of a run whose inputs and outputs have not changed.
    pub(super) fn unchanged(&mut self, result: LastResult) -> EmittedPack {
        let folder = self.pack.out().unwrap_or_else(|| self.pack.dist.clone());
        EmittedPack::unchanged(folder, result, mem::take(&mut self.timings))
    }

    /// Stores the result for the next run.
    pub(super) fn remember(&mut self, emitted: &EmittedPack) {
        let (Some(inputs), Some(files)) = (self.inputs.take(), emitted.files()) else { return };
        // A path that is not UTF-8 cannot be written as JSON. Without a memory, the next run packs
        // everything again.
        if let Ok(report) = serde_json::to_string(emitted.report()) {
            inputs.store(&self.cache, &report, emitted.cargo_directives(), files);
        }
    }

    fn report(&mut self, site: &Site, table: &AssetTable) -> Report {
        self.findings.add(self.cache.diagnostics());
        let diagnostics = self.findings.clone().into_sorted();
        let rules = &self.pack.options.rule;
        let report =
            Report::new(site.project.layout, table, rules, site.left_out.clone(), diagnostics);
        let kept = self.retention.as_ref().map(Retention::report);
        let dictionaries = mem::take(&mut self.dictionaries);
        let fingerprints = mem::take(&mut self.fingerprints);
        let integrity = mem::take(&mut self.integrity);
        let budgets = mem::take(&mut self.budgets);
        Report { fingerprints, integrity, dictionaries, kept, budgets, ..report }
    }
}

/// Stores the hashes of a site's files for the next run.
fn remember_hashes(site: &Site, represented: &Represented, cache: &Cache) {
    let mut known = KnownFiles::default();
    for file in &represented.files {
        known.add(&file.source.name, file.source.state, site.looked_at, file.hash);
    }
    known.store(cache, &site.project.folder);
}
