//! The references of a style sheet or of an attribute `style`: `url()`, `src()`, `image-set()` and `@import`
//! (CSS Values 4 §4.5, CSS Images 4 §2.4, CSS Cascade 5 §2).

use std::ops::Range;

use cssparser::{Parser, ParserInput, Token};

use crate::transform::reference::{Reference, References, Role};

/// Returns the references of a style sheet. It never fails, since browsers recover from any error.
pub(crate) fn references(source: &str) -> References {
    let mut reader = Reader { source, found: References::default() };
    let mut input = ParserInput::new(source);
    reader.collect(&mut Parser::new(&mut input), Quoted::Text);
    reader.found.sorted()
}

/// The meaning of a text in quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    Url,
    Text,
}

/// The part of a declaration before the next token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declaration {
    Any,
    /// After a name that begins with two dashes.
    Named,
    /// In the value of a custom property. Browsers differ in what its relative URLs are relative to.
    Custom,
}

struct Reader<'s> {
    source: &'s str,
    found: References,
}

impl Reader<'_> {
    fn collect(&mut self, parser: &mut Parser<'_, '_>, quoted: Quoted) {
        let mut declaration = Declaration::Any;
        let mut is_import = false;
        loop {
            let start = parser.position().byte_index();
            let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
                return;
            };
            let range = start..parser.position().byte_index();
            match &token {
                Token::WhiteSpace(_) => continue,
                Token::Comment(_) => {
                    self.found.inert.push(range);
                    continue;
                }
                Token::UnquotedUrl(_) => self.unquoted(range, declaration),
                Token::QuotedString(_) if quoted == Quoted::Url || is_import => {
                    self.quoted(range, declaration);
                }
                Token::Ident(name) if name.starts_with("--") => declaration = Declaration::Named,
                Token::Colon if declaration == Declaration::Named => {
                    declaration = Declaration::Custom;
                }
                Token::Semicolon | Token::CurlyBracketBlock => declaration = Declaration::Any,
                _ => {}
            }
            is_import =
                matches!(&token, Token::AtKeyword(name) if name.eq_ignore_ascii_case("import"));
            let inner = match &token {
                Token::Function(name) => of_function(name),
                Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
                    Quoted::Text
                }
                _ => continue,
            };
            let before = self.found.all.len();
            // Never an error, because `collect` reads the block to its end.
            let _ = parser.parse_nested_block(|block| {
                self.collect(block, inner);
                Ok::<_, cssparser::ParseError<'_, ()>>(())
            });
            if declaration == Declaration::Custom {
                for one in &mut self.found.all[before..] {
                    one.role = role(&self.source[one.range.clone()], declaration);
                }
            }
        }
    }

    /// Adds the URL in `url(…)`.
    fn unquoted(&mut self, range: Range<usize>, declaration: Declaration) {
        let text = &self.source[range.clone()];
        let Some(open) = text.find('(') else { return };
        let inner = text[open + 1..].strip_suffix(')').unwrap_or(&text[open + 1..]);
        let start = range.start + open + 1 + (inner.len() - inner.trim_ascii_start().len());
        self.add(start..start + inner.trim_ascii().len(), declaration);
    }

    fn quoted(&mut self, range: Range<usize>, declaration: Declaration) {
        let text = &self.source[range.clone()];
        // At the end of the source, a string need not be closed.
        let is_closed = text.len() > 1 && text.chars().next() == text.chars().next_back();
        let end = range.end - usize::from(is_closed);
        self.add(range.start + 1..end, declaration);
    }

    fn add(&mut self, range: Range<usize>, declaration: Declaration) {
        let role = role(&self.source[range.clone()], declaration);
        self.found.all.push(Reference { range, role });
    }
}

fn role(url: &str, declaration: Declaration) -> Role {
    let is_relative = !url.starts_with('/');
    if declaration == Declaration::Custom && is_relative { Role::Stays } else { Role::Loaded }
}

/// Returns the meaning of texts in quotes within a function.
fn of_function(name: &str) -> Quoted {
    let has_urls = ["url", "src", "image-set", "-webkit-image-set"];
    if has_urls.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        Quoted::Url
    } else {
        Quoted::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<(&str, Role)> {
        let references = references(source);
        references.all.into_iter().map(|one| (&source[one.range], one.role)).collect()
    }

    #[test]
    fn every_form_of_a_url_is_found_and_no_other_text() {
        let source = "@import 'a.css' layer(x); @import url(b.css); @charset \"c.css\";
            a[href='d.png'] { background: url( \"e.png\" ), URL( f.png ), url(g\\.png); content: 'h.png' }
            b { background: image-set('i.png' 1x type('image/j.png'), url(k.png) 2x); --l: url(m.png) url(/n.png) }
            @media x { c { cursor: url('o.cur'), auto; --p: {url(q.png)} } } /* url(r.png) */ d { src: url(s";
        let urls: Vec<&str> = found(source).into_iter().map(|(url, _)| url).collect();
        let expected = [
            "a.css", "b.css", "e.png", "f.png", "g\\.png", "i.png", "k.png", "m.png", "/n.png",
            "o.cur", "q.png", "s",
        ];
        assert_eq!(urls, expected);
    }

    #[test]
    fn relative_urls_of_custom_properties_stay() {
        let roles: Vec<_> = found("a { --b: url(c) url(/d); e: url(f) }");
        let expected = [("c", Role::Stays), ("/d", Role::Loaded), ("f", Role::Loaded)];
        assert_eq!(roles, expected);
    }

    #[test]
    fn broken_sheets_have_no_places_outside_of_them() {
        for source in
            ["url(", "url('", "a{b:url(\"", "@import", "@import '", "url(é", "'", "\u{feff}url(é)"]
        {
            for (url, _) in found(source) {
                assert!(source.contains(url), "{source}");
            }
        }
    }
}
