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
}
