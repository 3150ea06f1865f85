//! All files of a site, by the manifests of its packs.

use super::packed::{Asset, Packs};
use super::sites::DOCS;
use crate::bench::report::{Report, float, kilobytes, mean, median, megabytes};

/// Maximum bytes of all files of the docs site, compared with those without dictionaries and pictures.
const TARGET: f64 = 0.85;

/// Maximum HTML with a dictionary, compared with Brotli 11: the mean of the sites.
const SUM_TARGET: f64 = 0.30;

/// Maximum of the median page, compared with Brotli 11: the mean of the sites, and that of each site.
const MEDIAN_TARGET: f64 = 0.25;
const EACH_MEDIAN_TARGET: f64 = 0.35;

/// The names of pages for errors, which are no part of a visit.
const ERROR_PAGES: [&str; 2] = ["/404.html", "/500.html"];

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
            site.name.clone(),
            assets.len().to_string(),
            megabytes(plain),
            megabytes(smaller),
            format!("{less:.3}"),
        ]);
        if site.name == DOCS {
            report.at_most(TARGET, less, "all files of the docs site");
        }
    }
}

fn pages(packs: &[Packs], report: &mut Report) {
    report.table(
        "All pages but those for errors: Brotli 11, and Brotli 11 with the dictionary",
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
    let mut rows = Vec::new();
    for site in packs {
        let assets = &site.everything.manifest.assets;
        let pages = assets.iter().filter(|(path, asset)| asset.is_page() && !is_error(path));
        let pages: Vec<&Asset> = pages.map(|(_, page)| page).collect();
        let dictionaries = assets.values().filter(|asset| asset.is_dictionary());
        let dictionaries: Vec<f64> = dictionaries.map(|asset| float(asset.plain())).collect();
        let plain = sum(pages.iter().map(|page| page.plain()));
        let smaller = sum(pages.iter().map(|page| page.smallest()));
        let ratios = pages.iter().map(|page| float(page.smallest()) / float(page.plain()));
        let (less, middle) = (smaller / plain, median(ratios));
        report.row(&[
            site.name.clone(),
            pages.len().to_string(),
            pages.iter().filter(|page| page.with_dictionary().is_some()).count().to_string(),
            format!(
                "{}, {}",
                dictionaries.len(),
                kilobytes(dictionaries.iter().fold(0.0, |sum, size| sum + size))
            ),
            kilobytes(plain),
            kilobytes(smaller),
            format!("{less:.3}"),
            format!("{middle:.3}"),
        ]);
        report.at_most(EACH_MEDIAN_TARGET, middle, &format!("the median page of {}", site.name));
        rows.push([less, middle]);
    }
    let [less, middle] = [0, 1].map(|column| mean(rows.iter().map(|row: &[f64; 2]| row[column])));
    report.at_most(SUM_TARGET, less, "HTML with a dictionary, mean of the sites");
    report.at_most(MEDIAN_TARGET, middle, "the median page, mean of the sites");
}

fn is_error(path: &str) -> bool {
    ERROR_PAGES.iter().any(|name| path.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_for_errors_are_known_by_their_names() {
        for (path, expected) in [
            ("/404.html", true),
            ("/de/404.html", true),
            ("/500.html", true),
            ("/404/index.html", false),
            ("/index.html", false),
        ] {
            assert_eq!(is_error(path), expected, "{path}");
        }
    }
}
