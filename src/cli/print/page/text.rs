//! Texts of the page: escaped, and safe to show.

use std::fmt::{self, Display, Formatter, Write as _};

use worker_pack::report::Printable;

/// A text in HTML, in an element or in a quoted attribute. What a terminal would obey, and characters that
/// change the direction of the text around them, are escaped first.
pub(super) struct Html<'t>(pub(super) &'t str);

impl Display for Html<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for c in Printable(self.0).to_string().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// JSON in a `<script>`, which nothing in it can end.
pub(super) fn json_in_script(value: &serde_json::Value) -> String {
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// A number of bytes to the byte, with a thin space between thousands.
pub(super) struct Bytes(pub(super) usize);

impl Display for Bytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_char('\u{202f}')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_leave_their_place() {
        let name = "<script>alert(\"1\")</script> & 'x' \u{202e}gpj";
        let text = Html(name).to_string();
        assert!(!text.contains(['<', '>', '"', '\'', '\u{202e}']), "{text}");
        let json = json_in_script(&serde_json::json!("</script><!--\u{2028}"));
        assert!(!json.contains(['<', '\u{2028}']), "{json}");
    }

    #[test]
    fn bytes_are_grouped() {
        assert_eq!(Bytes(1_234_567).to_string(), "1\u{202f}234\u{202f}567");
        assert_eq!(Bytes(0).to_string(), "0");
        assert_eq!(Bytes(999).to_string(), "999");
    }
}
