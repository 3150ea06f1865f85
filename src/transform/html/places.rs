//! Places in the source of a page.

use memchr::memmem;

/// Number of bytes after a start tag in which its attributes and its text begin.
const WINDOW: usize = 64 * 1024;

/// Number of elements without a start tag after which places are no longer looked for, since each costs a
/// search to the end of the page.
const MAX_MISSES: usize = 64;

/// Finds the places in the source of what the tree contains, in the same order.
pub(super) struct Places<'s> {
    pub(super) source: &'s str,
    /// The place of the start tag of the current element.
    pub(super) at: usize,
    /// Number of elements whose start tag was not found.
    pub(super) misses: usize,
}

impl Places<'_> {
    /// Goes on to the start tag of the next element. Some elements do not need one.
    pub(super) fn enter(&mut self, name: &str) {
        let is_optional = matches!(name, "html" | "head" | "body" | "tbody" | "colgroup");
        if is_optional || self.misses > MAX_MISSES {
            return;
        }
        let bytes = self.source.as_bytes();
        let from = (self.at + usize::from(self.at > 0)).min(bytes.len());
        let is_tag = |start: &usize| {
            let rest = &bytes[start + 1..];
            let ends = rest
                .get(name.len())
                .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
            ends && rest.len() >= name.len()
                && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        };
        let found =
            memchr::memchr_iter(b'<', &bytes[from..]).map(|start| from + start).find(is_tag);
        match found {
            Some(found) => self.at = found,
            None => self.misses += 1,
        }
    }

    /// Returns the offset of the value of an attribute of the current element.
    pub(super) fn of_attribute(&self, value: &str) -> usize {
        let encoded = value.replace('&', "&amp;");
        let rest = self.rest();
        let find = |text: &str| memmem::find(rest, text.as_bytes());
        find(value).or_else(|| find(&encoded)).map_or(self.at, |found| self.at + found)
    }

    /// Returns the offset of the text of the current element.
    pub(super) fn of_text(&self, text: &str) -> usize {
        let start = text.trim_start();
        let line = start.lines().next().unwrap_or_default();
        let rest = self.rest();
        memmem::find(rest, line.as_bytes()).map_or(self.at, |found| self.at + found)
    }

    /// Returns what follows the start of the current element.
    fn rest(&self) -> &[u8] {
        let rest = &self.source.as_bytes()[self.at..];
        &rest[..rest.len().min(WINDOW)]
    }
}
