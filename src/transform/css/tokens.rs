//! A style sheet without the white space and comments that nobody needs, every token as it is
//! written and in its place.
//!
//! Rewriting declarations saves little more once the result is compressed, and loses what the
//! author meant: fallbacks for older browsers, the order of shorthands and longhands, the digits
//! of numbers.

use cssparser::{Parser, ParserInput, SourcePosition, Token};

use crate::transform::legal_comments;

/// Returns the style sheet without needless white space and comments.
pub(super) fn squeeze(source: &str) -> String {
    let lexemes = lexemes(source);
    let mut output = Output { text: String::with_capacity(source.len()), last: None };
    let mut pending = Gap::None;
    let mut index = 0;
    let mut at_start = true;
    while let Some(lexeme) = lexemes.get(index) {
        match lexeme.kind {
            Kind::Space => pending = Gap::Space,
            Kind::Comment if pending == Gap::None => pending = Gap::Comment,
            Kind::Comment => {}
            _ => {
                if at_start && let Some(declaration) = Declaration::at(&lexemes[index..]) {
                    output.push(lexeme, pending);
                    index += output.declaration(&lexemes[index..], declaration);
                    (pending, at_start) = (Gap::None, false);
                    continue;
                }
                let needless = lexeme.kind == Kind::Semicolon
                    && output.last != Some(Kind::Colon)
                    && next_kind(&lexemes[index + 1..]) == Some(Kind::CloseBrace);
                if !needless {
                    output.push(lexeme, pending);
                }
                pending = Gap::None;
                if lexeme.kind != Kind::LegalComment {
                    at_start = lexeme.ends_statement();
                }
            }
        }
        index += 1;
    }
    output.text
}

/// Returns the tokens of a style sheet that mean something, to compare before and after. The
/// semicolon before a closing brace means nothing.
pub(super) fn meaning(source: &str) -> Vec<&str> {
    let is_filler = |kind| matches!(kind, Kind::Space | Kind::Comment | Kind::Semicolon);
    lexemes(source)
        .iter()
        .filter(|lexeme| !is_filler(lexeme.kind))
        .map(|lexeme| lexeme.text)
        .collect()
}

/// Returns the comments that a licence wants kept, in the order of the source.
pub(super) fn legal_comments(source: &str) -> Vec<String> {
    let lexemes = lexemes(source).into_iter();
    let legal = lexemes.filter(|lexeme| lexeme.kind == Kind::LegalComment);
    legal.map(|lexeme| lexeme.text.to_owned()).collect()
}

/// Returns the names of the properties that a style sheet declares, and the values of the custom
/// ones without their white space, in order.
pub(super) fn declarations(source: &str) -> Vec<(&str, Option<String>)> {
    let lexemes = lexemes(source);
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
        if lexeme.kind != Kind::LegalComment {
            at_start = lexeme.ends_statement();
        }
    }
    declarations
}

/// Returns whether a name is that of a custom property, or of a descriptor that gives one its value
/// (CSS Properties and Values §2.3, CSS Mixins §3). One with escapes may be.
fn is_custom(name: &str) -> bool {
    name.starts_with("--")
        || name.contains('\\')
        || name.eq_ignore_ascii_case("initial-value")
        || name.eq_ignore_ascii_case("result")
}

/// Takes a style query as it is: the values in it are compared with those of custom properties,
/// white space included (CSS Conditional Rules 5 §6.2).
fn verbatim<'s>(parser: &mut Parser<'s, '_>, start: SourcePosition) -> Lexeme<'s> {
    let _ = parser.parse_nested_block(|block| {
        while block.next_including_whitespace_and_comments().is_ok() {}
        Ok::<(), cssparser::ParseError<'_, ()>>(())
    });
    Lexeme { text: parser.slice_from(start), kind: Kind::Other }
}

