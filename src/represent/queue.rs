//! What is to be done next: the order that keeps all cores busy in bounded memory.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::asset::digest::ContentHash;

/// How many bytes may wait to be compressed, before they are before any more is read.
const MOST_WAITING: usize = 32 * 1024 * 1024;

/// Something for a core to do.
pub(super) enum Task<'b> {
    /// To read and transform a file, by its index.
    Transform(usize, Transforming<'b>),
    /// To compress a body.
    Compress(Job),
}

/// A body to compress.
#[derive(PartialEq, Eq)]
pub(super) struct Job {
    pub(super) hash: ContentHash,
    pub(super) body: Vec<u8>,
}

/// The tasks of a site.
///
/// Transforming comes first, the largest file first: it takes a fraction of the time, finds what is
/// wrong with the site, and shows which bodies are large. Of these the largest is compressed first, so
/// that in the end no core waits for a long one. If too many bytes wait, compressing comes first.
pub(super) struct Board {
    tasks: Mutex<Tasks>,
    changed: Condvar,
}

struct Tasks {
    /// The files that nobody has begun with, the largest last.
    files: Vec<usize>,
    /// How many are being transformed, each of which may become a job.
    transforming: usize,
    jobs: BinaryHeap<Job>,
    waiting: usize,
    is_stopped: bool,
}

/// A file that is being transformed, until this is dropped.
pub(super) struct Transforming<'b>(&'b Board);

impl Board {
    /// Makes the tasks of files, given by their sizes and indices.
    pub(super) fn new(files: impl Iterator<Item = (u64, usize)>) -> Self {
        let mut files: Vec<(u64, usize)> = files.collect();
        // The first of equal ones first.
        files.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let files = files.into_iter().map(|(_, index)| index).collect();
        let jobs = BinaryHeap::new();
        let tasks = Tasks { files, transforming: 0, jobs, waiting: 0, is_stopped: false };
        Self { tasks: Mutex::new(tasks), changed: Condvar::new() }
    }

    /// Returns the next task, once there is one; none if there will be none any more.
    pub(super) fn next(&self) -> Option<Task<'_>> {
        let mut tasks = self.tasks();
        loop {
            if tasks.waiting < MOST_WAITING
                && let Some(index) = tasks.files.pop()
            {
                tasks.transforming += 1;
                return Some(Task::Transform(index, Transforming(self)));
            }
            if let Some(job) = tasks.jobs.pop() {
                tasks.waiting -= job.body.len();
                return Some(Task::Compress(job));
            }
            if tasks.transforming == 0 && tasks.files.is_empty() {
                return None;
            }
            tasks = self.changed.wait(tasks).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Adds a body that a file was transformed to.
    pub(super) fn add(&self, job: Job) {
        let mut tasks = self.tasks();
        if !tasks.is_stopped {
            tasks.waiting += job.body.len();
            tasks.jobs.push(job);
            self.changed.notify_one();
        }
    }

    /// Drops all bodies: there is something wrong with the site, and what else is wrong is found by
    /// transforming.
    pub(super) fn stop_compressing(&self) {
        let mut tasks = self.tasks();
        tasks.is_stopped = true;
        tasks.jobs.clear();
        tasks.waiting = 0;
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Transforming<'_> {
    fn drop(&mut self) {
        self.0.tasks().transforming -= 1;
        // Whoever waits may now know that nothing comes any more.
        self.0.changed.notify_all();
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.body.len(), self.hash).cmp(&(other.body.len(), other.hash))
    }
}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(len: usize) -> Job {
        Job { hash: ContentHash::of(&[]), body: vec![0; len] }
    }

    /// Takes the next task, and says what it is.
    fn taken(board: &Board) -> String {
        match board.next() {
            Some(Task::Transform(index, _)) => format!("file {index}"),
            Some(Task::Compress(job)) => format!("job {}", job.body.len()),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_largest_is_first_and_transforming_before_compressing() {
        let board = Board::new([5, 9, 9, 1].into_iter().zip(0..));
        assert_eq!(taken(&board), "file 1");
        board.add(job(3));
        board.add(job(8));
        let rest: Vec<String> = (0..6).map(|_| taken(&board)).collect();
        assert_eq!(rest, ["file 2", "file 0", "file 3", "job 8", "job 3", "nothing"]);
    }

    #[test]
    fn too_many_waiting_bytes_are_compressed_before_more_is_read() {
        let board = Board::new([5, 4].into_iter().zip(0..));
        assert_eq!(taken(&board), "file 0");
        board.add(job(MOST_WAITING));
        assert_eq!(taken(&board), format!("job {MOST_WAITING}"));
        assert_eq!(taken(&board), "file 1");
    }

    #[test]
    fn nothing_is_compressed_once_something_is_wrong() {
        let board = Board::new([5, 4].into_iter().zip(0..));
        board.add(job(7));
        board.stop_compressing();
        board.add(job(7));
        assert_eq!([taken(&board), taken(&board), taken(&board)], ["file 0", "file 1", "nothing"]);
    }
}
