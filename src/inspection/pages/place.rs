//! Places of equal findings, which become one.

use std::collections::BTreeMap;

use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::text::TextFile;

/// Number of further files that a finding names.
const NAMED: usize = 3;

/// A place of a finding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'f> {
    pub(super) file: &'f TextFile,
    pub(super) offset: usize,
}

/// The places of equal findings, by what they have in common.
#[derive(Debug)]
pub(super) struct Places<'f, K>(BTreeMap<K, Vec<Place<'f>>>);

impl<K> Default for Places<'_, K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'f, K: Ord> Places<'f, K> {
    pub(super) fn add(&mut self, key: K, file: &'f TextFile, offset: usize) {
        self.0.entry(key).or_default().push(Place { file, offset });
    }

    /// Makes a finding of each group: `find` gets what is common, and the first place.
    pub(super) fn findings(
        &self,
        mut find: impl FnMut(&K, Place<'f>) -> Option<Diagnostic>,
    ) -> Vec<Diagnostic> {
        let one = |(key, places): (&K, &Vec<Place<'f>>)| {
            let found = find(key, *places.first()?)?;
            let message = format!("{}{}", found.message, others(places));
            Some(Diagnostic { message, ..found })
        };
        self.0.iter().filter_map(one).collect()
    }
}

/// Names the places after the first.
fn others(places: &[Place<'_>]) -> String {
    let Some((first, rest)) = places.split_first() else { return String::new() };
    let mut names: Vec<&str> = rest.iter().map(|place| &*place.file.name).collect();
    names.retain(|name| *name != first.file.name);
    names.dedup();
    if names.is_empty() {
        return match rest.len() {
            0 => String::new(),
            1 => " (twice in this file)".to_owned(),
            more => format!(" ({} times in this file)", more + 1),
        };
    }
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let hidden = names.len().saturating_sub(NAMED);
    let more = if hidden == 0 { String::new() } else { format!(" and {hidden} more files") };
    format!(" (also in {}{more})", shown.join(", "))
}
