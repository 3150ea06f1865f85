//! Comments that a licence wants kept, in scripts and style sheets.

/// Returns whether the text of a comment, without its delimiters, asks to be kept.
pub(super) fn is_legal(text: &str) -> bool {
    text.starts_with('!') || text.contains("@license") || text.contains("@preserve")
}

/// Puts comments in front of minified code. A first line that names an interpreter stays first.
///
/// They are gathered there because a minifier may remove the statement that one stands beside, and
/// the comment must outlive it.
pub(super) fn prepend(comments: &[String], code: String) -> String {
    if comments.is_empty() {
        return code;
    }
    let (first, rest) = match code.split_once('\n') {
        Some((line, rest)) if line.starts_with("#!") => (format!("{line}\n"), rest),
        _ => (String::new(), code.as_str()),
    };
    format!("{first}{}\n{rest}", comments.join("\n"))
}
