//! A walk through a drawing, which collects its references.

use std::ops::Range;

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesPI, BytesStart};
use quick_xml::name::ResolveResult;

use crate::transform::css;
use crate::transform::html::is_script_url;
use crate::transform::reference::{Base, Reference, References, Role};

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

/// The vocabulary of an element or an attribute, by its namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Vocabulary {
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
    pub(super) fn of(namespace: &ResolveResult<'_>) -> Self {
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
pub(super) struct Drawing<'s> {
    source: &'s str,
    found: References,
    style: Style,
    /// The number of open elements.
    open: usize,
    has_root: bool,
}

impl<'s> Drawing<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        let found = References::default();
        Self { source, found, style: Style::None, open: 0, has_root: false }
    }

    /// Returns the place of a part of the source.
    fn place(&self, part: &str) -> Option<Range<usize>> {
        let start = part.as_ptr().addr().checked_sub(self.source.as_ptr().addr())?;
        let range = start..start.checked_add(part.len())?;
        (self.source.get(range.clone()) == Some(part)).then_some(range)
    }

    pub(super) fn inert(&mut self, part: &str) {
        self.found.inert.extend(self.place(part));
    }

    pub(super) fn element(
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

    /// Begins an element that has content.
    pub(super) fn begin(&mut self, tag: &BytesStart<'_>, vocabulary: Vocabulary) {
        self.open += 1;
        let is_style = tag.local_name().as_ref() == "style"
            && matches!(vocabulary, Vocabulary::Svg | Vocabulary::Xhtml);
        if is_style && self.style == Style::None {
            let kind = tag.attributes().flatten().find(|one| one.key.as_ref() == "type");
            let is_css = kind.is_none_or(|one| matches!(&*one.value, "" | "text/css"));
            self.style = if is_css { Style::Empty } else { Style::Unread };
        }
    }

    /// Ends an element.
    ///
    /// # Errors
    /// If none is open.
    pub(super) fn end(&mut self, tag: &BytesEnd<'_>) -> Result<(), String> {
        self.open = self.open.checked_sub(1).ok_or("an end tag of no element")?;
        let is_style = tag.local_name().as_ref() == "style";
        if is_style && let Style::Text(place) = std::mem::take(&mut self.style) {
            let found = css::references(&self.source[place.clone()]);
            self.add(found, place.start, Role::LoadedByCode);
        }
        Ok(())
    }

    /// Reads a reference to an entity, which spoils a style sheet.
    pub(super) fn entity(&mut self) {
        self.style.spoil();
    }

    /// Returns what was found in the whole drawing.
    ///
    /// # Errors
    /// If there is no element, or one is not closed.
    pub(super) fn finish(self) -> Result<References, String> {
        if self.open == 0 && self.has_root {
            Ok(self.found.sorted())
        } else {
            Err("an element is not closed".to_owned())
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        let place = self.place(text);
        match (&self.style, place) {
            (Style::None, _) => self.inert(text),
            _ if text.trim_ascii().is_empty() => {}
            (Style::Empty, Some(place)) => self.style = Style::Text(place),
            _ => self.style = Style::Unread,
        }
    }

    pub(super) fn instruction(&mut self, instruction: &BytesPI<'_>) -> Result<(), String> {
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
