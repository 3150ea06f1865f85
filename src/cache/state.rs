//! What the file system says of a file without reading it.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// What the file system says of a file or folder. As long as it says the same, and the file was at
/// rest, its bytes are the same.
///
/// Times are in nanoseconds since 1970. The time of the last change of the inode (`st_ctime`) cannot
/// be set back, so a file that was given its old modification time is seen to have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    len: u64,
    modified: i64,
    changed: i64,
    inode: u64,
}

/// Time stamps are of the kernel's last tick: a change shortly after another may have the same one.
const TICK: Duration = Duration::from_millis(100);

/// The same where the file system counts seconds, or pairs of them.
const COARSE_TICK: Duration = Duration::from_secs(2);

const NANOS: i64 = 1_000_000_000;

/// Returns the time, to be compared with those of files. It is in no output.
#[expect(clippy::disallowed_methods, reason = "decides what is read, and not what comes of it")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

impl FileState {
    /// The number of bytes of a state.
    pub(crate) const LEN: usize = 32;

    pub(crate) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Self {
                len: metadata.len(),
                modified: metadata.mtime() * NANOS + metadata.mtime_nsec(),
                changed: metadata.ctime() * NANOS + metadata.ctime_nsec(),
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

    /// Returns whether a change from `now` on would show. If the last one was just before, another
    /// may bear the same time (the racy-git problem), so the state says nothing.
    pub(crate) fn is_settled(&self, now: SystemTime) -> bool {
        let newest = self.modified.max(self.changed);
        let tick = if newest % NANOS == 0 { COARSE_TICK } else { TICK };
        newest.saturating_add(i64::try_from(tick.as_nanos()).unwrap_or(NANOS)) < nanos_of(now)
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..8].copy_from_slice(&self.len.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.modified.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.changed.to_le_bytes());
        bytes[24..].copy_from_slice(&self.inode.to_le_bytes());
        bytes
    }

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
    fn a_change_in_the_last_tick_says_nothing() {
        let at = |nanos: u64| SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
        let changed = 1_000_000_000_001;
        let tick = 100_000_000;
        assert!(!state(changed).is_settled(at(changed.unsigned_abs())));
        assert!(!state(changed).is_settled(at(changed.unsigned_abs() + tick)));
        assert!(state(changed).is_settled(at(changed.unsigned_abs() + tick + 1)));
        // A clock that counts seconds.
        let whole = 1_000_000_000_000;
        assert!(!state(whole).is_settled(at(whole.unsigned_abs() + tick + 1)));
        assert!(state(whole).is_settled(at(whole.unsigned_abs() + 2_000_000_001)));
        // A clock that is ahead of ours.
        assert!(!state(changed).is_settled(at(5)));
    }

    #[test]
    fn a_state_is_written_down_whole() {
        let state = FileState { len: u64::MAX, modified: -3, changed: i64::MAX, inode: 1 };
        assert_eq!(FileState::from_bytes(&state.to_bytes()), state);
    }
}
