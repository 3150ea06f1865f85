//! Comments of an emitted module, which tell people what is in the table.

use std::fmt::{self, Display, Formatter};

use worker_pack_runtime::{Behaviour, Coding};

use crate::asset::variant::Variant;
use crate::options::Identity;
use crate::rules::{HeaderRule, Policy, Redirect};
use crate::tabulate::AssetEntry;

/// The comment on an asset: path, media type, cache policy, sizes, and the value of `Link`.
pub(super) struct AssetComment<'t>(pub(super) &'t AssetEntry, pub(super) Identity);

impl Display for AssetComment<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(entry, identity) = *self;
        let policy = entry.cache_policy.to_string();
        write!(f, "{} | ", Quoted(entry.route.as_str()))?;
        write!(f, "{} | {} | ", entry.content_type.escape_debug(), policy.escape_debug())?;
        for (coding, blob) in &entry.encoded {
            write!(f, "{coding} {}, ", blob.len())?;
        }
        write!(f, "{} {} bytes", Coding::Identity, entry.identity.len())?;
        if entry.decoded_from(identity).is_some() {
            write!(f, ", decoded from {}", Coding::Brotli)?;
        }
        for Variant { coding, content_type, dictionary, body } in &entry.variants {
            let content_type = content_type.as_deref().unwrap_or_default();
            write!(f, ", {} {coding} {}", content_type.escape_debug(), body.len())?;
            dictionary.iter().try_for_each(|hash| write!(f, " with {hash}"))?;
        }
        entry.link.iter().try_for_each(|link| write!(f, " | {}", Quoted(link)))?;
        entry
            .use_as_dictionary
            .iter()
            .try_for_each(|value| write!(f, " | dictionary for {}", Quoted(value)))?;
        let policy = entry.content_security_policy.iter();
        policy.into_iter().try_for_each(|value| write!(f, " | policy {}", Quoted(value)))
    }
}

/// The comment on a header rule: pattern, names to remove, fields to set.
pub(super) struct HeaderRuleComment<'t>(pub(super) &'t HeaderRule);

impl Display for HeaderRuleComment<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let HeaderRule { pattern, remove, set } = self.0;
        write!(f, "{}", Quoted(pattern))?;
        remove.iter().try_for_each(|name| write!(f, " | remove {}", Quoted(name)))?;
        set.iter()
            .try_for_each(|(name, value)| write!(f, " | set {} to {}", Quoted(name), Quoted(value)))
    }
}

/// The comment on a policy of responses of the server.
pub(super) struct PolicyComment<'t>(pub(super) &'t Policy);

impl Display for PolicyComment<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Policy { pattern, value } = self.0;
        write!(f, "{} | {}", Quoted(pattern), Quoted(value))
    }
}

/// The comment on a redirect.
pub(super) struct RedirectComment<'t>(pub(super) &'t Redirect);

impl Display for RedirectComment<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Redirect { from, to, status, line } = self.0;
        write!(f, "{} | to {} | {status} | line {line}", Quoted(from), Quoted(to))
    }
}

/// The comment on the rules that the table follows.
pub(super) struct BehaviourComment(pub(super) Behaviour);

impl Display for BehaviourComment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Behaviour { compat, html_handling, not_found_handling, fidelity } = self.0;
        write!(f, "Behaviour: compat {compat}, html_handling {html_handling}, ")?;
        write!(f, "not_found_handling {not_found_handling}, fidelity {fidelity}")
    }
}

/// A text of the site in quotation marks. Its escapes keep it on its line, and in it the order of
/// characters as it is: the compiler refuses marks for the direction of text.
struct Quoted<'t>(&'t str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
