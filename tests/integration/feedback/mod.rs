//! Codes of diagnostics and their documentation.

mod code;
