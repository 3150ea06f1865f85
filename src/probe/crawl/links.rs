//! The references of a page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use lol_html::{HtmlRewriter, Settings, element, end_tag};

use crate::visit::urls_of_set;

/// Attributes with a reference.
const ATTRIBUTES: [&str; 3] = ["href", "src", "poster"];

/// The references of a page, as they are written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    /// The URL that the references are relative to, if the page names one (HTML §4.2.3).
    pub(super) base: Option<String>,
    pub(super) references: Vec<String>,
}

/// Returns what a page links to and loads. Forms and what only scripts know, as the content of a `<template>`,
/// are not among them.
pub(super) fn of_page(page: &[u8]) -> Links {
    let found = RefCell::new(Links::default());
    let depth = Rc::new(Cell::new(0_usize));
    let template = element!("template", |element| {
        let inner = Rc::clone(&depth);
        depth.set(depth.get() + 1);
        element.on_end_tag(end_tag!(move |_| {
            inner.set(inner.get().saturating_sub(1));
            Ok(())
        }))
    });
    let handler = element!("*", |element| {
        if depth.get() > 0 {
            return Ok(());
        }
        let mut found = found.borrow_mut();
        let is_wanted = match &*element.tag_name() {
            // `preconnect` and `dns-prefetch` name hosts.
            "link" => element.get_attribute("rel").is_none_or(|rel| {
                !["preconnect", "dns-prefetch"].contains(&&*rel.to_ascii_lowercase())
            }),
            "a" => element.get_attribute("download").is_none(),
            "base" => {
                let base = element.get_attribute("href").map(|base| unescaped(&base));
                found.base = found.base.take().or(base);
                false
            }
            _ => true,
        };
        if is_wanted {
            let values = ATTRIBUTES.iter().filter_map(|name| element.get_attribute(name));
            found.references.extend(values.map(|value| unescaped(&value)));
            let sets = ["srcset", "imagesrcset"].map(|name| element.get_attribute(name));
            for set in sets.into_iter().flatten() {
                found.references.extend(urls_of_set(&unescaped(&set)));
            }
        }
        Ok(())
    });
    let settings = Settings::new()
        .append_element_content_handler(template)
        .append_element_content_handler(handler);
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| ());
    // Markup that cannot be read has no further links.
    if rewriter.write(page).is_ok() {
        let _ = rewriter.end();
    }
    found.take()
}

fn unescaped(value: &str) -> String {
    html_escape::decode_html_entities(value.trim()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Links, of_page};

    #[test]
    fn links_and_loaded_files_are_found() {
        let page = br#"<!doctype html><link rel=preconnect href=https://a.example>
            <link rel=stylesheet href="/a.css"><script src=/b.js></script>
            <a href=" /c?d=1&amp;e=2 ">c</a><a href=/file.zip download>f</a>
            <img src=/g.png srcset="/h.png 1x, /i.png 2x"><form action=/delete></form>"#;
        let found = of_page(page);
        let expected = ["/a.css", "/b.js", "/c?d=1&e=2", "/g.png", "/h.png", "/i.png"];
        assert_eq!((found.references, found.base), (expected.map(str::to_owned).to_vec(), None));
        assert_eq!(of_page(b"\x00\xff<a href"), Links::default());
    }

    #[test]
    fn a_set_may_contain_commas_and_a_template_has_no_links() {
        let page = br#"<base href="/docs/"><base href="/late/"><img srcset="/w=80,q=75/a.png 1x, data:image/png;base64,AA 2x">
            <template><a href="/{id}">x</a><template><a href="/inner">x</a></template><a href="/y">y</a></template><a href=b>b</a>"#;
        let found = of_page(page);
        assert_eq!(found.base.as_deref(), Some("/docs/"));
        assert_eq!(found.references, ["/w=80,q=75/a.png", "data:image/png;base64,AA", "b"]);
    }
}
