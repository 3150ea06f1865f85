//! The tokens of a style sheet, each with its text.

use cssparser::{Parser, ParserInput, SourcePosition, Token};

use crate::transform::comments::{KeptComments, Place};

/// A token and its text.
#[derive(Clone, Copy)]
pub(super) struct Lexeme<'s> {
    pub(super) text: &'s str,
    pub(super) kind: Kind,
    /// The position in the source, in bytes. The ends of blocks have none.
    pub(super) start: usize,
}

/// The kind of a token, as far as white space around it depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    Comment,
    /// A comment that a program reads, or a licence asks for.
    KeptComment,
    OpenBrace,
    CloseBrace,
    /// `(`, `[`, or the name of a function with its parenthesis.
    Open,
    Close,
    Colon,
    Semicolon,
    Comma,
    Bang,
    Other,
}

impl Lexeme<'_> {
    pub(super) fn is_filler(&self) -> bool {
        matches!(self.kind, Kind::Space | Kind::Comment)
    }

    pub(super) fn ends_statement(&self) -> bool {
        matches!(self.kind, Kind::OpenBrace | Kind::CloseBrace | Kind::Semicolon)
    }
}

/// Splits a style sheet into lexemes, with white space, comments and the ends of blocks.
pub(super) fn lexemes<'s>(source: &'s str, kept: &KeptComments) -> Vec<Lexeme<'s>> {
    let mut lexer = Lexer { kept, lexemes: Vec::new(), place: Place::First };
    let mut input = ParserInput::new(source);
    lexer.collect(&mut Parser::new(&mut input));
    lexer.lexemes
}

/// Reads the lexemes of a style sheet.
struct Lexer<'s, 'k> {
    kept: &'k KeptComments,
    lexemes: Vec<Lexeme<'s>>,
    /// The place of the next lexeme.
    place: Place,
}

impl<'s> Lexer<'s, '_> {
    fn collect(&mut self, parser: &mut Parser<'s, '_>) {
        loop {
            let start = parser.position();
            let Ok(token) = parser.next_including_whitespace_and_comments() else { return };
            let (kind, close) = match token {
                Token::WhiteSpace(_) => (Kind::Space, None),
                Token::Comment(text) if self.kept.in_style(text, self.place) => {
                    (Kind::KeptComment, None)
                }
                Token::Function(name) if name.eq_ignore_ascii_case("style") => {
                    let query = verbatim(parser, start);
                    self.push(query);
                    continue;
                }
                Token::Comment(_) => (Kind::Comment, None),
                Token::CurlyBracketBlock => (Kind::OpenBrace, Some(("}", Kind::CloseBrace))),
                Token::ParenthesisBlock | Token::Function(_) => {
                    (Kind::Open, Some((")", Kind::Close)))
                }
                Token::SquareBracketBlock => (Kind::Open, Some(("]", Kind::Close))),
                Token::CloseCurlyBracket => (Kind::CloseBrace, None),
                Token::Colon => (Kind::Colon, None),
                Token::Semicolon => (Kind::Semicolon, None),
                Token::Comma => (Kind::Comma, None),
                Token::Delim('!') => (Kind::Bang, None),
                _ => (Kind::Other, None),
            };
            self.push(Lexeme { text: parser.slice_from(start), kind, start: start.byte_index() });
            if let Some((text, kind)) = close {
                // Never an error, because `collect` reads the block to its end.
                let end = parser.parse_nested_block(|block| {
                    self.collect(block);
                    Ok::<_, cssparser::ParseError<'_, ()>>(block.position())
                });
                // CSS closes open blocks at the end of the source. It ends perhaps within a string,
                // which a brace would become a part of.
                if end.is_ok_and(|end| end < parser.position()) {
                    self.push(Lexeme { text, kind, start: usize::MAX });
                }
            }
        }
    }

    fn push(&mut self, lexeme: Lexeme<'s>) {
        if !lexeme.is_filler() && lexeme.kind != Kind::KeptComment {
            self.place = Place::Later;
        }
        self.lexemes.push(lexeme);
    }
}

/// Reads a style query as a single lexeme. Its values are compared with those of custom properties,
/// white space included (CSS Conditional Rules 5 §6.2), so nothing in it may change.
fn verbatim<'s>(parser: &mut Parser<'s, '_>, start: SourcePosition) -> Lexeme<'s> {
    // Never an error, because the block is read to its end.
    let _ = parser.parse_nested_block(|block| {
        while block.next_including_whitespace_and_comments().is_ok() {}
        Ok::<(), cssparser::ParseError<'_, ()>>(())
    });
    Lexeme { text: parser.slice_from(start), kind: Kind::Other, start: start.byte_index() }
}
