//! What a request is answered with, before an adapter turns it into its host's response.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

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

/// Bytes of a representation, or a part of them, without a copy.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// Bytes that live as long as the table, as in an emitted module.
    Borrowed(&'a [u8]),
    /// A part of bytes that are shared, as in `worker-pack serve`.
    Shared(Arc<[u8]>, Range<usize>),
}

impl Body<'_> {
    pub(crate) const EMPTY: Self = Self::Borrowed(&[]);

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes, part) => &bytes[part.clone()],
        }
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Returns whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a part of the body, which must lie within it.
    pub(crate) fn part(&self, part: Range<usize>) -> Self {
        match self {
            Self::Borrowed(bytes) => Self::Borrowed(&bytes[part]),
            Self::Shared(bytes, whole) => {
                Self::Shared(Arc::clone(bytes), whole.start + part.start..whole.start + part.end)
            }
        }
    }
}

impl From<Vec<u8>> for Body<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Arc::<[u8]>::from(bytes).into()
    }
}

impl From<Arc<[u8]>> for Body<'_> {
    fn from(bytes: Arc<[u8]>) -> Self {
        let whole = 0..bytes.len();
        Self::Shared(bytes, whole)
    }
}
