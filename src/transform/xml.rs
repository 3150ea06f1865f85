//! XML and SVG, minified by removing comments and, in vocabularies where it is insignificant, the
//! indentation between elements.

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::comments::KeptComments;
use super::{MinifyError, SyntaxError};

/// Minifies a document. Everything but comments and indentation is copied byte by byte: attributes,
/// entities, CDATA, processing instructions, the doctype.
pub(super) fn minify(source: &str, kept: &KeptComments) -> Result<String, MinifyError> {
    let mut minified = String::with_capacity(source.len());
    for piece in Scan::of(source, kept)?.pieces.iter().filter(|piece| piece.keep) {
        minified.push_str(&source[piece.start..piece.end]);
    }
    // The result must be well-formed as well, or the file stays untouched.
    Scan::of(&minified, kept).map_err(|error| MinifyError::Unfaithful(error.message))?;
    Ok(minified)
}

/// Root elements of vocabularies in which an element contains either text or elements, never both.
const WITHOUT_MIXED_CONTENT: [&str; 6] =
    ["svg", "urlset", "sitemapindex", "rss", "feed", "OpenSearchDescription"];

/// Returns whether a document declares an encoding in which its bytes may not be what they are in ASCII.
pub(super) fn has_foreign_encoding(source: &str) -> bool {
    let Some((declaration, _)) = source.strip_prefix("<?xml").and_then(|it| it.split_once("?>"))
    else {
        return false;
    };
    let Some((_, rest)) = declaration.split_once("encoding") else { return false };
    let label = rest.trim_start_matches([' ', '\t', '\r', '\n', '=']);
    let Some(quote @ ('"' | '\'')) = label.chars().next() else { return false };
    let label = label[1..].split(quote).next().unwrap_or_default();
    Encoding::for_label(label.as_bytes()).is_none_or(|it| !it.is_ascii_compatible())
}

/// A token of the source. `start` and `end` are in bytes, and `keep` is false once it is removed.
struct Piece {
    start: usize,
    end: usize,
    keep: bool,
}

/// An element whose end tag has not been read yet.
struct OpenElement {
    /// Indices into [`Scan::pieces`] of the indentation and comments directly inside the element.
    indents: Vec<usize>,
    /// True if white space inside the element may be significant.
    spaces_matter: bool,
    /// True if the element contains another one.
    has_children: bool,
}

impl OpenElement {
    fn new(spaces_matter: bool) -> Self {
        Self { indents: Vec::new(), spaces_matter, has_children: false }
    }
}

/// The state of a pass over a document.
struct Scan {
    pieces: Vec<Piece>,
    /// The document itself, then the open elements, the innermost last.
    open: Vec<OpenElement>,
    /// The number of root elements so far. XML has exactly one (XML 1.0 §2.1).
    roots: usize,
}

impl Scan {
    fn of(source: &str, kept: &KeptComments) -> Result<Self, SyntaxError> {
        let mut reader = Reader::from_str(source);
        // A comment must not contain `--` (XML 1.0 §2.5), which is not checked by default.
        reader.config_mut().check_comments = true;
        let document = OpenElement::new(false);
        let mut scan = Self { pieces: Vec::new(), open: vec![document], roots: 0 };
        loop {
            let start = position(reader.buffer_position());
            let event = reader.read_event().map_err(|error| SyntaxError {
                message: error.to_string(),
                offset: position(reader.error_position()),
            })?;
            if matches!(event, Event::Eof) {
                break;
            }
            let end = position(reader.buffer_position());
            scan.read(event, kept).map_err(|message| SyntaxError { message, offset: start })?;
            scan.pieces.push(Piece { start, end, keep: true });
        }
        let problem = match (scan.open.len(), scan.roots) {
            (1, 1) => {
                scan.close();
                return Ok(scan);
            }
            (1, 0) => "no element",
            _ => "an element is not closed",
        };
        Err(SyntaxError { message: problem.to_owned(), offset: source.len() })
    }

