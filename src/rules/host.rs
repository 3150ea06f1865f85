//! Hosts in rules, written as clients send them.

use url::{Position, Url};
use worker_pack_runtime::packer::pattern::placeholder;

/// Parses the host of a rule, perhaps with a user and a port. `*` and `:name` stay as they are.
///
/// The rest passes the host parser of the URL Standard: letters become lower-case, and names beyond
/// ASCII become Punycode, as in every request.
///
/// # Errors
/// If the host is invalid. The error describes the problem.
pub(super) fn host(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    // The URL parser skips tabs and line breaks.
    if text.chars().any(char::is_control) {
        return Err("contains a control character");
    }
    // A host has no other delimiters; the URL parser would end it at one.
    if text.contains(['/', '\\', '?', '#']) {
        return Err("contains a delimiter");
    }
    let mark = mark(text);
    let (plain, wildcards) = without_wildcards(text, &mark);
    let url = Url::parse(&format!("https://{plain}")).map_err(|_| "is not a valid host")?;
    let mut parsed = url[Position::BeforeUsername..Position::AfterPort].to_owned();
    for (index, wildcard) in wildcards.iter().enumerate() {
        let marked = marked(&mark, index);
        let is_whole = |label: &str| label.contains(&marked) && !label.starts_with("xn--");
        if !parsed.split(['.', '@', ':']).any(is_whole) {
            return Err("has a wildcard beside characters beyond ASCII");
        }
        parsed = parsed.replacen(&marked, wildcard, 1);
    }
    Ok(parsed)
}

/// Returns letters that a host does not contain.
fn mark(text: &str) -> String {
    let text = text.to_lowercase();
    let mut mark = "w".to_owned();
    while text.contains(&mark) {
        mark.push('w');
    }
    mark
}

/// Returns the text that stands for a wildcard while the host is parsed.
fn marked(mark: &str, index: usize) -> String {
    format!("{mark}{index}x")
}

/// Replaces the wildcards of a host. Returns them in order.
fn without_wildcards<'t>(text: &'t str, mark: &str) -> (String, Vec<&'t str>) {
    let mut plain = String::new();
    let mut wildcards = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match placeholder(rest) {
            Some((name, _)) => 1 + name.len(),
            None => first.len_utf8(),
        };
        let (part, after) = rest.split_at(len);
        if len > first.len_utf8() || part == "*" {
            plain.push_str(&marked(mark, wildcards.len()));
            wildcards.push(part);
        } else {
            plain.push_str(part);
        }
        rest = after;
    }
    (plain, wildcards)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_are_written_as_clients_send_them() {
        for (text, expected) in [
            ("a.example", "a.example"),
            ("A.Example:8080", "a.example:8080"),
            ("bücher.example", "xn--bcher-kva.example"),
            (":Sub.example", ":Sub.example"),
            ("*.w0x.example", "*.w0x.example"),
            (":a.bücher.example", ":a.xn--bcher-kva.example"),
            ("x-:a:b.example", "x-:a:b.example"),
            ("[::1]:80", "[::1]:80"),
            ("user@a.example", "user@a.example"),
        ] {
            assert_eq!(host(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn invalid_hosts_are_refused_with_and_without_wildcards() {
        for text in [
            "",
            "a b",
            "a\u{1}.example",
            ":a\u{1}.example",
            ":x\t.example",
            "*\u{7f}",
            "a<.example",
            ":a<.example",
            "a%.example",
            ":a%zz.example",
            "ü:a.example",
            "a\\b",
            ":a/b",
            "a?b",
            "a:99999",
            ":a:99999",
            "\u{ad}",
            "xn--\u{fffd}",
        ] {
            assert!(host(text).is_err(), "{text:?} {:?}", host(text));
        }
    }

    proptest! {
        #[test]
        fn accepted_hosts_are_printable_ascii_and_stay_the_same(text in "[a-zA-Zü:*.@\\x00-\\x1f\\[\\]0-9%-]{0,12}") {
            if let Ok(parsed) = host(&text) {
                prop_assert!(parsed.bytes().all(|byte| byte.is_ascii_graphic()), "{parsed}");
                prop_assert_eq!(host(&parsed), Ok(parsed));
            }
        }
    }
}
