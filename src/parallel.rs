//! Threads, and work in parallel.

use std::cmp::Reverse;

use rayon::iter::{ParallelBridge, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// Stack size of a thread, in bytes. Parsers and minifiers recurse as deeply as code is nested, and
/// generated code can be nested very deeply. Pages of the stack that are never touched use no memory.
const STACK: usize = 1024 * 1024 * 1024;

/// Stack size on systems with little address space, in bytes.
const SMALL_STACK: usize = 64 * 1024 * 1024;

/// Creates the thread pool that a pack runs on.
pub(crate) fn pool() -> Result<ThreadPool, ThreadPoolBuildError> {
    let build = |stack| ThreadPoolBuilder::new().stack_size(stack).build();
    build(STACK).or_else(|_| build(SMALL_STACK))
}

/// Maps items in parallel, the largest first, so that no core is still busy with a large item when
/// the others are done. The results are in the order of the items.
pub(crate) fn map_largest_first<T: Send, R: Send>(
    items: Vec<T>,
    size: impl Fn(&T) -> usize,
    map: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let mut queue: Vec<(usize, T)> = items.into_iter().enumerate().collect();
    queue.sort_by_key(|(_, item)| Reverse(size(item)));
    // A bridge hands out the items one by one, in the order of the queue.
    let mut results: Vec<(usize, R)> =
        queue.into_iter().par_bridge().map(|(index, item)| (index, map(item))).collect();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
