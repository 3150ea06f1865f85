//! The places of a text at which each part of a pattern may begin.

use super::Captures;
use super::token::Token;

/// The places of a text at which the rest of a pattern may begin.
pub(super) struct Beginnings<'a, 'r> {
    tokens: &'a [Token<'r>],
    text: &'r str,
    /// For each number of tokens that are left out at the front, and each place of the text: whether
    /// the other tokens match the text from that place to its end.
    rows: Vec<Vec<bool>>,
}

impl<'a, 'r> Beginnings<'a, 'r> {
    /// Finds the places, from the last token to the first. Returns none if a token may not begin
    /// anywhere.
    pub(super) fn find(
        tokens: &'a [Token<'r>],
        text: &'r str,
        mut steps: impl FnMut(usize),
    ) -> Option<Self> {
        let mut rows = vec![Vec::new(); tokens.len() + 1];
        rows[tokens.len()] = vec![false; text.len() + 1];
        rows[tokens.len()][text.len()] = true;
        for (index, token) in tokens.iter().enumerate().rev() {
            let row = token.beginnings(text, &rows[index + 1], &mut steps);
            if !row.contains(&true) {
                return None;
            }
            rows[index] = row;
        }
        Some(Self { tokens, text, rows })
    }

    /// Returns the captures of a match of the whole text, if the first token may begin at its start.
    pub(super) fn captures(&self) -> Option<Captures<'r>> {
        self.rows[0][0].then_some(())?;
        let mut captures = Vec::new();
        let mut at = 0;
        for (token, next) in self.tokens.iter().zip(&self.rows[1..]) {
            let begin = at;
            at = token.longest_end(self.text, begin, next)?;
            if let Token::Wildcard { name, .. } = token {
                captures.push((*name, &self.text[begin..at]));
            }
        }
        Some(captures)
    }
}

impl Token<'_> {
    /// Returns whether this token may match no character, which `*` alone does. A name matches at least
    /// one, even the name `:splat`.
    fn may_be_empty(&self) -> bool {
        matches!(self, Self::Wildcard { without: b"", .. })
    }

    /// Returns for each place whether this token may begin there, given the places at which the
    /// next one may begin.
    fn beginnings(&self, text: &str, next: &[bool], steps: &mut impl FnMut(usize)) -> Vec<bool> {
        let mut row = vec![false; text.len() + 1];
        match *self {
            Token::Literal(literal) => {
                for (at, begins) in row.iter_mut().enumerate() {
                    steps(1);
                    if next.get(at + literal.len()) == Some(&true) {
                        steps(literal.len());
                        *begins = text.as_bytes()[at..].starts_with(literal.as_bytes());
                    }
                }
            }
            Token::Wildcard { without, .. } => {
                let may_be_empty = self.may_be_empty();
                let mut reaches_next = false;
                for at in (0..=text.len()).rev() {
                    steps(1);
                    let goes_on = text.as_bytes().get(at).is_some_and(|it| !without.contains(it));
                    reaches_next &= goes_on;
                    let is_boundary = text.is_char_boundary(at);
                    row[at] = is_boundary && (reaches_next || may_be_empty && next[at]);
                    reaches_next |= is_boundary && next[at];
                }
            }
        }
        row
    }

    /// Returns the last place at which this token may end if it begins at `at`.
    fn longest_end(&self, text: &str, at: usize, next: &[bool]) -> Option<usize> {
        match *self {
            Token::Literal(literal) => Some(at + literal.len()),
            Token::Wildcard { without, .. } => {
                let rest = &text.as_bytes()[at..];
                let longest =
                    rest.iter().position(|byte| without.contains(byte)).unwrap_or(rest.len());
                let shortest = usize::from(!self.may_be_empty());
                (at + shortest..=at + longest)
                    .rev()
                    .find(|&end| text.is_char_boundary(end) && next[end])
            }
        }
    }
}
