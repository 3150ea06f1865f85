//! All files of a site, by the manifests of its packs.

use super::packed::{Asset, Packs};
use crate::bench::report::{Report, float, median, megabytes};

/// Maximum bytes of all files, compared with those without dictionaries and pictures.
const TARGET: f64 = 0.85;

/// Maximum HTML with a dictionary, compared with Brotli 11, in sum and for the median page.
const SUM_TARGET: f64 = 0.30;
const MEDIAN_TARGET: f64 = 0.35;

/// Compares the files of each site.
pub(super) fn report(packs: &[Packs], report: &mut Report) {
    all(packs, report);
    pages(packs, report);
}

fn sum(sizes: impl Iterator<Item = usize>) -> f64 {
    float(sizes.sum())
}

fn all(packs: &[Packs], report: &mut Report) {
    report.table(
        "All files, each once as sent to Chromium, the dictionary included",
        &["", "files", "plain", "pictures and dictionaries", "ratio"],
    );
    for site in packs {
        let assets = &site.everything.manifest.assets;
        let plain = sum(site.plain.manifest.assets.values().map(Asset::plain));
        let smaller = sum(assets.values().map(Asset::smallest));
        let less = smaller / plain;
        report.row(&[
            site.name.to_owned(),
            assets.len().to_string(),
            megabytes(plain),
            megabytes(smaller),
            format!("{less:.3}"),
        ]);
        report.at_most(TARGET, less, &format!("all files of {}", site.name));
    }
}

fn pages(packs: &[Packs], report: &mut Report) {
    report.table(
        "All pages: Brotli 11, and Brotli 11 with the dictionary",
        &[
            "",
            "pages",
            "with a dictionary",
            "dictionaries",
            "Brotli",
            "with it",
            "ratio",
            "median page",
        ],
    );
    for site in packs {
        let assets = &site.everything.manifest.assets;
        let pages: Vec<&Asset> = assets.values().filter(|asset| asset.is_page()).collect();
        let dictionaries = assets.values().filter(|asset| asset.is_dictionary());
        let dictionaries: Vec<f64> = dictionaries.map(|asset| float(asset.plain())).collect();
        let plain = sum(pages.iter().map(|page| page.plain()));
        let smaller = sum(pages.iter().map(|page| page.smallest()));
        let ratios = pages.iter().map(|page| float(page.smallest()) / float(page.plain()));
        let (less, middle) = (smaller / plain, median(ratios));
        report.row(&[
            site.name.to_owned(),
            pages.len().to_string(),
            pages.iter().filter(|page| page.with_dictionary().is_some()).count().to_string(),
            format!("{}, {:.1} kB", dictionaries.len(), dictionaries.iter().sum::<f64>() / 1e3),
            megabytes(plain),
            megabytes(smaller),
            format!("{less:.3}"),
            format!("{middle:.3}"),
        ]);
        report.at_most(SUM_TARGET, less, &format!("HTML with a dictionary of {}", site.name));
        report.at_most(MEDIAN_TARGET, middle, &format!("the median page of {}", site.name));
    }
}
