//! A program in JavaScript or TypeScript with the places of its parts, and edits of its text.

use std::ops::Range;

use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::input::StringInput;
use swc_core::common::{BytePos, Span, Spanned as _};
use swc_core::ecma::ast::{EsVersion, Module};
use swc_core::ecma::parser::lexer::Lexer;
use swc_core::ecma::parser::{EsSyntax, Parser, Syntax, TsSyntax};

/// The language of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
}

impl Dialect {
    /// Returns the language of a file by its name.
    pub(crate) fn of(name: &str) -> Self {
        let is_typescript = [".ts", ".mts", ".cts"].iter().any(|end| name.ends_with(end));
        if is_typescript { Self::TypeScript } else { Self::JavaScript }
    }
}

/// The first position of a program. Position 0 is that of parts without a place.
const START: u32 = 1;

/// A parsed program.
#[derive(Clone, Debug)]
pub(crate) struct Source<'t> {
    pub(crate) text: &'t str,
    pub(crate) module: Module,
}

/// A syntax error.
#[derive(Clone, Debug)]
pub(crate) struct Unparsable {
    /// The message of the parser.
    pub(crate) message: String,
    /// The line of the error, counted from 1.
    pub(crate) line: usize,
}

impl<'t> Source<'t> {
    /// Parses a program.
    ///
    /// # Errors
    /// If its syntax is invalid.
    pub(crate) fn parse(text: &'t str, dialect: Dialect) -> Result<Self, Unparsable> {
        let syntax = match dialect {
            Dialect::JavaScript => Syntax::Es(EsSyntax {
                import_attributes: true,
                explicit_resource_management: true,
                ..EsSyntax::default()
            }),
            Dialect::TypeScript => Syntax::Typescript(TsSyntax::default()),
        };
        let end = START + u32::try_from(text.len()).unwrap_or(u32::MAX - START);
        let input = StringInput::new(text, BytePos(START), BytePos(end));
        let comments = SingleThreadedComments::default();
        let lexer = Lexer::new(syntax, EsVersion::latest(), input, Some(&comments));
        let mut parser = Parser::new_from(lexer);
        let parsed = parser.parse_module();
        let recovered = parser.take_errors().into_iter().next();
        match (parsed, recovered) {
            (Ok(module), None) => Ok(Self { text, module }),
            (Err(error), _) | (Ok(_), Some(error)) => {
                let offset = (error.span().lo.0.saturating_sub(START) as usize).min(text.len());
                let before = text.as_bytes().get(..offset).unwrap_or_default();
                let line = 1 + memchr::memchr_iter(b'\n', before).count();
                Err(Unparsable { message: error.kind().msg().into_owned(), line })
            }
        }
    }

    /// Returns the bytes of a part of the program.
    pub(crate) fn range(span: Span) -> Range<usize> {
        let offset = |position: BytePos| position.0.saturating_sub(START) as usize;
        offset(span.lo)..offset(span.hi)
    }

    /// Returns the text of a part of the program.
    pub(crate) fn slice(&self, span: Span) -> &'t str {
        self.text.get(Self::range(span)).unwrap_or_default()
    }

    /// Returns the line break that the program uses.
    pub(crate) fn line_break(&self) -> &'static str {
        line_break(self.text)
    }

    /// Returns the white space at the beginning of the line with a position.
    pub(crate) fn indentation(&self, position: usize) -> &'t str {
        let start = self.text[..position].rfind('\n').map_or(0, |index| index + 1);
        let line = &self.text[start..];
        let length = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
        &line[..length]
    }
}

/// Returns the line break that a text uses.
pub(crate) fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// A replacement of a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextEdit {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl TextEdit {
    pub(crate) fn insert(position: usize, text: impl Into<String>) -> Self {
        Self { range: position..position, text: text.into() }
    }

    pub(crate) fn remove(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }
}

/// Applies edits, which do not overlap. Insertions at the same position stay in their order.
pub(crate) fn apply(text: &str, mut edits: Vec<TextEdit>) -> String {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for edit in edits {
        result.push_str(&text[end..edit.range.start.max(end)]);
        result.push_str(&edit.text);
        end = edit.range.end.max(end);
    }
    result.push_str(&text[end..]);
    result
}

/// Returns the position after white space and comments. `end` is a limit.
pub(crate) fn after_trivia(text: &str, mut position: usize, end: usize) -> usize {
    loop {
        let rest = &text[position..end];
        let trimmed = rest.trim_start();
        position += rest.len() - trimmed.len();
        let length = if trimmed.starts_with("//") {
            trimmed.find('\n').unwrap_or(trimmed.len())
        } else if trimmed.starts_with("/*") {
            trimmed.find("*/").map_or(trimmed.len(), |index| index + 2)
        } else {
            return position;
        };
        position += length;
    }
}

/// Returns the position after what else is on a line, if that is white space and comments that end there.
/// Otherwise, returns `None`.
pub(crate) fn end_of_line(text: &str, mut position: usize) -> Option<usize> {
    loop {
        let rest = &text[position..];
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let start = position + rest.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with('\n') || trimmed.starts_with("\r\n") {
            return Some(position);
        }
        if trimmed.starts_with("//") {
            let line = trimmed.find('\n').map_or(trimmed, |index| &trimmed[..index]);
            return Some(start + line.trim_end().len());
        }
        let length = trimmed.strip_prefix("/*").and_then(|it| it.find("*/")).map(|it| it + 4)?;
        if trimmed[..length].contains('\n') {
            return None;
        }
        position = start + length;
    }
}
