//! JSON, minified without loss: the white space between tokens is removed, and every token stays as
//! it is written, such as `12345678901234567890`, `1.0` and `"\u00e9"`.

use jsonc_parser::ParseOptions;
use serde::de::IgnoredAny;

use super::{MinifyError, SyntaxError};

/// JSON as browsers read it (RFC 8259), for the parser that knows the places of values.
pub(crate) const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_trailing_commas: false,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Minifies a JSON text.
pub(super) fn minify(source: &str) -> Result<String, MinifyError> {
    check(source)?;
    // The text is valid JSON by now, so a quote begins or ends a string unless a backslash escapes
    // it, and no two tokens need white space between them.
    let mut minified = String::with_capacity(source.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in source.chars() {
        if in_string {
            in_string = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
        } else if c == '"' {
            in_string = true;
        } else if c.is_ascii_whitespace() {
            continue;
        }
        minified.push(c);
    }
    Ok(minified)
}

/// Checks that a text is JSON (RFC 8259).
pub(super) fn check(source: &str) -> Result<(), SyntaxError> {
    let mut reader = serde_json::Deserializer::from_str(source);
    let parsed = serde::Deserialize::deserialize(&mut reader).and_then(|IgnoredAny| reader.end());
    parsed.map_err(|error| {
        // serde_json counts lines and columns from 1, columns in bytes.
        let lines = source.split_inclusive('\n').take(error.line().saturating_sub(1));
        let offset = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        // Diagnostics show the place themselves, so it is cut from the message.
        let message = error.to_string();
        let place = message.rfind(" at line ").unwrap_or(message.len());
        SyntaxError { message: message[..place].to_owned(), offset }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_are_copied_unchanged() {
        let source = r#" { "a b" : [ 12345678901234567890 , 1.0 , -0 , 1E3 , 1e-2 ] ,
            "\u00e9\"  \\" : " \\" , "dup" : 1 , "dup" : null } "#;
        let expected = r#"{"a b":[12345678901234567890,1.0,-0,1E3,1e-2],"\u00e9\"  \\":" \\","dup":1,"dup":null}"#;
        assert_eq!(minify(source).unwrap(), expected);
    }

    #[test]
    fn syntax_errors_carry_their_offset() {
        let source = "{\n  \"a\": 1, // no\n}";
        let Err(MinifyError::Invalid(error)) = minify(source) else { panic!() };
        assert_eq!(error.offset, source.find("//").unwrap());
        assert!(minify("").is_err());
        assert!(minify("{} {}").is_err());
        assert!(minify("\u{feff}{}").is_err());
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::hash_map(".*", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn pretty_json_minifies_to_compact_json(value in json()) {
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(minify(&pretty).unwrap(), serde_json::to_string(&value).unwrap());
        }
    }
}