/// Returns the value of a custom property, from the lexemes that begin with its name.
fn custom_value(lexemes: &[Lexeme<'_>]) -> String {
    let value = lexemes.iter().skip_while(|lexeme| lexeme.kind != Kind::Colon).skip(1);
    let is_end = |kind| matches!(kind, Kind::Semicolon | Kind::CloseBrace);
    let value = value.take_while(|lexeme| !is_end(lexeme.kind));
    value.filter(|lexeme| !lexeme.is_filler()).map(|lexeme| lexeme.text).collect()
}

/// What stood between two tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Space,
    /// A comment alone, which keeps the tokens apart and is no white space.
    Comment,
}

/// A token with its text.
#[derive(Clone, Copy)]
struct Lexeme<'s> {
    text: &'s str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Space,
    Comment,
    /// A comment that a licence wants kept.
    LegalComment,
    OpenBrace,
    CloseBrace,
    /// `(`, `[`, or a function's name with its parenthesis.
    Open,
    Close,
    Colon,
    Semicolon,
    Comma,
    Bang,
    Other,
}

/// How a declaration is written.
#[derive(Clone, Copy)]
enum Declaration {
    /// `--name: value`: the value can be read by scripts as it is written.
    Custom,
    Ordinary,
}

impl Declaration {
    /// Returns what kind of declaration begins here, if one does: a name, a colon, and no block
    /// before the end (CSS Nesting §4).
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

impl Lexeme<'_> {
    fn is_filler(&self) -> bool {
        matches!(self.kind, Kind::Space | Kind::Comment)
    }

    fn ends_statement(&self) -> bool {
        matches!(self.kind, Kind::OpenBrace | Kind::CloseBrace | Kind::Semicolon)
    }
}

