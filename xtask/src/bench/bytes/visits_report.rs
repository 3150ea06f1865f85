//! The tables of visits.

use anyhow::{Context as _, Result};

use super::Bench;
use super::contender::{Contender, Servers};
use super::packed::Packs;
use super::sites::{DOCS, Site};
use super::visits::{Bytes, Part, Visits};
use crate::bench::report::{Report, kilobytes, mean};

/// Maximum text of first visits to the docs site, compared with Brotli 4.
const FIRST_TARGET: f64 = 0.80;

/// Maximum HTML of the pages after the first one, compared with Brotli 11: the mean of the sites.
const NEXT_TARGET: f64 = 0.30;

/// The same with the dictionary: the mean, and that of each site.
const VISIT_TARGET: f64 = 0.50;
const EACH_VISIT_TARGET: f64 = 0.65;

/// A site as each contender serves it.
pub(super) struct Visited<'s> {
    pub(super) site: &'s Site,
    visits: Vec<(Contender, Visits)>,
}

impl Visited<'_> {
    /// Returns the visits of a contender.
    pub(super) fn of(&self, contender: Contender) -> Result<&Visits> {
        let mut visits = self.visits.iter();
        let found = visits.find(|(other, _)| *other == contender);
        Ok(&found.context("each contender is visited")?.1)
    }

    fn bytes(&self, contender: Contender, part: Part) -> Result<Bytes> {
        Ok(self.of(contender)?.bytes(part))
    }

    /// Returns all visits.
    pub(super) fn all(&self) -> impl Iterator<Item = &(Contender, Visits)> {
        self.visits.iter()
    }

    /// Returns the visits of the contenders whose text is compared.
    pub(super) fn texts(&self) -> impl Iterator<Item = &(Contender, Visits)> {
        self.visits.iter().filter(|(contender, _)| !contender.is_of_pictures())
    }
}

/// Visits all sites of all contenders.
pub(super) fn visit_all<'s>(
    bench: &Bench,
    sites: &'s [Site],
    packs: &[Packs],
) -> Result<Vec<Visited<'s>>> {
    sites.iter().zip(packs).map(|(site, packs)| visit(bench, site, packs)).collect()
}

fn visit<'s>(bench: &Bench, site: &'s Site, packs: &Packs) -> Result<Visited<'s>> {
    let model = Servers::of_pack(bench, site, &packs.plain.served)?;
    let mut visits = Vec::new();
    for contender in Contender::of(bench, site) {
        eprintln!("{}: {}", site.name, contender.name());
        let servers = Servers::of(bench, site, packs, contender, &model)?;
        visits.push((contender, Visits::of(bench, site, &servers)?));
    }
    Ok(Visited { site, visits })
}

/// Reports first visits, the next pages, and all pages after a redeploy.
pub(super) fn report(visited: &[Visited<'_>], report: &mut Report) -> Result<()> {
    first(visited, report)?;
    next(visited, report)?;
    later(visited, report)
}

fn first(visited: &[Visited<'_>], report: &mut Report) -> Result<()> {
    let columns = [
        "",
        "pages",
        "",
        "HTML",
        "other text",
        "text to Brotli 4",
        "pictures",
        "fonts",
        "dictionary",
        "all to Brotli 4",
        "requests",
        "heads",
    ];
    report.table("First visits, each with an empty cache", &columns);
    for site in visited {
        let edge = site.bytes(Contender::Brotli4, Part::First)?;
        for (contender, visits) in site.texts() {
            let bytes = visits.bytes(Part::First);
            let less = bytes.text() / edge.text();
            report.row(&[
                site.site.name.clone(),
                site.site.pages.len().to_string(),
                contender.name().to_owned(),
                kilobytes(bytes.html),
                kilobytes(bytes.other_text),
                format!("{less:.3}"),
                kilobytes(bytes.pictures),
                kilobytes(bytes.others),
                kilobytes(bytes.dictionary),
                format!("{:.3}", bytes.bodies() / edge.bodies()),
                format!("{:.0}", bytes.requests),
                kilobytes(bytes.heads),
            ]);
            if *contender == Contender::Everything && site.site.name == DOCS {
                report.at_most(FIRST_TARGET, less, "text of first visits to the docs site");
            }
        }
    }
    Ok(())
}

fn next(visited: &[Visited<'_>], report: &mut Report) -> Result<()> {
    let columns = [
        "",
        "pages",
        "",
        "coding",
        "HTML",
        "to Brotli 11",
        "with the dictionary",
        "to Brotli 11",
        "all bodies",
        "to Brotli 11",
    ];
    report.table(
        "The next pages by links, with the files and the dictionary of the first one",
        &columns,
    );
    let mut ratios = Vec::new();
    for site in visited {
        let plain = site.bytes(Contender::Brotli11, Part::Next)?;
        for (contender, visits) in site.texts() {
            let bytes = visits.bytes(Part::Next);
            let with_dictionary = bytes.html + visits.dictionary();
            let [less, visit] = [bytes.html, with_dictionary].map(|html| html / plain.html);
            report.row(&[
                site.site.name.clone(),
                (site.site.pages.len() - 1).to_string(),
                contender.name().to_owned(),
                visits.codings(),
                kilobytes(bytes.html),
                format!("{less:.3}"),
                kilobytes(with_dictionary),
                format!("{visit:.3}"),
                kilobytes(bytes.bodies()),
                format!("{:.3}", bytes.bodies() / plain.bodies()),
            ]);
            if *contender == Contender::Everything {
                let what = format!("the next pages of {} with the dictionary", site.site.name);
                report.at_most(EACH_VISIT_TARGET, visit, &what);
                ratios.push([less, visit]);
            }
        }
    }
    let [less, visit] = [0, 1].map(|column| mean(ratios.iter().map(|row: &[f64; 2]| row[column])));
    report.at_most(NEXT_TARGET, less, "HTML of the next pages, mean of the sites");
    report.at_most(VISIT_TARGET, visit, "the same with the dictionary");
    Ok(())
}

fn later(visited: &[Visited<'_>], report: &mut Report) -> Result<()> {
    for (title, part) in [
        ("The next pages, prefetched and then opened by links", Part::Prefetched),
        ("All pages again, after a redeploy of an edited component and script", Part::Returned),
    ] {
        let columns = [
            "",
            "",
            "HTML",
            "other text",
            "pictures",
            "fonts",
            "dictionary",
            "all",
            "to Brotli 11",
            "requests",
        ];
        report.table(title, &columns);
        for site in visited {
            let plain = site.bytes(Contender::Brotli11, part)?;
            for (contender, visits) in site.texts() {
                let bytes = visits.bytes(part);
                report.row(&[
                    site.site.name.clone(),
                    contender.name().to_owned(),
                    kilobytes(bytes.html),
                    kilobytes(bytes.other_text),
                    kilobytes(bytes.pictures),
                    kilobytes(bytes.others),
                    kilobytes(bytes.dictionary),
                    kilobytes(bytes.bodies()),
                    format!("{:.3}", bytes.bodies() / plain.bodies()),
                    format!("{:.0}", bytes.requests),
                ]);
            }
        }
    }
    Ok(())
}
