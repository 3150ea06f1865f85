//! The references of a page, each with its place in the source, as lol_html finds them.
//!
//! It only guesses the tree that a browser makes of a page. So a rewritten page is compared with the page
//! afterwards, by the parser that does not guess.

mod code;
mod srcset;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use lol_html::html_content::{Attribute, Element, TextChunk, TextType};
use lol_html::{Settings, doc_comments, doc_text, element, rewrite_str};

use super::events::is_script_url;
use super::scan::ISLAND;
use crate::transform::css;
use crate::transform::reference::{Base, Reference, References, Role};
use code::Content;
use srcset::candidates;

/// The attributes of HTML and SVG that a rewritten page may differ in.
pub(super) const REWRITTEN: [&str; 10] = [
    "src",
    "srcset",
    "href",
    "poster",
    "data",
    "imagesrcset",
    "style",
    "component-url",
    "renderer-url",
    "before-hydration-url",
];

/// Returns the references of a page.
///
/// # Errors
/// If lol_html cannot tell how a browser would parse the page.
pub(crate) fn references(source: &str) -> Result<References, String> {
    let state = Rc::new(RefCell::new(Reader::default()));
    let (elements, texts, comments) = (Rc::clone(&state), Rc::clone(&state), Rc::clone(&state));
    let settings = Settings::new()
        .append_element_content_handler(element!("*", move |element| {
            Reader::element(&elements, element, source);
            Ok(())
        }))
        .append_document_content_handler(doc_text!(move |text| {
            texts.borrow_mut().text(text, source);
            Ok(())
        }))
        .append_document_content_handler(doc_comments!(move |comment| {
            comments.borrow_mut().found.inert.push(comment.source_location().bytes());
            Ok(())
        }));
    rewrite_str(source, settings).map_err(|error| error.to_string())?;
    let found = state.take().found;
    Ok(found.sorted())
}

/// A walk through a page.
#[derive(Default)]
struct Reader {
    found: References,
    /// The number of open islands.
    opaque: usize,
    content: Content,
    /// The place of a style sheet or a script read so far, which lol_html may deliver in several chunks.
    code: Option<Range<usize>>,
}

impl Reader {
    fn element(state: &Rc<RefCell<Self>>, element: &mut Element<'_, '_>, source: &str) {
        let mut reader = state.borrow_mut();
        let name = element.tag_name();
        reader.content = Content::Other;
        reader.code = None;
        if element.namespace_uri() == "http://www.w3.org/1999/xhtml" {
            reader.html_element(&name, element, source);
        } else {
            reader.foreign_element(&name, element);
        }
        if let Some((range, _)) = attribute(element, "style") {
            reader.style_attribute(range, source);
        }
        // Hydration expects the content of an island to be as the server rendered it.
        if name == ISLAND {
            // The handler of the end tag borrows the state again.
            drop(reader);
            if let Some(handlers) = element.end_tag_handlers() {
                state.borrow_mut().opaque += 1;
                let at_end = Rc::clone(state);
                handlers.push(Box::new(move |_| {
                    let opaque = &mut at_end.borrow_mut().opaque;
                    *opaque = opaque.saturating_sub(1);
                    Ok(())
                }));
            }
        }
    }

    fn html_element(&mut self, name: &str, element: &Element<'_, '_>, source: &str) {
        match name {
            "img" | "source" => {
                self.add(element, "src", Role::Loaded);
                self.add_set(element, "srcset", source);
            }
            "video" => {
                self.add(element, "src", Role::Loaded);
                self.add(element, "poster", Role::Loaded);
            }
            "audio" | "track" | "embed" | "input" => self.add(element, "src", Role::Loaded),
            "object" => self.add(element, "data", Role::Loaded),
            "link" => self.link(element, source),
            "script" => {
                self.add(element, "src", Role::Loaded);
                self.content = Content::of_script(element);
            }
            "style" => self.content = Content::Style,
            "noscript" => self.content = Content::Inert,
            // Visitors keep the addresses of what they see, and so do search engines.
            "a" | "area" => self.add(element, "href", Role::Stays),
            "iframe" | "frame" => self.add(element, "src", Role::Stays),
            "form" => self.add(element, "action", Role::Stays),
            "base" => self.base(element, source),
            // A policy may list the files that it allows.
            "meta" if element.get_attribute("http-equiv").is_none() => {
                if let Some((range, _)) = attribute(element, "content") {
                    self.found.inert.push(range);
                }
            }
            ISLAND => {
                for url in ["component-url", "renderer-url", "before-hydration-url"] {
                    self.add(element, url, Role::Loaded);
                }
            }
            _ => {}
        }
    }

