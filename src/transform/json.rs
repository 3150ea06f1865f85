//! JSON, minified without loss: what is between the tokens goes, every token stays as it is
//! written, so `12345678901234567890`, `1.0` and `"\u00e9"` come out as they went in.

use serde::de::IgnoredAny;

use super::{Refusal, SyntaxError};

/// Minifies a JSON text.
pub(super) fn minify(source: &str) -> Result<String, Refusal> {
    check(source)?;
    // In a text known to be JSON, a quote begins or ends a string unless a backslash escapes it,
    // and white space outside strings separates tokens that need no separating.
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

/// Returns why a text is not JSON, if it is none.
fn check(source: &str) -> Result<(), SyntaxError> {
    let mut reader = serde_json::Deserializer::from_str(source);
    let parsed = serde::Deserialize::deserialize(&mut reader).and_then(|IgnoredAny| reader.end());
    parsed.map_err(|error| {
        let lines = source.split_inclusive('\n').take(error.line().saturating_sub(1));
        let offset = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
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
    fn every_token_stays_as_it_is_written() {
        let source = r#" { "a b" : [ 12345678901234567890 , 1.0 , -0 , 1E3 , 1e-2 ] ,
            "\u00e9\"  \\" : " \\" , "dup" : 1 , "dup" : null } "#;
        let expected = r#"{"a b":[12345678901234567890,1.0,-0,1E3,1e-2],"\u00e9\"  \\":" \\","dup":1,"dup":null}"#;
        assert_eq!(minify(source).unwrap(), expected);
    }

    #[test]
    fn what_is_not_json_tells_its_place() {
        let source = "{\n  \"a\": 1, // no\n}";
        let Err(Refusal::Invalid(error)) = minify(source) else { panic!() };
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
        fn the_value_is_the_same_and_no_space_is_left(value in json()) {
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(minify(&pretty).unwrap(), serde_json::to_string(&value).unwrap());
        }
    }
}
