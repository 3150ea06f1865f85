//! What a request is answered with, before an adapter turns it into its host's response.

use std::borrow::Cow;

use crate::body::Body;

/// An answer: status, header fields in the order they are sent, body.
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

    /// Returns the bytes to send, none for `HEAD` and for statuses without content.
    pub fn body(&self) -> &Body<'t> {
        &self.body
    }

    /// Takes the reply apart.
    pub fn into_parts(self) -> (u16, Headers<'t>, Body<'t>) {
        (self.status, self.headers, self.body)
    }

    /// Turns the answer to a `GET` into the one to a `HEAD`: the same, without the bytes
    /// (RFC 9110 §9.3.2).
    pub(crate) fn without_body(self) -> Self {
        Self { body: Body::EMPTY, ..self }
    }
}

/// Header fields in the order they are sent.
#[derive(Clone, Debug, Default)]
pub struct Headers<'t>(Vec<(&'static str, Cow<'t, str>)>);

impl<'t> Headers<'t> {
    /// Makes an empty list with room for what a reply usually has.
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(8))
    }

    pub(crate) fn add(&mut self, name: &'static str, value: impl Into<Cow<'t, str>>) {
        self.0.push((name, value.into()));
    }

    /// Returns the value of a field, by its name in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_ref()))
    }
}