    fn foreign_element(&mut self, name: &str, element: &Element<'_, '_>) {
        let role = match name {
            "image" | "feimage" | "feImage" => Role::Loaded,
            "use" => Role::Used,
            "a" | "script" => Role::Stays,
            _ => return,
        };
        self.add(element, "href", role);
        self.add(element, "xlink:href", role);
    }

    fn link(&mut self, element: &Element<'_, '_>, source: &str) {
        let rel = element.get_attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let has = |word: &str| rel.split_ascii_whitespace().any(|own| own == word);
        let loaded = [
            "stylesheet",
            "icon",
            "apple-touch-icon",
            "mask-icon",
            "preload",
            "prefetch",
            "modulepreload",
        ];
        let is_loaded = loaded.into_iter().any(has);
        let role = match () {
            () if is_loaded => Role::Loaded,
            () if has("manifest") => Role::Manifest,
            () => Role::Stays,
        };
        self.add(element, "href", role);
        self.add_set(element, "imagesrcset", source);
    }

    fn base(&mut self, element: &Element<'_, '_>, source: &str) {
        let Some((range, _)) = attribute(element, "href") else { return };
        if self.found.base == Base::Own {
            let href = &source[range];
            let at = element.source_location().bytes().start;
            self.found.base = if href.contains('&') {
                Base::Unknown
            } else {
                Base::Written { href: href.to_owned(), at }
            };
        }
    }

    fn add(&mut self, element: &Element<'_, '_>, name: &str, role: Role) {
        // Code may compare a name that is in it, and data may load one.
        let is_address = |value: &str| !is_script_url(value) && !is_data_url(value);
        if let Some((range, value)) = attribute(element, name)
            && is_address(&value)
        {
            let role = self.role(role);
            self.found.all.push(Reference { range, role });
        }
    }

    /// Adds the URLs of a list of images (HTML §4.8.4.2.2).
    fn add_set(&mut self, element: &Element<'_, '_>, name: &str, source: &str) {
        let Some((range, _)) = attribute(element, name) else { return };
        let role = self.role(Role::Loaded);
        let urls = candidates(&source[range.clone()]).into_iter();
        let urls = urls.map(|url| range.start + url.start..range.start + url.end);
        self.found.all.extend(urls.map(|range| Reference { range, role }));
    }

    fn role(&self, role: Role) -> Role {
        if self.opaque > 0 && role != Role::Manifest { Role::Stays } else { role }
    }

    fn style_attribute(&mut self, range: Range<usize>, source: &str) {
        if let Some(found) = css::references_in_attribute(&source[range.clone()]) {
            self.add_found(found, range.start);
        }
    }

    fn text(&mut self, chunk: &TextChunk<'_>, source: &str) {
        let range = chunk.source_location().bytes();
        match (chunk.text_type(), self.content) {
            (
                TextType::RawText | TextType::ScriptData,
                Content::Style | Content::Script | Content::ImportMap,
            ) => {
                let start = self.code.take().map_or(range.start, |earlier| earlier.start);
                let range = start..range.end;
                if chunk.last_in_text_node() {
                    self.add_found(self.content.references(&source[range.clone()]), range.start);
                } else {
                    self.code = Some(range);
                }
            }
            (TextType::Data | TextType::RCData, _) | (_, Content::Inert) => {
                self.found.inert.push(range);
            }
            _ => {}
        }
    }

    fn add_found(&mut self, References { all, inert, .. }: References, offset: usize) {
        let moved = |range: Range<usize>| range.start + offset..range.end + offset;
        for Reference { range, role } in all {
            let role = match role {
                Role::Loaded => self.role(Role::LoadedByCode),
                other => other,
            };
            self.found.all.push(Reference { range: moved(range), role });
        }
        self.found.inert.extend(inert.into_iter().map(moved));
    }
}

fn is_data_url(url: &str) -> bool {
    let start = url.trim_start().as_bytes().first_chunk::<5>();
    start.is_some_and(|start| start.eq_ignore_ascii_case(b"data:"))
}

