//! Paths of requests, read once: normalised and percent-decoded.

use std::borrow::Cow;

use crate::behaviour::{Behaviour, Compat, Fidelity};
use percent::decode_leniently;

mod normal;
mod percent;

pub(crate) use normal::collapse_slashes;
pub use normal::normalize;
pub use percent::{PathError, decode, encode, encode_segments};
pub(crate) use percent::{encode_query, is_encoded_as};

/// The path of a request, normalised and decoded once.
///
/// Whatever depends on the path reads it here, so that no spelling passes one part of a Worker as one
/// path and reaches the next as another. Rules and the server read the normal form, as on Cloudflare; an
/// asset is found by the decoded form; routing reads both.
#[derive(Clone, Debug)]
pub(crate) struct RequestPath<'r> {
    normal: Cow<'r, str>,
    decoded: Decoded,
}

/// A decoded path.
#[derive(Clone, Debug)]
enum Decoded {
    /// The same text as the normal path.
    Same,
    Other(String),
    /// It cannot name an asset.
    Invalid(PathError),
}

impl<'r> RequestPath<'r> {
    /// Reads the path of a request target, as a table's behaviour requires.
    pub(crate) fn new(raw: &'r str, behaviour: Behaviour) -> Self {
        let normal = normalize(raw);
        // Normalising adds a missing slash.
        let is_absolute = raw.starts_with(['/', '\\']);
        let decoded = match behaviour.fidelity {
            Fidelity::Improved if !is_absolute => Err(PathError::NotAbsolute),
            Fidelity::Improved => decode(&normal),
            Fidelity::Strict => Ok(Cow::Owned(decode_leniently(&normal, behaviour.compat))),
        };
        let decoded = match decoded {
            Err(error) => Decoded::Invalid(error),
            // Workers Static Assets read several slashes in a row as one.
            Ok(path) if behaviour.compat == Compat::Workers && path.contains("//") => {
                Decoded::Other(collapse_slashes(&path))
            }
            Ok(path) if path == normal => Decoded::Same,
            Ok(path) => Decoded::Other(path.into_owned()),
        };
        Self { normal, decoded }
    }

    /// Returns the path in the form that browsers send.
    pub(crate) fn normal(&self) -> &str {
        &self.normal
    }

    /// Returns the normal path, for one who outlives this value.
    pub(crate) fn into_normal(self) -> Cow<'r, str> {
        self.normal
    }

    /// Returns the decoded path, as assets are looked up.
    ///
    /// # Errors
    /// If the path cannot name an asset.
    pub(crate) fn decoded(&self) -> Result<&str, PathError> {
        match &self.decoded {
            Decoded::Same => Ok(&self.normal),
            Decoded::Other(path) => Ok(path),
            Decoded::Invalid(error) => Err(*error),
        }
    }

    /// Returns the decoded path, or the root for a path that cannot name an asset.
    pub(crate) fn decoded_or_root(&self) -> &str {
        self.decoded().unwrap_or("/")
    }
}
