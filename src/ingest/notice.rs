//! Warnings of files that are left out although Cloudflare publishes them, and of rules that do not
//! publish what they match.

use std::collections::BTreeMap;

use super::exclusion::{Exclusion, Extent};
use super::left_out::LeftOutReason;
use super::special_name::{OnCloudflare, SpecialNames};
use crate::exposure::publishing_rule;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// The files to warn of. Those with the same reason share a warning.
#[derive(Default)]
pub(super) struct Notices {
    by_reason: BTreeMap<(LeftOutReason, OnCloudflare), Named>,
    /// Those that a rule does not publish, by the file or folder whose name the rule lacks.
    guarded: BTreeMap<(String, LeftOutReason), Named>,
}

/// Files that a warning is about.
struct Named {
    /// The name of the first one in diagnostics.
    first: String,
    /// The paths that a rule for the first one would have.
    paths: String,
    /// The number of the others.
    others: usize,
}

impl Named {
    /// Returns the number of the others in words.
    fn others(&self) -> String {
        match self.others {
            0 => String::new(),
            others => format!(", like {others} more"),
        }
    }
}

impl Notices {
    /// Adds a file or folder that is left out. `file` is its name in diagnostics, and `path` its path
    /// below the public folder; both end with a slash if it is a folder.
    pub(super) fn add(&mut self, exclusion: Exclusion, file: &str, path: &str) {
        let named = || Named { first: file.to_owned(), paths: path.to_owned(), others: 0 };
        if exclusion.is_guarded {
            let culprit = match exclusion.extent {
                Extent::Own => path.to_owned(),
                Extent::Folder(depth) => {
                    path.split('/').take(depth + 1).collect::<Vec<_>>().join("/")
                }
            };
            let guarded = self.guarded.entry((culprit, exclusion.reason));
            guarded.and_modify(|named| named.others += 1).or_insert_with(named);
        } else if exclusion.extent == Extent::Own
            && exclusion.on_cloudflare != OnCloudflare::LeftOut
        {
            let key = (exclusion.reason, exclusion.on_cloudflare);
            self.by_reason.entry(key).and_modify(|named| named.others += 1).or_insert_with(named);
        }
    }

    /// Returns the warnings and notes.
    pub(super) fn diagnostics(self, names: SpecialNames) -> Vec<Diagnostic> {
        let unpublished = self.by_reason.into_iter().map(|((reason, on_cloudflare), named)| {
            let others = named.others();
            let host = names.host();
            let message = match on_cloudflare {
                OnCloudflare::PageLeftOut => {
                    format!("left out{others}: {reason}, as on {host}; a page in it has no URL")
                }
                _ => format!("left out{others}: {reason}; {host} would publish it"),
            };
            let make = match on_cloudflare {
                OnCloudflare::Useless => Diagnostic::note,
                _ => Diagnostic::warning,
            };
            let rule = publishing_rule(&named.paths);
            let help =
                format!("{rule}, with `publish = false` it is left out without this message");
            make(Code::IngestLeftOut, &named.first, &message).with_help(help)
        });
        let guarded = self.guarded.into_iter().map(|((_, reason), named)| {
            let others = named.others();
            let message = format!(
                "left out{others}: {reason}; the rule that publishes it does not contain its name"
            );
            let help = publishing_rule(&named.paths);
            Diagnostic::warning(Code::IngestGuarded, named.first, message).with_help(help)
        });
        unpublished.chain(guarded).collect()
    }
}
