//! The sites that Astro builds: the examples, and a documentation site to measure on.

pub(crate) mod blog;
pub(crate) mod docs_site;
pub(crate) mod project;
