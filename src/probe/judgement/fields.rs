//! The header fields of an answer.

use std::collections::BTreeSet;

use super::Judgement;
use crate::probe::exchange::Answer;
use crate::probe::plan::{BodyIs, Expectation};
use crate::probe::report::{Check, FindingClass};

/// Fields that have a check of their own, or that depend on the connection.
const CHECKED_ELSEWHERE: [&str; 11] = [
    "accept-ranges",
    "cache-control",
    // Cloudflare's edge keeps it to itself.
    "cloudflare-cdn-cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "etag",
    "location",
    "set-cookie",
    "vary",
    "allow",
];

/// Fields that a host adds by itself, even if a rule removes them.
const OF_HOST: [&str; 6] = ["date", "server", "connection", "alt-svc", "nel", "report-to"];

impl Judgement<'_> {
    /// Compares all fields but those that describe the bytes.
    pub(super) fn fields(&mut self, expected: &Expectation, answer: &Answer) {
        let value = |name: &str| (expected.field(name).map(str::to_owned), answer.field(name));
        if let (Some(wanted), found) = value("content-type")
            && found.as_deref().is_none_or(|found| !is_same_type(&wanted, found))
        {
            let message = missing_or("another type", found.as_deref());
            // Without a body a type has no meaning.
            let class = match expected.body {
                BodyIs::Representation { .. } => FindingClass::Error,
                BodyIs::Any => FindingClass::Difference,
            };
            self.compared(class, Check::ContentType, message, Some(wanted), found);
        }
        if let (Some(wanted), found) = value("cache-control")
            && found.as_deref().is_none_or(|found| directives(&wanted) != directives(found))
        {
            let message = missing_or("another cache policy", found.as_deref());
            let class = FindingClass::Difference;
            self.compared(class, Check::CacheControl, message, Some(wanted), found);
        }
        if let (Some(wanted), found) = value("vary") {
            let names = found.as_deref().map(members).unwrap_or_default();
            if !names.contains("*") && !members(&wanted).is_subset(&names) {
                let message = missing_or("without a name", found.as_deref());
                let class = FindingClass::Difference;
                self.compared(class, Check::Vary, message, Some(wanted), found);
            }
        }
        for (name, wanted) in &expected.fields {
            if CHECKED_ELSEWHERE.contains(&&**name) {
                continue;
            }
            let found = answer.field(name);
            if found.as_deref().map(str::trim) != Some(wanted.trim()) {
                let message = format!("`{name}` {}", missing_or("differs", found.as_deref()));
                let (class, wanted) = (FindingClass::Difference, Some(wanted.clone()));
                self.compared(class, Check::Header, &message, wanted, found);
            }
        }
        for name in &expected.removed {
            if let Some(found) = answer.field(name)
                && !OF_HOST.contains(&&**name)
            {
                let message = format!("`{name}` is sent, although a rule removes it");
                let class = FindingClass::Difference;
                self.compared(class, Check::Header, &message, None, Some(found));
            }
        }
    }
}

fn missing_or<'m>(message: &'m str, found: Option<&str>) -> &'m str {
    if found.is_some() { message } else { "missing" }
}

/// Returns whether two media types are the same. Neither case nor space counts (RFC 9110 §8.3.1).
pub(crate) fn is_same_type(one: &str, other: &str) -> bool {
    let normal = |text: &str| {
        text.chars().filter(|c| !c.is_whitespace() && *c != '"').collect::<String>().to_lowercase()
    };
    normal(one) == normal(other)
}

/// Returns the directives of a cache policy, whose order does not count (RFC 9111 §5.2).
pub(crate) fn directives(policy: &str) -> BTreeSet<String> {
    members(policy)
}

/// Returns the members of a list (RFC 9110 §5.6.1).
fn members(list: &str) -> BTreeSet<String> {
    let members = list.split(',').map(|member| member.trim().to_ascii_lowercase());
    members.filter(|member| !member.is_empty()).collect()
}
