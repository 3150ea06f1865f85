//! Pairs the answers of two deployments.

use std::collections::BTreeMap;

use super::observation::Observation;
use super::report::{Asked, SideDifference};
use super::sides::compare;

/// Compares the answers to the same questions. Returns their number, and the differences: those that are
/// not wanted first, then sorted by field and path.
pub(super) fn of(old: &[Observation], new: &[Observation]) -> (usize, Vec<SideDifference>) {
    let by_question: BTreeMap<(&str, Asked), &Observation> =
        old.iter().map(|it| ((&*it.path, it.asked), it)).collect();
    let pairs =
        new.iter().filter_map(|new| Some((*by_question.get(&(&*new.path, new.asked))?, new)));
    let pairs: Vec<_> = pairs.collect();
    let mut differences: Vec<SideDifference> =
        pairs.iter().flat_map(|(old, new)| compare(old, new)).collect();
    // `None` comes first: without a reason a difference is not wanted.
    differences.sort();
    (pairs.len(), differences)
}
