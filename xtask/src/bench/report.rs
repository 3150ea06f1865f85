//! Results, as Markdown tables.

use std::fmt::Write as _;

use anyhow::{Error, Result, bail};

use super::Scale;

/// The results so far, and the targets that were missed.
pub(super) struct Report {
    text: String,
    scale: Scale,
    missed: Vec<String>,
    /// The sections that could not be measured.
    failed: Vec<String>,
}

impl Report {
    /// Begins a report with a line about the conditions.
    pub(super) fn new(conditions: &str, scale: Scale) -> Self {
        let text = format!("{conditions}\n");
        Self { text, scale, missed: Vec::new(), failed: Vec::new() }
    }

    /// Begins a table.
    pub(super) fn table(&mut self, title: &str, columns: &[&str]) {
        eprintln!("{title}");
        let rule = "| --- ".repeat(columns.len());
        let _ = write!(self.text, "\n## {title}\n\n| {} |\n{rule}|\n", columns.join(" | "));
    }

    /// Adds a row to the table.
    pub(super) fn row(&mut self, cells: &[String]) {
        let row = format!("| {} |", cells.join(" | "));
        eprintln!("{row}");
        self.text.extend([&row, "\n"]);
    }

    /// Notes a missed target if a value is smaller than it, or was not measured.
    pub(super) fn at_least(&mut self, target: f64, value: f64, what: &str) {
        if self.scale == Scale::Full && (value < target || value.is_nan()) {
            self.missed.push(format!("{what}: {value:.3}, and the target is at least {target:.3}"));
        }
    }

    /// Notes a missed target if a value is larger than it, or was not measured.
    pub(super) fn at_most(&mut self, target: f64, value: f64, what: &str) {
        if self.scale == Scale::Full && (value > target || value.is_nan()) {
            self.missed.push(format!("{what}: {value:.3}, and the target is at most {target:.3}"));
        }
    }

    /// Notes that a section could not be measured, which fails the benchmark in the end.
    pub(super) fn fail(&mut self, what: &str, error: &Error) {
        eprintln!("{what}: {error:#}");
        self.failed.push(format!("{what}: {error:#}"));
    }

    /// Prints the report. Fails if a section could not be measured, and for missed targets if they
    /// are checked.
    pub(super) fn finish(mut self, check: bool) -> Result<()> {
        for failed in &self.failed {
            let _ = write!(self.text, "\nNot measured: {failed}\n");
        }
        for missed in &self.missed {
            let _ = write!(self.text, "\nMissed: {missed}\n");
        }
        print!("{}", self.text);
        let mut errors = self.failed;
        if check {
            errors.append(&mut self.missed);
        }
        if errors.is_empty() { Ok(()) } else { bail!(errors.join("; ")) }
    }
}

/// Returns the median of some values.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Returns the mean of some values.
pub(super) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) =
        values.into_iter().fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    sum / count
}

/// Returns the median of the ratios of some values to others.
pub(super) fn ratio(values: &[f64], others: &[f64]) -> f64 {
    median(values.iter().zip(others).map(|(value, other)| value / other))
}

/// Formats a number of bytes.
pub(super) fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

/// Formats a small number of bytes.
pub(super) fn kilobytes(bytes: f64) -> String {
    format!("{:.1} kB", bytes / 1e3)
}

/// Formats the median of some times in milliseconds.
pub(super) fn milliseconds(times: Vec<f64>) -> String {
    format!("{:.0} ms", median(times))
}

/// Formats the median of some times in seconds with its significant digits.
pub(super) fn seconds(times: &[f64]) -> String {
    let time = median(times.iter().copied());
    match time {
        0.0..0.1 => format!("{:.1} ms", time * 1e3),
        0.1..1.0 => format!("{:.0} ms", time * 1e3),
        _ => format!("{time:.1} s"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "no site has so many bytes")]
pub(super) fn float(bytes: usize) -> f64 {
    bytes as f64
}
