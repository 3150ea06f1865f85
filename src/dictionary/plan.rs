//! The plan of a group: its dictionary with the bodies of its pages, or the reason why it has none.

use rayon::prelude::*;

use super::choice::{choose, sample};
use super::encoding::Encoder;
use super::group::{Group, MIN_PAGES};
use super::page::{Announcement, Page};
use super::scope::Scope;
use super::serving::{Serving, obstacle};
use crate::asset::blob::Blob;
use crate::cache::Cache;
use crate::coding::Effort;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::tabulate::AssetTable;

/// The greatest number of further pages after which a dictionary has to have saved more than it costs.
const PAYS_AFTER: usize = 3;

/// A dictionary, with the pages that it is for.
#[derive(Debug)]
pub(super) struct Plan<'p, 't> {
    pub(super) scope: Scope,
    /// The page of which the dictionary is a copy.
    pub(super) page: &'p Page<'t>,
    /// All pages of the group, with the body of each that is worth it.
    pub(super) bodies: Vec<(&'p Page<'t>, Option<Blob>)>,
}

/// The plans of a group and of its folders.
#[derive(Debug)]
pub(super) struct Planned<'p, 't> {
    pub(super) plans: Vec<Plan<'p, 't>>,
    pub(super) notes: Vec<Diagnostic>,
}

/// The result of a trial.
enum Trial<'p, 't> {
    Pays(Plan<'p, 't>),
    /// It would pay after this number of pages. `None` if it saves nothing.
    DoesNotPay(Option<usize>),
    /// No page may become the dictionary, or none may announce it.
    Impossible,
    /// Browsers would not use it, for this reason.
    NotServed(String),
}

/// Plans the dictionary of a group. If it does not pay for all pages, each folder of the group is tried by itself.
pub(super) fn plan<'p, 't>(
    group: &Group<'p, 't>,
    table: &AssetTable,
    effort: Effort,
    cache: &Cache,
) -> Result<Planned<'p, 't>, PackError> {
    let note = |code, reason: String| {
        let message = format!("the pages of `{}` have none: {reason}", group.scope.pattern());
        let note = Diagnostic::note(code, "dictionaries", message);
        Planned { plans: Vec::new(), notes: vec![note] }
    };
    let pays_after = match attempt(group, table, effort, cache)? {
        Trial::Pays(plan) => return Ok(Planned { plans: vec![plan], notes: Vec::new() }),
        Trial::Impossible => {
            let reason = "no page may both be shared and announce one".to_owned();
            return Ok(note(Code::DictionaryNotServed, reason));
        }
        Trial::NotServed(reason) => return Ok(note(Code::DictionaryNotServed, reason)),
        Trial::DoesNotPay(pays_after) => pays_after,
    };
    let mut plans = Vec::new();
    for folder in group.folders().into_values() {
        if let Trial::Pays(plan) = attempt(&folder, table, effort, cache)? {
            plans.push(plan);
        }
    }
    if !plans.is_empty() {
        return Ok(Planned { plans, notes: Vec::new() });
    }
    let reason = match pays_after {
        None => "no page contains much of the others".to_owned(),
        Some(pages) => format!("the best one would pay after {pages} further pages of a visit"),
    };
    Ok(note(Code::DictionaryDoesNotPay, reason))
}

/// Returns the note for a site with too few pages of a usual size that the server does not answer.
pub(super) fn too_few(pages: usize) -> Diagnostic {
    let message =
        format!("there are none: {pages} pages could have one, and {MIN_PAGES} are needed");
    Diagnostic::note(Code::DictionaryDoesNotPay, "dictionaries", message)
}

fn attempt<'p, 't>(
    group: &Group<'p, 't>,
    table: &AssetTable,
    effort: Effort,
    cache: &Cache,
) -> Result<Trial<'p, 't>, PackError> {
    let Group { scope, pages } = group;
    if pages.iter().all(|page| page.announcement != Announcement::Allowed) {
        return Ok(Trial::Impossible);
    }
    let Some(page) = choose(pages, cache)? else { return Ok(Trial::Impossible) };
    let dictionary = super::entry(scope, page.entry);
    if table.entries().iter().any(|entry| entry.route == dictionary.route) {
        return Ok(Trial::NotServed(format!("`{}` is a file of the site", dictionary.route)));
    }
    let entries = [table.entries(), std::slice::from_ref(&dictionary)].concat();
    let serving = Serving::of(&AssetTable::new(entries, table.rules().clone()));
    if let Some(reason) = obstacle(&serving.table(), &dictionary) {
        return Ok(Trial::NotServed(reason));
    }
    let bytes = page.entry.identity.read()?;
    let Some(encoder) = Encoder::new(&bytes, effort, cache) else { return Ok(Trial::Impossible) };
    let encode = |pages: &[&'p Page<'t>]| {
        let bodies = pages.par_iter().map(|page| Ok((*page, encoder.encode(page)?)));
        bodies.collect::<Result<Vec<_>, PackError>>()
    };
    // Some pages tell whether it is worth the time to encode all.
    let bodies = encode(&sample(pages))?;
    if !pays(page, &bodies) {
        return Ok(Trial::DoesNotPay(pays_after(page, &bodies)));
    }
    let bodies = encode(pages)?;
    if pays(page, &bodies) {
        Ok(Trial::Pays(Plan { scope: scope.clone(), page, bodies }))
    } else {
        Ok(Trial::DoesNotPay(pays_after(page, &bodies)))
    }
}

/// Returns whether a dictionary pays within a usual visit.
fn pays(dictionary: &Page<'_>, bodies: &[(&Page<'_>, Option<Blob>)]) -> bool {
    pays_after(dictionary, bodies).is_some_and(|pages| pages <= PAYS_AFTER)
}

/// Returns the number of further pages after which a dictionary has saved what it costs. Returns `None` if it saves
/// nothing.
fn pays_after(dictionary: &Page<'_>, bodies: &[(&Page<'_>, Option<Blob>)]) -> Option<usize> {
    let others = bodies.iter().filter(|(page, _)| page.index != dictionary.index);
    let (mut count, mut saved) = (0, 0);
    for (page, body) in others {
        count += 1;
        saved += body.as_ref().map_or(0, |body| page.brotli.len() - body.len());
    }
    (saved > 0).then(|| (dictionary.brotli.len() * count).div_ceil(saved))
}
