//! The parts of a host's request, for as long as the runtime borrows them.

use std::borrow::Cow;

use crate::path;
use crate::request::{Method, Request, RequestField};

/// The parts of a host's request that a [`Request`] borrows.
///
/// An adapter reads them once for each request; [`Table::respond`](crate::Table::respond) and
/// [`Table::not_found`](crate::Table::not_found) can then both be asked.
#[derive(Debug)]
pub struct RequestParts<'h> {
    method: Method,
    target: Target<'h>,
    /// In the order of [`RequestField::ALL`].
    fields: Fields<'h>,
}

/// The target of a request, in the form in which a host has it (RFC 9112 §3.2).
#[derive(Debug)]
pub(super) enum Target<'h> {
    /// The absolute form: a URL.
    #[cfg(feature = "worker")]
    Absolute(Cow<'h, str>),
    /// The origin form, beside the host.
    #[cfg(feature = "http")]
    Origin { path: &'h str, query: Option<&'h str>, host: Option<&'h str> },
}

/// The values of the fields in [`RequestField::ALL`].
pub(super) type Fields<'h> = [Option<Cow<'h, str>>; RequestField::ALL.len()];

impl<'h> RequestParts<'h> {
    pub(super) fn new(method: Method, target: Target<'h>, fields: Fields<'h>) -> Self {
        Self { method, target, fields }
    }

    /// Returns the path by which a table decides, in the form that browsers send.
    ///
    /// The Worker's own code should decide by it too. The path of the host's request is the client's
    /// spelling, such as `/x/../api`, which may look like a path of another part of the Worker.
    pub fn path(&self) -> Cow<'_, str> {
        path::normalize(self.request().path)
    }

    /// Returns the request that the runtime answers.
    pub fn request(&self) -> Request<'_> {
        let mut request = match &self.target {
            #[cfg(feature = "worker")]
            Target::Absolute(url) => Request::from_url(self.method, url),
            #[cfg(feature = "http")]
            Target::Origin { path, query, host } => {
                Request { query: *query, host: *host, ..Request::new(self.method, path) }
            }
        };
        for (field, value) in RequestField::ALL.into_iter().zip(&self.fields) {
            if let Some(value) = value {
                request.set_field(field, value);
            }
        }
        request
    }
}