/// Returns the place and the text of an attribute's value. The first of its name counts (HTML §13.2.5.33).
fn attribute(element: &Element<'_, '_>, name: &str) -> Option<(Range<usize>, String)> {
    let own = element.attributes().iter().find(|own| own.name() == name)?;
    let place = Attribute::value_source_location(own)?;
    Some((place.bytes(), own.value()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<(&str, Role)> {
        let references = references(source).unwrap();
        references.all.into_iter().map(|one| (&source[one.range], one.role)).collect()
    }

    #[test]
    fn every_attribute_that_loads_a_file_is_found() {
        let source = "<link rel='shortcut icon' href=a.svg><link rel=canonical href=/b/>
            <img src='c.png' srcset='d.png, e.png 2x,f.png?g,h 3x' src=never.png alt=i.png>
            <video src=j.mp4 poster=k.jpg><source src=l.webm></video><a href=m.pdf>n.png</a>
            <svg><use href=o.svg#p /><image href=q.png /></svg><object data=r.svg></object>
            <template><img src=s.png></template><noscript><img src=t.png></noscript>
            <astro-island component-url=u.js><img src=v.png></astro-island>
            <script type=module src=w.js></script><link rel=modulepreload href=x.js>";
        let expected = [
            ("a.svg", Role::Loaded),
            ("/b/", Role::Stays),
            ("c.png", Role::Loaded),
            ("d.png", Role::Loaded),
            ("e.png", Role::Loaded),
            ("f.png?g,h", Role::Loaded),
            ("j.mp4", Role::Loaded),
            ("k.jpg", Role::Loaded),
            ("l.webm", Role::Loaded),
            ("m.pdf", Role::Stays),
            ("o.svg#p", Role::Used),
            ("q.png", Role::Loaded),
            ("r.svg", Role::Loaded),
            ("s.png", Role::Loaded),
            ("u.js", Role::Loaded),
            ("v.png", Role::Stays),
            ("w.js", Role::Loaded),
            ("x.js", Role::Loaded),
        ];
        assert_eq!(found(source), expected);
    }

    #[test]
    fn styles_of_a_page_are_read_with_quotes_as_character_references_too() {
        let source = "<style>a { b: url(c.png) }</style>
            <p style='d: url(e.png)'><p style=\"f: url(&quot;g.png?h&amp;i&quot;)\"><p style=\"j: url(&#x6b;.png)\">";
        let urls: Vec<_> = found(source);
        let expected = ["c.png", "e.png", "g.png?h&amp;i"].map(|url| (url, Role::LoadedByCode));
        assert_eq!(urls, expected);
    }

    #[test]
    fn modules_that_scripts_within_a_page_import_are_found() {
        let source = "<script type=module>import './a.js'; f(new URL('b.png', import.meta.url))</script>
            <script>import('./c.js')</script><script type=module src=d.js>import './e.js'</script>
            <script type=' MODULE '>import('/f.js')</script><script type=module>a b './g.js'</script>
            <script type=importmap>{\"imports\":{\"h\":\"/h.js\"}}</script>
            <script type=text/plain>import('/i.js')</script>";
        let expected = [
            ("./a.js", Role::LoadedByCode),
            ("./c.js", Role::LoadedByCode),
            ("d.js", Role::Loaded),
            ("/f.js", Role::LoadedByCode),
            ("/h.js", Role::LoadedByCode),
        ];
        assert_eq!(found(source), expected);
    }

    #[test]
    fn words_comments_and_linked_data_are_inert_and_other_code_is_not() {
        let source = "<p>a.png <!-- b.png --><script type='application/ld+json'>\"c.png\"</script>
            <script>'d.png'</script><p data-src=e.png><meta property=og:image content=f.png>
            <meta http-equiv=Content-Security-Policy content=\"img-src /g.png\">
            <a href=\"javascript:f('h.png')\"></a><iframe src=\"DATA:text/html,<img src='i.png'>\">";
        let references = references(source).unwrap();
        for (name, is_inert) in [
            ("a", true),
            ("b", true),
            ("c", true),
            ("d", false),
            ("e", false),
            ("f", true),
            ("g", false),
            ("h", false),
            ("i", false),
        ] {
            let at = source.find(&format!("{name}.png")).unwrap();
            assert_eq!(references.explain(&(at..at + 5)), is_inert, "{name}");
        }
    }

    #[test]
    fn the_first_base_counts() {
        let base = |source: &str| references(source).unwrap().base;
        assert_eq!(base("<img src=a>"), Base::Own);
        let written = Base::Written { href: "/b/".to_owned(), at: 0 };
        assert_eq!(base("<base href=/b/><base href=/c/>"), written);
        assert_eq!(base("<base href='/b&amp;/'>"), Base::Unknown);
    }
}
