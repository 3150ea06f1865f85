//! The choice of a dictionary among the pages of a group, and the dictionary of an earlier build.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::page::{Page, Sharing};
use super::source::{Source, Survivor};
use crate::cache::{Cache, CacheKey};
use crate::coding::{Dictionary, Effort};
use crate::feedback::error::PackError;

/// The number of further pages in the visit for which a dictionary is chosen. More would make it larger for little.
const VISIT: usize = 5;

/// The greatest number of pages that are tried, and with which they are tried. More are represented by some of
/// each size.
const SAMPLE: usize = 40;

/// The greatest size of a page that may become a dictionary, in bytes.
const MAX_LEN: usize = 400_000;

/// The number of bytes that are encoded at most to choose a dictionary: one to three seconds of CPU time.
const WORK: usize = 160_000_000;

/// The cost of a dictionary that browsers have, compared with the best page's, up to which it stays: in percent.
///
/// A replacement costs each visitor who comes back a download, and the Worker a second set of bodies.
const STAYS_BELOW: usize = 110;

/// A choice as the cache stores it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Stored {
    /// The number of the best page in the sample, if one may be chosen.
    chosen: Option<usize>,
    earlier: Fate,
}

/// The fate of the dictionary of an earlier build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Fate {
    /// It is nearly as good as the best page.
    Stays,
    /// It is worse, or there is none.
    Goes,
}

/// Chooses the page with which a visit of several pages costs the fewest bytes, its own included. A dictionary of
/// an earlier build precedes it if it is nearly as good. Returns those that may be tried, the best first.
///
/// They are compared at a low quality, which ranks them like the highest one in a fiftieth of its time.
pub(super) fn choose<'p, 't>(
    pages: &[&'p Page<'t>],
    earlier: Option<Survivor<'p, 't>>,
    cache: &Cache,
) -> Result<Vec<Source<'p, 't>>, PackError> {
    let sample = sample(pages);
    let candidates = candidates(&sample);
    let earlier = earlier.map(|survivor| Source::of_earlier(survivor, pages));
    let stored = compare(&sample, &candidates, earlier.as_ref(), cache)?;
    let page = stored.chosen.map(|number| Source::Page(sample[number]));
    Ok(earlier.filter(|_| stored.earlier == Fate::Stays).into_iter().chain(page).collect())
}

/// Compares the candidates of a sample, and the dictionary of an earlier build.
fn compare(
    sample: &[&Page<'_>],
    candidates: &[usize],
    earlier: Option<&Source<'_, '_>>,
    cache: &Cache,
) -> Result<Stored, PackError> {
    let hashes: Vec<_> = sample.iter().map(|page| page.entry.identity.hash()).collect();
    // The Brotli body of a candidate is a part of its cost.
    let costs: Vec<usize> = sample.iter().map(|page| page.brotli.len()).collect();
    let of_earlier =
        earlier.map(|source| (source.hash(), source.brotli().len(), own(sample, source)));
    let numbers = format!("{candidates:?} {costs:?} {of_earlier:?}");
    let mut parts: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_bytes().as_slice()).collect();
    parts.push(numbers.as_bytes());
    let key = CacheKey::new("dictionary choice", &parts);
    let is_valid = |stored: &Stored| {
        stored.chosen.is_none_or(|number| candidates.contains(&number))
            && stored.chosen.is_none() == candidates.is_empty()
    };
    if let Some(stored) = cache.get_meta::<Stored>(key, 0, is_valid) {
        return Ok(stored);
    }
    let bodies = sample.iter().map(|page| page.entry.identity.read());
    let bodies = bodies.collect::<Result<Vec<_>, PackError>>()?;
    // Returns what all pages but one cost with a dictionary, and their number.
    let sent = |dictionary: &[u8], own: Option<usize>| {
        let dictionary = Dictionary::new(dictionary)?;
        let others = (0..sample.len()).filter(|other| Some(*other) != own);
        let lengths = others.map(|other| {
            let len = dictionary.encoded_len(&bodies[other], Effort::Fast);
            let plain = sample[other].brotli.len();
            len.map_or(plain, |len| len.min(plain))
        });
        Some((lengths.sum::<usize>(), sample.len() - usize::from(own.is_some())))
    };
    // Scaled by the number of other pages, so that the mean needs no division.
    let cost = |number: &usize| {
        let (sent, others) = sent(&bodies[*number], Some(*number))?;
        Some((sample[*number].brotli.len() * others + VISIT * sent, *number))
    };
    let costs: Vec<(usize, usize)> = candidates.par_iter().filter_map(cost).collect();
    let best = costs.into_iter().min();
    let scale = sample.len().saturating_sub(1);
    let cost_of_earlier = match earlier {
        None => None,
        Some(source) => {
            let sent = sent(&source.identity().read()?, own(sample, source));
            sent.map(|(sent, others)| {
                source.brotli().len() * scale + VISIT * sent * scale / others.max(1)
            })
        }
    };
    let stays = cost_of_earlier.is_some_and(|cost| {
        best.is_none_or(|(best, _)| cost.saturating_mul(100) <= best.saturating_mul(STAYS_BELOW))
    });
    let earlier = if stays { Fate::Stays } else { Fate::Goes };
    let stored = Stored { chosen: best.map(|(_, number)| number), earlier };
    // A choice that is not stored is made again.
    let _ = cache.put(key, stored, &[]);
    Ok(stored)
}

/// Returns the number of the page in a sample that a dictionary is, or was, a copy of. The measure leaves it out: a
/// visitor has seen it.
fn own(sample: &[&Page<'_>], source: &Source<'_, '_>) -> Option<usize> {
    sample.iter().position(|page| page.index == source.page().index)
}

/// Returns some pages of each size, the smallest first.
pub(super) fn sample<'p, 't>(pages: &[&'p Page<'t>]) -> Vec<&'p Page<'t>> {
    let mut sorted = pages.to_vec();
    sorted.sort_by_key(|page| (page.brotli.len(), &page.entry.route));
    spread(sorted.len(), SAMPLE).map(|number| sorted[number]).collect()
}

/// Returns the numbers of the pages of a sample that may become the dictionary, as many as the time allows.
fn candidates(sample: &[&Page<'_>]) -> Vec<usize> {
    let is_candidate =
        |page: &Page<'_>| page.sharing == Sharing::Public && page.entry.identity.len() <= MAX_LEN;
    let all: Vec<usize> =
        (0..sample.len()).filter(|number| is_candidate(sample[*number])).collect();
    let bytes: usize = sample.iter().map(|page| page.entry.identity.len()).sum();
    let count = (WORK / bytes.max(1)).max(1);
    spread(all.len(), count).map(|number| all[number]).collect()
}

/// Returns up to `count` numbers below `len`, at equal distances.
fn spread(len: usize, count: usize) -> impl Iterator<Item = usize> {
    let count = count.min(len);
    (0..count).map(move |number| number * len / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_numbers_at_equal_distances() {
        let numbers = |len, count| spread(len, count).collect::<Vec<_>>();
        assert_eq!(numbers(4, 40), [0, 1, 2, 3]);
        assert_eq!(numbers(10, 5), [0, 2, 4, 6, 8]);
        assert_eq!(numbers(0, 5), [0; 0]);
        assert_eq!(numbers(7, 1), [0]);
    }
}
