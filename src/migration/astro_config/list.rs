//! Additions to lists between brackets (elements, properties, arguments) and removals from them, which
//! keep the style and the comments around.

use std::ops::Range;

use super::source::{Source, TextEdit, after_trivia, end_of_line};

/// A list in a program.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The bytes from the opening bracket to the closing one, both included.
    pub(super) brackets: Range<usize>,
    /// The bytes of each item.
    pub(super) items: Vec<Range<usize>>,
}

impl List {
    /// Returns the edits that add items at the end.
    pub(super) fn add(&self, source: &Source<'_>, items: &[String]) -> Vec<TextEdit> {
        let text = source.text;
        let close = self.brackets.end - 1;
        let Some(last) = self.items.last() else {
            return vec![self.add_first(source, items)];
        };
        let line_break = source.line_break();
        let after = after_trivia(text, last.end, close);
        let comma = text[after..close].starts_with(',').then_some(after + 1);
        let is_own_line = |position: usize| {
            end_of_line(text, position).filter(|end| text[*end..close].contains('\n'))
        };
        let Some(line_end) = is_own_line(comma.unwrap_or(last.end)) else {
            return vec![TextEdit::insert(last.end, format!(", {}", items.join(", ")))];
        };
        let indentation = source.indentation(last.start);
        let mut edits = Vec::new();
        if comma.is_none() {
            edits.push(TextEdit::insert(last.end, ","));
        }
        let lines: Vec<String> =
            items.iter().map(|item| format!("{line_break}{indentation}{item}")).collect();
        let mut added = lines.join(",");
        if comma.is_some() {
            added.push(',');
        }
        edits.push(TextEdit::insert(line_end, added));
        edits
    }

    /// Returns the edit that adds items to an empty list. What it contains besides, stays behind them.
    fn add_first(&self, source: &Source<'_>, items: &[String]) -> TextEdit {
        let text = source.text;
        let (open, close) = (self.brackets.start + 1, self.brackets.end - 1);
        let is_object = text[self.brackets.start..].starts_with('{');
        let content = &text[open..close];
        if !is_object || !content.trim().is_empty() && !content.contains('\n') {
            let space = if is_object { " " } else { "" };
            return TextEdit::insert(open, format!("{space}{}", items.join(", ")));
        }
        let line_break = source.line_break();
        let outer = source.indentation(self.brackets.start);
        let unit = if outer.contains('\t') { "\t" } else { "  " };
        let start = format!("{line_break}{outer}{unit}");
        let lines = format!("{start}{},", items.join(&format!(",{start}")));
        if content.trim().is_empty() {
            let text = format!("{lines}{line_break}{outer}");
            return TextEdit { range: open..close, text };
        }
        TextEdit::insert(open, lines)
    }

    /// Returns the edits that remove some items, given by their places in the list.
    pub(super) fn remove(&self, source: &Source<'_>, places: &[usize]) -> Vec<TextEdit> {
        let text = source.text;
        let close = self.brackets.end - 1;
        if places.len() == self.items.len()
            && let Some(everything) = self.everything(text)
        {
            return vec![TextEdit::remove(everything)];
        }
        let remove = |place: &usize| {
            let item = &self.items[*place];
            let after = after_trivia(text, item.end, close);
            let has_comma = text[after..close].starts_with(',');
            // A comment between the item and its comma stays, and the comma with it would be an error.
            let is_plain = text[item.end..after].trim().is_empty();
            let end = if has_comma && is_plain { after + 1 } else { item.end };
            let line_start = text[..item.start].rfind('\n').map_or(0, |index| index + 1);
            let is_first_on_line = text[line_start..item.start].trim().is_empty();
            let rest = &text[end..close];
            let line_end = rest.find('\n').filter(|index| rest[..*index].trim().is_empty());
            if is_first_on_line && let Some(line_end) = line_end {
                return Some(TextEdit::remove(line_start..end + line_end + 1));
            }
            if has_comma && is_plain {
                let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                return Some(TextEdit::remove(item.start..end + spaces));
            }
            // The last item, without a comma: the comma before it goes too.
            let before = place.checked_sub(1).filter(|it| !places.contains(it));
            let before = before.map(|place| self.items[place].end);
            let is_last = place + 1 == self.items.len() && !has_comma;
            let start = before.filter(|from| is_comma(&text[*from..item.start]));
            is_last.then(|| TextEdit::remove(start.unwrap_or(item.start)..item.end))
        };
        places.iter().filter_map(remove).collect()
    }

    /// Returns the bytes between the brackets, if there are no comments among them.
    fn everything(&self, text: &str) -> Option<Range<usize>> {
        let (open, close) = (self.brackets.start + 1, self.brackets.end - 1);
        let mut position = open;
        for item in &self.items {
            let is_plain = |text: &str| text.chars().all(|c| c.is_whitespace() || c == ',');
            if !is_plain(&text[position..item.start]) {
                return None;
            }
            position = item.end;
        }
        let rest = &text[position..close];
        rest.chars().all(|c| c.is_whitespace() || c == ',').then_some(open..close)
    }
}

fn is_comma(text: &str) -> bool {
    text.trim() == ","
}
