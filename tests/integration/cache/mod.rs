//! The store of results: reuse, damage, limits.

pub(crate) mod results;