fn next_kind(lexemes: &[Lexeme<'_>]) -> Option<Kind> {
    lexemes.iter().find(|lexeme| !lexeme.is_filler()).map(|lexeme| lexeme.kind)
}

struct Output {
    text: String,
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

    /// Writes a declaration from behind its name up to its value, and returns how many tokens
    /// that took. All of a custom property is written, as it is.
    fn declaration(&mut self, lexemes: &[Lexeme<'_>], declaration: Declaration) -> usize {
        let colon = lexemes.iter().position(|lexeme| lexeme.kind == Kind::Colon).unwrap_or(0);
        self.push(&lexemes[colon], Gap::None);
        let mut count = colon + 1;
        match declaration {
            Declaration::Ordinary => {
                count += lexemes[count..].iter().take_while(|lexeme| lexeme.is_filler()).count();
            }
            Declaration::Custom => {
                let mut depth = 0;
                for lexeme in &lexemes[count..] {
                    match lexeme.kind {
                        Kind::Semicolon | Kind::CloseBrace if depth == 0 => break,
                        Kind::OpenBrace | Kind::Open => depth += 1,
                        Kind::CloseBrace | Kind::Close => depth -= 1,
                        _ => {}
                    }
                    self.text.push_str(lexeme.text);
                    count += 1;
                }
                // The semicolon stays, too: without a value it has to.
                self.last = Some(Kind::Colon);
            }
        }
        count
    }
}

/// Returns whether white space between two tokens can mean something.
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

fn lexemes(source: &str) -> Vec<Lexeme<'_>> {
    let mut lexemes = Vec::new();
    let mut input = ParserInput::new(source);
    collect(&mut Parser::new(&mut input), &mut lexemes);
    lexemes
}

fn collect<'s>(parser: &mut Parser<'s, '_>, lexemes: &mut Vec<Lexeme<'s>>) {
    loop {
        let start = parser.position();
        let Ok(token) = parser.next_including_whitespace_and_comments() else { return };
        let (kind, close) = match token {
            Token::WhiteSpace(_) => (Kind::Space, None),
            Token::Comment(text) if legal_comments::is_legal(text) => (Kind::LegalComment, None),
            Token::Function(name) if name.eq_ignore_ascii_case("style") => {
                lexemes.push(verbatim(parser, start));
                continue;
            }
            Token::Comment(_) => (Kind::Comment, None),
            Token::CurlyBracketBlock => (Kind::OpenBrace, Some(("}", Kind::CloseBrace))),
            Token::ParenthesisBlock | Token::Function(_) => (Kind::Open, Some((")", Kind::Close))),
            Token::SquareBracketBlock => (Kind::Open, Some(("]", Kind::Close))),
            Token::CloseCurlyBracket => (Kind::CloseBrace, None),
            Token::Colon => (Kind::Colon, None),
            Token::Semicolon => (Kind::Semicolon, None),
            Token::Comma => (Kind::Comma, None),
            Token::Delim('!') => (Kind::Bang, None),
            _ => (Kind::Other, None),
        };
        lexemes.push(Lexeme { text: parser.slice_from(start), kind });
        if let Some((text, kind)) = close {
            let _ = parser.parse_nested_block(|block| {
                collect(block, lexemes);
                Ok::<(), cssparser::ParseError<'_, ()>>(())
            });
            // A block that the end of the sheet closes is closed here as well.
            lexemes.push(Lexeme { text, kind });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn needless_space_goes_and_the_other_stays() {
        for (source, expected) in [
            ("a { color : red ; }", "a{color:red}"),
            ("a , b > c  ~ d { }\n\n e{}", "a,b > c ~ d{}e{}"),
            ("a :hover { b : c }", "a :hover{b:c}"),
            ("a{ b :hover { c : d } e : f }", "a{b :hover{c:d}e:f}"),
            ("a{&:hover{b:c}}", "a{&:hover{b:c}}"),
            ("a{ width : calc( 1px  +  -2px ) }", "a{width:calc(1px + -2px)}"),
            (
                "@media screen and ( min-width : 1px ) { a { b : c } }",
                "@media screen and (min-width : 1px){a{b:c}}",
            ),
            ("a { color: red !important ; b: c }", "a{color:red!important;b:c}"),
            ("a/**/b{c/* x */:/**/d/**/e}", "a/**/b{c:d/**/e}"),
            ("a /**/ b{}", "a b{}"),
            ("a{--x:  { a : b } ;--y:;--z: 01 /**/ }", "a{--x:  { a : b } ;--y:;--z: 01 /**/ }"),
            ("a{--x: 1 ; b : c}", "a{--x: 1 ;b:c}"),
            ("a{content:\"  ;  }\"; b: url( x y )}", "a{content:\"  ;  }\";b:url( x y )}"),
            ("/*! keep */ a { }  /* go */", "/*! keep */ a{}"),
            ("a{grid-area: 1 / 2 / span 3;}", "a{grid-area:1 / 2 / span 3}"),
            ("@import url(\"x.css\") layer( a ) ;", "@import url(\"x.css\") layer(a);"),
            ("a[ href = \"x\" i ] b{}", "a[href = \"x\" i] b{}"),
            ("a:is( b , c ) d{}", "a:is(b,c) d{}"),
            (
                "@container style( --x:a , b ) { c { d : e } }",
                "@container style( --x:a , b ){c{d:e}}",
            ),
            ("a { /*! L */ --x:a , b }", "a{/*! L */ --x:a , b }"),
            ("@property --x { initial-value: a , b }", "@property --x{initial-value: a , b }"),
            ("a { \\--x: a , b }", "a{\\--x: a , b }"),
        ] {
            assert_eq!(squeeze(source), expected, "{source}");
        }
    }

    proptest! {
        #[test]
        fn no_token_is_lost_or_made(source in "([a-z@:;,{}()>+~. \\n!-]|--x:|/\\*x\\*/|\"s\"|1px|#a|\\[|\\])*") {
            let squeezed = squeeze(&source);
            prop_assert_eq!(meaning(&squeezed), meaning(&source), "{}", squeezed);
            prop_assert_eq!(squeeze(&squeezed), squeezed.as_str(), "once is enough");
        }
    }
}
