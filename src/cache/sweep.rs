//! Sweeping a cache, which keeps it within its size, and emptying it.

use std::fs::TryLockError;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use bytesize::ByteSize;

use super::folder::{RESULTS, lock_file, open_existing};
use super::key::KEY_DIGITS;
use crate::disk::{Access, Folder, Kind, UNFINISHED_PREFIX};

/// The file with the estimated size of all results, in bytes.
const SIZE: &str = "size";

/// Maximum number of digits that are read of it.
const MAX_DIGITS: u64 = 32;

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
    /// The path below the cache's folder.
    path: String,
    is_finished: bool,
    /// The size in bytes.
    len: u64,
    /// The time of the last use, which is the modification time of the file.
    used: SystemTime,
}

/// Returns figures about the cache in a folder. A missing folder is an empty cache.
///
/// # Errors
/// If the folder cannot be read.
pub fn stats(folder: &Path) -> io::Result<CacheStats> {
    match open_existing(folder)? {
        Some(own) => Ok(stats_of(&stored_results(&own)?)),
        None => Ok(CacheStats::default()),
    }
}

fn stats_of(results: &[StoredResult]) -> CacheStats {
    let results = || results.iter().filter(|result| result.is_finished);
    CacheStats {
        results: results().count(),
        size: results().map(|result| result.len).sum(),
        oldest: results().map(|result| result.used).min(),
    }
}

/// Empties the cache in a folder, and returns figures about its former contents. Other files in the
/// folder are not touched.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] if a process uses the cache, other kinds if the folder cannot be
/// read or written.
pub fn clean(folder: &Path) -> io::Result<CacheStats> {
    let Some(own) = open_existing(folder)? else { return Ok(CacheStats::default()) };
    let lock = lock_file(&own)?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
        TryLockError::Error(error) => error,
    })?;
    let results = stored_results(&own)?;
    results.iter().try_for_each(|result| own.remove_file(&result.path))?;
    write_size(&own, 0);
    Ok(stats_of(&results))
}

/// Returns whether a cache is larger than `size`, by its estimate.
pub(super) fn is_due(own: &Folder, size: ByteSize) -> bool {
    read_size(own) > size.as_u64()
}

/// Removes the least recently used results until the rest is well within `size`. The caller must hold
/// the cache's lock exclusively.
pub(super) fn sweep(own: &Folder, size: ByteSize) -> io::Result<()> {
    let (unfinished, mut results): (Vec<StoredResult>, Vec<StoredResult>) =
        stored_results(own)?.into_iter().partition(|result| !result.is_finished);
    // No other process uses the cache, so unfinished files are those of processes that were killed.
    unfinished.iter().try_for_each(|file| own.remove_file(&file.path))?;
    let mut total: u64 = results.iter().map(|result| result.len).sum();
    if total > size.as_u64() {
        results.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
        for result in results {
            if total <= size.as_u64() / 100 * SWEEP_TO_PERCENT {
                break;
            }
            own.remove_file(&result.path)?;
            total -= result.len;
        }
    }
    write_size(own, total);
    Ok(())
}

/// Adds to the estimated size of a cache. If two processes do so at once, one addition may be lost,
/// which the next sweep corrects.
pub(super) fn add_to_size(own: &Folder, written: u64) {
    if written > 0 {
        write_size(own, read_size(own).saturating_add(written));
    }
}

/// Returns the estimated size of a cache in bytes, 0 if there is no estimate.
fn read_size(own: &Folder) -> u64 {
    let mut text = String::new();
    let read = own.file(SIZE).and_then(|file| file.take(MAX_DIGITS).read_to_string(&mut text));
    read.ok().and_then(|_| text.trim().parse().ok()).unwrap_or(0)
}

/// Writes the estimated size of a cache.
fn write_size(own: &Folder, size: u64) {
    // The estimate only decides when a sweep is due, so a failure is ignored.
    let _ = own.open_or_create(SIZE, Access::Private).and_then(|mut file| {
        file.set_len(0)?;
        file.write_all(size.to_string().as_bytes())
    });
}

/// Lists the files of results, including unfinished ones. Files with other names are not ours.
fn stored_results(own: &Folder) -> io::Result<Vec<StoredResult>> {
    let mut results = Vec::new();
    if own.kind(RESULTS)?.is_none() {
        return Ok(results);
    }
    let all = own.folder(RESULTS)?;
    for group in all.entries()?.iter().filter_map(|name| name.to_str()) {
        if !is_hex(group, KEY_DIGITS[0]) || all.kind(group)? != Some(Kind::Folder) {
            continue;
        }
        for name in all.folder(group)?.entries()?.iter().filter_map(|name| name.to_str()) {
            let is_finished = is_hex(name, KEY_DIGITS[1]);
            let path = format!("{RESULTS}/{group}/{name}");
            let is_own = is_finished || name.starts_with(UNFINISHED_PREFIX);
            if is_own && own.kind(&path)? == Some(Kind::File) {
                let metadata = own.file(&path)?.metadata()?;
                let (len, used) = (metadata.len(), metadata.modified()?);
                results.push(StoredResult { path, is_finished, len, used });
            }
        }
    }
    Ok(results)
}

fn is_hex(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
