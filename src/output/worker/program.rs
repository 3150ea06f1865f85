//! The program that answers the requests of a packed Worker.

use super::engine::Engine;
use super::plain::PlainReplies;
use super::wrangler::ProgramIs;
use crate::options::SiteData;
use crate::rules::SiteRules;

/// The program that answers the requests of a packed Worker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Program<'e> {
    /// The engine.
    Engine(&'e Engine),
    /// The user's, in Rust, with the place of table and bodies.
    Compiled(SiteData),
}

impl Program<'_> {
    pub(super) fn kind(self) -> ProgramIs {
        match self {
            Self::Engine(_) => ProgramIs::Engine,
            Self::Compiled(_) => ProgramIs::Compiled,
        }
    }

    /// Returns the plain replies of a binary table, if the Worker has an index of them.
    pub(super) fn plain_replies(self, table: &[u8], rules: &SiteRules) -> PlainReplies {
        match self {
            Self::Engine(_) => PlainReplies::of(table, rules),
            Self::Compiled(_) => PlainReplies::default(),
        }
    }

    /// Returns the size of the program. That of one that is not yet compiled is what examples have.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Engine(engine) => engine.bytes().len(),
            Self::Compiled(_) => 1024 * 1024,
        }
    }
}
