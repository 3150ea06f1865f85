//! Sites, servers and requests shared by the tests.

pub(crate) mod astro;
pub(crate) mod client;
pub(crate) mod differential;
pub(crate) mod kinds;
pub(crate) mod project;
pub(crate) mod raw;
pub(crate) mod recorded;
pub(crate) mod server;
pub(crate) mod site;
pub(crate) mod spelling;
pub(crate) mod strace;
pub(crate) mod visits;
pub(crate) mod xtask;
