//! Results, as Markdown tables.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::say;

/// What has been measured so far, and what of it missed its aim.
pub(super) struct Report {
    text: String,
    missed: Vec<String>,
    /// What could not be measured, and why.
    failed: Vec<String>,
}

impl Report {
    /// Begins with what it is measured with.
    pub(super) fn new(with: &str) -> Self {
        Self { text: format!("{with}\n"), missed: Vec::new(), failed: Vec::new() }
    }

    /// Begins a table.
    pub(super) fn table(&mut self, title: &str, columns: &[&str]) {
        say(&format!("{title}\n"));
        let rule = "| --- ".repeat(columns.len());
        let _ = write!(self.text, "\n## {title}\n\n| {} |\n{rule}|\n", columns.join(" | "));
    }

    /// Adds a row to the table.
    pub(super) fn row(&mut self, cells: &[String]) {
        let row = format!("| {} |\n", cells.join(" | "));
        say(&row);
        self.text.push_str(&row);
    }

    /// Compares what ought to be at least so much. What could not be measured is not.
    pub(super) fn at_least(&mut self, aim: f64, value: f64, what: &str) {
        if value < aim || value.is_nan() {
            self.missed.push(format!("{what}: {value:.3}, and the aim is at least {aim:.3}"));
        }
    }

    /// Compares what ought to be at most so much. What could not be measured is not.
    pub(super) fn at_most(&mut self, aim: f64, value: f64, what: &str) {
        if value > aim || value.is_nan() {
            self.missed.push(format!("{what}: {value:.3}, and the aim is at most {aim:.3}"));
        }
    }

    /// Goes on without what could not be measured. The report is a failure in the end.
    pub(super) fn fail(&mut self, what: &str, error: &str) {
        say(&format!("{what}: {error}\n"));
        self.failed.push(format!("{what}: {error}"));
    }

    /// Prints everything. Fails for what could not be measured, and for aims that were missed if
    /// that is asked for.
    pub(super) fn finish(mut self, check: bool) -> Result<(), String> {
        for failed in &self.failed {
            let _ = write!(self.text, "\nNot measured: {failed}\n");
        }
        for missed in &self.missed {
            let _ = write!(self.text, "\nMissed: {missed}\n");
        }
        let _ = std::io::stdout().write_all(self.text.as_bytes());
        let mut errors = self.failed;
        if check {
            errors.append(&mut self.missed);
        }
        if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
    }
}

/// Returns the middle one of some values.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Returns the middle one of the ratios of some values to others.
pub(super) fn ratio(values: &[f64], others: &[f64]) -> f64 {
    median(values.iter().zip(others).map(|(value, other)| value / other))
}

/// Writes a number of bytes.
pub(super) fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

/// Writes the median of some times in milliseconds.
pub(super) fn milliseconds(times: Vec<f64>) -> String {
    format!("{:.0} ms", median(times))
}

/// Writes the median of some times in seconds, with as many digits as mean something.
pub(super) fn seconds(times: &[f64]) -> String {
    let time = median(times.iter().copied());
    match time {
        0.0..0.1 => format!("{:.1} ms", time * 1e3),
        0.1..1.0 => format!("{:.0} ms", time * 1e3),
        _ => format!("{time:.1} s"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "nothing here has so many bytes")]
pub(super) fn float(bytes: usize) -> f64 {
    bytes as f64
}
