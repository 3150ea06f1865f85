//! The part of the summary about dictionaries.

use std::fmt::{self, Display, Formatter};

use worker_pack::report::{DictionaryOrigin, DictionaryReport, Printable};

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
            let DictionaryReport { url, file, bytes, pages, without, with, .. } = dictionary;
            let size = Size(*bytes).to_string();
            let (mean, mean_with) = (without / pages.max(&1), with / pages.max(&1));
            let copy = match dictionary.origin {
                DictionaryOrigin::ThisBuild => "once per visitor; a copy of",
                DictionaryOrigin::EarlierBuild => "once per visitor; kept, an earlier copy of",
                DictionaryOrigin::Replaced => "for visitors who have it; an earlier copy of",
            };
            write!(f, "{size:>9}  for {pages} pages, {DIM}{copy}{DIM:#} ")?;
            writeln!(f, "{}{DIM}, at{DIM:#} {}", Printable(file), Printable(url))?;
            if let Some(difference) = dictionary.difference {
                let size = Size(difference).to_string();
                writeln!(f, "{size:>9}  {DIM}as its difference to the one before{DIM:#}")?;
            }
            let size = Size(mean_with).to_string();
            write!(f, "{size:>9}  for a further page {DIM}instead of {}", Size(mean))?;
            match dictionary.pays_after {
                0 => {}
                1 => write!(f, "; pays after 1 page")?,
                pages => write!(f, "; pays after {pages} pages")?,
            }
            writeln!(f, "{DIM:#}")?;
        }
        let stored: usize = self.0.iter().map(DictionaryReport::stored).sum();
        let stored = Size(stored).to_string();
        writeln!(f, "{stored:>9}  {DIM}more to store{DIM:#}")
    }
}
