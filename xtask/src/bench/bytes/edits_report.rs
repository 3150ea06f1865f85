//! The table of what an edit costs a visitor who comes back: a script, a style sheet, and pages.

use anyhow::Result;

use super::contender::Contender;
use super::redeploy::Edit;
use super::visits::Visits;
use super::visits_report::Visited;
use crate::bench::report::{Report, float, kilobytes, mean};

/// The size from which the target of scripts counts, in bytes.
const LARGE: usize = 10_000;

/// Maximum bytes of an edited script, compared with Brotli 11: the mean of the sites.
const SCRIPT_TARGET: f64 = 0.12;

/// The same of the first page after the edit of a component.
const PAGE_TARGET: f64 = 0.10;

/// Reports what the edited files and the pages cost.
pub(super) fn report(visited: &[Visited<'_>], report: &mut Report) -> Result<()> {
    report.table(
        "After a redeploy: one function of a script, one rule of a style sheet, one component edited",
        &["", "", "", "coding", "bytes", "to Brotli 11"],
    );
    let (mut scripts, mut pages) = (Vec::new(), Vec::new());
    for site in visited {
        let plain = site.of(Contender::Brotli11)?;
        for (contender, visits) in site.texts() {
            let mut row = |what: &str, coding: &str, bytes: f64, plain: f64| {
                report.row(&[
                    site.site.name.clone(),
                    contender.name().to_owned(),
                    what.to_owned(),
                    coding.to_owned(),
                    kilobytes(bytes),
                    format!("{:.3}", bytes / plain),
                ]);
            };
            let is_ours = *contender == Contender::Everything;
            let edits = &site.site.edits;
            for (kind, edit) in [("script", &edits.script), ("style sheet", &edits.sheet)] {
                let Some((edit, own, plain)) = received(edit.as_ref(), visits, plain) else {
                    continue;
                };
                let (bytes, coding) = own;
                row(&format!("{kind}, {}", kilobytes(float(edit.bytes))), coding, bytes, plain);
                if is_ours && kind == "script" && edit.bytes >= LARGE {
                    scripts.push(bytes / plain);
                }
            }
            let [own, plain] = [visits, plain].map(Visits::returned_pages);
            let (first, others) = (own[0], &own[1..]);
            row("the first page", "", first, plain[0]);
            let mean = |pages: &[f64]| mean(pages.iter().copied());
            row("the others, mean", "", mean(others), mean(&plain[1..]));
            if is_ours {
                pages.push(first / plain[0]);
            }
        }
    }
    report.at_most(SCRIPT_TARGET, mean(scripts), "edited scripts of 10 kB or more, mean");
    report.at_most(PAGE_TARGET, mean(pages), "the first page after an edit, mean of the sites");
    Ok(())
}

/// Returns the bytes of an edited file and their coding, and those of Brotli 11, if both visitors asked for it.
fn received<'v>(
    edit: Option<&'v Edit>,
    visits: &'v Visits,
    plain: &Visits,
) -> Option<(&'v Edit, (f64, &'v str), f64)> {
    let edit = edit?;
    let (plain, _) = plain.returned_file(&edit.path)?;
    Some((edit, visits.returned_file(&edit.path)?, plain))
}
