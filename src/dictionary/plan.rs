//! The plan of a group: its dictionary with the bodies of its pages, or the reason why it has none.

use rayon::prelude::*;

use super::choice::{choose, sample};
use super::encoding::Encoder;
use super::group::{Group, MIN_PAGES};
use super::page::{Announcement, Page};
use super::scope::Scope;
use super::serving::{Serving, obstacle};
use super::source::{ANNOUNCED, REPLACED, Source, Survivor};
use crate::asset::blob::Blob;
use crate::cache::Cache;
use crate::coding::Effort;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::tabulate::{AssetEntry, AssetTable};

/// The greatest number of further pages after which a dictionary has to have saved more than it costs.
const PAYS_AFTER: usize = 3;

/// A dictionary, with the pages that it is for.
#[derive(Debug)]
pub(super) struct Plan<'p, 't> {
    pub(super) scope: Scope,
    pub(super) uses: Uses<'p, 't>,
    /// The number of further pages of a visit after which it has saved more than it costs.
    pub(super) pays_after: usize,
    pub(super) replaced: Option<Replaced<'p, 't>>,
}

/// The bodies that are encoded with a dictionary.
#[derive(Debug)]
pub(super) struct Uses<'p, 't> {
    pub(super) source: Source<'p, 't>,
    /// All pages of the group, with the body of each that is worth it.
    pub(super) bodies: Vec<(&'p Page<'t>, Option<Blob>)>,
}

/// The dictionary that pages announced before, and that some browsers have.
#[derive(Debug)]
pub(super) struct Replaced<'p, 't> {
    pub(super) uses: Uses<'p, 't>,
    /// The body of the new dictionary that is encoded with this one.
    pub(super) successor: Option<Blob>,
}

/// The plans of a group and of its folders.
#[derive(Debug)]
pub(super) struct Planned<'p, 't> {
    pub(super) plans: Vec<Plan<'p, 't>>,
    pub(super) notes: Vec<Diagnostic>,
}

/// The result of a trial.
enum Trial<'p, 't> {
    Pays(Box<Plan<'p, 't>>),
    /// It would pay after this number of pages. `None` if it saves nothing.
    DoesNotPay(Option<usize>),
    /// No page may become the dictionary, or none may announce it.
    Impossible,
    /// Browsers would not use it, for this reason.
    NotServed(String),
}

/// All that plans depend on.
pub(super) struct Planning<'p, 't> {
    pub(super) table: &'t AssetTable,
    /// The dictionaries of earlier builds, the newest first.
    pub(super) survivors: Vec<Survivor<'p, 't>>,
    /// The number of bytes that replaced dictionaries may still have.
    pub(super) room: u64,
    pub(super) effort: Effort,
    pub(super) cache: &'p Cache,
}

