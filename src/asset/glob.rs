//! Globs of rules by path, written as patterns of a table. The runtime has no library for globs.

use std::iter::Peekable;
use std::str::Chars;

use worker_pack_runtime::packer::path::encode;

/// The most patterns that a glob is written as.
const MAX_PATTERNS: usize = 100;

/// Returns patterns of a table that together match the paths of URLs that a glob matches, or none if the
/// glob needs more than one `*`, or another wildcard.
pub(super) fn in_table(glob: &str) -> Option<Vec<String>> {
    let patterns = sequence(&mut glob.chars().peekable(), Place::Outside)?;
    let is_known = |pattern: &String| pattern.matches('*').count() <= 1;
    patterns.iter().all(is_known).then_some(patterns)
}

/// The place of a sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    InBraces,
}

/// Reads a sequence to its end, or to the comma or brace that ends it, and returns its alternatives.
fn sequence(rest: &mut Peekable<Chars<'_>>, place: Place) -> Option<Vec<String>> {
    let mut all = vec![String::new()];
    while let Some(c) = rest.next_if(|c| place == Place::Outside || !matches!(c, ',' | '}')) {
        let next = match c {
            '*' => {
                let mut stars = 1;
                while rest.next_if_eq(&'*').is_some() {
                    stars += 1;
                }
                // `**/` also matches no folder at all.
                if stars > 1 && rest.peek() == Some(&'/') {
                    return None;
                }
                vec!["*".to_owned()]
            }
            '{' => alternatives(rest)?,
            '?' | '[' => return None,
            '\\' => vec![literal(rest.next()?)?],
            c => vec![literal(c)?],
        };
        let pairs = all.iter().flat_map(|one| next.iter().map(move |two| [&**one, two].concat()));
        all = pairs.collect();
        if all.len() > MAX_PATTERNS {
            return None;
        }
    }
    Some(all)
}

/// Reads alternatives to the brace that ends them.
fn alternatives(rest: &mut Peekable<Chars<'_>>) -> Option<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    loop {
        all.extend(sequence(rest, Place::InBraces)?);
        if rest.next()? == '}' {
            break;
        }
    }
    // An empty alternative does not count among others.
    all.retain(|it| !it.is_empty());
    Some(if all.is_empty() { vec![String::new()] } else { all })
}

/// Returns a character as it is in the path of a URL, if it has no meaning in patterns of a table.
fn literal(c: char) -> Option<String> {
    (!matches!(c, ':' | '*')).then(|| encode(c.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use globset::GlobBuilder;
    use proptest::prelude::*;
    use worker_pack_runtime::packer::pattern;

    use super::*;

    #[test]
    fn globs_with_one_star_are_patterns_of_a_table() {
        for (glob, patterns) in [
            ("/api/*", &["/api/*"][..]),
            ("/api/**", &["/api/*"]),
            ("/api/{a,b/{c,d}}.json", &["/api/a.json", "/api/b/c.json", "/api/b/d.json"]),
            ("*.json", &["*.json"]),
            ("/\\[a\\]", &["/%5Ba%5D"]),
            ("/\u{fc}", &["/%C3%BC"]),
        ] {
            assert_eq!(
                in_table(glob).as_deref(),
                Some(&patterns.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..]),
                "{glob}"
            );
        }
        for glob in ["/a?", "/[ab]", "/*/b/*", "/**/b", "/:a", "/\\*", "{*,/a*}*"] {
            assert_eq!(in_table(glob), None, "{glob}");
        }
    }

    proptest! {
        #[test]
        fn patterns_of_a_table_match_what_the_glob_matches(
            glob in "/[ab/*{,}\\\\]{0,8}",
            path in "/[ab/]{0,6}",
        ) {
            let compiled = GlobBuilder::new(&glob).backslash_escape(true).build();
            if let (Ok(compiled), Some(patterns)) = (compiled, in_table(&glob)) {
                let is_match = patterns.iter().any(|it| pattern::matches(it, &path).is_some());
                prop_assert_eq!(is_match, compiled.compile_matcher().is_match(&path), "{:?}", patterns);
            }
        }
    }
}
