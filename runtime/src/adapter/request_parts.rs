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
    pub(super) method: Method,
    pub(super) path: &'h str,
    pub(super) query: Option<&'h str>,
    pub(super) host: Option<&'h str>,
    pub(super) fields: Fields<'h>,
}

/// The values of the fields in [`RequestField::ALL`], in this order.
pub(super) type Fields<'h> = [Option<Cow<'h, str>>; RequestField::ALL.len()];

impl RequestParts<'_> {
    /// Returns the path by which a table decides, in the form that browsers send.
    ///
    /// The host's own code should decide by it too. The path of the host's request is the client's
    /// spelling, such as `/x/../api`, which may look like a path of another part of the program.
    pub fn path(&self) -> Cow<'_, str> {
        path::normalize(self.path)
    }

    /// Returns the request that the runtime answers.
    pub fn request(&self) -> Request<'_> {
        let mut request =
            Request { query: self.query, host: self.host, ..Request::new(self.method, self.path) };
        for (field, value) in RequestField::ALL.into_iter().zip(&self.fields) {
            if let Some(value) = value {
                request.set_field(field, value);
            }
        }
        request
    }
}