impl<'p, 't> Planning<'p, 't> {
    /// Plans the dictionary of a group. If it does not pay for all pages, each folder of the group is tried by
    /// itself.
    pub(super) fn plan(&mut self, group: &Group<'p, 't>) -> Result<Planned<'p, 't>, PackError> {
        let note = |code, reason: String| {
            let message = format!("the pages of `{}` have none: {reason}", group.scope.pattern());
            let note = Diagnostic::note(code, "dictionaries", message);
            Planned { plans: Vec::new(), notes: vec![note] }
        };
        let pays_after = match self.attempt(group)? {
            Trial::Pays(plan) => return Ok(Planned { plans: vec![*plan], notes: Vec::new() }),
            Trial::Impossible => {
                let reason = "no page may both be shared and announce one".to_owned();
                return Ok(note(Code::DictionaryNotServed, reason));
            }
            Trial::NotServed(reason) => return Ok(note(Code::DictionaryNotServed, reason)),
            Trial::DoesNotPay(pays_after) => pays_after,
        };
        let mut plans = Vec::new();
        for folder in group.folders().into_values() {
            if let Trial::Pays(plan) = self.attempt(&folder)? {
                plans.push(*plan);
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

    /// Tries the dictionary of an earlier build, if it is nearly as good as the best page, and then that page.
    fn attempt(&mut self, group: &Group<'p, 't>) -> Result<Trial<'p, 't>, PackError> {
        let Group { scope, pages } = group;
        if pages.iter().all(|page| page.announcement != Announcement::Allowed) {
            return Ok(Trial::Impossible);
        }
        let earlier: Vec<Survivor<'p, 't>> =
            self.survivors.iter().filter(|survivor| survivor.is_of(scope)).copied().collect();
        let mut last = Trial::Impossible;
        for source in choose(pages, earlier.first().copied(), self.cache)? {
            last = self.attempt_with(group, source)?;
            if let Trial::Pays(plan) = &mut last {
                let before = earlier.iter().find(|one| one.hash() != source.hash());
                if let Some(before) = before {
                    let before = Source::of_earlier(*before, pages);
                    plan.replaced = self.replaced(group, before, source)?;
                }
                break;
            }
        }
        Ok(last)
    }

    fn attempt_with(
        &self,
        group: &Group<'p, 't>,
        source: Source<'p, 't>,
    ) -> Result<Trial<'p, 't>, PackError> {
        let Group { scope, pages } = group;
        if let Some(reason) = self.obstacle(&source.entry(scope, ANNOUNCED)) {
            return Ok(Trial::NotServed(reason));
        }
        let bytes = source.identity().read()?;
        let Some(encoder) = Encoder::new(&bytes, self.effort, self.cache) else {
            return Ok(Trial::Impossible);
        };
        // Some pages tell whether it is worth the time to encode all.
        for pages in [&sample(pages), pages] {
            let uses = Uses { source, bodies: encode(&encoder, pages)? };
            match uses.pays_after() {
                Some(pays_after) if pays_after > PAYS_AFTER => {
                    return Ok(Trial::DoesNotPay(Some(pays_after)));
                }
                Some(pays_after) if uses.bodies.len() == group.pages.len() => {
                    let scope = scope.clone();
                    return Ok(Trial::Pays(Box::new(Plan {
                        scope,
                        uses,
                        pays_after,
                        replaced: None,
                    })));
                }
                Some(_) => {}
                None => return Ok(Trial::DoesNotPay(None)),
            }
        }
        Ok(Trial::DoesNotPay(None))
    }

    /// Encodes the pages of a group, and their new dictionary, with the one that they announced before, if that is
    /// within the bounds and would still pay.
    fn replaced(
        &mut self,
        group: &Group<'p, 't>,
        before: Source<'p, 't>,
        successor: Source<'p, 't>,
    ) -> Result<Option<Replaced<'p, 't>>, PackError> {
        let Group { scope, pages } = group;
        let len = before.identity().len() as u64;
        if len > self.room || self.obstacle(&before.entry(scope, REPLACED)).is_some() {
            return Ok(None);
        }
        let bytes = before.identity().read()?;
        let Some(encoder) = Encoder::new(&bytes, self.effort, self.cache) else { return Ok(None) };
        for pages in [&sample(pages), pages] {
            let uses = Uses { source: before, bodies: encode(&encoder, pages)? };
            if uses.pays_after().is_none_or(|pages| pages > PAYS_AFTER) {
                return Ok(None);
            }
            if uses.bodies.len() == group.pages.len() {
                self.room -= len;
                let successor = encoder.encode_body(successor.identity(), successor.brotli())?;
                return Ok(Some(Replaced { uses, successor }));
            }
        }
        Ok(None)
    }

    /// Returns the reason why a dictionary would not be served for browsers to keep it, if there is one.
    fn obstacle(&self, dictionary: &AssetEntry) -> Option<String> {
        let entries = self.table.entries();
        if entries.iter().any(|entry| entry.route == dictionary.route) {
            return Some(format!("`{}` is a file of the site", dictionary.route));
        }
        let entries = [entries, std::slice::from_ref(dictionary)].concat();
        let serving = Serving::of(&AssetTable::new(entries, self.table.rules().clone()));
        obstacle(&serving.table(), dictionary)
    }
}

impl Uses<'_, '_> {
    /// Returns the number of further pages after which the dictionary has saved what it costs. Returns `None` if it
    /// saves nothing.
    fn pays_after(&self) -> Option<usize> {
        let own = self.source.page().index;
        let others = self.bodies.iter().filter(|(page, _)| page.index != own);
        let (mut count, mut saved) = (0, 0);
        for (page, body) in others {
            count += 1;
            saved += body.as_ref().map_or(0, |body| page.brotli.len() - body.len());
        }
        (saved > 0).then(|| (self.source.brotli().len() * count).div_ceil(saved))
    }
}

/// Returns the note for a site with too few pages of a usual size that the server does not answer.
pub(super) fn too_few(pages: usize) -> Diagnostic {
    let message =
        format!("there are none: {pages} pages could have one, and {MIN_PAGES} are needed");
    Diagnostic::note(Code::DictionaryDoesNotPay, "dictionaries", message)
}

fn encode<'p, 't>(
    encoder: &Encoder<'_>,
    pages: &[&'p Page<'t>],
) -> Result<Vec<(&'p Page<'t>, Option<Blob>)>, PackError> {
    pages.par_iter().map(|page| Ok((*page, encoder.encode(page)?))).collect()
}
