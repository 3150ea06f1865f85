//! Facts that a project states about itself: its layout and its wrangler configuration.

pub(crate) mod layout;
pub(crate) mod wrangler;
