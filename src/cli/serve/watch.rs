//! Changes of the site's folder, told once they have come to rest.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::cli::exit::Failure;

/// How long nothing has to change before the site is packed: a build writes many files.
const REST: Duration = Duration::from_millis(100);

/// How long a site that keeps changing is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// A folder under watch, whose changes are kept until they are followed.
pub(super) struct Watch {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
}

impl Watch {
    /// Begins to watch a folder.
    ///
    /// Its parent is watched too, since a build may remove the folder and make it again, and a
    /// watch goes with what it watches.
    pub(super) fn new(dist: &Path) -> Result<Self, Failure> {
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

    /// Calls `changed` after each change since the watch began, from a thread that lives as long
    /// as the process.
    pub(super) fn follow(mut self, mut changed: impl FnMut() + Send + 'static) {
        thread::spawn(move || {
            while self.wait() {
                // It may be another folder by now. If it is gone, its parent tells of the next.
                let _ = self.watcher.watch(&self.folder, RecursiveMode::Recursive);
                changed();
            }
        });
    }

    /// Waits for a change, and then until there has been none for a while. Returns false when
    /// there can be none any more.
    fn wait(&self) -> bool {
        loop {
            match self.events.recv() {
                Ok(event) if self.concerns(&event) => break,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        let begun = Instant::now();
        let mut last = begun;
        while last.elapsed() < REST && begun.elapsed() < PATIENCE {
            // What goes on beside the folder does not make the wait longer.
            if self.events.recv_timeout(REST).is_ok_and(|event| self.concerns(&event)) {
                last = Instant::now();
            }
        }
        true
    }

    /// Returns whether an event may mean another site. What cannot be understood may.
    fn concerns(&self, event: &notify::Result<Event>) -> bool {
        match event {
            // Packing reads the files, which is an event as well.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => false,
            Ok(event) => event.paths.iter().any(|path| path.starts_with(&self.folder)),
            Err(_) => true,
        }
    }
}
