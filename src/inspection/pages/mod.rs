//! The rules on pages and public files: links, policies, and bytes that are not what they should be.
//!
//! A link is resolved by the runtime, as a request is. Equal findings of several pages are one finding,
//! with the place of the first.

mod bytes;
mod csp;
mod landing;
mod links;
mod loads;
mod place;
mod reading;
mod secrets;
mod unreferenced;

use worker_pack_runtime::Table;
use worker_pack_runtime::packer::{BinaryTable, Modules};

use super::rule::Rule;
use super::subject::Subject;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::output::table_binary::render_with_bodies;
use landing::Landings;
use reading::ReadPages;

/// The rules on pages and public files.
pub(super) const RULES: &[Rule] = &[
    Rule {
        codes: &[
            Code::PageBrokenLink,
            Code::PageMissingFile,
            Code::PageBrokenFragment,
            Code::PageLinkCase,
            Code::PageRedirectedLink,
            Code::PageCspUnhashed,
            Code::PageCspUnsafeWithHash,
            Code::PageCspBlockedLoad,
            Code::PageCspConnect,
        ],
        find: markup,
    },
    Rule { codes: &[Code::PageUnreferencedFile], find: unreferenced::find },
    Rule { codes: &[Code::ExposedToken], find: secrets::find },
    Rule { codes: &[Code::PagePrerenderFailed, Code::PageBytesNotType], find: bytes::find },
];

/// Looks into all pages, each of which is parsed once.
fn markup(subject: &Subject) -> Vec<Diagnostic> {
    let (Some(site), Some(table)) = (subject.site(), &subject.examined.table) else {
        return Vec::new();
    };
    // Policies that were made allow what is served, and not what the build wrote. The pack has reported on them.
    let (bytes, _) = render_with_bodies(&table.without_made_policies());
    // The bodies are not needed.
    let Ok(binary) = BinaryTable::read(&bytes, Modules::Host) else { return Vec::new() };
    let pages = ReadPages::of(subject, site.rules.behaviour);
    let table = Table::from_binary(binary);
    let landings = Landings::new(subject, table, &pages);
    let mut found = links::find(subject, &landings, &pages);
    found.extend(csp::find(subject, &landings, &pages));
    found
}
