//! The option `keep`: which files of earlier builds stay public.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The hashed files of earlier builds that stay public, so that a page which is open while the site is
/// deployed still finds its scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// None.
    #[default]
    Off,
    /// Those within these bounds.
    EarlierBuilds(KeepBounds),
}

/// The bounds of what is kept of earlier builds, and its store. The default is what `keep = true` stands
/// for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepBounds {
    /// The number of builds before this one whose files are kept. Default: 20.
    pub builds: usize,
    /// The age above which a file is not kept, counted from the first build without it. Default: 7 days.
    pub max_age: Duration,
    /// The number of bytes that the kept files have together, without a content coding. Files of the
    /// oldest builds go first. Default: 20 MB.
    pub max_bytes: ByteSize,
    /// The folder of the store. Default: `.worker-pack` beside the output folder, and in it a folder of
    /// the same name as the output's.
    pub store: Option<PathBuf>,
}

impl Default for KeepBounds {
    fn default() -> Self {
        Self {
            builds: 20,
            max_age: Duration::from_hours(7 * 24),
            max_bytes: ByteSize::mb(20),
            store: None,
        }
    }
}

impl Keep {
    /// The names of the bounds, as in the configuration and on the command line.
    const NAMES: [&str; 4] = ["builds", "max-age", "max-bytes", "store"];

    /// Returns the option with a change of its bounds, if it is on.
    #[must_use]
    pub fn with(self, change: impl FnOnce(KeepBounds) -> KeepBounds) -> Self {
        match self {
            Self::Off => Self::Off,
            Self::EarlierBuilds(bounds) => Self::EarlierBuilds(change(bounds)),
        }
    }

    /// Returns the bounds, unless nothing is kept.
    pub(crate) fn bounds(&self) -> Option<&KeepBounds> {
        match self {
            Self::EarlierBuilds(bounds) => Some(bounds),
            Self::Off => None,
        }
    }

    fn builds(builds: usize) -> Self {
        match builds {
            0 => Self::Off,
            _ => Self::EarlierBuilds(KeepBounds { builds, ..KeepBounds::default() }),
        }
    }
}

impl KeepBounds {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "builds" => {
                let builds = value.parse().ok().filter(|builds| *builds > 0);
                self.builds = builds
                    .ok_or_else(|| format!("`{value}` is not a number of builds, such as 20"))?;
            }
            "max-age" => self.max_age = age(value)?,
            "max-bytes" => {
                self.max_bytes = value
                    .parse()
                    .map_err(|_| format!("`{value}` is not a size; write one such as `20 MB`"))?;
            }
            "store" if !value.is_empty() => self.store = Some(PathBuf::from(value)),
            "store" => return Err("`store` is empty; name a folder".to_owned()),
            _ => {
                let names = Keep::NAMES.map(|name| format!("`{name}`")).join(", ");
                return Err(format!("`{name}` is not one of {names}"));
            }
        }
        Ok(())
    }
}

/// Parses an age: a whole number with a unit.
fn age(text: &str) -> Result<Duration, String> {
    let invalid = || format!("`{text}` is not an age; write one such as `7d`, `12h` or `30m`");
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let seconds: u64 = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return Err(invalid()),
    };
    let number: u64 = number.parse().map_err(|_| invalid())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(invalid)
}

impl FromStr for Keep {
    type Err = String;

    /// Parses `on`, `off`, a number of builds, or bounds such as `builds=20 max-age=7d`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "on" => return Ok(Self::EarlierBuilds(KeepBounds::default())),
            "off" => return Ok(Self::Off),
            number if number.parse::<usize>().is_ok() => {
                return Ok(Self::builds(number.parse().unwrap_or_default()));
            }
            _ => {}
        }
        // A value lasts until the next name: the path of a store may contain spaces.
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for word in text.split_whitespace() {
            match (word.split_once('='), pairs.last_mut()) {
                (Some((name, value)), _) if Self::NAMES.contains(&name) => {
                    pairs.push((name, value.to_owned()));
                }
                (_, Some((_, value))) => {
                    value.push(' ');
                    value.push_str(word);
                }
                (_, None) => {
                    return Err(format!(
                        "`{word}` is neither `on`, `off`, a number of builds, nor a bound such as `max-age=7d`"
                    ));
                }
            }
        }
        if pairs.is_empty() {
            return Err(
                "write `on`, `off`, a number of builds, or bounds such as `max-age=7d`".into()
            );
        }
        let mut bounds = KeepBounds::default();
        for (name, value) in pairs {
            bounds.set(name, &value)?;
        }
        Ok(Self::EarlierBuilds(bounds))
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Written)
    }
}

/// The option as it is written: a switch, a number of builds, or a table of bounds.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Keep;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "true, false, a number of builds, or a table such as { builds = 20, max-age = \"7d\" }",
        )
    }

    fn visit_bool<E>(self, is_on: bool) -> Result<Keep, E> {
        Ok(if is_on { Keep::EarlierBuilds(KeepBounds::default()) } else { Keep::Off })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Keep, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, builds: i64) -> Result<Keep, E> {
        let builds = usize::try_from(builds);
        builds.map(Keep::builds).map_err(|_| E::custom("a number of builds is not negative"))
    }

    fn visit_u64<E: Error>(self, builds: u64) -> Result<Keep, E> {
        let builds = usize::try_from(builds);
        builds.map(Keep::builds).map_err(|_| E::custom("a number of builds is smaller"))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Keep, M::Error> {
        let mut bounds = KeepBounds::default();
        while let Some(name) = map.next_key::<String>()? {
            let Text(value) = map.next_value()?;
            bounds.set(&name, &value).map_err(M::Error::custom)?;
        }
        Ok(Keep::EarlierBuilds(bounds))
    }
}

/// A text, or a number as one.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextOrNumber)
    }
}

struct TextOrNumber;

impl Visitor<'_> for TextOrNumber {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(builds: usize, days: u64, bytes: u64, store: Option<&str>) -> Keep {
        Keep::EarlierBuilds(KeepBounds {
            builds,
            max_age: Duration::from_hours(24 * days),
            max_bytes: ByteSize::b(bytes),
            store: store.map(PathBuf::from),
        })
    }

    #[test]
    fn a_text_and_a_configuration_say_the_same() {
        #[derive(Deserialize)]
        struct Configuration {
            keep: Keep,
        }
        let usual = 20_000_000;
        for (text, toml, expected) in [
            ("on", "true", bounds(20, 7, usual, None)),
            ("off", "false", Keep::Off),
            ("0", "0", Keep::Off),
            ("3", "3", bounds(3, 7, usual, None)),
            ("builds=5", "{ builds = 5 }", bounds(5, 7, usual, None)),
            ("max-age=2w", "{ max-age = \"2w\" }", bounds(20, 14, usual, None)),
            (
                "builds=5 max-age=48h max-bytes=1 MB store=a folder",
                "{ builds = 5, max-age = \"48h\", max-bytes = 1000000, store = \"a folder\" }",
                bounds(5, 2, 1_000_000, Some("a folder")),
            ),
        ] {
            assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
            let configuration: Configuration = toml::from_str(&format!("keep = {toml}")).unwrap();
            assert_eq!(configuration.keep, expected, "{toml}");
        }
    }

    #[test]
    fn values_that_bound_nothing_are_refused() {
        for text in [
            "",
            "yes",
            "-1",
            "builds=0",
            "builds=x",
            "max-age=7",
            "max-age=d",
            "max-age=-1d",
            "max-bytes=x",
            "store=",
            "age=7d",
        ] {
            assert!(text.parse::<Keep>().is_err(), "{text}");
        }
    }
}
