//! The rules of `check` on the modules of the server, on pages, and on the started Worker.

mod cases;
pub(crate) mod code;
pub(crate) mod pages;
pub(crate) mod start;
