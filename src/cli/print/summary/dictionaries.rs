//! The part of the summary about dictionaries.

use std::fmt::{self, Display, Formatter};

use worker_pack::report::{DictionaryReport, Printable};

use super::Size;
use crate::cli::terminal::{DIM, HEADING};

/// The dictionaries with their pages, their cost and their saving.
pub(super) struct Dictionaries<'r>(pub(super) &'r [DictionaryReport]);

impl Display for Dictionaries<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n{HEADING}dictionaries{HEADING:#}")?;
        for dictionary in self.0 {
            let DictionaryReport { url, file, bytes, pages, without, with, pays_after, .. } =
                dictionary;
            let size = Size(*bytes).to_string();
            write!(f, "{size:>9}  for {pages} pages, {DIM}once per visitor; a copy of{DIM:#} ")?;
            writeln!(f, "{}{DIM}, at{DIM:#} {}", Printable(file), Printable(url))?;
            let (mean, mean_with) = (without / pages.max(&1), with / pages.max(&1));
            let size = Size(mean_with).to_string();
            let (mean, unit) = (Size(mean), if *pays_after == 1 { "page" } else { "pages" });
            write!(f, "{size:>9}  for a further page {DIM}instead of {mean}; pays after")?;
            writeln!(f, " {pays_after} {unit}{DIM:#}")?;
        }
        let stored: usize = self.0.iter().map(|dictionary| dictionary.with).sum();
        let stored = Size(stored).to_string();
        writeln!(f, "{stored:>9}  {DIM}more to store{DIM:#}")
    }
}
