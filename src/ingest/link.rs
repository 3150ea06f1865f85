//! Symbolic links: followed as long as they stay within the site.

use std::path::{Path, PathBuf};

use super::left_out::LeftOutReason;

/// Returns the canonical path of a link's target.
///
/// # Errors
/// If the target is missing or lies outside of `root`.
pub(super) fn target_within(link: &Path, root: &Path) -> Result<PathBuf, LeftOutReason> {
    match link.canonicalize() {
        Ok(target) if target.starts_with(root) => Ok(target),
        Ok(_) => Err(LeftOutReason::LinkOutside),
        Err(_) => Err(LeftOutReason::LinkBroken),
    }
}
