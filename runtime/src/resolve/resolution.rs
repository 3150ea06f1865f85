//! The outcomes of resolving a path.

use crate::rows::Asset;

/// The result of resolving a path.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a box would be paid for at every request")]
pub enum Resolution<'a> {
    /// The asset is served at this path.
    Asset(Asset<'a>),
    /// The asset is served at this other path, which is decoded too.
    Redirect(String),
    /// No asset answers this path.
    Nothing,
}

/// The replacement for a missing asset.
#[derive(Clone, Copy, Debug)]
pub enum Fallback<'a> {
    /// A page for errors.
    NotFoundPage(Asset<'a>),
    /// The page of a single-page application, which handles all paths.
    App(Asset<'a>),
    /// A plain 404.
    Nothing,
}
