//! Tests of patterns.

use proptest::prelude::*;

use super::*;

#[test]
fn wildcards_capture_the_text_that_they_match() {
    for (pattern, text, expected) in [
        ("/a", "/a", Some(vec![])),
        ("/a", "/a/", None),
        ("/*", "/", Some(vec![("splat", "")])),
        ("/a/*", "/a/b/c", Some(vec![("splat", "b/c")])),
        ("/a/*", "/a", None),
        ("/:x/:y", "/a/b", Some(vec![("x", "a"), ("y", "b")])),
        ("/:x", "/", None),
        ("/:splat", "/", None),
        ("/:splat/b", "/a/b", Some(vec![("splat", "a")])),
        ("/:x", "/a/b", None),
        ("/:x-:y", "/a-b-c", Some(vec![("x", "a-b"), ("y", "c")])),
        ("/*.jpg", "/a/b.jpg.jpg", Some(vec![("splat", "a/b.jpg")])),
        ("/a:", "/a:", Some(vec![])),
        ("https://a.example/*", "https://a.example/b", Some(vec![("splat", "b")])),
        ("https://:x.example/b", "https://a.example/b", Some(vec![("x", "a")])),
        ("https://:x.example/b", "https://a.b.example/b", None),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}

#[test]
fn ambiguous_patterns_match_nothing() {
    assert_eq!(wildcards("/:a/:a"), Wildcards::Ambiguous);
    assert_eq!(matches("/:a/:a", "/b/b"), None);
}

#[test]
fn names_in_a_capture_are_not_replaced() {
    let captures = vec![("a", ":b:b:b"), ("b", "x"), ("ab", "y")];
    assert_eq!(substitute("/:a/:b/:ab/:c", &captures), "/:b:b:b/x/:b:b:bb/:c");
    assert_eq!(substitute("/c:", &captures), Cow::Borrowed("/c:"));
}

/// The bytes that a pattern of these lengths may look at: each part of the pattern once for each
/// place of the text.
fn allowed_steps(pattern: &str, text: &str) -> usize {
    2 * (pattern.len() + 1) * (text.len() + 1)
}

fn steps(pattern: &str, text: &str) -> usize {
    let mut steps = 0;
    matches_counting(pattern, text, |more| steps += more);
    steps
}

#[test]
fn steps_grow_linearly_with_the_text() {
    let names: String =
        (0..30).map(|number: u32| [":a", &number.to_string(), "-"].concat()).collect();
    for pattern in [
        "/blog/:year-:month-:day-:slug",
        "/blog/:a:b:c:d",
        "/*a*",
        "/*-:a-*x",
        &format!("/{names}x"),
        "https://:a.:b.:c.example/*",
    ] {
        for part in ["-", "a-", "a", "-a.", "é-", ".a"] {
            let start = &pattern[..pattern.find([':', '*']).unwrap()];
            let start = if start == "https" { "https://" } else { start };
            let [short, long] = [1000, 4000].map(|count| {
                let text = [start, &part.repeat(count)].concat();
                let steps = steps(pattern, &text);
                assert!(steps <= allowed_steps(pattern, &text), "{pattern} {part} {steps}");
                steps
            });
            assert!(long <= 4 * short + 100, "{pattern} {part}: {short} then {long}");
        }
    }
}

/// Matches by trying every length of every wildcard: the meaning of a pattern, in the time that
/// the crate must not take.
fn backtracked<'r>(tokens: &[Token<'r>], text: &'r str) -> Option<Captures<'r>> {
    let Some((first, rest)) = tokens.split_first() else {
        return text.is_empty().then(Vec::new);
    };
    let Token::Wildcard { name, without } = first else {
        let Token::Literal(literal) = first else { unreachable!() };
        return backtracked(rest, text.strip_prefix(literal)?);
    };
    let longest = text.bytes().position(|it| without.contains(&it)).unwrap_or(text.len());
    (usize::from(!without.is_empty())..=longest).rev().find_map(|len| {
        let (value, after) = text.is_char_boundary(len).then(|| text.split_at(len))?;
        let mut captures = backtracked(rest, after)?;
        captures.insert(0, (*name, value));
        Some(captures)
    })
}

proptest! {
    #[test]
    fn matching_never_panics(pattern in "/[a:*é/-]{0,12}", text in "/[aé/-]{0,12}") {
        let _ = matches(&pattern, &text);
    }

    #[test]
    fn steps_are_bounded_by_the_product_of_both_lengths(
        pattern in "/(:[ab]|[*]|[a./-]){0,12}", text in "/[a./-]{0,60}",
    ) {
        prop_assert!(steps(&pattern, &text) <= allowed_steps(&pattern, &text));
    }

    #[test]
    fn wildcards_are_greedy_the_first_one_most(
        pattern in "(https://)?/?(:[abc]|:splat|[*]|[aé./-]){0,6}", text in "(https://)?/?[aé./-]{0,12}",
    ) {
        let tokens = tokens(&pattern);
        let expected =
            if names(&tokens) == Wildcards::Ambiguous { None } else { backtracked(&tokens, &text) };
        prop_assert_eq!(matches(&pattern, &text), expected);
    }

    #[test]
    fn patterns_without_wildcards_match_only_themselves(path in "/[a-z/]{0,12}", other in "/[a-z/]{0,12}") {
        prop_assert!(matches(&path, &path).is_some());
        prop_assert_eq!(matches(&path, &other).is_some(), path == other);
    }
}
