//! Minification: changes, and content that must stay unchanged.

mod html;
