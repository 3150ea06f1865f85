//! Enums whose variants have the same name on the command line, in files and in reports.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Defines an enum with the runtime's macro of the same name, and lets serde read and write it by
/// name.
macro_rules! named {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }) => {
        ::worker_pack_runtime::named! {
            $(#[$meta])*
            #[derive(PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
            $visibility enum $name { $($(#[$variant_meta])* #[serde(rename = $text)] $variant = $text,)+ }
        }
    };
}

pub(crate) use named;

/// Writes an enum of the runtime by its name, for `#[serde(with = "by_name")]`.
pub(crate) fn serialize<S: Serializer>(value: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// Reads an enum of the runtime by its name.
pub(crate) fn deserialize<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// Reads an enum of the runtime by its name, for a field that is `None` by default.
pub(crate) fn deserialize_some<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String>,
{
    deserialize(from).map(Some)
}
