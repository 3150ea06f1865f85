//! The results of budgets, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::feedback::printable::Printable;
use crate::named::named;

named! {
    /// The content coding of the sizes that a budget bounds.
    #[derive(Default)]
    pub enum BudgetCoding {
        /// As sent to a browser, which accepts Brotli.
        #[default]
        Brotli = "br",
        /// As sent to a client that accepts gzip only. If the site has no representations in gzip, the size
        /// that they would have.
        Gzip = "gzip",
        /// Minified, and not compressed.
        Identity = "identity",
    }
}

/// The result of a budget. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BudgetReport {
    /// Its name, or what it bounds.
    pub name: String,
    /// The file that it is written in, if that is one of size-limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The largest size that keeps it.
    pub limit: usize,
    /// The size: of the heaviest page, if it bounds pages.
    pub size: usize,
    /// The size in the build that was compared with, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
    /// The content coding of the sizes.
    pub coding: BudgetCoding,
    /// The heaviest page, if it bounds pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Number of files or pages that it bounds.
    pub matched: usize,
    /// Number of pages over the limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pages_over: usize,
    /// The largest files in the size, the largest first.
    pub culprits: Vec<Culprit>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl BudgetReport {
    /// Returns the number of bytes above the limit.
    pub fn excess(&self) -> usize {
        self.size.saturating_sub(self.limit)
    }

    /// Returns whether the size is above the limit.
    pub fn is_exceeded(&self) -> bool {
        self.excess() > 0
    }
}

impl fmt::Display for BudgetReport {
    /// Writes the budget on one line: its name, the size, the limit and the largest files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, size, limit, .. } = self;
        write!(f, "{}: {size} bytes of {limit}", Printable(name))?;
        if let Some(page) = &self.page {
            write!(f, " on {}", Printable(page))?;
        }
        if let Some(before) = self.before {
            write!(f, ", was {before}")?;
        }
        for (index, culprit) in self.culprits.iter().enumerate() {
            let separator = if index == 0 { "; largest: " } else { ", " };
            write!(f, "{separator}{} {}", Printable(&culprit.url), culprit.size)?;
            if let Some(before) = culprit.before.filter(|before| *before != culprit.size) {
                write!(f, " (was {before})")?;
            }
        }
        Ok(())
    }
}

/// A file in the size of a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Culprit {
    /// The path of its URL.
    pub url: String,
    /// Its size.
    pub size: usize,
    /// Its size in the build that was compared with. None if it is new or the other build is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
}
