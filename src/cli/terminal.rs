//! Verbosity, and the styles of text. `anstream` removes the styles if the output is not a terminal
//! or `NO_COLOR` is set.

use anstyle::{AnsiColor, Style};

/// The amount of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Summaries, diagnostics and progress.
    Normal,
    /// Errors only.
    Quiet,
}

impl Verbosity {
    /// Returns the verbosity that `--quiet` chooses.
    pub(crate) fn from_quiet_flag(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Normal }
    }
}

/// Titles of tables and sections.
pub(crate) const HEADING: Style = Style::new().bold();
/// Secondary information.
pub(crate) const DIM: Style = Style::new().dimmed();
/// Good news, such as savings.
pub(crate) const SUCCESS: Style = AnsiColor::Green.on_default();
/// Errors.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default();
/// Warnings, and anything that deserves attention.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
