//! The part of the summary about a Worker.

use std::fmt::{self, Display, Formatter};

use worker_pack::report::{Identity, Printable, ProgramIs, WorkerReport};

use super::Size;
use crate::cli::terminal::{DIM, HEADING};

/// Number of parts to show, the largest ones.
const SHOWN_PARTS: usize = 5;

/// The size of a Worker, its server code, and the bodies that were moved out of it.
pub(super) struct Worker<'r>(pub(super) &'r WorkerReport);

impl Display for Worker<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let WorkerReport { program, weight, has_server: _, server, identity, spilled, r2 } = self.0;
        writeln!(f, "\n{HEADING}worker{HEADING:#}")?;
        let (size, gzip) = (Size(weight.size).to_string(), Size(weight.gzip));
        match program {
            ProgramIs::Engine => {
                writeln!(f, "{size:>9}  in {} modules, {gzip} under gzip", weight.modules)?;
            }
            ProgramIs::Compiled => {
                writeln!(f, "{size:>9}  and your program, {gzip} under gzip without it")?;
            }
        }
        let memory = Size(weight.memory).to_string();
        writeln!(
            f,
            "{memory:>9}  of memory and {} ms to start, estimated from the modules",
            weight.startup
        )?;
        for part in weight.parts.iter().take(SHOWN_PARTS) {
            let size = Size(part.size).to_string();
            writeln!(f, "{size:>9}  {DIM}{}{DIM:#}", Printable(&part.name))?;
        }
        if let Some(server) = server {
            let size = Size(server.shipped).to_string();
            write!(f, "{size:>9}  server code in {} modules", server.modules)?;
            write!(f, "  {DIM}of {}", Size(server.source))?;
            let (maps, unused) = (server.source_maps, server.unused.len());
            writeln!(f, ", without {maps} source maps and {unused} unused files{DIM:#}")?;
        }
        if !spilled.is_empty() {
            let size = Size(weight.static_assets_size).to_string();
            writeln!(f, "{size:>9}  in Workers Static Assets, {} files", weight.static_assets)?;
        }
        if let Some(r2) = r2 {
            let size = Size(r2.size).to_string();
            write!(f, "{size:>9}  in R2, {} files", r2.objects)?;
            let buckets: Vec<String> =
                r2.buckets.iter().map(|bucket| Printable(&bucket.name).to_string()).collect();
            writeln!(f, "  {DIM}{}{DIM:#}", buckets.join(", "))?;
        }
        let body = match identity {
            Identity::Decoded => "the decoded Brotli body",
            Identity::Stored => "an uncompressed copy",
        };
        writeln!(f, "           {DIM}clients that accept no content coding get {body}{DIM:#}")
    }
}
