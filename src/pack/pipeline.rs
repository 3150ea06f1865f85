//! The stages in their order, up to the table.

use std::cmp::Reverse;
use std::path::Path;

use super::report::Report;
use crate::cache::{Cache, KnownFiles};
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::feedback::progress::Progress;
use crate::feedback::timings::Timings;
use crate::ingest::{Site, ingest};
use crate::options::Options;
use crate::represent::{Represented, represent};
use crate::survey::{Survey, survey};
use crate::tabulate::{AssetTable, Tabulated, tabulate};

/// Does the stages that work on each file by itself.
pub(crate) fn prepare(
    dist: &Path,
    options: &Options,
    cache: &Cache,
    progress: &dyn Progress,
    timings: &mut Timings,
) -> Result<Prepared, PackError> {
    let site = timings.time("ingest", || ingest(dist, options))?;
    let known = KnownFiles::read(cache, &site.folder);
    let survey = timings.time("survey", || survey(&site, options, cache, &known));
    let represented =
        timings.time("represent", || represent(&site, &survey, options, cache, progress))?;
    remember(&site, &represented, &known, cache);
    Ok(Prepared { site, survey, represented })
}

/// The files of a site, ready for the table.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) site: Site,
    pub(crate) survey: Survey,
    pub(crate) represented: Represented,
}

impl Prepared {
    /// Makes the table, unless something is wrong with a file.
    pub(crate) fn conclude(
        &self,
        options: &Options,
        cache: &Cache,
        timings: &mut Timings,
    ) -> Result<(AssetTable, Report), PackError> {
        let Self { site, survey, represented } = self;
        let mut findings = Findings::new(options.strictness);
        findings.add(site.diagnostics.clone());
        findings.add(represented.diagnostics.clone());
        findings.check()?;
        timings.files = represented.times.values().cloned().collect();
        timings.files.sort_by_key(|file| Reverse(file.total()));
        let Tabulated { table, diagnostics } =
            timings.time("tabulate", || tabulate(site, survey, &represented.files, options));
        findings.add(diagnostics);
        findings.check()?;
        findings.add(cache.diagnostics());
        let report = Report::new(site.layout, &table, site.left_out.clone(), findings.all);
        Ok((table, report))
    }
}

/// Keeps the hashes of a site's files for the next run.
fn remember(site: &Site, represented: &Represented, known: &KnownFiles, cache: &Cache) {
    let mut now_known = KnownFiles::default();
    for (&index, &hash) in &represented.hashes {
        let file = &site.files[index];
        now_known.add(&file.name, file.state, site.looked_at, hash);
    }
    if now_known != *known {
        now_known.keep(cache, &site.folder);
    }
}
