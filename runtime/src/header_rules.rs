//! Header fields that the user adds, replaces and removes by path: `_headers`.
//!
//! All rules that match a request are applied in order, each with its removals first. The first rule
//! to set a field replaces the field of the response; later rules append to it. Cookies are always added.

use std::borrow::Cow;

use crate::behaviour::Fidelity;
use crate::path::RequestPath;
use crate::pattern::{self, Captures};
use crate::rows::HeaderOperation;

/// A change that rules make to a response. Changes are applied in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderChange<'a> {
    /// Removes the field.
    Remove(&'a str),
    /// Sets the field to this value.
    Set(&'a str, Cow<'a, str>),
    /// Appends this value to the field (RFC 9110 §5.3).
    Append(&'a str, Cow<'a, str>),
    /// Sets the field to this value if the response lacks it, and sets no cookie, which a cache would
    /// give to other clients.
    Default(&'a str, &'a str),
}

/// Collects the changes of all rules for one request.
pub(crate) struct Changes<'a, 'r> {
    path: &'r RequestPath<'r>,
    host: Option<&'r str>,
    /// Host and path, for patterns with a host. Most tables have none, so it is made on demand.
    with_host: Option<String>,
    collected: Vec<HeaderChange<'a>>,
    /// Names and values of fields for responses that lack them.
    defaults: Vec<(&'a str, &'a str)>,
}

impl<'a, 'r> Changes<'a, 'r> {
    pub(crate) fn new(path: &'r RequestPath<'r>, host: Option<&'r str>) -> Self {
        Self { path, host, with_host: None, collected: Vec::new(), defaults: Vec::new() }
    }

    /// Applies a rule, if it matches.
    pub(crate) fn apply(
        &mut self,
        pattern: &'a str,
        operations: impl Iterator<Item = HeaderOperation<'a>>,
    ) {
        let path = self.path.normal();
        let text = if pattern.starts_with(pattern::SCHEME) {
            &**self.with_host.get_or_insert_with(|| pattern::host_and_path(self.host, path))
        } else {
            path
        };
        let Some(captures) = pattern::matches(pattern, text) else { return };
        let mut operations: Vec<_> = operations
            .filter_map(|operation| match operation {
                HeaderOperation::Remove(name) => Some(HeaderChange::Remove(name)),
                HeaderOperation::Set(name, value) => {
                    Some(HeaderChange::Set(name, field_value(value, &captures)))
                }
                HeaderOperation::Default(name, value) => {
                    // As among rules by path, the last one counts.
                    self.defaults.retain(|(other, _)| *other != name);
                    self.defaults.push((name, value));
                    None
                }
            })
            .collect();
        operations.sort_by_key(|change| !matches!(change, HeaderChange::Remove(_)));
        for change in operations {
            let change = match change {
                HeaderChange::Set(name, value) if is_listed(name) || self.was_set(name) => {
                    HeaderChange::Append(name, value)
                }
                other => other,
            };
            self.collected.push(change);
        }
    }

    /// Returns the changes to a response of the Worker's own code: those that rules make to any response,
    /// and then the fields for a response that lacks them. A policy is not for an error.
    pub(crate) fn into_final_with_defaults(
        mut self,
        status: u16,
        fidelity: Fidelity,
    ) -> Vec<HeaderChange<'a>> {
        let mut defaults = std::mem::take(&mut self.defaults);
        defaults.retain(|_| status < 400);
        let mut changes = self.into_final(status, fidelity);
        changes
            .extend(defaults.into_iter().map(|(name, value)| HeaderChange::Default(name, value)));
        changes
    }

    /// Returns the changes to a response with a status, without those that a rule may not make.
    pub(crate) fn into_final(self, status: u16, fidelity: Fidelity) -> Vec<HeaderChange<'a>> {
        match fidelity {
            Fidelity::Improved => {
                self.collected.into_iter().filter_map(|change| restrained(change, status)).collect()
            }
            // Cloudflare's servers make every change.
            Fidelity::Strict => self.collected,
        }
    }

    fn was_set(&self, name: &str) -> bool {
        self.collected
            .iter()
            .any(|change| matches!(change, HeaderChange::Set(set, _) if *set == name))
    }
}

/// Returns whether each line of a field is a value of its own, so that a rule adds one: an asset has none,
/// and a response of the Worker's own code keeps its cookies (RFC 9110 §5.3).
fn is_listed(name: &str) -> bool {
    name.eq_ignore_ascii_case("set-cookie")
}

/// Returns a change as a rule may make it to a response with a status, if it may.
///
/// These are the only exceptions to the user's rules. They hold for the replies of a table and for
/// the responses of a Worker's own code alike.
fn restrained(change: HeaderChange<'_>, status: u16) -> Option<HeaderChange<'_>> {
    use HeaderChange::{Append, Remove, Set};
    match change {
        // A cache has to know every field that the response depends on (RFC 9110 §12.5.5).
        Remove("vary") => None,
        // The links of a page and those of the user are both sent.
        Set(name @ ("vary" | "link"), value) => Some(Append(name, value)),
        // A policy that is right for the assets at a path is wrong for an error there.
        Remove("cache-control") | Set("cache-control", _) | Append("cache-control", _)
            if status >= 400 =>
        {
            None
        }
        other => Some(other),
    }
}

/// Substitutes captures in a value. Space around a value is not part of it (RFC 9110 §5.5).
fn field_value<'a>(value: &'a str, captures: &Captures<'_>) -> Cow<'a, str> {
    match pattern::substitute(value, captures) {
        Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
        Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
    }
}
