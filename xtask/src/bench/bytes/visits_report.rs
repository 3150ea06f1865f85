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
struct Visited {
    name: &'static str,
    pages: usize,
    visits: Vec<(Contender, Visits)>,
}

impl Visited {
    fn bytes(&self, contender: Contender, part: Part) -> Result<Bytes> {
        let mut visits = self.visits.iter();
        let found = visits.find(|(other, _)| *other == contender);
        Ok(found.context("each contender is visited")?.1.bytes(part))
    }
}

/// Visits all sites of all contenders.
pub(super) fn measure(
    bench: &Bench,
    sites: &[Site],
    packs: &[Packs],
    report: &mut Report,
) -> Result<()> {
    let visited: Vec<Visited> = sites
        .iter()
        .zip(packs)
        .map(|(site, packs)| visit(bench, site, packs))
        .collect::<Result<_>>()?;
    first(&visited, report)?;
    next(&visited, report)?;
    later(&visited, report)
}

fn visit(bench: &Bench, site: &Site, packs: &Packs) -> Result<Visited> {
    let model = Servers::of_pack(bench, site, packs, Contender::Plain)?;
    let mut visits = Vec::new();
    for contender in Contender::of_scale(bench.scale) {
        eprintln!("{}: {}", site.name, contender.name());
        let own = match contender {
            Contender::Plain => None,
            Contender::Everything => Some(Servers::of_pack(bench, site, packs, contender)?),
            rival => Some(Servers::of_rival(bench, site, rival, &model)?),
        };
        visits.push((contender, Visits::of(bench, site, own.as_ref().unwrap_or(&model))?));
    }
    Ok(Visited { name: site.name, pages: site.pages.len(), visits })
}

fn first(visited: &[Visited], report: &mut Report) -> Result<()> {
    let columns = [
        "",
        "pages",
        "",
        "HTML",
        "other text",
        "text to Brotli 4",
        "pictures, fonts",
        "dictionary",
        "all to Brotli 4",
        "requests",
        "heads",
    ];
    report.table("First visits, each with an empty cache", &columns);
    for site in visited {
        let edge = site.bytes(Contender::Brotli4, Part::First)?;
        for (contender, visits) in &site.visits {
            let bytes = visits.bytes(Part::First);
            let less = bytes.text() / edge.text();
            report.row(&[
                site.name.to_owned(),
                site.pages.to_string(),
                contender.name().to_owned(),
                kilobytes(bytes.html),
                kilobytes(bytes.other_text),
                format!("{less:.3}"),
                kilobytes(bytes.others),
                kilobytes(bytes.dictionary),
                format!("{:.3}", bytes.bodies() / edge.bodies()),
                format!("{:.0}", bytes.requests),
                kilobytes(bytes.heads),
            ]);
            if *contender == Contender::Everything && site.name == DOCS {
                report.at_most(FIRST_TARGET, less, "text of first visits to the docs site");
            }
        }
    }
    Ok(())
}

fn next(visited: &[Visited], report: &mut Report) -> Result<()> {
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
        for (contender, visits) in &site.visits {
            let bytes = visits.bytes(Part::Next);
            let with_dictionary = bytes.html + visits.dictionary();
            let [less, visit] = [bytes.html, with_dictionary].map(|html| html / plain.html);
            report.row(&[
                site.name.to_owned(),
                (site.pages - 1).to_string(),
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
                let what = format!("the next pages of {} with the dictionary", site.name);
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

fn later(visited: &[Visited], report: &mut Report) -> Result<()> {
    for (title, part) in [
        ("The next pages, prefetched and then opened by links", Part::Prefetched),
        ("All pages again, after a redeploy of an edited component and script", Part::Returned),
    ] {
        let columns = [
            "",
            "",
            "HTML",
            "other text",
            "pictures, fonts",
            "dictionary",
            "all",
            "to Brotli 11",
            "requests",
        ];
        report.table(title, &columns);
        for site in visited {
            let plain = site.bytes(Contender::Brotli11, part)?;
            for (contender, visits) in &site.visits {
                let bytes = visits.bytes(part);
                report.row(&[
                    site.name.to_owned(),
                    contender.name().to_owned(),
                    kilobytes(bytes.html),
                    kilobytes(bytes.other_text),
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
