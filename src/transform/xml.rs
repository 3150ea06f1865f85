//! XML and SVG, minified by removing what no reader of these formats looks at: comments, and the
//! indentation between elements that have no text of their own.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::SyntaxError;

/// Minifies a document. Everything else is copied byte by byte: attributes, entities, CDATA,
/// processing instructions, the doctype.
pub(super) fn minify(source: &str) -> Result<String, SyntaxError> {
    let pieces = pieces(source)?;
    let mut minified = String::with_capacity(source.len());
    for piece in &pieces {
        if piece.keep {
            minified.push_str(&source[piece.start..piece.end]);
        }
    }
    Ok(minified)
}

/// Returns why a text is not well-formed, if it is not.
pub(super) fn check(source: &str) -> Result<(), SyntaxError> {
    pieces(source).map(drop)
}

/// A token of the source, and whether it stays.
struct Piece {
    start: usize,
    end: usize,
    keep: bool,
}

/// An element that is open at some point of the document.
struct OpenElement {
    /// The indices of the white-space pieces right below it.
    spaces: Vec<usize>,
    /// Whether white space below it means something.
    spaces_matter: bool,
}

fn pieces(source: &str) -> Result<Vec<Piece>, SyntaxError> {
    let mut reader = Reader::from_str(source);
    reader.config_mut().check_comments = true;
    let mut pieces = Vec::new();
    let document = OpenElement { spaces: Vec::new(), spaces_matter: false };
    let mut open = vec![document];
    loop {
        let start = position(&reader);
        let event = reader.read_event().map_err(|error| SyntaxError {
            message: error.to_string(),
            offset: usize::try_from(reader.error_position()).unwrap_or(usize::MAX),
        })?;
        let end = position(&reader);
        let index = pieces.len();
        let Some(element) = open.last_mut() else {
            return Err(SyntaxError { message: "an end tag too many".to_owned(), offset: start });
        };
        let mut keep = true;
        match event {
            Event::Eof => break,
            Event::Start(tag) => {
                let spaces_matter = element.spaces_matter || keeps_spaces(&tag);
                open.push(OpenElement { spaces: Vec::new(), spaces_matter });
            }
            Event::End(_) => drop_spaces(&mut pieces, open.pop()),
            Event::Text(text) if text.trim_ascii().is_empty() => {
                element.spaces.push(index);
            }
            // Text of its own: the white space beside it may be part of what is read.
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => element.spaces_matter = true,
            Event::Comment(text) => keep = text.starts_with('!') || element.spaces_matter,
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        pieces.push(Piece { start, end, keep });
    }
    if open.len() > 1 {
        let message = "an element is not closed".to_owned();
        return Err(SyntaxError { message, offset: source.len() });
    }
    drop_spaces(&mut pieces, open.pop());
    Ok(pieces)
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn drop_spaces(pieces: &mut [Piece], element: Option<OpenElement>) {
    if let Some(OpenElement { spaces, spaces_matter: false }) = element {
        for index in spaces {
            pieces[index].keep = false;
        }
    }
}

/// Returns whether an element says that its white space matters, or is of a kind where it does.
fn keeps_spaces(tag: &quick_xml::events::BytesStart<'_>) -> bool {
    const WITH_TEXT: [&str; 8] =
        ["text", "tspan", "textPath", "style", "script", "foreignObject", "title", "desc"];
    let preserved = tag
        .attributes()
        .flatten()
        .any(|attribute| attribute.key.as_ref() == "xml:space" && &*attribute.value == "preserve");
    preserved || WITH_TEXT.contains(&tag.local_name().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_and_comments_go() {
        let source =
            "<?xml version=\"1.0\"?>\n<!-- c -->\n<a  b='1'>\n  <c/>\n  <d>x y</d>\n</a>\n";
        let expected = "<?xml version=\"1.0\"?><a  b='1'><c/><d>x y</d></a>";
        assert_eq!(minify(source).unwrap(), expected);
    }

    #[test]
    fn white_space_beside_text_stays() {
        for source in [
            "<a><b>x</b> y <b>z</b> <i/></a>",
            "<svg><text> a <tspan> b </tspan> </text></svg>",
            "<a xml:space=\"preserve\"> <b> </b> </a>",
            "<a><![CDATA[ x ]]> <b/></a>",
            "<a>&amp; <b/></a>",
            "<a>x <!-- c --> y</a>",
            "<svg><style> a { b: c } </style></svg>",
        ] {
            assert_eq!(minify(source).unwrap(), source);
        }
    }

    #[test]
    fn what_is_not_well_formed_is_an_error() {
        for source in ["<a>", "<a></b>", "</a>", "<a><!-- -- --></a>", "<a"] {
            assert!(minify(source).is_err(), "{source}");
        }
    }
}
