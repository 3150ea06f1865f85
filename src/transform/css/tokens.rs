//! A style sheet without insignificant white space and comments. Every token stays as it is written,
//! in the same order.
//!
//! Rewriting declarations saves little more once the result is compressed, and loses what the
//! author meant: fallbacks for older browsers, the order of shorthands and longhands, the digits
//! of numbers.

use std::ops::Range;

use super::lexeme::{Kind, Lexeme, lexemes};
use crate::transform::comments::KeptComments;

/// Removes insignificant white space, comments and semicolons from a style sheet. `invalid` has the
/// positions of invalid declarations, which stay as they are.
pub(super) fn squeeze(source: &str, invalid: &[Range<usize>], kept: &KeptComments) -> String {
    let lexemes = lexemes(source, kept);
    let mut output = Output { text: String::with_capacity(source.len()), last: None };
    // Gaps are not written until the next token shows whether they are significant.
    let mut pending = Gap::None;
    let mut index = 0;
    // True at the start of a statement, which is where a declaration can begin.
    let mut at_start = true;
    while let Some(lexeme) = lexemes.get(index) {
        match lexeme.kind {
            Kind::Space => pending = Gap::Space,
            Kind::Comment if pending == Gap::None => pending = Gap::Comment,
            Kind::Comment => {}
            _ => {
                let is_invalid = at_start && invalid.iter().any(|it| it.start == lexeme.start);
                let declaration = Declaration::at(&lexemes[index..]).filter(|_| at_start);
                if is_invalid || declaration.is_some() {
                    output.push(lexeme, pending);
                    index += match declaration {
                        Some(valid) if !is_invalid => output.declaration(&lexemes[index..], valid),
                        _ => output.verbatim(&lexemes[index + 1..]) + 1,
                    };
                    (pending, at_start) = (Gap::None, false);
                    continue;
                }
                // The last semicolon of a block is redundant, but not after `--x:` without a value.
                let is_redundant = lexeme.kind == Kind::Semicolon
                    && output.last != Some(Kind::Colon)
                    && next_kind(&lexemes[index + 1..]) == Some(Kind::CloseBrace);
                if !is_redundant {
                    output.push(lexeme, pending);
                }
                pending = Gap::None;
                if lexeme.kind != Kind::KeptComment {
                    at_start = lexeme.ends_statement();
                }
            }
        }
        index += 1;
    }
    output.text
}

/// Returns the significant tokens of a style sheet, to compare the sheet before and after.
/// Semicolons are left out, because the one before a closing brace is removed.
pub(super) fn meaning<'s>(source: &'s str, kept: &KeptComments) -> Vec<&'s str> {
    let is_filler = |kind| matches!(kind, Kind::Space | Kind::Comment | Kind::Semicolon);
    lexemes(source, kept)
        .iter()
        .filter(|lexeme| !is_filler(lexeme.kind))
        .map(|lexeme| lexeme.text)
        .collect()
}

/// Returns the comments that stay, with their delimiters, in the order of the source.
pub(super) fn kept_comments(source: &str, kept: &KeptComments) -> Vec<String> {
    let lexemes = lexemes(source, kept).into_iter();
    let legal = lexemes.filter(|lexeme| lexeme.kind == Kind::KeptComment);
    legal.map(|lexeme| lexeme.text.to_owned()).collect()
}

/// Returns the declared properties in the order of the source: their names and, for custom
/// properties, the tokens of their values.
pub(super) fn declarations<'s>(
    source: &'s str,
    kept: &KeptComments,
) -> Vec<(&'s str, Option<String>)> {
    let lexemes = lexemes(source, kept);
    let mut declarations = Vec::new();
    let mut at_start = true;
    for (index, lexeme) in lexemes.iter().enumerate().filter(|(_, lexeme)| !lexeme.is_filler()) {
        let rest = &lexemes[index..];
        match Declaration::at(rest).filter(|_| at_start) {
            Some(Declaration::Ordinary) => declarations.push((lexeme.text, None)),
            Some(Declaration::Custom) => {
                declarations.push((lexeme.text, Some(custom_value(rest))));
            }
            None => {}
        }
        // A comment in front of a declaration does not matter for where it starts.
        if lexeme.kind != Kind::KeptComment {
            at_start = lexeme.ends_statement();
        }
    }
    declarations
}

