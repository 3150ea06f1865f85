//! The table of pictures, for browsers with WebP and without.
//!
//! Chromium names WebP and AVIF in `Accept` by itself. A browser without them is Chromium with another `Accept`.

use anyhow::Result;

use super::contender::Contender;
use super::sites::SMALL_DOCS;
use super::visits::Part;
use super::visits_report::Visited;
use crate::bench::report::{Report, kilobytes};

/// Maximum bytes of pictures with the same pixels, compared with the originals: for all browsers, and for those
/// with WebP.
const TARGET: f64 = 0.86;
const WEBP_TARGET: f64 = 0.70;

/// Reports the pictures of first visits, for the sites that have some.
pub(super) fn report(visited: &[Visited<'_>], report: &mut Report) -> Result<()> {
    report.table(
        "Pictures of first visits, without SVG",
        &["", "", "pixels", "without WebP", "to the originals", "with WebP", "to the originals"],
    );
    for site in visited.iter().filter(|site| site.site.pictures > 0) {
        // Brotli does not make pictures smaller, so that they are sent as they are.
        let original = site.of(Contender::Brotli11)?.bytes(Part::First).pictures;
        for (contender, visits) in site.all() {
            if *contender == Contender::Brotli4 || original == 0.0 {
                continue;
            }
            let [without, with] =
                [Part::WithoutWebp, Part::First].map(|part| visits.bytes(part).pictures);
            report.row(&[
                site.site.name.clone(),
                contender.name().to_owned(),
                pixels(*contender).to_owned(),
                kilobytes(without),
                format!("{:.3}", without / original),
                kilobytes(with),
                format!("{:.3}", with / original),
            ]);
            if *contender == Contender::Default && site.site.name == SMALL_DOCS {
                report.at_most(TARGET, without / original, "pictures without WebP");
                report.at_most(WEBP_TARGET, with / original, "pictures with WebP");
            }
        }
    }
    Ok(())
}

/// Describes the pixels of a contender, compared with those of the site.
fn pixels(contender: Contender) -> &'static str {
    match contender {
        Contender::Everything | Contender::Default => "the same",
        Contender::Brotli4 | Contender::Brotli11 => "the originals",
        Contender::Lossy | Contender::Integrations => "others",
    }
}
