//! The comment at the end of a script that names its source map (ECMA-426 §11.1.2.1).

use swc_core::common::{GLOBALS, Globals};

use super::{ScriptKind, Text};

/// How such a comment begins. The second is an older form.
const BEGINNINGS: [&str; 2] = ["# sourceMappingURL=", "@ sourceMappingURL="];

/// Returns a script without the comment that names its source map. Only other comments may follow it. A
/// script that does not parse stays as it is: the same text may be a part of a string.
pub(crate) fn without_map_comment(source: &str) -> String {
    if !source.contains("sourceMappingURL=") {
        return source.to_owned();
    }
    let comments = GLOBALS.set(&Globals::new(), || {
        let text = Text::new(source);
        let comments = text.parse(ScriptKind::Unknown).map(|_| text.comments()).unwrap_or_default();
        let start = text.file.start_pos;
        let place = |comment: &swc_core::common::comments::Comment| {
            let range = (comment.span.lo - start).0 as usize..(comment.span.hi - start).0 as usize;
            (range, BEGINNINGS.iter().any(|it| comment.text.starts_with(it)))
        };
        comments.iter().map(place).collect::<Vec<_>>()
    });
    // From the last one on, as long as nothing but space is between them.
    let mut end = source.len();
    for (range, names_map) in comments.into_iter().rev() {
        if !source[range.end..end].trim().is_empty() {
            break;
        }
        if names_map {
            return format!("{}{}", &source[..range.start], source[range.end..].trim_start());
        }
        end = range.start;
    }
    source.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_comment_at_the_end_is_removed() {
        for (source, without) in [
            ("a;\n//# sourceMappingURL=a.map\n", "a;\n"),
            ("a; /*@ sourceMappingURL=a.map */", "a; "),
            ("a;\n//# sourceMappingURL=a.map\n//# debugId=1\n", "a;\n//# debugId=1\n"),
        ] {
            assert_eq!(without_map_comment(source), without, "{source}");
        }
        for source in [
            "f(`\n//# sourceMappingURL=x\n`)",
            "/*\n//# sourceMappingURL=x */",
            "//# sourceMappingURL=x\na;",
            "a = '\\\n//# sourceMappingURL=x'",
            "not a script (\n//# sourceMappingURL=x",
        ] {
            assert_eq!(without_map_comment(source), source);
        }
    }
}