/// The places of the declarations of a sheet.
pub(super) struct Places(Vec<(Range<usize>, Intent)>);

/// The intent of an author who writes an invalid declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// A hack that only old browsers read.
    Hack,
    /// None that is known.
    Unknown,
}

impl Places {
    pub(super) fn of(source: &str, kept: &KeptComments) -> Self {
        let lexemes = lexemes(source, kept);
        let mut at_start = true;
        let mut places = Vec::new();
        for (index, lexeme) in lexemes.iter().enumerate().filter(|(_, lexeme)| !lexeme.is_filler())
        {
            let rest = &lexemes[index..];
            let intent = if is_hack(rest) { Intent::Hack } else { Intent::Unknown };
            if at_start && (intent == Intent::Hack || Declaration::at(rest).is_some()) {
                let end = end_of_declaration(rest).unwrap_or(source.len());
                places.push((lexeme.start..end, intent));
            }
            if lexeme.kind != Kind::KeptComment {
                at_start = lexeme.ends_statement();
            }
        }
        Self(places)
    }

    /// Returns the declaration around an offset, if there is one. An error is found within a declaration,
    /// or at its end.
    pub(super) fn around(&self, offset: usize) -> Option<&(Range<usize>, Intent)> {
        let before = self.0.partition_point(|(place, _)| place.start <= offset);
        self.0[..before].last().filter(|(place, _)| offset <= place.end)
    }
}