    /// Reads a token.
    fn read(&mut self, event: Event<'_>, kept: &KeptComments) -> Result<(), String> {
        let index = self.pieces.len();
        let at_top = self.open.len() == 1;
        let element = self.open.last_mut().ok_or("end tag without a start tag")?;
        match event {
            Event::Start(tag) => {
                check_attributes(&tag)?;
                element.has_children = true;
                let is_known = || WITHOUT_MIXED_CONTENT.contains(&tag.local_name().as_ref());
                // White space that matters in an element also matters in the elements inside it.
                let spaces_matter =
                    element.spaces_matter || keeps_spaces(&tag) || (at_top && !is_known());
                self.count_root(at_top)?;
                self.open.push(OpenElement::new(spaces_matter));
            }
            Event::Empty(tag) => {
                check_attributes(&tag)?;
                element.has_children = true;
                self.count_root(at_top)?;
            }
            Event::End(_) => self.close(),
            // White space within a line may separate words. With a line break it is indentation.
            Event::Text(text) if text.trim_ascii().is_empty() => {
                if text.contains('\n') {
                    element.indents.push(index);
                }
            }
            Event::Text(_) | Event::CData(_) if at_top => {
                return Err("text outside the root element".to_owned());
            }
            // The element contains text, so white space beside that text may be part of it.
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => element.spaces_matter = true,
            // Beside text, a comment separates two nodes.
            Event::Comment(text) if !kept.in_xml(&text) => element.indents.push(index),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn count_root(&mut self, at_top: bool) -> Result<(), String> {
        self.roots += usize::from(at_top);
        if self.roots > 1 { Err("more than one root element".to_owned()) } else { Ok(()) }
    }

    /// Closes the innermost element and removes its indentation, unless the element contains nothing
    /// else: then the white space is its content.
    fn close(&mut self) {
        if let Some(OpenElement { indents, spaces_matter: false, has_children: true }) =
            self.open.pop()
        {
            for index in indents {
                self.pieces[index].keep = false;
            }
        }
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Checks that attributes are quoted and unique (XML 1.0 §3.1).
fn check_attributes(tag: &BytesStart<'_>) -> Result<(), String> {
    tag.attributes().find_map(Result::err).map_or(Ok(()), |error| Err(error.to_string()))
}

/// Returns whether white space is significant inside an element, by its name or its attributes.
fn keeps_spaces(tag: &BytesStart<'_>) -> bool {
    const TEXT_ELEMENTS: [&str; 8] =
        ["text", "tspan", "textPath", "style", "script", "foreignObject", "title", "desc"];
    const PRESERVING_ATTRIBUTES: [(&str, &str); 3] =
        [("xml:space", "preserve"), ("type", "xhtml"), ("xmlns", "http://www.w3.org/1999/xhtml")];
    let preserves = |attribute: quick_xml::events::attributes::Attribute<'_>| {
        PRESERVING_ATTRIBUTES.contains(&(attribute.key.as_ref(), &*attribute.value))
    };
    tag.attributes().flatten().any(preserves) || TEXT_ELEMENTS.contains(&tag.local_name().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minify(source: &str) -> Result<String, MinifyError> {
        super::minify(source, &KeptComments::default())
    }

    #[test]
    fn indentation_and_comments_are_removed() {
        let source =
            "<?xml version=\"1.0\"?>\n<!-- c -->\n<svg  b='1'>\n  <c/>\n  <d>x y</d>\n</svg>\n";
        let expected = "<?xml version=\"1.0\"?><svg  b='1'><c/><d>x y</d></svg>";
        assert_eq!(minify(source).unwrap(), expected);
        let unknown = "<p><em>x</em>\n<em>y</em></p>";
        assert_eq!(minify(unknown).unwrap(), unknown);
    }

    #[test]
    fn comments_that_programs_read_and_licences_stay() {
        for comment in [
            "<!--! c -->",
            "<!--#include virtual=\"a\" -->",
            "<!-- SPDX-License-Identifier: MIT -->",
            "<!-- Copyright 2024 the authors -->",
            "<!-- License: CC0. Made by the authors -->",
        ] {
            let source = format!("<svg>{comment}<g/></svg>");
            assert_eq!(minify(&source).unwrap(), source);
        }
        let between_texts =
            "<svg><title>one<!-- c -->two</title><desc><!-- c -->\none</desc></svg>";
        assert_eq!(minify(between_texts).unwrap(), between_texts);
    }

    #[test]
    fn significant_white_space_is_preserved() {
        for inner in [
            "<b>x</b> y <b>z</b> <i/>",
            "<b>Hello</b> <i>World</i>",
            "<separator>\n</separator>",
            "<text> a <tspan> b </tspan>\n</text>",
            "<g xml:space=\"preserve\">\n<b> </b> </g>",
            "<content type=\"xhtml\"><pre><b>a</b>\n<b>b</b></pre></content>",
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">\n<b/>\n</div>",
            "<![CDATA[ x ]]>\n<b/>",
            "&amp;\n<b/>",
            "x <!-- c --> y",
            "<style> a { b: c } </style>",
        ] {
            let source = &format!("<svg>{inner}</svg>");
            assert_eq!(&minify(source).unwrap(), source);
        }
    }

    #[test]
    fn malformed_documents_are_rejected() {
        for source in [
            "",
            "<a>",
            "<a></b>",
            "</a>",
            "<a><!-- -- --></a>",
            "<a",
            "<a b=1/>",
            "<a/><b/>",
            "<a b='1' b='2'/>",
            "text",
            "<a/>text",
        ] {
            assert!(minify(source).is_err(), "{source}");
        }
    }
}
