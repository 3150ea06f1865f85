//! The policy in a `<meta>` of a page, completed by the hashes of what the page ships.
//!
//! Astro lists the hashes of the code that it has written, but not those of Solid's bootstrap, of `is:inline` scripts
//! and of import maps. No hash is removed, since code that a script inserts later may need it. A list without any hash
//! stays as it is.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::comparison::is_same;
use super::csp::has_code_hash;
use super::document::{Document, Element, NodeData, Scripting};
use super::edits::{Edit, apply, element_of, quoted, start_tags, value_in};
use super::shipped::{Shipped, ShippedCode, ShippedKind};
use super::{Unfaithful, parse};
use crate::options::CspAttributes;
use crate::transform::comments::KeptComments;

/// A page with completed policies.
pub(in crate::transform) struct Completed {
    pub(in crate::transform) text: String,
    /// The code whose hash was missing, with its place in the page.
    pub(in crate::transform) unhashed: Vec<ShippedCode>,
}

/// Completes the policies of a page. Returns `None` if nothing is missing in them.
///
/// # Errors
/// If a browser would see another page than one with these policies.
pub(in crate::transform) fn completed(
    source: &str,
    attributes: CspAttributes,
    kept: &KeptComments,
) -> Result<Option<Completed>, Unfaithful> {
    // Most pages have none.
    if !source.to_ascii_lowercase().contains("content-security-policy") {
        return Ok(None);
    }
    let Ok(shipped) = Shipped::of(source) else { return Ok(None) };
    let mut unhashed = Vec::new();
    let mut replaced = Vec::new();
    let mut edits = Vec::new();
    for tag in start_tags(source, "meta").map_err(|_| Unfaithful)? {
        let text = &source[tag.clone()];
        let Some((document, id)) = element_of(text) else { continue };
        let NodeData::Element(element) = &document.node(id).data else { continue };
        let Some(before) = policy_of(element) else { continue };
        let after = with_hashes(before, &shipped, attributes, &mut unhashed);
        let Some(value) = value_in(text, "content").filter(|_| after != before) else { continue };
        let range = tag.start + value.start..tag.start + value.end;
        edits.push(Edit { range, text: quoted(&after) });
        replaced.push((before.to_owned(), after));
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let text = apply(source, &edits);
    let is_faithful = |scripting: &Scripting| {
        let (Ok(mut before), Ok(after)) = (parse(source, *scripting), parse(&text, *scripting))
        else {
            return false;
        };
        replace(&mut before, &replaced);
        is_same(&before, &after, &[], kept)
    };
    if !Scripting::cases(source).iter().all(is_faithful) {
        return Err(Unfaithful);
    }
    unhashed.sort_by_key(|code: &ShippedCode| code.offset);
    unhashed.dedup();
    Ok(Some(Completed { text, unhashed }))
}

/// Returns the policy of a `<meta>`, if it lists hashes.
fn policy_of(element: &Element) -> Option<&str> {
    let is_policy = element
        .attribute("http-equiv")
        .is_some_and(|value| value.eq_ignore_ascii_case("content-security-policy"));
    element.raw_attribute("content").filter(|value| is_policy && has_code_hash(value))
}

/// Replaces the policies in a document.
fn replace(document: &mut Document, replaced: &[(String, String)]) {
    for node in &mut document.nodes {
        let NodeData::Element(element) = &mut node.data else { continue };
        let Some(before) = policy_of(element) else { continue };
        let Some((_, after)) = replaced.iter().find(|(own, _)| own == before) else { continue };
        let is_content = |one: &&mut html5ever::Attribute| &*one.name.local == "content";
        if let Some(content) = element.attributes.iter_mut().find(is_content) {
            content.value = after.as_str().into();
        }
    }
}

/// A directive with its sources.
struct Directive {
    name: String,
    sources: Vec<String>,
}

/// Returns a policy with the hashes of what a page ships. What is missing is added to `unhashed`.
fn with_hashes(
    policy: &str,
    shipped: &Shipped,
    attributes: CspAttributes,
    unhashed: &mut Vec<ShippedCode>,
) -> String {
    let mut directives: Vec<Directive> = policy.split(';').filter_map(directive).collect();
    for code in &shipped.code {
        let (names, is_attribute): (&[&str], bool) = match code.kind {
            ShippedKind::Script | ShippedKind::ScriptData => {
                (&["script-src-elem", "script-src", "default-src"], false)
            }
            ShippedKind::Style => (&["style-src-elem", "style-src", "default-src"], false),
            ShippedKind::Handler => (&["script-src-attr", "script-src", "default-src"], true),
            ShippedKind::StyleAttribute => (&["style-src-attr", "style-src", "default-src"], true),
            ShippedKind::ScriptUrl => continue,
        };
        if is_attribute && attributes == CspAttributes::Block {
            continue;
        }
        // The first of a name counts, and the most specific name (CSP3 §6.8.3).
        let find = |name: &&str| directives.iter().position(|one| one.name == **name);
        let Some(index) = names.iter().find_map(find) else { continue };
        let decides = &mut directives[index];
        if !decides.sources.iter().any(|source| has_code_hash(source)) {
            continue;
        }
        if !is_attribute {
            if !decides.has_hash_of(&code.text) {
                decides.sources.push(hash(&code.text));
                unhashed.push(code.clone());
            }
            continue;
        }
        // In a directive of their own, the hashes allow no element.
        let own = if decides.name == names[0] {
            index
        } else {
            let name = names[0].to_owned();
            directives.push(Directive { name, sources: vec!["'unsafe-hashes'".to_owned()] });
            directives.len() - 1
        };
        let own = &mut directives[own];
        if !own.has_hash_of(&code.text) {
            own.sources.push(hash(&code.text));
        }
    }
    let words = |one: &Directive| {
        let sources = one.sources.iter().map(String::as_str);
        [one.name.as_str()].into_iter().chain(sources).collect::<Vec<_>>().join(" ")
    };
    let written: Vec<String> = directives.iter().map(words).collect();
    // Astro's own style: each directive is closed.
    let end = if policy.trim_end().ends_with(';') { ";" } else { "" };
    written.join("; ") + end
}

/// Reads a directive, with each source once.
fn directive(text: &str) -> Option<Directive> {
    let mut words = text.split_ascii_whitespace();
    let name = words.next()?.to_ascii_lowercase();
    let mut sources: Vec<String> = Vec::new();
    for word in words {
        if !sources.iter().any(|source| source == word) {
            sources.push(word.to_owned());
        }
    }
    Some(Directive { name, sources })
}

impl Directive {
    fn has_hash_of(&self, code: &str) -> bool {
        let digests = [
            ("'sha256-", BASE64_STANDARD.encode(Sha256::digest(code))),
            ("'sha384-", BASE64_STANDARD.encode(Sha384::digest(code))),
            ("'sha512-", BASE64_STANDARD.encode(Sha512::digest(code))),
        ];
        self.sources.iter().any(|source| {
            digests.iter().any(|(prefix, digest)| {
                let own = source.get(prefix.len()..).and_then(|rest| rest.strip_suffix('\''));
                let is_algorithm = source
                    .get(..prefix.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(prefix));
                // Both alphabets of base64 are allowed.
                is_algorithm
                    && own.is_some_and(|own| own.replace('-', "+").replace('_', "/") == *digest)
            })
        })
    }
}

/// Returns the source that allows code by its hash.
fn hash(code: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(page: &str, attributes: CspAttributes) -> Option<Completed> {
        completed(page, attributes, &KeptComments::default()).unwrap_or_else(|_| panic!("{page}"))
    }

    fn with_policy(policy: &str, rest: &str) -> String {
        format!(
            "<!doctype html><meta http-equiv=content-security-policy content=\"{policy}\">{rest}"
        )
    }

    #[test]
    fn missing_hashes_are_added_and_equal_ones_listed_once() {
        let (one, two) = (hash("one()"), hash("two()"));
        let page = with_policy(
            &format!("script-src 'self' {one} {one} 'sha256-other'; style-src 'self';"),
            "<script>one()</script><script>two()</script><style>p{}</style>",
        );
        let completed = complete(&page, CspAttributes::Block).unwrap();
        let policy = format!("script-src 'self' {one} 'sha256-other' {two}; style-src 'self';");
        assert!(completed.text.contains(&policy), "{}", completed.text);
        let unhashed: Vec<&str> = completed.unhashed.iter().map(|code| &*code.text).collect();
        assert_eq!(unhashed, ["two()"]);
        assert!(complete(&completed.text, CspAttributes::Block).is_none(), "nothing is missing");
    }

    #[test]
    fn attributes_get_a_directive_of_their_own_if_it_is_asked_for() {
        let style = hash("p{}");
        let page = with_policy(
            &format!("style-src {style}"),
            "<style>p{}</style><p style=color:red>a</p>",
        );
        assert!(complete(&page, CspAttributes::Block).is_none());
        let completed = complete(&page, CspAttributes::Hash).unwrap();
        let own =
            format!("style-src {style}; style-src-attr 'unsafe-hashes' {}", hash("color:red"));
        assert!(completed.text.contains(&own), "{}", completed.text);
    }

    #[test]
    fn lists_without_hashes_stay() {
        for policy in ["script-src 'self'", "img-src 'self'", "script-src 'nonce-a'"] {
            let page = with_policy(policy, "<script>one()</script>");
            assert!(complete(&page, CspAttributes::Hash).is_none(), "{policy}");
        }
    }
}
