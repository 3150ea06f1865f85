//! Sites, servers and requests that the tests share.

pub(crate) mod differential;
pub(crate) mod site;
pub(crate) mod xtask;
