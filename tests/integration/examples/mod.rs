//! README and the examples in `examples/`.

mod astro;
mod build_script;
mod package;
mod readme;
