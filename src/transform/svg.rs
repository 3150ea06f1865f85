//! The references of a drawing in SVG, each with its place: in attributes, in styles, and in the instruction
//! `<?xml-stylesheet?>` (SVG 2 §16, Associating Style Sheets with XML §4).

use std::mem::discriminant;
use std::ops::Range;

use encoding_rs::Encoding;
use quick_xml::NsReader;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesPI, BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::css;
use super::html::is_script_url;
use super::reference::{Base, Reference, References, Role};
use super::rewrite::{Insertion, is_rewritten};

/// The attributes whose values are those of CSS properties with URLs (SVG 2 §6.6).
const WITH_STYLE: [&str; 11] = [
    "clip-path",
    "cursor",
    "fill",
    "filter",
    "marker",
    "marker-end",
    "marker-mid",
    "marker-start",
    "mask",
    "mask-image",
    "stroke",
];

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
                    drawing.open += 1;
                    drawing.begin_style(tag, vocabulary);
                }
            }
            Event::End(tag) => {
                drawing.open = drawing.open.checked_sub(1).ok_or("an end tag of no element")?;
                if tag.local_name().as_ref() == "style" {
                    drawing.end_style();
                }
            }
            Event::Text(text) => drawing.text(text),
            Event::CData(text) => drawing.text(text),
            Event::GeneralRef(_) => drawing.style.spoil(),
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
            Event::Eof if drawing.open == 0 && drawing.has_root => {
                return Ok(drawing.found.sorted());
            }
            Event::Eof => return Err("an element is not closed".to_owned()),
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

/// The vocabulary of an element or an attribute, by its namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vocabulary {
    Svg,
    Xhtml,
    Xlink,
    Xml,
    /// None, or a prefix that is not declared.
    None,
    /// Data of editors, and others that no browser reads.
    Other,
}

impl Vocabulary {
    fn of(namespace: &ResolveResult<'_>) -> Self {
        match namespace {
            ResolveResult::Bound(name) => match name.as_ref() {
                "http://www.w3.org/2000/svg" => Self::Svg,
                "http://www.w3.org/1999/xhtml" => Self::Xhtml,
                "http://www.w3.org/1999/xlink" => Self::Xlink,
                "http://www.w3.org/XML/1998/namespace" => Self::Xml,
                _ => Self::Other,
            },
            ResolveResult::Unbound | ResolveResult::Unknown(_) => Self::None,
        }
    }
}

/// The style sheet that is being read.
#[derive(Default, PartialEq, Eq)]
enum Style {
    #[default]
    None,
    Empty,
    /// One piece of text so far.
    Text(Range<usize>),
    /// It is written in several pieces, or is no CSS.
    Unread,
}

impl Style {
    fn spoil(&mut self) {
        if *self != Self::None {
            *self = Self::Unread;
        }
    }
}

/// A walk through a drawing.
struct Drawing<'s> {
    source: &'s str,
    found: References,
    style: Style,
    /// The number of open elements.
    open: usize,
    has_root: bool,
}

impl<'s> Drawing<'s> {
    fn new(source: &'s str) -> Self {
        let found = References::default();
        Self { source, found, style: Style::None, open: 0, has_root: false }
    }

    /// Returns the place of a part of the source.
    fn place(&self, part: &str) -> Option<Range<usize>> {
        let start = part.as_ptr().addr().checked_sub(self.source.as_ptr().addr())?;
        let range = start..start.checked_add(part.len())?;
        (self.source.get(range.clone()) == Some(part)).then_some(range)
    }

    fn inert(&mut self, part: &str) {
        self.found.inert.extend(self.place(part));
    }

