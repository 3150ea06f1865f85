//! README and the examples in `examples/`: each does what it says.

mod astro;
mod build_script;
mod readme;
