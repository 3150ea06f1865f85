//! `_redirects`, `_headers` and the compatibility rules.

mod redirects;
