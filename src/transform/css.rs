//! Style sheets, minified by lightningcss.

use cssparser::{Parser, ParserInput, Token};
use lightningcss::error::{Error, ErrorLocation};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::{Browsers, Features, Targets};

use super::SyntaxError;
use super::legal_comments;
use crate::error::PackError;

/// The browsers that style sheets are compiled for.
#[derive(Clone, Copy, Debug)]
pub(super) struct CssTargets(Targets);

impl CssTargets {
    /// Resolves Browserslist queries. Without any, nothing is compiled, and what lightningcss
    /// would by itself write in a newer form than the author did is written in the older one.
    pub(super) fn resolve(queries: &[String]) -> Result<Self, PackError> {
        if queries.is_empty() {
            let include = Features::MediaRangeSyntax | Features::MediaIntervalSyntax;
            return Ok(Self(Targets { include, ..Targets::default() }));
        }
        let message = |message| PackError::Option { option: "css-targets", message };
        match Browsers::from_browserslist(queries) {
            Ok(Some(browsers)) => Ok(Self(Targets::from(browsers))),
            Ok(None) => Err(message("the queries match no browser".to_owned())),
            Err(error) => Err(message(error.to_string())),
        }
    }
}

/// Minifies a style sheet.
pub(super) fn minify(source: &str, targets: CssTargets) -> Result<String, SyntaxError> {
    let mut sheet = parse(source)?;
    let targets = targets.0;
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .map_err(|error| syntax_error(source, error.to_string(), error.loc))?;
    // The parser keeps the legal comments of the head alone; here all of them are put back.
    sheet.license_comments.clear();
    let printed = sheet
        .to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() })
        .map_err(|error| syntax_error(source, error.to_string(), error.loc))?;
    Ok(legal_comments::prepend(&legal(source), printed.code))
}

/// Returns why a text is not a style sheet, if it is none.
pub(super) fn check(source: &str) -> Result<(), SyntaxError> {
    parse(source).map(drop)
}

fn parse(source: &str) -> Result<StyleSheet<'_>, SyntaxError> {
    StyleSheet::parse(source, ParserOptions::default())
        .map_err(|Error { kind, loc }| syntax_error(source, kind.to_string(), loc))
}

fn syntax_error(source: &str, message: String, place: Option<ErrorLocation>) -> SyntaxError {
    let offset = place.map_or(0, |place| {
        let lines = source.split_inclusive('\n').take(place.line as usize);
        // Columns count UTF-16 units from 1; on a line of ASCII these are bytes.
        lines.map(str::len).sum::<usize>() + (place.column as usize).saturating_sub(1)
    });
    SyntaxError { message, offset }
}

/// Returns the comments that a licence wants kept, in the order of the source.
fn legal(source: &str) -> Vec<String> {
    let mut comments = Vec::new();
    let mut input = ParserInput::new(source);
    collect_legal(&mut Parser::new(&mut input), &mut comments);
    comments
}

fn collect_legal(parser: &mut Parser<'_, '_>, comments: &mut Vec<String>) {
    while let Ok(token) = parser.next_including_whitespace_and_comments() {
        match *token {
            Token::Comment(text) if legal_comments::is_legal(text) => {
                comments.push(format!("/*{text}*/"));
            }
            Token::CurlyBracketBlock
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::Function(_) => {
                let _ = parser.parse_nested_block(|block| {
                    collect_legal(block, comments);
                    Ok::<(), cssparser::ParseError<'_, ()>>(())
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minified(source: &str) -> String {
        minify(source, CssTargets::resolve(&[]).unwrap()).unwrap()
    }

    #[test]
    fn modern_css_is_never_dropped() {
        for (source, kept) in [
            ("a { &:hover { color: red } }", "&:hover"),
            ("@layer base, theme; @layer base { a { color: red } }", "@layer theme"),
            ("@container card (width > 20em) { a { color: red } }", "@container card"),
            ("@property --x { syntax: '<length>'; inherits: false; initial-value: 0px }", "--x"),
            ("@scope (.a) to (.b) { img { border: 1px solid } }", "@scope"),
            ("@starting-style { a { opacity: 0 } }", "@starting-style"),
            ("a { color: light-dark(red, blue) }", "light-dark("),
            ("a { color: oklch(70% 0.1 200) }", "oklch("),
            ("a { color: color-mix(in oklab, red, var(--b)) }", "color-mix("),
            ("a:has(> img) { color: red }", ":has("),
            ("a { anchor-name: --tip; position-area: top }", "anchor-name:--tip"),
            ("a { width: calc-size(auto, size * 2) }", "calc-size("),
            ("@view-transition { navigation: auto }", "@view-transition"),
            ("::view-transition-old(root) { animation: none }", "::view-transition-old(root)"),
            ("@supports (display: grid) { a { display: grid } }", "@supports"),
            (
                "@font-palette-values --p { font-family: X; base-palette: 1 }",
                "@font-palette-values",
            ),
            ("@unheard-of foo { a { b: c } }", "@unheard-of"),
            ("a { unheard-of: 1px; text-box: trim-both cap alphabetic }", "text-box:"),
            ("a { animation-timeline: scroll() }", "animation-timeline:scroll()"),
            ("@position-try --x { top: anchor(bottom) }", "@position-try"),
            ("a { color: if(style(--x: 1): red; else: blue) }", "if("),
        ] {
            let output = minified(source);
            assert!(output.contains(kept), "{source} became {output}");
        }
    }

    #[test]
    fn nothing_is_written_in_a_newer_form_than_the_authors() {
        let source = "@media (min-width: 40em) and (max-width: 60em) { a { color: red } }";
        let output = minified(source);
        assert!(output.contains("min-width:40em"), "{output}");
        let prefixed = minified("a { -webkit-user-select: none; user-select: none }");
        assert!(prefixed.contains("-webkit-user-select"), "{prefixed}");
    }

    #[test]
    fn targets_compile_what_their_browsers_lack() {
        let targets = CssTargets::resolve(&["safari 14".to_owned()]).unwrap();
        let output = minify("a { &:hover { color: red } }", targets).unwrap();
        assert_eq!(output, "a:hover{color:red}");
        assert!(CssTargets::resolve(&["netscape 4".to_owned()]).is_err());
    }

    #[test]
    fn legal_comments_are_kept_wherever_they_stand() {
        let output = minified("/*! one */ a { /* no */ color: red; /*! two */ } /* @license 3 */");
        assert_eq!(output, "/*! one */\n/*! two */\n/* @license 3 */\na{color:red}");
    }

    #[test]
    fn a_syntax_error_tells_its_place() {
        let source = "a { color: red }\nb { color: \n}}\n";
        let error = minify(source, CssTargets::resolve(&[]).unwrap()).unwrap_err();
        assert!(source[..error.offset].matches('\n').count() >= 1, "{error:?}");
    }
}