    fn element(
        &mut self,
        tag: &BytesStart<'_>,
        vocabulary: Vocabulary,
        resolve: impl Fn(&Attribute<'_>) -> Vocabulary,
    ) -> Result<(), String> {
        self.has_root = true;
        self.style.spoil();
        let local = tag.local_name();
        let is_read = matches!(vocabulary, Vocabulary::Svg | Vocabulary::Xhtml);
        if is_read && local.as_ref() == "script" {
            return Err("it has a script".to_owned());
        }
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = attribute.key.local_name();
            match (vocabulary, resolve(&attribute)) {
                (Vocabulary::Svg | Vocabulary::Xhtml, Vocabulary::None)
                    if name.as_ref().starts_with("on") =>
                {
                    return Err("it has a script".to_owned());
                }
                (_, Vocabulary::Xml) if name.as_ref() == "base" => {
                    self.found.base = Base::Unknown;
                }
                (Vocabulary::Svg, Vocabulary::Xlink | Vocabulary::None)
                    if name.as_ref() == "href" =>
                {
                    self.href(local.as_ref(), &attribute.value)?;
                }
                (Vocabulary::Svg, Vocabulary::None) => self.plain(name.as_ref(), &attribute.value),
                (Vocabulary::Xhtml, _) | (Vocabulary::Svg, Vocabulary::Xlink | Vocabulary::Xml) => {
                }
                _ => self.inert(&attribute.value),
            }
        }
        Ok(())
    }

    fn href(&mut self, element: &str, value: &str) -> Result<(), String> {
        if is_script_url(value) {
            return Err("it has a script".to_owned());
        }
        let role = match element {
            "image" | "feImage" => Role::Loaded,
            "use" => Role::Used,
            _ => Role::Stays,
        };
        self.found.all.extend(self.place(value).map(|range| Reference { range, role }));
        Ok(())
    }

    /// Reads an attribute of SVG other than a link.
    fn plain(&mut self, name: &str, value: &str) {
        let is_inert = matches!(name, "id" | "class" | "xmlns")
            || ["data-", "aria-"].iter().any(|prefix| name.starts_with(prefix));
        if is_inert {
            self.inert(value);
        } else if name == "style" {
            self.declarations(value, Role::LoadedByCode);
        } else if WITH_STYLE.contains(&name) {
            self.declarations(value, Role::Loaded);
        }
    }

    fn declarations(&mut self, value: &str, role: Role) {
        let (Some(place), Some(found)) = (self.place(value), css::references_in_attribute(value))
        else {
            return;
        };
        self.add(found, place.start, role);
    }

    /// Adds the references of a style at its place.
    fn add(&mut self, found: References, offset: usize, role: Role) {
        let moved = |range: Range<usize>| range.start + offset..range.end + offset;
        let with_role = |one: Reference| Reference {
            range: moved(one.range),
            role: if one.role == Role::Loaded { role } else { one.role },
        };
        self.found.all.extend(found.all.into_iter().map(with_role));
        self.found.inert.extend(found.inert.into_iter().map(moved));
    }

    fn begin_style(&mut self, tag: &BytesStart<'_>, vocabulary: Vocabulary) {
        let is_style = tag.local_name().as_ref() == "style"
            && matches!(vocabulary, Vocabulary::Svg | Vocabulary::Xhtml);
        if is_style && self.style == Style::None {
            let kind = tag.attributes().flatten().find(|one| one.key.as_ref() == "type");
            let is_css = kind.is_none_or(|one| matches!(&*one.value, "" | "text/css"));
            self.style = if is_css { Style::Empty } else { Style::Unread };
        }
    }

    fn end_style(&mut self) {
        if let Style::Text(place) = std::mem::take(&mut self.style) {
            let found = css::references(&self.source[place.clone()]);
            self.add(found, place.start, Role::LoadedByCode);
        }
    }

    fn text(&mut self, text: &str) {
        let place = self.place(text);
        match (&self.style, place) {
            (Style::None, _) => self.inert(text),
            _ if text.trim_ascii().is_empty() => {}
            (Style::Empty, Some(place)) => self.style = Style::Text(place),
            _ => self.style = Style::Unread,
        }
    }

    fn instruction(&mut self, instruction: &BytesPI<'_>) -> Result<(), String> {
        if instruction.target() != "xml-stylesheet" || self.has_root {
            return Ok(());
        }
        let mut href = None;
        for attribute in instruction.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            match attribute.key.as_ref() {
                "href" => href = self.place(&attribute.value),
                "type" if &*attribute.value != "text/css" => {
                    return Err("an instruction transforms it".to_owned());
                }
                _ => {}
            }
        }
        let role = Role::Loaded;
        self.found.all.extend(href.map(|range| Reference { range, role }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
