//! Sweeping a cache, which keeps it within its size, and emptying it.

use std::fs::{self, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytesize::ByteSize;
use walkdir::WalkDir;

use super::{RESULTS, SIZE, UNFINISHED_PREFIX, VERSION, lock_file};

/// A sweep shrinks the cache to this percentage of its maximum, so that not every run sweeps.
const SWEEP_TO_PERCENT: u64 = 75;

/// The contents of a cache in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// The number of results.
    pub results: usize,
    /// The total size of the results, in bytes.
    pub size: u64,
    /// Last use of the least recently used result, to the day.
    pub oldest: Option<SystemTime>,
}

/// A file in the folder of results.
struct StoredResult {
    path: PathBuf,
    /// The size in bytes.
    len: u64,
    /// The time of the last use, which is the modification time of the file.
    used: SystemTime,
}

impl StoredResult {
    fn is_unfinished(&self) -> bool {
        let name = self.path.file_name().unwrap_or_default();
        name.as_encoded_bytes().starts_with(UNFINISHED_PREFIX.as_bytes())
    }
}

/// Returns figures about the cache in a folder. A missing folder is an empty cache.
///
/// # Errors
/// If the folder cannot be read.
pub fn stats(folder: &Path) -> io::Result<CacheStats> {
    let mut results = stored_results(&folder.join(VERSION))?;
    results.retain(|result| !result.is_unfinished());
    Ok(CacheStats {
        results: results.len(),
        size: results.iter().map(|result| result.len).sum(),
        oldest: results.iter().map(|result| result.used).min(),
    })
}

/// Empties the cache in a folder, and returns figures about its former contents. Other files in the
/// folder are not touched.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] if a process uses the cache, other kinds if the folder cannot be
/// read or written.
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
    let removed = stats(folder)?;
    match fs::remove_dir_all(own.join(RESULTS)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => write_size(&own, 0),
    }
    Ok(removed)
}

/// Returns whether a cache is larger than `size`, by its estimate.
pub(super) fn is_due(own: &Path, size: ByteSize) -> bool {
    read_size(own) > size.as_u64()
}

/// Removes the least recently used results until the rest is well within `size`. The caller must hold
/// the cache's lock exclusively.
pub(super) fn sweep(own: &Path, size: ByteSize) -> io::Result<()> {
    let (unfinished, mut results): (Vec<StoredResult>, Vec<StoredResult>) =
        stored_results(own)?.into_iter().partition(StoredResult::is_unfinished);
    // No other process uses the cache, so unfinished files are those of processes that were killed.
    unfinished.iter().try_for_each(|file| fs::remove_file(&file.path))?;
    let mut total: u64 = results.iter().map(|result| result.len).sum();
    if total > size.as_u64() {
        results.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
        for result in results {
            if total <= size.as_u64() / 100 * SWEEP_TO_PERCENT {
                break;
            }
            fs::remove_file(&result.path)?;
            total -= result.len;
        }
    }
    write_size(own, total);
    Ok(())
}

/// Adds to the estimated size of a cache. If two processes do so at once, one addition may be lost,
/// which the next sweep corrects.
pub(super) fn add_to_size(own: &Path, written: u64) {
    if written > 0 {
        write_size(own, read_size(own) + written);
    }
}

/// Returns the estimated size of a cache in bytes, 0 if there is no estimate.
fn read_size(own: &Path) -> u64 {
    let text = fs::read_to_string(own.join(SIZE)).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

/// Writes the estimated size of a cache.
fn write_size(own: &Path, size: u64) {
    // The estimate only decides when a sweep is due, so a failure is ignored.
    let _ = fs::write(own.join(SIZE), size.to_string());
}

/// Lists the files of results, including unfinished ones.
fn stored_results(own: &Path) -> io::Result<Vec<StoredResult>> {
    let mut results = Vec::new();
    let folder = own.join(RESULTS);
    if !folder.exists() {
        return Ok(results);
    }
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let metadata = entry.metadata()?;
            let used = metadata.modified()?;
            results.push(StoredResult { path: entry.into_path(), len: metadata.len(), used });
        }
    }
    Ok(results)
}
