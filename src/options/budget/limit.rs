//! The limits of budgets, in the units of size-limit.

use std::fmt;
use std::str::FromStr;

use bytesize::ByteSize;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A number of bytes: `170 kB`, `1.5 MB` (powers of 1000), `64 KiB` (powers of 1024) or `900 B`. A number
/// without a unit is in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteLimit {
    bytes: u64,
    text: String,
}

impl ByteLimit {
    /// Returns the number of bytes.
    pub fn bytes(&self) -> usize {
        usize::try_from(self.bytes).unwrap_or(usize::MAX)
    }

    /// Returns whether a text is a limit of time, which size-limit knows too.
    pub(crate) fn is_time(text: &str) -> bool {
        let text = text.trim().to_ascii_lowercase();
        let number = text.strip_suffix("ms").or_else(|| text.strip_suffix('s'));
        number.is_some_and(|number| number.trim().parse::<f64>().is_ok())
    }
}

impl fmt::Display for ByteLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for ByteLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.ends_with('%') {
            return Err(format!(
                "`{text}` is a share, and a limit is a size such as `170 kB`; `worker-pack diff` shows what has grown"
            ));
        }
        if Self::is_time(text) {
            return Err(format!(
                "`{text}` is a time, which is not measured; a limit is a size such as `170 kB`"
            ));
        }
        match text.parse::<ByteSize>() {
            Ok(size) => Ok(Self { bytes: size.as_u64(), text: text.to_owned() }),
            Err(_) => Err(format!(
                "`{text}` is not a size; write one such as `170 kB`, `1.5 MB` or `64 KiB`"
            )),
        }
    }
}

impl<'de> Deserialize<'de> for ByteLimit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Written)
    }
}

/// A limit as it is written: a text or a number.
struct Written;

impl Visitor<'_> for Written {
    type Value = ByteLimit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size such as \"170 kB\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ByteLimit, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E>(self, bytes: u64) -> Result<ByteLimit, E> {
        Ok(ByteLimit { bytes, text: format!("{bytes} B") })
    }

    fn visit_i64<E: Error>(self, bytes: i64) -> Result<ByteLimit, E> {
        let bytes = u64::try_from(bytes);
        bytes
            .map_err(|_| E::custom("a limit is not negative"))
            .and_then(|bytes| self.visit_u64(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_the_units_of_size_limit() {
        for (text, bytes) in [
            ("170 kB", 170_000),
            ("170kB", 170_000),
            ("170 KB", 170_000),
            ("1.5 MB", 1_500_000),
            ("64 KiB", 65_536),
            ("900 B", 900),
            ("900", 900),
            ("0 B", 0),
        ] {
            assert_eq!(text.parse::<ByteLimit>().unwrap().bytes(), bytes, "{text}");
        }
        for text in ["", "kB", "10%", "1 s", "100 ms", "-1 kB", "10 apples"] {
            assert!(text.parse::<ByteLimit>().is_err(), "{text}");
        }
    }
}
