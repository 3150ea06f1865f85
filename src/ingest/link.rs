//! Symbolic links: followed as long as they stay within the site.

use std::path::{Path, PathBuf};

use super::exclusion::LeftOutReason;

/// Returns what a link leads to, without links in its path, if that lies below `root`.
pub(super) fn target_within(link: &Path, root: &Path) -> Result<PathBuf, LeftOutReason> {
    match link.canonicalize() {
        Ok(target) if target.starts_with(root) => Ok(target),
        Ok(_) => Err(LeftOutReason::LinkOutside),
        Err(_) => Err(LeftOutReason::LinkBroken),
    }
}
