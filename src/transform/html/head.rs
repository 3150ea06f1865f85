//! The head of a page: its language, and its own content security policies.

use super::document::{NodeData, NodeId, ROOT, Scripting, is_html};
use super::parse;

/// Facts about a page that its first bytes tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageHead {
    /// The language of the page in lower case, from `lang` of its `<html>` (HTML §3.2.6.1).
    pub(crate) language: Option<String>,
    /// The policies of its `<meta>` elements, as written.
    pub(crate) policies: Vec<String>,
}

/// The part of a page that is read if the end of its head cannot be found, in bytes.
const WITHOUT_END: usize = 64 * 1024;

impl PageHead {
    /// Reads the head of a page. A page that cannot be parsed has no facts.
    pub(crate) fn of(source: &str) -> Self {
        let Ok(document) = parse(head_of(source), Scripting::On) else { return Self::default() };
        let mut head = Self::default();
        let mut next: Vec<NodeId> = vec![ROOT];
        while let Some(id) = next.pop() {
            let node = document.node(id);
            next.extend(node.children.iter().rev());
            let NodeData::Element(element) = &node.data else { continue };
            match &*element.name.local {
                "html" if is_html(&element.name) => {
                    head.language = element.attribute("lang").map(str::to_ascii_lowercase);
                }
                "meta" => {
                    let is_policy = element
                        .attribute("http-equiv")
                        .is_some_and(|value| value.eq_ignore_ascii_case("content-security-policy"));
                    let policy = element.attribute("content").filter(|_| is_policy);
                    head.policies.extend(policy.map(str::to_owned));
                }
                _ => {}
            }
        }
        head
    }
}

/// Returns a page up to the end of its head. One within a script or a comment comes too early, and then what
/// follows it is not read.
fn head_of(source: &str) -> &str {
    let is_end = |at: &usize| {
        let tag = &source.as_bytes()[*at..];
        let is = |name: &[u8]| {
            tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        is(b"</head") || is(b"<body")
    };
    let end = memchr::memchr_iter(b'<', source.as_bytes()).find(is_end);
    &source[..end.unwrap_or_else(|| source.floor_char_boundary(WITHOUT_END))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_and_the_policies_are_those_of_the_head() {
        let page = "<!DOCTYPE html><HTML lang=\" pt-BR \"><head><title lang=en>x</title>\
                    <meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">\
                    <meta name=description content=x></head><body>\
                    <meta http-equiv=content-security-policy content=\"img-src *\">";
        let head = PageHead::of(page);
        assert_eq!(head.language.as_deref(), Some("pt-br"));
        assert_eq!(head.policies, ["default-src 'none'"]);
    }

    #[test]
    fn a_page_without_tags_of_its_own_has_no_facts() {
        assert_eq!(PageHead::of("<p>text"), PageHead::default());
        assert_eq!(PageHead::of(""), PageHead::default());
    }
}
