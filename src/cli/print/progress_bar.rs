//! The progress bar, which shows the stage of a run and the bytes that it has processed.

use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressStyle};
use worker_pack::probing::ProbeProgress;
use worker_pack::report::{Progress, Stage};

use crate::cli::terminal::Verbosity;

/// Interval for redrawing the elapsed time.
const TICK: Duration = Duration::from_millis(200);

/// A bar on standard error, hidden if that is not a terminal, on CI servers, and with `--quiet`.
#[derive(Debug)]
pub(crate) struct ProgressBar(indicatif::ProgressBar);

impl ProgressBar {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        let is_shown = verbosity == Verbosity::Normal && std::env::var_os("CI").is_none();
        // indicatif hides the bar by itself if standard error is not a terminal.
        let target =
            if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self(indicatif::ProgressBar::with_draw_target(None, target))
    }

    /// Clears the bar. The next stage shows it again.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Progress for ProgressBar {
    fn started(&self, stage: Stage, bytes: u64) {
        let style = if bytes == 0 {
            "{spinner} {prefix} {elapsed}"
        } else {
            "{spinner} {prefix} {bar:30} {decimal_bytes} of {decimal_total_bytes} {elapsed}"
        };
        let style = ProgressStyle::with_template(style).expect("the template is well-formed");
        self.0.reset();
        self.0.set_style(style);
        self.0.set_prefix(label(stage));
        self.0.set_length(bytes);
        self.0.enable_steady_tick(TICK);
    }

    fn advanced(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl ProbeProgress for ProgressBar {
    fn planned(&self, requests: usize) {
        let style = "{spinner} asking {bar:30} {pos} of {len} {elapsed}";
        self.0.reset();
        self.0.set_style(ProgressStyle::with_template(style).expect("the template is well-formed"));
        self.0.set_length(requests as u64);
        self.0.enable_steady_tick(TICK);
    }

    fn answered(&self) {
        self.0.inc(1);
    }
}

fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Check => "comparing with the last run",
        Stage::Ingest => "finding files",
        Stage::Survey => "reading pages",
        Stage::Represent => "minifying and compressing",
        Stage::Tabulate => "building the table",
        Stage::Output => "writing",
        Stage::Inspect => "looking for faults",
    }
}
