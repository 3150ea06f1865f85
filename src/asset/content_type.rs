//! Values of `Content-Type` that the user sets.

use std::fmt;
use std::str::FromStr;

use mime::Mime;
use serde::{Deserialize, Serialize};

use crate::asset::media_type::MediaType;

/// A media type with its parameters, as written, such as `text/html; charset=shift_jis` (RFC 9110
/// §8.3.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentType(String);

impl ContentType {
    /// Returns the value of the header field.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the media type without its parameters.
    pub fn media_type(&self) -> MediaType {
        MediaType::essence(self.0.split(';').next().unwrap_or_default().trim())
    }
}

impl ContentType {
    /// Returns whether text is in another encoding than UTF-8, as the parameter `charset` says.
    pub(crate) fn has_other_charset(&self) -> bool {
        let mime = self.0.parse::<Mime>().ok();
        let charset = mime.as_ref().and_then(|mime| mime.get_param(mime::CHARSET));
        charset.is_some_and(|charset| charset != mime::UTF_8)
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ContentType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_name = |name: mime::Name<'_>| name != "" && name != "*";
        let is_concrete = |mime: &Mime| is_name(mime.type_()) && is_name(mime.subtype());
        // A header field cannot contain control characters.
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        match text.parse::<Mime>() {
            Ok(mime) if is_concrete(&mime) && is_printable => Ok(Self(text.to_owned())),
            _ => Err(format!(
                "`{text}` is not a media type; write `type/subtype`, such as `text/plain` or \
                 `text/html; charset=utf-8`"
            )),
        }
    }
}

impl TryFrom<String> for ContentType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<ContentType> for String {
    fn from(value: ContentType) -> Self {
        value.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_media_types_are_accepted() {
        for (text, essence) in [
            ("text/plain", "text/plain"),
            ("Text/HTML; charset=\"utf-8\"", "text/html"),
            ("application/vnd.a+json;v=1", "application/vnd.a+json"),
            ("text/plain; charset=Shift_JIS", "text/plain"),
        ] {
            let value: ContentType = text.parse().unwrap();
            assert_eq!(value.has_other_charset(), text.contains("Shift"), "{text}");
            assert_eq!((value.as_str(), value.media_type().as_str()), (text, essence));
        }
        for text in
            ["", "text", "text/", "/plain", "*/*", "text/*", "a/b\r\nx: y", "ä/b", "a/b, c/d"]
        {
            assert!(text.parse::<ContentType>().is_err(), "{text:?}");
        }
    }
}
