//! The bar of a pack under way: bytes done of the bytes there are, which is what takes the time.

use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressStyle};
use worker_pack::{Progress, Stage};

use crate::cli::terminal::Verbosity;

/// A bar on standard error, if that is a terminal with somebody before it.
pub(crate) struct ProgressBar(indicatif::ProgressBar);

impl ProgressBar {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        let wanted = verbosity == Verbosity::Normal && std::env::var_os("CI").is_none();
        // It hides by itself where standard error is no terminal.
        let target =
            if wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = indicatif::ProgressBar::with_draw_target(None, target);
        let style = "{prefix:>12} {bar:30} {decimal_bytes} of {decimal_total_bytes} {elapsed}";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is well-formed"));
        Self(bar)
    }

    /// Clears the bar.
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
        let name = match stage {
            Stage::Cache | Stage::Ingest => "Finding",
            Stage::Transform => "Minifying",
            Stage::Compress => "Compressing",
            Stage::Tabulate => "Tabulating",
            Stage::Bundle | Stage::Emit => "Writing",
        };
        self.0.reset();
        self.0.set_prefix(name);
        self.0.set_length(bytes);
        self.0.enable_steady_tick(Duration::from_millis(200));
    }

    fn advanced(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}
