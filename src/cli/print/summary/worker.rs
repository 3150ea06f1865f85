//! What there is to say about a Worker.

use std::fmt::{self, Display, Formatter};

use worker_pack::report::{Identity, WorkerReport};

use super::Size;
use crate::cli::terminal::{FAINT, HEADING};

/// How many of the largest parts are shown.
const LARGEST: usize = 5;

/// What a Worker weighs, and what became of the server and of large files.
pub(super) struct Worker<'r>(pub(super) &'r WorkerReport);

impl Display for Worker<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let WorkerReport { weight, server, identity, spilled } = self.0;
        writeln!(f, "\n{HEADING}worker{HEADING:#}")?;
        let (size, gzip) = (Size(weight.size).to_string(), Size(weight.gzip));
        writeln!(f, "{size:>9}  in {} modules, {gzip} under gzip", weight.modules)?;
        let memory = Size(weight.memory).to_string();
        writeln!(
            f,
            "{memory:>9}  of memory and {} ms to start, as estimated from the modules",
            weight.startup
        )?;
        for part in weight.parts.iter().take(LARGEST) {
            let size = Size(part.size).to_string();
            writeln!(f, "{size:>9}  {FAINT}{}{FAINT:#}", part.name)?;
        }
        if let Some(server) = server {
            let size = Size(server.shipped).to_string();
            write!(f, "{size:>9}  server code in {} modules", server.modules)?;
            write!(f, "  {FAINT}of {}", Size(server.source))?;
            let (maps, unused) = (server.source_maps, server.unused.len());
            writeln!(f, ", without {maps} source maps and {unused} unused files{FAINT:#}")?;
        }
        if !spilled.is_empty() {
            let size = Size(weight.static_assets_size).to_string();
            writeln!(f, "{size:>9}  in Workers Static Assets: {} files", weight.static_assets)?;
        }
        let how = match identity {
            Identity::Decoded => "get what Brotli decodes to",
            Identity::Stored => "get a copy that is kept for them",
        };
        writeln!(f, "           {FAINT}clients that take no coding {how}{FAINT:#}")
    }
}
