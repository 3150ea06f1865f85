//! Conventions for comments in HTML and XML.

use super::code::is_notice;

/// Prefixes of comments that frameworks, servers, editors and crawlers interpret, in lower case.
const MARKERS: [&str; 33] = [
    "#",
    "!",
    "@",
    "[",
    "]",
    "/",
    "$",
    "?",
    "%",
    "{",
    "<!",
    "<%",
    "<?",
    "<esi",
    "astro",
    "email_off",
    "esi",
    "google",
    "html_tag",
    "htmlmin",
    "hugo",
    "ko ",
    "lit-",
    "mfunc",
    "q:",
    "qv ",
    "sse",
    "wp:",
    // Windows: the page was saved from the web.
    "saved from url",
    // Dreamweaver.
    "instance",
    "template",
    "library item",
    "react",
];

/// Words of comments that crawlers and search engines interpret, and of licences, in lower case.
const WORDS: [&str; 12] = [
    "index",
    "robots",
    "nofollow",
    "crawl",
    "search",
    "swish",
    "@license",
    "@preserve",
    "@copyright",
    "license",
    "licence",
    "spdx-",
];

/// Words at the start or the end of a comment that mark a section of a page, which programs cut out, in
/// lower case.
const SECTIONS: [&str; 10] =
    ["begin", "start", "end", "stop", "open", "close", "on", "off", "before", "after"];

/// Words with a colon at the start of a comment of developers, in lower case.
const REMINDERS: [&str; 6] = ["todo:", "fixme:", "note:", "hack:", "xxx:", "nb:"];

/// Returns whether a comment is a remark for developers, which no program reads: white space, then
/// at least two words, and no marker. In doubt the answer is no, which preserves the comment.
pub(super) fn is_prose(text: &str) -> bool {
    let trimmed = text.trim();
    let lower = trimmed.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    // Markup that has been commented out.
    let is_markup = first.starts_with('<');
    text.starts_with(char::is_whitespace)
        && words.iter().filter(|word| word.chars().all(char::is_alphabetic)).count() >= 2
        && !MARKERS.iter().any(|marker| lower.starts_with(marker))
        && !WORDS.iter().any(|word| lower.contains(word))
        && !SECTIONS.contains(first)
        && !SECTIONS.contains(last)
        && !is_heading(trimmed)
        && !lower.contains("<![endif]")
        && !is_notice(&lower)
        && (is_markup || is_word(first) && !lower.trim_matches(is_decoration).contains('='))
}

/// Returns whether the first word of a comment is that of a sentence, or a decoration. Names with a hyphen
/// or a colon are those of directives.
fn is_word(first: &str) -> bool {
    let word = first.trim_end_matches([',', '.', '!', '?', ';']);
    word.chars().all(char::is_alphabetic)
        || first.chars().all(is_decoration)
        || REMINDERS.contains(&first)
}

/// Returns whether a comment is a heading in capitals, such as `===== METHOD DETAIL =====`. Editors cut
/// the documentation of Java out of pages by them.
fn is_heading(text: &str) -> bool {
    let inner = text.trim_matches(is_decoration);
    inner.len() < text.len() && !inner.contains(char::is_lowercase)
}

/// Returns whether a character is one of a line around a heading.
fn is_decoration(c: char) -> bool {
    "-=*~_+".contains(c)
}

/// Returns whether a comment of a document in XML stays: a licence, or a directive for a server.
pub(super) fn is_read_in_xml(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let is_directive = ["!", "#", "esi", "[if", "<![endif"].iter().any(|it| lower.starts_with(it));
    let is_licence = ["@license", "@preserve", "@copyright", "spdx-", "license", "licence"];
    is_directive || is_licence.iter().any(|it| lower.contains(it)) || is_notice(&lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_of_developers_are_prose() {
        for text in [
            " the main menu ",
            "\n  Fixed for old browsers\n",
            " TODO write this, please ",
            " TODO: write this, please ",
            " ===== the main menu ===== ",
            " <p class=\"old\">an old and long one</p> ",
        ] {
            assert!(is_prose(text), "{text}");
        }
    }

    #[test]
    fn comments_that_programs_read_are_not_prose() {
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
            " ko foreach: list of things ",
            " /ko ",
            "qv q:id=1 q:key=a",
            "#include virtual=\"a\"",
            " #echo var=a ",
            " #config the time format ",
            "!",
            "lit-part",
            "?lit$123$",
            "[--",
            "--]",
            "v-if",
            "esi <p>two words here</p>",
            " googleoff: index ",
            " googleon: all of it ",
            " noindex all of it ",
            " FreeFind Begin No Index ",
            " sphider_noindex of this ",
            " stop_indexing the menu here ",
            " robots content=\"none\" for this ",
            " SwishCommand noindex this part ",
            " Start of the content ",
            " here the menu begins and ends: off ",
            " the content end ",
            "email_off",
            " wp:paragraph of two ",
            " directive: my-menu of pages ",
            " ngRepeat: item in items of list ",
            " end ngRepeat: item in items ",
            " uiView: main view here ",
            " react-text: of some words ",
            " saved from url=(0014)about:internet the page ",
            " InstanceBeginEditable name of it ",
            " TemplateParam name of it ",
            " ad slot=\"top\" of page ",
            " {{ a template of words }} ",
            " @license of the words here ",
            " Copyright (c) 2024 the authors ",
            " this page is licensed to you under a license ",
            "no leading space at all",
            " one ",
            " ======== START OF CLASS DATA ======== ",
            " ============ METHOD DETAIL ========== ",
        ] {
            assert!(!is_prose(text), "{text}");
        }
    }
}
