//! Circles of files that refer to each other.

use std::collections::{BTreeMap, BTreeSet};

/// Returns the files that lead back to themselves. `edges` are the files that each refers to.
pub(super) fn circular(edges: &BTreeMap<usize, BTreeSet<usize>>) -> BTreeSet<usize> {
    let leads_back = |start: &usize| {
        let mut seen = BTreeSet::new();
        let mut next = vec![*start];
        while let Some(file) = next.pop() {
            for target in edges.get(&file).into_iter().flatten() {
                if target == start {
                    return true;
                }
                if seen.insert(*target) {
                    next.push(*target);
                }
            }
        }
        false
    };
    edges.keys().copied().filter(|file| leads_back(file)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_lead_back_to_themselves_are_circular_and_those_that_lead_to_them_are_not() {
        let edges = [(1, 2), (2, 3), (3, 1), (4, 1), (5, 5), (6, 7)];
        let edges = edges.map(|(from, to)| (from, BTreeSet::from([to])));
        assert_eq!(circular(&edges.into()), [1, 2, 3, 5].into());
    }
}
