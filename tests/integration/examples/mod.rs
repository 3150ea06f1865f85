//! README, `docs/`, and the examples in `examples/`.

mod astro;
mod build_script;
mod links;
mod markdown;
mod package;
mod readme;
mod readme_output;
mod voice_agent;
