//! The survey: facts about files that only other files reveal.

mod live;
mod naming;
mod router;
mod shown;
mod unreadable;

use worker_pack::Packed;
use worker_pack::report::FileReport;

/// Returns the report on a file.
fn report<'p>(packed: &'p Packed, file: &str) -> &'p FileReport {
    let mut files = packed.report().files.iter();
    files.find(|one| one.file == file).unwrap_or_else(|| panic!("{file} is not packed"))
}

/// Returns a digest in hexadecimal digits.
fn hex(digest: impl AsRef<[u8]>) -> String {
    let digits = digest.as_ref().iter();
    digits.fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
