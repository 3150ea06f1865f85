//! The options that make a Worker light enough.

use std::cmp::Reverse;
use std::fmt::{self, Display, Formatter};

use super::placement::Placement;
use crate::asset::blob::Blob;
use crate::cache::Cache;
use crate::weight::gzip_len;
use crate::weight::limits::{Excess, Remedies};

/// Room for what moving a body adds elsewhere, in bytes: to the table, and the scripts of two stores, of
/// which each byte takes several in memory.
const MARGIN: usize = 12_000;

/// The remedies for a Worker that is being packed: files move out of it.
pub(super) struct Spilling<'p> {
    pub(super) placement: &'p Placement,
    pub(super) cache: &'p Cache,
}

impl Remedies for Spilling<'_> {
    fn lighter(&self, excess: Excess) -> String {
        let Self { placement, cache } = *self;
        let relief = match excess {
            Excess::Plain(excess) => Relief::of(placement, excess, Blob::len),
            Excess::UnderGzip(excess) => Relief::of(placement, excess, |body| {
                // Bodies that are compressed together are a little smaller than one by one.
                gzip_len(std::slice::from_ref(body), cache).unwrap_or_default() / 100 * 99
            }),
        };
        match relief {
            Some(relief) => format!("{relief} moves enough files out of it"),
            None => {
                "moving all files out of it would not be enough; ship less server code".to_owned()
            }
        }
    }

    fn too_large_asset(&self) -> String {
        "set `spill-to = \"both\"`, which moves files of this size to R2, or leave it out of the site"
            .to_owned()
    }

    fn too_many_assets(&self) -> String {
        "raise `budget` or `spill-above`, or `static-assets` in `limits` if your account has a \
         higher limit, or set `spill-to = \"r2\"`"
            .to_owned()
    }
}

/// The options that move enough bodies to Workers Static Assets, each alone. Both are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Relief {
    /// The value of `budget`.
    budget: usize,
    /// The value of `spill-above`.
    spill_above: usize,
}

impl Relief {
    /// Finds the options that make a Worker lighter by at least `excess`. `weight` is that of a body, in
    /// the same unit.
    ///
    /// Returns `None` if all bodies together are not enough.
    pub(super) fn of(
        placement: &Placement,
        excess: usize,
        weight: impl Fn(&Blob) -> usize,
    ) -> Option<Self> {
        let excess = excess.saturating_add(MARGIN);
        let bodies = || placement.movable.iter().map(|body| (body.len(), weight(body)));
        let budget = bodies().map(|(len, _)| len).sum::<usize>() - moved(bodies(), excess)?.len;
        let mut by_len: Vec<_> = bodies().collect();
        by_len.sort_by_key(|(len, _)| Reverse(*len));
        let spill_above = moved(by_len.into_iter(), excess)?.last;
        Some(Self { budget, spill_above })
    }
}

/// The bodies that have to move.
struct Moved {
    /// Their size in bytes.
    len: usize,
    /// The size of the last one.
    last: usize,
}

/// Moves bodies, given by size and weight, until their weight is at least `excess`.
fn moved(mut bodies: impl Iterator<Item = (usize, usize)>, excess: usize) -> Option<Moved> {
    let (mut len, mut weight) = (0, 0);
    let (last, _) = bodies.find(|body| {
        len += body.0;
        weight += body.1;
        weight >= excess
    })?;
    Some(Moved { len, last })
}

impl Display for Relief {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { budget, spill_above } = *self;
        write!(f, "`--budget={}` or `--spill-above={}`", Rounded(budget), Rounded(spill_above))
    }
}

/// A number of bytes as the options take it, in kB from 10 kB on. It is rounded down, by which more
/// bodies move.
struct Rounded(usize);

impl Display for Rounded {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..10_000 => write!(f, "{bytes}B"),
            bytes => write!(f, "{}kB", bytes / 1000),
        }
    }
}
