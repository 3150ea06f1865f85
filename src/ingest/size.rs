//! Limits for the size of a file.

use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// Cloudflare's limit for a single asset, in bytes.
pub(crate) const MAX_ASSET_SIZE: u64 = 25 * 1024 * 1024;

/// The size in bytes that every file stays below, since the lengths of a table have 32 bits.
const TOO_LARGE: u64 = u32::MAX as u64;

/// The treatment of files that are larger than a single asset may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LargeFiles {
    /// They cause a warning.
    Warned,
    /// The target can move them to R2.
    Movable,
}

/// Decides whether a file can be packed. Returns a warning of one that is very large.
///
/// # Errors
/// If it is too large.
pub(super) fn judge(name: &str, len: u64) -> Result<Option<Diagnostic>, Diagnostic> {
    if len >= TOO_LARGE {
        let message = format!("{:.1} MiB is too large: the limit is 4 GiB", mib(len));
        let error = Diagnostic::error(Code::IngestTooLarge, name, message);
        return Err(
            error.with_help("serve it from elsewhere, such as R2, and list it in `.assetsignore`")
        );
    }
    if len <= MAX_ASSET_SIZE {
        return Ok(None);
    }
    // Not an error, since a Worker of 64 MiB may have room for it.
    let message = format!("{:.1} MiB is very large for a Worker", mib(len));
    let warning = Diagnostic::warning(Code::IngestLargeFile, name, message);
    Ok(Some(warning.with_help(
        "Cloudflare accepts Workers up to 64 MiB and static assets up to 25 MiB; serve large files \
         from R2, for a packed Worker by `spill-to`",
    )))
}

/// Converts bytes to mebibytes, for messages.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
