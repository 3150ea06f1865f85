//! Options that are a list of names, or `off` for none of them.

use std::collections::BTreeSet;

use serde::Deserializer;
use serde::de::Error;
use worker_pack_runtime::Coding;

use super::MinifiedLanguage;
use super::one_or_many::one_or_many;
use crate::coding::encoding;

/// The text of an empty list.
pub(super) const OFF: &str = "off";

/// Returns the languages with these names.
///
/// # Errors
/// If a name is not that of a language. The message lists the names.
pub(super) fn languages(names: &[String]) -> Result<BTreeSet<MinifiedLanguage>, String> {
    unless_off(names).iter().map(|name| name.parse()).collect()
}

/// Returns the content codings with these tokens.
///
/// # Errors
/// If a token is not that of a content coding. The message lists the tokens.
pub(super) fn codings(tokens: &[String]) -> Result<BTreeSet<Coding>, String> {
    unless_off(tokens).iter().map(|token| encoding(token)).collect()
}

/// Deserialises the languages of an option.
pub(super) fn some_languages<'de, D>(from: D) -> Result<BTreeSet<MinifiedLanguage>, D::Error>
where
    D: Deserializer<'de>,
{
    languages(&one_or_many(from)?).map_err(D::Error::custom)
}

/// Deserialises the content codings of an option.
pub(super) fn some_codings<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeSet<Coding>, D::Error> {
    codings(&one_or_many(from)?).map_err(D::Error::custom)
}

fn unless_off(names: &[String]) -> &[String] {
    if names == [OFF] { &[] } else { names }
}
