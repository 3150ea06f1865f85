//! The references of a drawing in SVG, each with its place: in attributes, in styles, and in the instruction
//! `<?xml-stylesheet?>` (SVG 2 §16, Associating Style Sheets with XML §4).

mod drawing;

use std::mem::discriminant;

use encoding_rs::Encoding;
use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attribute;

use super::reference::References;
use super::rewrite::{Insertion, is_rewritten};
use drawing::{Drawing, Vocabulary};

/// Returns the references of a drawing.
///
/// # Errors
/// If it is not well-formed, has a script, or its document type or an instruction may change what it is.
pub(crate) fn references(source: &str) -> Result<References, String> {
    let mut reader = NsReader::from_str(source.trim_start_matches('\u{feff}'));
    let mut drawing = Drawing::new(source);
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
        let vocabulary = Vocabulary::of(&namespace);
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let resolve = |attribute: &Attribute<'_>| {
                    Vocabulary::of(&reader.resolver().resolve_attribute(attribute.key).0)
                };
                drawing.element(tag, vocabulary, resolve)?;
                if matches!(event, Event::Start(_)) {
                    drawing.begin(tag, vocabulary);
                }
            }
            Event::End(tag) => drawing.end(tag)?,
            Event::Text(text) => drawing.text(text),
            Event::CData(text) => drawing.text(text),
            Event::GeneralRef(_) => drawing.entity(),
            Event::Comment(text) => drawing.inert(text),
            Event::PI(instruction) => drawing.instruction(instruction)?,
            Event::DocType(text) if text.contains('[') => {
                return Err("its document type declares entities".to_owned());
            }
            Event::Decl(declaration) => {
                let label = declaration.encoding().and_then(Result::ok);
                let encoding = label.map(|label| Encoding::for_label(label.as_bytes()));
                let is_utf8 = encoding.is_none_or(|it| it == Some(encoding_rs::UTF_8));
                let is_like_ascii = encoding.flatten().is_some_and(Encoding::is_ascii_compatible);
                let is_known = is_utf8 || is_like_ascii && source.is_ascii();
                if !is_known {
                    return Err("it is in another encoding".to_owned());
                }
            }
            Event::DocType(_) => {}
            Event::Eof => return drawing.finish(),
        }
    }
}

/// Returns whether the tokens of two drawings are the same but for insertions in references.
pub(super) fn differ_by(before: &str, after: &str, insertions: &[Insertion]) -> bool {
    let (Ok(found), Ok(found_after)) = (references(before), references(after)) else {
        return false;
    };
    let is_in_reference =
        |it: &Insertion| found.all.iter().any(|reference| reference.range.contains(&it.at));
    let (Some(one), Some(other)) = (events(before), events(after)) else { return false };
    let is_same = |(one, other): (&Event<'_>, &Event<'_>)| {
        discriminant(one) == discriminant(other) && is_rewritten(one, other, insertions)
    };
    found.all.len() == found_after.all.len()
        && insertions.iter().all(is_in_reference)
        && one.len() == other.len()
        && one.iter().zip(&other).all(is_same)
}

fn events(source: &str) -> Option<Vec<Event<'_>>> {
    let mut reader = quick_xml::Reader::from_str(source);
    let mut events = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Eof => return Some(events),
            event => events.push(event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::reference::{Base, Role};

    const NAMESPACES: &str =
        "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'";

    fn found(source: &str) -> Vec<(&str, Role)> {
        let references = references(source).unwrap();
        references.all.into_iter().map(|one| (&source[one.range], one.role)).collect()
    }

    #[test]
    fn every_form_of_a_url_is_found() {
        let source = format!(
            "\u{feff}<?xml version='1.0'?><?xml-stylesheet href='a.css' type=\"text/css\"?><svg {NAMESPACES}>
            <style> @import 'b.css'; /* c */ d {{ fill: url(e.svg#f) }} </style><style><![CDATA[ g {{ mask: url(h.svg) }} ]]></style>
            <image href=\"i.png\"/><image xlink:href='j.png'/><use href='k.svg#l'/><feImage href='m.png'/><a href='n.pdf'/>
            <g style='fill: url(&quot;o.svg#p&quot;)' filter='url(q.svg#r)' class='s.png'/></svg>"
        );
        let expected = [
            ("a.css", Role::Loaded),
            ("b.css", Role::LoadedByCode),
            ("e.svg#f", Role::LoadedByCode),
            ("h.svg", Role::LoadedByCode),
            ("i.png", Role::Loaded),
            ("j.png", Role::Loaded),
            ("k.svg#l", Role::Used),
            ("m.png", Role::Loaded),
            ("n.pdf", Role::Stays),
            ("o.svg#p", Role::LoadedByCode),
            ("q.svg#r", Role::Loaded),
        ];
        assert_eq!(found(&source), expected);
    }

    #[test]
    fn words_comments_and_data_of_editors_are_inert_and_other_attributes_are_not() {
        let source = format!(
            "<svg {NAMESPACES} xmlns:i='urn:i' i:name='a.png'><!-- b.png --><title>c.png</title><i:g href='d.png'/>
            <animate attributeName='href' values='e.png;x'/><style>f {{ g: 'f.png' }}</style><style>g.png &amp; x</style>
            <foreignObject><img xmlns='http://www.w3.org/1999/xhtml' src='h.png'/></foreignObject></svg>"
        );
        let references = references(&source).unwrap();
        for (name, is_inert) in [
            ("a", true),
            ("b", true),
            ("c", true),
            ("d", true),
            ("e", false),
            ("f", false),
            ("g", false),
            ("h", false),
        ] {
            let at = source.find(&format!("{name}.png")).unwrap();
            assert_eq!(references.explain(&(at..at + 5)), is_inert, "{name}");
        }
    }

    #[test]
    fn drawings_that_run_or_change_something_are_not_understood() {
        for inner in [
            "<script/>",
            "<g onload='f()'/>",
            "<a href=' JavaScript:f()'/>",
            "<g>",
            "<g a=b/>",
            "</svg>",
            "<h:script xmlns:h='http://www.w3.org/1999/xhtml'/>",
        ] {
            assert!(references(&format!("<svg {NAMESPACES}>{inner}</svg>")).is_err(), "{inner}");
        }
        for before in [
            "<!DOCTYPE svg [<!ENTITY a 'b.png'>]>",
            "<?xml-stylesheet type='text/xsl' href='a'?>",
            "<?xml version='1.0' encoding='latin1'?><!--é-->",
            "<?xml version='1.0' encoding='utf-16'?>",
        ] {
            assert!(references(&format!("{before}<svg {NAMESPACES}/>")).is_err(), "{before}");
        }
        assert!(references("").is_err());
        let based = references(&format!("<svg {NAMESPACES} xml:base='/a/'/>")).unwrap();
        assert_eq!(based.base, Base::Unknown);
    }
}
