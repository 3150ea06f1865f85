//! Sites, servers and requests that the tests share.

pub(crate) mod differential;
pub(crate) mod recorded;
pub(crate) mod server;
pub(crate) mod site;
pub(crate) mod xtask;
