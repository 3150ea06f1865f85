//! The state of a file: metadata by which a change is detected without reading the file.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// The metadata of a file or folder. If a settled state is unchanged, so are the bytes of the file
/// (see [`FileState::is_settled`]).
///
/// Times are in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    /// The size in bytes.
    len: u64,
    /// The time of the last modification (`st_mtime`), which programs can set at will.
    modified: i64,
    /// The time of the last change of the inode (`st_ctime`), which programs cannot set, so a file
    /// whose modification time was set back still shows a change. On systems other than Unix, the
    /// time of creation.
    changed: i64,
    /// The number of the inode, or 0 on systems without inodes.
    inode: u64,
}

/// Upper bound for the granularity of time stamps. The kernel takes them from its last tick, so two
/// changes within one tick may have the same time.
const TICK: Duration = Duration::from_millis(100);

/// Upper bound on file systems that count in units of one or two seconds.
const COARSE_TICK: Duration = Duration::from_secs(2);

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Returns the current time, only for comparison with times of files. No output depends on it.
#[expect(clippy::disallowed_methods, reason = "decides what is read, and not what comes of it")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

impl FileState {
    /// The length of an encoded state, in bytes.
    pub(crate) const LEN: usize = 32;

    /// Extracts the state from metadata.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Self {
                len: metadata.len(),
                modified: metadata.mtime() * NANOS_PER_SECOND + metadata.mtime_nsec(),
                changed: metadata.ctime() * NANOS_PER_SECOND + metadata.ctime_nsec(),
                inode: metadata.ino(),
            }
        }
        #[cfg(not(unix))]
        {
            let nanos = |time: std::io::Result<SystemTime>| time.map_or(0, nanos_of);
            Self {
                len: metadata.len(),
                modified: nanos(metadata.modified()),
                changed: nanos(metadata.created()),
                inode: 0,
            }
        }
    }

    /// Returns the size in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Returns whether any change after `now` would change the state. If the last change was just
    /// before, another one may get the same time stamps (the racy Git problem).
    pub(crate) fn is_settled(&self, now: SystemTime) -> bool {
        let newest = self.modified.max(self.changed);
        // A whole second suggests a file system that counts in seconds.
        let tick = if newest % NANOS_PER_SECOND == 0 { COARSE_TICK } else { TICK };
        let tick = i64::try_from(tick.as_nanos()).unwrap_or(NANOS_PER_SECOND);
        newest.saturating_add(tick) < nanos_of(now)
    }

    /// Encodes the state as four little-endian numbers.
    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..8].copy_from_slice(&self.len.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.modified.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.changed.to_le_bytes());
        bytes[24..].copy_from_slice(&self.inode.to_le_bytes());
        bytes
    }

    /// Decodes a state encoded by [`FileState::to_bytes`].
    pub(crate) fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let word = |at: usize| bytes[at..].first_chunk::<8>().copied().unwrap_or_default();
        Self {
            len: u64::from_le_bytes(word(0)),
            modified: i64::from_le_bytes(word(8)),
            changed: i64::from_le_bytes(word(16)),
            inode: u64::from_le_bytes(word(24)),
        }
    }
}

fn nanos_of(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(changed: i64) -> FileState {
        FileState { len: 1, modified: 5, changed, inode: 7 }
    }

    #[test]
    fn states_changed_within_the_last_tick_are_not_settled() {
        let at = |nanos: u64| SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
        let changed = 1_000_000_000_001;
        let tick = 100_000_000;
        assert!(!state(changed).is_settled(at(changed.unsigned_abs())));
        assert!(!state(changed).is_settled(at(changed.unsigned_abs() + tick)));
        assert!(state(changed).is_settled(at(changed.unsigned_abs() + tick + 1)));
        // A file system that counts seconds.
        let whole = 1_000_000_000_000;
        assert!(!state(whole).is_settled(at(whole.unsigned_abs() + tick + 1)));
        assert!(state(whole).is_settled(at(whole.unsigned_abs() + 2_000_000_001)));
        // A file whose time is in the future.
        assert!(!state(changed).is_settled(at(5)));
    }

    #[test]
    fn encoded_states_decode_to_themselves() {
        let state = FileState { len: u64::MAX, modified: -3, changed: i64::MAX, inode: 1 };
        assert_eq!(FileState::from_bytes(&state.to_bytes()), state);
    }
}
