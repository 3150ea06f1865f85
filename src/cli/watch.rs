//! Watches the site's folder. Changes are reported once no more of them follow.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use worker_pack::Changes;

use super::exit::Failure;

/// Time without a change after which changes are reported. A build writes many files, with short
/// pauses between them.
const QUIET_PERIOD: Duration = Duration::from_millis(100);

/// The same if only as many files have changed as an editor saves at once.
const EDITOR_QUIET_PERIOD: Duration = Duration::from_millis(15);

/// Maximum number of files that an editor saves at once.
const EDITOR_FILES: usize = 3;

/// Time after which changes are reported even if more follow.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// A watched folder. Events queue up until [`Watch::wait`] is called.
pub(crate) struct Watch {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
}

impl Watch {
    /// Starts to watch a folder.
    ///
    /// Its parent is watched too, since a build may remove the folder and create it again, and the
    /// watch of a folder ends when it is removed.
    pub(crate) fn new(dist: &Path) -> Result<Self, Failure> {
        let failure = |source| Failure::Watch { path: dist.to_owned(), source };
        let folder = dist.canonicalize().map_err(|error| failure(notify::Error::io(error)))?;
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(sender).map_err(failure)?;
        if let Some(parent) = folder.parent() {
            watcher.watch(parent, RecursiveMode::NonRecursive).map_err(failure)?;
        }
        watcher.watch(&folder, RecursiveMode::Recursive).map_err(failure)?;
        Ok(Self { folder, watcher, events })
    }

    /// Waits for changes, and then until no more of them follow. Returns `None` if the watcher has
    /// ended.
    pub(crate) fn wait(&mut self) -> Option<Changes> {
        let mut changes = loop {
            let event = self.events.recv().ok()?;
            if let Some(changes) = self.changes(event) {
                break changes;
            }
        };
        let started = Instant::now();
        let mut last_change = started;
        loop {
            let quiet_period = quiet_period(&changes);
            if last_change.elapsed() >= quiet_period || started.elapsed() >= MAX_WAIT {
                break;
            }
            // Events outside of the folder do not prolong the wait.
            let timeout = quiet_period.saturating_sub(last_change.elapsed());
            let event = self.events.recv_timeout(timeout);
            if let Some(more) = event.ok().and_then(|event| self.changes(event)) {
                changes = merge(changes, more);
                last_change = Instant::now();
            }
        }
        if !matches!(changes, Changes::Files(_)) {
            // The folder may have been replaced, which ends its watch. If it is missing for now,
            // its parent reports when it is created again.
            let _ = self.watcher.watch(&self.folder, RecursiveMode::Recursive);
        }
        Some(changes)
    }

    /// Returns the changes that an event reports, if any are in the folder. An error may stand for
    /// any change.
    fn changes(&self, event: notify::Result<Event>) -> Option<Changes> {
        let Ok(event) = event else { return Some(Changes::Anything) };
        // Packing itself causes these events, since it reads the files.
        if matches!(event.kind, EventKind::Access(_)) {
            return None;
        }
        if event.need_rescan() {
            return Some(Changes::Anything);
        }
        let within = event.paths.into_iter().filter(|path| path.starts_with(&self.folder));
        let within: BTreeSet<PathBuf> = within.collect();
        if within.contains(&self.folder) {
            return Some(Changes::Anything);
        }
        (!within.is_empty()).then_some(Changes::Files(within))
    }
}

/// Merges two sets of changes.
fn merge(changes: Changes, more: Changes) -> Changes {
    match (changes, more) {
        (Changes::Files(mut files), Changes::Files(more)) => {
            files.extend(more);
            Changes::Files(files)
        }
        _ => Changes::Anything,
    }
}

/// Returns the time to wait for further changes.
fn quiet_period(changes: &Changes) -> Duration {
    match changes {
        Changes::Files(files) if files.len() <= EDITOR_FILES => EDITOR_QUIET_PERIOD,
        _ => QUIET_PERIOD,
    }
}
