//! Replies, before an adapter converts them to its host's responses.

use std::borrow::Cow;

use crate::body::Body;
use crate::header_rules::HeaderChange;
use crate::rows::Asset;

/// The cache policy of errors. A cache may store some of them by heuristic (RFC 9111 §4.2.2).
pub(crate) const NO_STORE: &str = "no-store";

/// A reply: status, header fields and body.
#[derive(Clone, Debug)]
pub struct Reply<'t> {
    status: u16,
    headers: Headers<'t>,
    body: Body<'t>,
}

impl<'t> Reply<'t> {
    pub(crate) fn new(status: u16, headers: Headers<'t>, body: Body<'t>) -> Self {
        Self { status, headers, body }
    }

    /// Returns the status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the header fields.
    pub fn headers(&self) -> &Headers<'t> {
        &self.headers
    }

    /// Returns the body, which is empty for `HEAD` and for statuses without content.
    pub fn body(&self) -> &Body<'t> {
        &self.body
    }

    /// Splits the reply into its parts.
    pub fn into_parts(self) -> (u16, Headers<'t>, Body<'t>) {
        (self.status, self.headers, self.body)
    }

    /// Changes the header fields.
    pub(crate) fn changed(mut self, changes: impl IntoIterator<Item = HeaderChange<'t>>) -> Self {
        for change in changes {
            self.headers.change(change);
        }
        self
    }

    /// Adds the fields that Pages sends with every response.
    pub(crate) fn with_fields_of_pages(mut self) -> Self {
        self.headers.add("Access-Control-Allow-Origin", "*");
        self.headers.add("Referrer-Policy", "strict-origin-when-cross-origin");
        if self.headers.get("Content-Type").is_some() {
            self.headers.add("X-Content-Type-Options", "nosniff");
        }
        self
    }

    /// Removes the body, which turns the reply to a `GET` into the one to a `HEAD` (RFC 9110 §9.3.2).
    pub(crate) fn without_body(self) -> Self {
        Self { body: Body::EMPTY, ..self }
    }
}

/// Header fields, in the order in which they are sent.
#[derive(Clone, Debug, Default)]
pub struct Headers<'t>(Vec<(&'t str, Cow<'t, str>)>);

impl<'t> Headers<'t> {
    /// Makes an empty list, with room for the fields of most replies.
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(8))
    }

    pub(crate) fn add(&mut self, name: &'t str, value: impl Into<Cow<'t, str>>) {
        self.0.push((name, value.into()));
    }

    /// Adds `Vary` if replies for an asset depend on fields of the request (RFC 9110 §12.5.5).
    pub(crate) fn add_vary(&mut self, asset: &Asset<'_>) {
        if let Some(fields) = asset.vary() {
            self.add("Vary", fields);
        }
    }

    /// Returns the value of a field, by its name in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Iterates over names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_ref()))
    }

    pub(crate) fn change(&mut self, change: HeaderChange<'t>) {
        match change {
            HeaderChange::Remove(name) => self.remove(name),
            HeaderChange::Set(name, value) => {
                self.remove(name);
                self.0.push((name, value));
            }
            HeaderChange::Append(name, value) => match self.position(name) {
                // The lines of `Set-Cookie` alone cannot be joined (RFC 9110 §5.3).
                Some(at) if !name.eq_ignore_ascii_case("set-cookie") => {
                    let joined = [&*self.0[at].1, &*value].join(", ");
                    self.0[at].1 = Cow::Owned(joined);
                }
                _ => self.0.push((name, value)),
            },
            HeaderChange::Default(name, value) => {
                if self.get(name).is_none() {
                    self.add(name, value);
                }
            }
        }
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(field, _)| field.eq_ignore_ascii_case(name))
    }
}
