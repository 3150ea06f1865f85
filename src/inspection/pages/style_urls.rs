//! The URLs in a style sheet: `url(…)` and `@import`.

use cssparser::{ParseError, Parser, ParserInput, Token};

/// Maximum number of blocks within each other.
const MAX_DEPTH: usize = 64;

/// Returns the URLs that a style sheet refers to, each with its byte offset.
pub(super) fn style_urls(source: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut input = ParserInput::new(source);
    read(&mut Parser::new(&mut input), &mut found, 0);
    found.retain(|(url, _): &(String, usize)| !url.is_empty() && !url.starts_with('#'));
    found
}

/// The token before a string, which decides whether that is a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// `@import`.
    Import,
    Other,
}

fn read(parser: &mut Parser<'_, '_>, found: &mut Vec<(String, usize)>, depth: usize) {
    let mut before = Before::Other;
    loop {
        let start = parser.position().byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments() else { return };
        let mut next = Before::Other;
        let inner = match token {
            Token::UnquotedUrl(url) => {
                found.push((url.to_string(), start));
                Inner::None
            }
            Token::QuotedString(url) if before == Before::Import => {
                found.push((url.to_string(), start));
                Inner::None
            }
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => {
                next = Before::Import;
                Inner::None
            }
            Token::WhiteSpace(_) | Token::Comment(_) => {
                next = before;
                Inner::None
            }
            Token::Function(name) if name.eq_ignore_ascii_case("url") => Inner::Url,
            Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock => Inner::Block,
            _ => Inner::None,
        };
        match inner {
            Inner::None => {}
            Inner::Block => {
                let _: Result<(), ParseError<'_, ()>> = parser.parse_nested_block(|inner| {
                    if depth < MAX_DEPTH {
                        read(inner, found, depth + 1);
                    }
                    Ok(())
                });
            }
            Inner::Url => {
                let _: Result<(), ParseError<'_, ()>> = parser.parse_nested_block(|inner| {
                    if let Ok(url) = inner.expect_string() {
                        found.push((url.to_string(), start));
                    }
                    Ok(())
                });
            }
        }
        before = next;
    }
}

/// The content of a block.
enum Inner {
    None,
    Block,
    Url,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_found_in_every_form_and_depth() {
        let source = "@import 'a.css'; @import/**/url(b.css); @media print { p { background:\
            url( \"c.png\" ), image-set(url(d.png) 1x) } } i { content: 'no.png'; mask: url(#e) }\
            @font-face { src: local('F'), url('f.woff2') format('woff2') } /* url(g.png) */";
        let found: Vec<String> = style_urls(source).into_iter().map(|(url, _)| url).collect();
        assert_eq!(found, ["a.css", "b.css", "c.png", "d.png", "f.woff2"]);
        assert_eq!(style_urls(&"{".repeat(100_000)), []);
        assert_eq!(style_urls(""), []);
    }
}
