//! Changes of the site's folder, told once they have come to rest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use worker_pack::Changes;

use super::exit::Failure;

/// How long nothing has to change before the site is packed: a build writes many files.
const REST: Duration = Duration::from_millis(100);

/// The same where no more has changed than an editor saves at once.
const SHORT_REST: Duration = Duration::from_millis(15);

/// How many files that is.
const FEW: usize = 3;

/// How long a site that keeps changing is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// A folder under watch, whose changes are kept until they are asked for.
pub(crate) struct Watch {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
}

impl Watch {
    /// Begins to watch a folder.
    ///
    /// Its parent is watched too, since a build may remove the folder and make it again, and a
    /// watch goes with what it watches.
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

    /// Waits for a change, and then until there has been none for a while. Returns none when there
    /// can be none any more.
    pub(crate) fn wait(&mut self) -> Option<Changes> {
        let mut changes = loop {
            let event = self.events.recv().ok()?;
            if let Some(changes) = self.changes(event) {
                break changes;
            }
        };
        let begun = Instant::now();
        let mut last = begun;
        loop {
            let rest = rest(&changes);
            if last.elapsed() >= rest || begun.elapsed() >= PATIENCE {
                break;
            }
            // What goes on beside the folder does not make the wait longer.
            let event = self.events.recv_timeout(rest.saturating_sub(last.elapsed()));
            if let Some(more) = event.ok().and_then(|event| self.changes(event)) {
                changes = both(changes, more);
                last = Instant::now();
            }
        }
        if !matches!(changes, Changes::Files(_)) {
            // It may be another folder by now. If it is gone, its parent tells of the next.
            let _ = self.watcher.watch(&self.folder, RecursiveMode::Recursive);
        }
        Some(changes)
    }

    /// Returns what an event says has changed, if that matters. What cannot be understood may be
    /// anything.
    fn changes(&self, event: notify::Result<Event>) -> Option<Changes> {
        let Ok(event) = event else { return Some(Changes::Anything) };
        // Packing reads the files, which is an event as well.
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

/// Returns the changes of both.
fn both(changes: Changes, more: Changes) -> Changes {
    match (changes, more) {
        (Changes::Files(mut files), Changes::Files(more)) => {
            files.extend(more);
            Changes::Files(files)
        }
        _ => Changes::Anything,
    }
}

fn rest(changes: &Changes) -> Duration {
    match changes {
        Changes::Files(files) if files.len() <= FEW => SHORT_REST,
        _ => REST,
    }
}
