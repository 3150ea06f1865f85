//! Edits of a server's modules, which come before minifying: paths of the machine are replaced, and names of public
//! files get fingerprints.

use std::collections::BTreeMap;

/// The replacement of a part of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// Its place in the module as it was written, in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) by: String,
}

/// The edits of modules, by the names of the modules.
#[derive(Clone, Debug, Default)]
pub(super) struct Edits(BTreeMap<String, Vec<Edit>>);

impl Edits {
    /// Adds edits of a module, none of which overlaps another one.
    pub(super) fn add(&mut self, module: &str, edits: Vec<Edit>) {
        if edits.is_empty() {
            return;
        }
        let of_module = self.0.entry(module.to_owned()).or_default();
        of_module.extend(edits);
        of_module.sort_by_key(|edit| edit.start);
    }

    /// Returns a module with its edits.
    pub(super) fn apply(&self, module: &str, source: &str) -> String {
        let mut result = String::with_capacity(source.len());
        let mut at = 0;
        for Edit { start, end, by } in self.of(module) {
            result.extend([&source[at..*start], by]);
            at = *end;
        }
        result + &source[at..]
    }

    /// Returns the place in a module as it was written of a place in it with its edits, in bytes.
    pub(super) fn place_before(&self, module: &str, offset: usize) -> usize {
        // The length of the module until here, as it was written and with its edits.
        let (mut written, mut edited) = (0, 0);
        for Edit { start, end, by } in self.of(module) {
            let begin = edited + (start - written);
            if offset < begin {
                break;
            }
            if offset < begin + by.len() {
                return *start;
            }
            (written, edited) = (*end, begin + by.len());
        }
        written + (offset - edited)
    }

    fn of(&self, module: &str) -> &[Edit] {
        self.0.get(module).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_an_edited_module_lead_to_those_that_were_written() {
        let mut edits = Edits::default();
        edits.add("a.mjs", vec![Edit { start: 6, end: 6, by: "+".to_owned() }]);
        edits.add("a.mjs", vec![Edit { start: 1, end: 4, by: "x".to_owned() }]);
        assert_eq!(edits.apply("a.mjs", "abcdefgh"), "axef+gh");
        let places = (0..7).map(|offset| edits.place_before("a.mjs", offset));
        assert_eq!(places.collect::<Vec<_>>(), [0, 1, 4, 5, 6, 6, 7]);
        assert_eq!(edits.apply("b.mjs", "abc"), "abc");
        assert_eq!(edits.place_before("b.mjs", 2), 2);
    }
}
