//! The timings of a run.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use worker_pack::report::{FileTime, Printable, Timings};

use super::Size;
use crate::cli::terminal::{DIM, HEADING};

/// Number of files to show, the slowest ones.
const SHOWN_FILES: usize = 10;

/// The timings of a run: its stages, and the slowest files.
pub(crate) struct Times<'t>(pub(crate) &'t Timings);

impl Display for Times<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Timings { stages, files } = self.0;
        writeln!(f, "\n{HEADING}time{HEADING:#}")?;
        for stage in stages {
            let [wall, cpu] = [stage.wall, stage.cpu].map(|time| HumanDuration(time).to_string());
            writeln!(f, "{wall:>9}  {:<10}{DIM}{cpu:>9} of CPU{DIM:#}", stage.stage.to_string())?;
        }
        if files.is_empty() {
            return Ok(());
        }
        let sum = |part: fn(&FileTime) -> Duration| HumanDuration(files.iter().map(part).sum());
        let (transform, compress) = (sum(|file| file.transform), sum(|file| file.compress));
        writeln!(f, "\n{HEADING}slowest of {} files{HEADING:#}", files.len())?;
        for file in files.iter().take(SHOWN_FILES) {
            let (total, transform) =
                (HumanDuration(file.total()).to_string(), HumanDuration(file.transform));
            let size = Size(usize::try_from(file.source).unwrap_or(usize::MAX));
            write!(f, "{total:>9}  {}", Printable(&file.file))?;
            writeln!(f, "  {DIM}of {size}, {transform} to minify{DIM:#}")?;
        }
        writeln!(f, "{DIM}CPU of all cores: {transform} to minify, {compress} to compress{DIM:#}")
    }
}

/// A duration in milliseconds, or in seconds from one second on.
struct HumanDuration(Duration);

impl Display for HumanDuration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.as_secs_f64() {
            seconds if seconds < 1.0 => write!(f, "{:.1} ms", seconds * 1e3),
            seconds => write!(f, "{seconds:.2} s"),
        }
    }
}
