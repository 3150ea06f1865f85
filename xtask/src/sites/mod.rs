//! The sites that Astro builds: the examples, and a documentation site to measure with.

pub(crate) mod blog;
pub(crate) mod docs_site;
pub(crate) mod illustrated;
pub(crate) mod project;

use std::path::PathBuf;

use anyhow::Result;

use project::{Project, Rebuild};

/// The examples that render on the server. Their builds are not in the repository.
pub(crate) const SERVERS: [&str; 2] = ["astro-ssr", "astro-pages"];

/// Builds an example with a server, and returns its output folder.
pub(crate) fn build_server(name: &str) -> Result<PathBuf> {
    Ok(Project::example(name).build_copy(Rebuild::IfChanged)?.dist())
}

/// Builds the example with islands of five libraries, and prints its output folder.
pub(crate) fn build_islands() -> Result<()> {
    println!("{}", build_server("astro-islands")?.display());
    Ok(())
}

/// Builds the examples that render on the server, and prints their output folders.
pub(crate) fn build_servers() -> Result<()> {
    let build = |name: &&str| Project::example(name).build_copy(Rebuild::IfChanged);
    let copies: Vec<Project> = SERVERS.iter().map(build).collect::<Result<_>>()?;
    for copy in copies {
        println!("{}", copy.dist().display());
    }
    Ok(())
}