/// Returns whether a declaration begins `lexemes` that only old browsers read: a character such as `*`
/// in front of a name. Others skip it as far as a declaration (CSS Syntax §5.5.4).
fn is_hack(lexemes: &[Lexeme<'_>]) -> bool {
    let Some(first) = lexemes.first().filter(|first| first.kind == Kind::Other) else {
        return false;
    };
    // `#name` is one token.
    first.text.starts_with('#') && Declaration::at(lexemes).is_some()
        || first.text.len() == 1
            && first.text.starts_with(|c: char| c.is_ascii_punctuation() && c != '_')
            && lexemes.get(1).is_some_and(|name| name.kind == Kind::Other)
            && Declaration::at(&lexemes[1..]).is_some()
}

/// Returns the position after a declaration that begins `lexemes`.
fn end_of_declaration(lexemes: &[Lexeme<'_>]) -> Option<usize> {
    let mut depth = 0;
    let mut end = None;
    for lexeme in lexemes {
        match lexeme.kind {
            Kind::Semicolon | Kind::CloseBrace if depth == 0 => return end,
            Kind::OpenBrace | Kind::Open => depth += 1,
            Kind::CloseBrace | Kind::Close => depth -= 1,
            _ => {}
        }
        if lexeme.start != usize::MAX {
            end = Some(lexeme.start + lexeme.text.len());
        }
    }
    end
}

/// Returns the tokens in the value of a custom property, without white space and comments. `lexemes`
/// begins with its name.
fn custom_value(lexemes: &[Lexeme<'_>]) -> String {
    let value = lexemes.iter().skip_while(|lexeme| lexeme.kind != Kind::Colon).skip(1);
    let is_end = |kind| matches!(kind, Kind::Semicolon | Kind::CloseBrace);
    let value = value.take_while(|lexeme| !is_end(lexeme.kind));
    // Two names must not become one.
    let texts = value.filter(|lexeme| !lexeme.is_filler()).map(|lexeme| lexeme.text);
    texts.collect::<Vec<_>>().join("\0")
}

/// The white space and comments between two tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Space,
    /// A comment without white space beside it: it separates tokens, but is not white space.
    Comment,
}

/// Returns whether a name may be that of a custom property, or of a descriptor that sets one (CSS
/// Properties and Values §2.3, CSS Mixins §3). A name with escapes may be any name.
fn is_custom(name: &str) -> bool {
    name.starts_with("--")
        || name.contains('\\')
        || name.eq_ignore_ascii_case("initial-value")
        || name.eq_ignore_ascii_case("result")
}

/// The kind of a declaration.
#[derive(Clone, Copy)]
enum Declaration {
    /// `--name: value`. Scripts can read the value as it is written.
    Custom,
    Ordinary,
}

impl Declaration {
    /// Returns the kind of the declaration at the start of `lexemes`, if one begins there: a name, a
    /// colon, and no block before the end (CSS Nesting §4).
    fn at(lexemes: &[Lexeme<'_>]) -> Option<Self> {
        let name = lexemes.first().filter(|lexeme| lexeme.kind == Kind::Other)?;
        let mut rest = lexemes[1..].iter().filter(|lexeme| !lexeme.is_filler());
        if rest.next()?.kind != Kind::Colon {
            return None;
        }
        if is_custom(name.text) {
            return Some(Self::Custom);
        }
        let end = rest.find(|lexeme| {
            matches!(lexeme.kind, Kind::OpenBrace | Kind::CloseBrace | Kind::Semicolon)
        });
        match end {
            Some(lexeme) if lexeme.kind == Kind::OpenBrace => None,
            _ => Some(Self::Ordinary),
        }
    }
}

fn next_kind(lexemes: &[Lexeme<'_>]) -> Option<Kind> {
    lexemes.iter().find(|lexeme| !lexeme.is_filler()).map(|lexeme| lexeme.kind)
}

/// The minified sheet so far.
struct Output {
    text: String,
    /// The kind of the last token in `text`.
    last: Option<Kind>,
}

impl Output {
    fn push(&mut self, lexeme: &Lexeme<'_>, gap: Gap) {
        let needed = self.last.is_some_and(|last| needs_gap(last, lexeme.kind));
        match gap {
            Gap::Space if needed => self.text.push(' '),
            Gap::Comment if needed => self.text.push_str("/**/"),
            _ => {}
        }
        self.text.push_str(lexeme.text);
        self.last = Some(lexeme.kind);
    }

    /// Writes the colon of a declaration, and the whole value if the property is custom. `lexemes`
    /// begins with the declaration's name, which is already written. Returns the number of lexemes
    /// to skip, the name included.
    fn declaration(&mut self, lexemes: &[Lexeme<'_>], declaration: Declaration) -> usize {
        let colon = lexemes.iter().position(|lexeme| lexeme.kind == Kind::Colon).unwrap_or(0);
        self.push(&lexemes[colon], Gap::None);
        let mut count = colon + 1;
        match declaration {
            Declaration::Ordinary => {
                count += lexemes[count..].iter().take_while(|lexeme| lexeme.is_filler()).count();
            }
            Declaration::Custom => count += self.verbatim(&lexemes[count..]),
        }
        count
    }

    /// Writes lexemes as they are up to the end of their declaration. Returns their number.
    fn verbatim(&mut self, lexemes: &[Lexeme<'_>]) -> usize {
        let mut depth = 0;
        let mut is_inside = |lexeme: &&Lexeme<'_>| {
            match lexeme.kind {
                Kind::Semicolon | Kind::CloseBrace if depth == 0 => return false,
                Kind::OpenBrace | Kind::Open => depth += 1,
                Kind::CloseBrace | Kind::Close => depth -= 1,
                _ => {}
            }
            true
        };
        let value: Vec<&Lexeme<'_>> = lexemes.iter().take_while(|it| is_inside(it)).collect();
        self.text.extend(value.iter().map(|lexeme| lexeme.text));
        // As if a colon had just been written, which preserves a semicolon that follows: after an
        // empty value it is significant.
        self.last = Some(Kind::Colon);
        value.len()
    }
}

/// Returns whether white space between two tokens can be significant.
fn needs_gap(before: Kind, after: Kind) -> bool {
    !matches!(
        before,
        Kind::OpenBrace | Kind::CloseBrace | Kind::Semicolon | Kind::Comma | Kind::Open
    ) && !matches!(
        after,
        Kind::OpenBrace
            | Kind::CloseBrace
            | Kind::Semicolon
            | Kind::Comma
            | Kind::Close
            | Kind::Bang
    )
}

#[cfg(test)]
#[path = "tokens/tests.rs"]
mod tests;
