//! Where the time went.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use worker_pack::report::{FileTime, Timings};

use super::Size;
use crate::cli::terminal::{FAINT, HEADING};

/// How many of the slowest files are shown.
const SLOWEST: usize = 10;

/// Where the time went.
pub(crate) struct Times<'t>(pub(crate) &'t Timings);

impl Display for Times<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Timings { stages, files } = self.0;
        writeln!(f, "\n{HEADING}time{HEADING:#}")?;
        for stage in stages {
            writeln!(f, "{:>9}  {}", Took(stage.wall).to_string(), stage.stage)?;
        }
        if files.is_empty() {
            return Ok(());
        }
        let sum = |part: fn(&FileTime) -> Duration| Took(files.iter().map(part).sum());
        let (transform, compress) = (sum(|file| file.transform), sum(|file| file.compress));
        writeln!(f, "\n{HEADING}slowest of {} files{HEADING:#}", files.len())?;
        for file in files.iter().take(SLOWEST) {
            let (total, transform) = (Took(file.total()).to_string(), Took(file.transform));
            let size = Size(usize::try_from(file.source).unwrap_or(usize::MAX));
            write!(f, "{total:>9}  {}", file.file)?;
            writeln!(f, "  {FAINT}of {size}, {transform} to minify{FAINT:#}")?;
        }
        writeln!(
            f,
            "{FAINT}all cores together: {transform} to minify, {compress} to compress{FAINT:#}"
        )
    }
}

/// A time in the unit that suits it.
struct Took(Duration);

impl Display for Took {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.as_secs_f64() {
            seconds if seconds < 1.0 => write!(f, "{:.1} ms", seconds * 1e3),
            seconds => write!(f, "{seconds:.2} s"),
        }
    }
}
