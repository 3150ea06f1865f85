//! The references of a page.

use std::cell::RefCell;

use lol_html::{HtmlRewriter, Settings, element};

/// Attributes with a reference.
const ATTRIBUTES: [&str; 3] = ["href", "src", "poster"];

/// Returns what a page links to and loads. Forms and what only scripts know are not among them.
pub(super) fn of_page(page: &[u8]) -> Vec<String> {
    let found = RefCell::new(Vec::new());
    let handler = element!("*", |element| {
        let is_wanted = match &*element.tag_name() {
            // `preconnect` and `dns-prefetch` name hosts.
            "link" => element.get_attribute("rel").is_none_or(|rel| {
                !["preconnect", "dns-prefetch"].contains(&&*rel.to_ascii_lowercase())
            }),
            "a" => element.get_attribute("download").is_none(),
            "base" => false,
            _ => true,
        };
        if is_wanted {
            let values = ATTRIBUTES.iter().filter_map(|name| element.get_attribute(name));
            found.borrow_mut().extend(values.map(|value| unescaped(&value)));
            if let Some(set) = element.get_attribute("srcset") {
                let candidates = set.split(',').filter_map(|it| it.split_whitespace().next());
                found.borrow_mut().extend(candidates.map(unescaped));
            }
        }
        Ok(())
    });
    let settings = Settings::new().append_element_content_handler(handler);
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
    use super::of_page;

    #[test]
    fn links_and_loaded_files_are_found() {
        let page = br#"<!doctype html><link rel=preconnect href=https://a.example>
            <link rel=stylesheet href="/a.css"><script src=/b.js></script>
            <a href=" /c?d=1&amp;e=2 ">c</a><a href=/file.zip download>f</a>
            <img src=/g.png srcset="/h.png 1x, /i.png 2x"><form action=/delete></form>"#;
        assert_eq!(of_page(page), ["/a.css", "/b.js", "/c?d=1&e=2", "/g.png", "/h.png", "/i.png"]);
        assert_eq!(of_page(b"\x00\xff<a href"), Vec::<String>::new());
    }
}
