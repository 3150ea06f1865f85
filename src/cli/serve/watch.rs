//! Changes of the site's folder, told once they have come to rest.

use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher};

use crate::cli::exit::Failure;

/// How long nothing has to change before the site is packed: a build writes many files.
const REST: Duration = Duration::from_millis(100);

/// Calls `changed` after each change below `dist`, from a thread that lives as long as the process.
///
/// The folder's parent is watched too, since a build may remove the folder and make it again, and
/// a watch goes with what it watches.
pub(super) fn watch(
    dist: &Path,
    mut changed: impl FnMut() + Send + 'static,
) -> Result<(), Failure> {
    let failure = |source| Failure::Watch { path: dist.to_owned(), source };
    let folder = dist.canonicalize().map_err(|error| failure(notify::Error::io(error)))?;
    let (sender, events) = channel();
    let mut watcher = notify::recommended_watcher(sender).map_err(failure)?;
    if let Some(parent) = folder.parent() {
        watcher.watch(parent, RecursiveMode::NonRecursive).map_err(failure)?;
    }
    watcher.watch(&folder, RecursiveMode::Recursive).map_err(failure)?;

    thread::spawn(move || {
        while let Ok(event) = events.recv() {
            if !concerns(&event, &folder) {
                continue;
            }
            while events.recv_timeout(REST).is_ok() {}
            // It may be another folder by now. If it is gone, its parent tells of the next one.
            let _ = watcher.watch(&folder, RecursiveMode::Recursive);
            changed();
        }
    });
    Ok(())
}

/// Returns whether an event may mean another site. What cannot be understood may.
fn concerns(event: &notify::Result<notify::Event>, folder: &Path) -> bool {
    match event {
        // Packing reads the files, which is an event as well.
        Ok(event) if matches!(event.kind, EventKind::Access(_)) => false,
        Ok(event) => event.paths.iter().any(|path| path.starts_with(folder)),
        Err(_) => true,
    }
}
