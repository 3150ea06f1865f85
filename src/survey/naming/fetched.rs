//! URLs that a script fetches as data, so that a page may show the text of a file as it is written.

use memchr::memmem;

/// Calls whose first or second argument is a URL.
const CALLS: [&str; 4] = ["fetch(", ".get(", ".open(", ".load("];

/// Calls around a URL.
const WRAPPERS: [&str; 2] = ["new URL(", "new Request("];

/// Maximum length of a URL, in bytes.
const MAX_URL: usize = 256;

/// Adds the URLs in a text, as patterns of paths: `*` stands for what is computed.
pub(super) fn collect(text: &[u8], found: &mut Vec<String>) {
    for call in CALLS {
        for at in memmem::find_iter(text, call) {
            let mut rest = text[at + call.len()..].trim_ascii_start();
            for wrapper in WRAPPERS {
                rest = rest.strip_prefix(wrapper.as_bytes()).unwrap_or(rest).trim_ascii_start();
            }
            let Some((first, rest)) = literal(rest) else { continue };
            found.extend(pattern(&first));
            // A request has its method before its URL.
            let second = rest.trim_ascii_start().strip_prefix(b",").map(<[u8]>::trim_ascii_start);
            found.extend(second.and_then(literal).and_then(|(second, _)| pattern(&second)));
        }
    }
}

/// Reads a string or a template, and what is added to it. Returns it with `*` for what is computed, and the
/// rest of the text.
fn literal(text: &[u8]) -> Option<(String, &[u8])> {
    let quote = *text.first().filter(|quote| b"\"'`".contains(quote))?;
    let end = text.iter().take(MAX_URL).skip(1).position(|byte| *byte == quote)? + 1;
    let mut value = String::new();
    let inner = str::from_utf8(&text[1..end]).ok()?;
    let mut parts = inner.split("${");
    value.push_str(parts.next()?);
    for part in parts {
        value.push('*');
        value.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    let rest = &text[end + 1..];
    let Some(added) = rest.trim_ascii_start().strip_prefix(b"+") else {
        return Some((value, rest));
    };
    // The last string of a sum, if there is one, is the end of the URL.
    let added = &added[..added.len().min(MAX_URL)];
    let argument = added.split(|byte| b",)\n;".contains(byte)).next().unwrap_or_default();
    let argument = str::from_utf8(argument).ok()?.trim_end();
    value.push('*');
    if let Some(quote) = argument.chars().last().filter(|quote| "\"'`".contains(*quote)) {
        value.push_str(argument[..argument.len() - 1].rsplit(quote).next()?);
    }
    Some((value, rest))
}

/// Returns the pattern of a URL's path. Returns `None` if it says too little: neither a folder nor a name.
fn pattern(url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next()?;
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url,
    };
    let path = path.trim_start_matches(['.', '/']);
    let says = path.split('*').any(|part| {
        part.trim_matches('/').contains(|c: char| c.is_ascii_alphanumeric())
            && (part.contains('/') || part.contains('.'))
    });
    (says && !path.contains(['\n', '\r'])).then(|| path.to_owned())
}

/// Returns whether a route ends with a path that matches a pattern.
pub(in crate::survey) fn matches(pattern: &str, route: &str) -> bool {
    route.match_indices('/').any(|(at, _)| is_match(pattern, &route[at + 1..]))
}

fn is_match(pattern: &str, path: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == path };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = path.strip_prefix(start).and_then(|path| path.strip_suffix(end));
    inner.is_some_and(|mut inner| {
        middle.split('*').all(|part| match inner.find(part) {
            Some(at) => {
                inner = &inner[at + part.len()..];
                true
            }
            None => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_requests_are_found() {
        for (source, expected) in [
            ("fetch('/examples/hello.js')", "examples/hello.js"),
            ("fetch( \"./hello.js?v=1\" , {})", "hello.js"),
            ("fetch(`/examples/${name}.js`)", "examples/*.js"),
            ("fetch('/examples/' + name + '.js')", "examples/*.js"),
            ("fetch(\"/examples/\"+n)", "examples/*"),
            ("fetch(new URL('hello.js', import.meta.url))", "hello.js"),
            ("fetch('https://site.example/a/b.css')", "a/b.css"),
            ("request.open('GET', '/a/b.js')", "a/b.js"),
            ("$.get('/a/b.js', show)", "a/b.js"),
        ] {
            let mut found = Vec::new();
            collect(source.as_bytes(), &mut found);
            assert_eq!(found, [expected], "{source}");
        }
        for source in
            ["fetch(url)", "fetch('/' + url)", "fetch(`${a}${b}`)", "map.get('key')", "fetch('"]
        {
            let mut found = Vec::new();
            collect(source.as_bytes(), &mut found);
            assert_eq!(found, [""; 0], "{source}");
        }
    }

    #[test]
    fn a_route_matches_by_its_end() {
        for (pattern, route) in [
            ("hello.js", "/examples/hello.js"),
            ("examples/*.js", "/examples/hello.js"),
            ("examples/*.js", "/docs/examples/a/hello.js"),
            ("examples/*", "/examples/hello.js"),
        ] {
            assert!(matches(pattern, route), "{pattern} {route}");
        }
        for (pattern, route) in [("hello.js", "/othello.js"), ("examples/*.js", "/examples/a.css")]
        {
            assert!(!matches(pattern, route), "{pattern} {route}");
        }
    }
}
