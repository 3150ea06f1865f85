//! The queue of tasks, in an order that keeps all cores busy in bounded memory.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use worker_pack_runtime::Coding;

use crate::asset::digest::ContentHash;

/// Once this many bytes are queued, compressing takes precedence over reading.
const MAX_WAITING_BYTES: usize = 32 * 1024 * 1024;

/// A task for a core.
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
    pub(super) codings: BTreeSet<Coding>,
}

/// The tasks of a site.
///
/// Files are transformed first, from the largest to the smallest. That takes a fraction of the
/// time, finds the errors of the site, and shows which bodies are large. Then bodies are
/// compressed, also from the largest to the smallest, so that in the end no core waits for a large
/// one. If too many bytes are queued, compressing comes first, to free their memory.
pub(super) struct Queue {
    tasks: Mutex<Tasks>,
    changed: Condvar,
}

struct Tasks {
    /// The files that are still to be transformed, the largest last.
    files: Vec<usize>,
    /// The number of files being transformed. Each may become a job.
    transforming: usize,
    jobs: BinaryHeap<Job>,
    waiting: usize,
    is_stopped: bool,
}

/// A file that is being transformed, until this is dropped.
pub(super) struct Transforming<'b>(&'b Queue);

impl Queue {
    /// Queues files, given by their sizes and indices.
    pub(super) fn new(files: impl Iterator<Item = (u64, usize)>) -> Self {
        let mut files: Vec<(u64, usize)> = files.collect();
        // Files of the same size keep their order, since they are popped from the end.
        files.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let files = files.into_iter().map(|(_, index)| index).collect();
        let jobs = BinaryHeap::new();
        let tasks = Tasks { files, transforming: 0, jobs, waiting: 0, is_stopped: false };
        Self { tasks: Mutex::new(tasks), changed: Condvar::new() }
    }

    /// Waits for the next task. Returns none once all work is done.
    pub(super) fn next(&self) -> Option<Task<'_>> {
        let mut tasks = self.tasks();
        loop {
            if tasks.waiting < MAX_WAITING_BYTES
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

    /// Adds the body of a transformed file.
    pub(super) fn add(&self, job: Job) {
        let mut tasks = self.tasks();
        if !tasks.is_stopped {
            tasks.waiting += job.body.len();
            tasks.jobs.push(job);
            self.changed.notify_one();
        }
    }

    /// Drops all bodies, including later ones. Files are still transformed, to find the other
    /// errors of the site.
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
        // If this was the last file, the other cores can stop waiting.
        self.0.changed.notify_all();
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |job: &Self| (job.body.len(), job.hash);
        key(self).cmp(&key(other)).then_with(|| self.codings.cmp(&other.codings))
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
        Job { hash: ContentHash::of(&[]), body: vec![0; len], codings: BTreeSet::new() }
    }

    /// Returns a description of the next task.
    fn next_task(queue: &Queue) -> String {
        match queue.next() {
            Some(Task::Transform(index, _)) => format!("file {index}"),
            Some(Task::Compress(job)) => format!("job {}", job.body.len()),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn large_files_are_transformed_first_and_bodies_are_compressed_last() {
        let queue = Queue::new([5, 9, 9, 1].into_iter().zip(0..));
        assert_eq!(next_task(&queue), "file 1");
        queue.add(job(3));
        queue.add(job(8));
        let rest: Vec<String> = (0..6).map(|_| next_task(&queue)).collect();
        assert_eq!(rest, ["file 2", "file 0", "file 3", "job 8", "job 3", "nothing"]);
    }

    #[test]
    fn compressing_comes_first_if_too_many_bytes_are_queued() {
        let queue = Queue::new([5, 4].into_iter().zip(0..));
        assert_eq!(next_task(&queue), "file 0");
        queue.add(job(MAX_WAITING_BYTES));
        assert_eq!(next_task(&queue), format!("job {MAX_WAITING_BYTES}"));
        assert_eq!(next_task(&queue), "file 1");
    }

    #[test]
    fn stopping_drops_bodies_and_still_hands_out_files() {
        let queue = Queue::new([5, 4].into_iter().zip(0..));
        queue.add(job(7));
        queue.stop_compressing();
        queue.add(job(7));
        assert_eq!(
            [next_task(&queue), next_task(&queue), next_task(&queue)],
            ["file 0", "file 1", "nothing"]
        );
    }
}
