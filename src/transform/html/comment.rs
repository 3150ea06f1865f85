//! Comments in pages: remarks of developers, which can be removed, and markers for programs.

/// Prefixes of comments that frameworks, servers and crawlers interpret, in lower case.
const MARKERS: [&str; 22] = [
    "#",
    "!",
    "@",
    "[",
    "]",
    "/",
    "$",
    "?",
    "astro",
    "email_off",
    "esi",
    "google",
    "html_tag",
    "htmlmin",
    "ko ",
    "lit-",
    "mfunc",
    "noindex",
    "q:",
    "qv ",
    "sse",
    "wp:",
];

/// Returns whether a comment is a remark for developers, which no program reads: white space, then
/// at least two words, and no marker. In doubt the answer is no, which preserves the comment.
pub(super) fn is_prose(text: &str) -> bool {
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    text.starts_with(char::is_whitespace)
        && trimmed.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count()
            >= 2
        && !MARKERS.iter().any(|marker| lower.starts_with(marker))
        && !lower.contains("@license")
        && !lower.contains("@preserve")
        && !lower.contains("<![endif]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_of_developers_are_prose() {
        for text in [" the main menu ", "\n  Fixed for old browsers\n", " TODO write this, please "]
        {
            assert!(is_prose(text), "{text}");
        }
    }

    #[test]
    fn markers_for_programs_are_not_prose() {
        for text in [
            "",
            "[-",
            "]",
            "[if IE]> <p>old one</p> <![endif]",
            "<![endif]",
            "$",
            "/$",
            "#",
            "/",
            "astro:end",
            "server-island-start",
            "1abc23",
            " HTML_TAG_START ",
            " ko if: visible ",
            " /ko ",
            "qv q:id=1 q:key=a",
            "#include virtual=\"a\"",
            " #echo var=a ",
            "!",
            "lit-part",
            " googleoff: index ",
            " noindex all of it ",
            "email_off",
            " wp:paragraph of two ",
            " @license of the words here ",
            "no leading space at all",
            " one ",
        ] {
            assert!(!is_prose(text), "{text}");
        }
    }
}
