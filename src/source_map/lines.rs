//! Lines and columns of places in a text, as source maps count them.

/// A text whose places are looked up one after another.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// The last place that was looked up, with its line and column. The next one is near it.
    last: (usize, usize, u32),
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect(), last: (0, 0, 0) }
    }

    /// Returns the line and the column of a place, from 0. Columns are in UTF-16.
    pub(super) fn place(&mut self, offset: usize) -> (u32, u32) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let (last, last_line, last_column) = self.last;
        let (from, before) = if last_line == line && last <= offset {
            (last, last_column)
        } else {
            (self.starts[line], 0)
        };
        let part = &self.text[from..offset];
        let units = if part.is_ascii() { part.len() } else { part.encode_utf16().count() };
        let column = before + u32::try_from(units).unwrap_or(u32::MAX);
        self.last = (offset, line, column);
        (u32::try_from(line).unwrap_or(u32::MAX), column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_utf_16() {
        let text = "a\u{1f600}b\nçd";
        let mut lines = Lines::new(text);
        let place = |lines: &mut Lines<'_>, part: &str| lines.place(text.find(part).unwrap());
        assert_eq!(place(&mut lines, "b"), (0, 3));
        assert_eq!(place(&mut lines, "d"), (1, 1));
        assert_eq!(place(&mut lines, "a"), (0, 0));
        assert_eq!(place(&mut lines, "ç"), (1, 0));
    }
}
