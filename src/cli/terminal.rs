//! What is said, and in which colours. `anstream` drops the colours where they are not wanted:
//! `NO_COLOR`, or no terminal.

use anstyle::{AnsiColor, Style};

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    Normal,
    /// Errors only.
    Quiet,
}

impl Verbosity {
    pub(crate) fn from_quiet_flag(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Normal }
    }
}

pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const ODD: Style = AnsiColor::Yellow.on_default();
