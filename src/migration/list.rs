//! Additions to lists between brackets (elements, properties, arguments) and removals from them, which
//! keep the style and the comments around.

use std::ops::Range;

use super::text::{TextEdit, after_trivia, end_of_line, indentation, indentation_unit, line_break};

/// The form of new items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// All in one line.
    Inline,
    /// Each on a line of its own, with this indentation.
    Lines(String),
}

/// The comma after the last item of a list that was empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastComma {
    /// As in JavaScript.
    Written,
    /// As in JSON.
    Missing,
}

/// A list in a program or in JSON.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// The bytes from the opening bracket to the closing one, both included.
    pub(crate) brackets: Range<usize>,
    /// The bytes of each item.
    pub(crate) items: Vec<Range<usize>>,
}

impl List {
    /// Returns the form that new items have in a text.
    pub(crate) fn form(&self, text: &str) -> Form {
        let close = self.brackets.end - 1;
        let Some(last) = self.items.last() else {
            let content = &text[self.brackets.start + 1..close];
            let is_object = text[self.brackets.start..].starts_with('{');
            if !is_object || !content.trim().is_empty() && !content.contains('\n') {
                return Form::Inline;
            }
            let outer = indentation(text, self.brackets.start);
            return Form::Lines(format!("{outer}{}", indentation_unit(text)));
        };
        match self.end_of_last_line(text) {
            Some(_) => Form::Lines(indentation(text, last.start).to_owned()),
            None => Form::Inline,
        }
    }

    /// Returns the position after the comma that follows the last item, if there is one.
    fn after_comma(&self, text: &str) -> Option<usize> {
        let close = self.brackets.end - 1;
        let after = after_trivia(text, self.items.last()?.end, close);
        text[after..close].starts_with(',').then_some(after + 1)
    }

    /// Returns the end of the line with the last item, if neither bracket is on the line that it begins or
    /// ends on.
    fn end_of_last_line(&self, text: &str) -> Option<usize> {
        let close = self.brackets.end - 1;
        let last = self.items.last()?;
        if !text[self.brackets.start..last.start].contains('\n') {
            return None;
        }
        let end = end_of_line(text, self.after_comma(text).unwrap_or(last.end))?;
        text[end.min(close)..close].contains('\n').then_some(end)
    }

    /// Returns the edits that add items at the end, written in the [`Form`] of the list.
    pub(crate) fn add(&self, text: &str, items: &[String], comma: LastComma) -> Vec<TextEdit> {
        let Some(last) = self.items.last() else {
            return vec![self.add_first(text, items, comma)];
        };
        let Some(line_end) = self.end_of_last_line(text) else {
            return vec![TextEdit::insert(last.end, format!(", {}", items.join(", ")))];
        };
        let start = format!("{}{}", line_break(text), indentation(text, last.start));
        let mut edits = Vec::new();
        let mut added = format!("{start}{}", items.join(&format!(",{start}")));
        match self.after_comma(text) {
            Some(_) => added.push(','),
            None => edits.push(TextEdit::insert(last.end, ",")),
        }
        edits.push(TextEdit::insert(line_end, added));
        edits
    }

    /// Returns the edit that adds items to an empty list. What it contains besides, stays behind them.
    fn add_first(&self, text: &str, items: &[String], comma: LastComma) -> TextEdit {
        let (open, close) = (self.brackets.start + 1, self.brackets.end - 1);
        let Form::Lines(inner) = self.form(text) else {
            let is_object = text[self.brackets.start..].starts_with('{');
            let space = if is_object { " " } else { "" };
            return TextEdit::insert(open, format!("{space}{}", items.join(", ")));
        };
        let line_break = line_break(text);
        let start = format!("{line_break}{inner}");
        let last = if comma == LastComma::Written { "," } else { "" };
        let lines = format!("{start}{}{last}", items.join(&format!(",{start}")));
        if text[open..close].trim().is_empty() {
            let outer = indentation(text, self.brackets.start);
            return TextEdit { range: open..close, text: format!("{lines}{line_break}{outer}") };
        }
        TextEdit::insert(open, lines)
    }

    /// Returns the edits that remove some items, given by their places in the list.
    pub(crate) fn remove(&self, text: &str, places: &[usize]) -> Vec<TextEdit> {
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
