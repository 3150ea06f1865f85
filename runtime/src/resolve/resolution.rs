//! The outcomes of resolving a path.

use crate::rows::Asset;

/// What a path comes to.
#[derive(Clone, Debug)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "a box would be paid for at every request")
)]
pub enum Resolution<'a> {
    /// The asset is served at this path.
    Asset(Asset<'a>),
    /// The asset is served at another path, decoded like the one that was asked for.
    Redirect(String),
    /// No asset answers this path.
    Nothing,
}

/// What stands in for an asset that is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fallback<'a> {
    /// A page that says so.
    NotFoundPage(Asset<'a>),
    /// A page for all paths.
    App(Asset<'a>),
    Nothing,
}
