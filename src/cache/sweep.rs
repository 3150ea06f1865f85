//! Keeps a cache from growing, and empties it.

use std::fs::{self, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytesize::ByteSize;
use walkdir::WalkDir;

use super::{RESULTS, SIZE, UNFINISHED, VERSION, lock_file};

/// What is left after a sweep, in percent of what may be there: one is not due at every run.
const LEFT: u64 = 75;

/// What there is in a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// How many results.
    pub results: usize,
    /// Their size in bytes.
    pub size: u64,
    /// When the one was used, within a day, that was not used for the longest time.
    pub oldest: Option<SystemTime>,
}

/// A result, as far as it matters here.
struct Kept {
    path: PathBuf,
    len: u64,
    used: SystemTime,
}

impl Kept {
    fn is_unfinished(&self) -> bool {
        let name = self.path.file_name().unwrap_or_default();
        name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes())
    }
}

/// Returns what there is in the cache of a folder.
///
/// # Errors
/// If the folder cannot be read. One that is not there is empty.
pub fn stats(folder: &Path) -> io::Result<CacheStats> {
    let mut kept = files(&folder.join(VERSION))?;
    kept.retain(|one| !one.is_unfinished());
    Ok(CacheStats {
        results: kept.len(),
        size: kept.iter().map(|one| one.len).sum(),
        oldest: kept.iter().map(|one| one.used).min(),
    })
}

/// Empties the cache of a folder, and returns what was in it. Nothing else in the folder is touched.
///
/// # Errors
/// If a process uses the cache, which is [`io::ErrorKind::WouldBlock`], or the folder cannot be
/// written.
pub fn clean(folder: &Path) -> io::Result<CacheStats> {
    let own = folder.join(VERSION);
    if !own.exists() {
        return Ok(CacheStats::default());
    }
    let lock = lock_file(&own)?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
        TryLockError::Error(error) => error,
    })?;
    let found = stats(folder)?;
    match fs::remove_dir_all(own.join(RESULTS)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => write_size(&own, 0),
    }
    Ok(found)
}

/// Returns whether a cache has more than it may, as far as is known.
pub(super) fn is_due(own: &Path, size: ByteSize) -> bool {
    read_size(own) > size.as_u64()
}

/// Removes what was not used for the longest time, until the rest is well within `size`. The caller
/// has the cache to itself, so what is unfinished was left by a process that is no more.
pub(super) fn sweep(own: &Path, size: ByteSize) -> io::Result<()> {
    let (unfinished, mut kept): (Vec<Kept>, Vec<Kept>) =
        files(own)?.into_iter().partition(Kept::is_unfinished);
    unfinished.iter().try_for_each(|one| fs::remove_file(&one.path))?;
    let mut total: u64 = kept.iter().map(|one| one.len).sum();
    if total > size.as_u64() {
        kept.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
        for one in kept {
            if total <= size.as_u64() / 100 * LEFT {
                break;
            }
            fs::remove_file(&one.path)?;
            total -= one.len;
        }
    }
    write_size(own, total);
    Ok(())
}

/// Notes that a cache has grown. Where two processes do so at once one of them may be lost, which the
/// next sweep sets right.
pub(super) fn add_to_size(own: &Path, written: u64) {
    if written > 0 {
        write_size(own, read_size(own) + written);
    }
}

fn read_size(own: &Path) -> u64 {
    let text = fs::read_to_string(own.join(SIZE)).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

fn write_size(own: &Path, size: u64) {
    let _ = fs::write(own.join(SIZE), size.to_string());
}

fn files(own: &Path) -> io::Result<Vec<Kept>> {
    let mut kept = Vec::new();
    let results = own.join(RESULTS);
    if !results.exists() {
        return Ok(kept);
    }
    for entry in WalkDir::new(results) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let metadata = entry.metadata()?;
            let used = metadata.modified()?;
            kept.push(Kept { path: entry.into_path(), len: metadata.len(), used });
        }
    }
    Ok(kept)
}
