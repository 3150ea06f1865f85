//! Circles of files that refer to each other.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

/// Returns the circles of files, each of which leads to all others of its circle. `edges` are the files that each
/// refers to.
pub(super) fn circles(edges: &BTreeMap<usize, BTreeSet<usize>>) -> Vec<BTreeSet<usize>> {
    let mut graph = DiGraph::<usize, ()>::new();
    let nodes: BTreeMap<usize, _> =
        edges.keys().map(|file| (*file, graph.add_node(*file))).collect();
    for (file, targets) in edges {
        for target in targets.iter().filter_map(|target| nodes.get(target)) {
            graph.add_edge(nodes[file], *target, ());
        }
    }
    let components = kosaraju_scc(&graph).into_iter();
    let components = components.map(|nodes| nodes.into_iter().map(|node| graph[node]).collect());
    let is_circle = |files: &BTreeSet<usize>| {
        files.len() > 1 || files.iter().any(|file| edges[file].contains(file))
    };
    let mut circles: Vec<BTreeSet<usize>> = components.filter(is_circle).collect();
    circles.sort();
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_lead_back_to_themselves_are_a_circle_and_those_that_lead_to_them_are_not() {
        let edges = [(1, 2), (2, 3), (3, 1), (4, 1), (5, 5), (6, 7), (8, 9), (9, 8)];
        let edges = edges.map(|(from, to)| (from, BTreeSet::from([to])));
        let expected: [BTreeSet<usize>; 3] = [[1, 2, 3].into(), [5].into(), [8, 9].into()];
        assert_eq!(circles(&edges.into()), expected);
    }
}
