//! Legal comments in scripts and style sheets: those that minifiers conventionally preserve.

/// Returns whether a comment is a legal comment. `text` comes without the comment's delimiters.
pub(super) fn is_legal(text: &str) -> bool {
    text.starts_with('!') || text.contains("@license") || text.contains("@preserve")
}

/// Puts legal comments in front of minified code, but after a `#!` line.
///
/// They cannot stay in place: a minifier may remove the statement next to a comment, and the
/// comment must outlive it.
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
