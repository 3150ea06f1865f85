//! The choice of a dictionary among the pages of a group.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::page::{Page, Sharing};
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

/// A choice as the cache stores it: the number of the page in the sample.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    chosen: usize,
}

/// Chooses the page with which a visit of several pages costs the fewest bytes, its own included. Returns `None` if
/// none may be chosen.
///
/// Pages are tried at a low quality, which ranks them like the highest one in a fiftieth of its time.
pub(super) fn choose<'p, 't>(
    pages: &[&'p Page<'t>],
    cache: &Cache,
) -> Result<Option<&'p Page<'t>>, PackError> {
    let sample = sample(pages);
    let candidates = candidates(&sample);
    if candidates.is_empty() {
        return Ok(None);
    }
    let hashes: Vec<_> = sample.iter().map(|page| page.entry.identity.hash()).collect();
    // The Brotli body of a candidate is a part of its cost.
    let costs: Vec<usize> = sample.iter().map(|page| page.brotli.len()).collect();
    let numbers = format!("{candidates:?} {costs:?}");
    let mut parts: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_bytes().as_slice()).collect();
    parts.push(numbers.as_bytes());
    let key = CacheKey::new("dictionary choice", &parts);
    let is_valid = |stored: &Stored| candidates.contains(&stored.chosen);
    if let Some(stored) = cache.get_meta::<Stored>(key, 0, is_valid) {
        return Ok(sample.get(stored.chosen).copied());
    }
    let bodies = sample.iter().map(|page| page.entry.identity.read());
    let bodies = bodies.collect::<Result<Vec<_>, PackError>>()?;
    let cost = |number: &usize| {
        let dictionary = Dictionary::new(&bodies[*number])?;
        let others = (0..sample.len()).filter(|other| other != number);
        let sent: usize = others
            .map(|other| {
                let len = dictionary.encoded_len(&bodies[other], Effort::Fast);
                let plain = sample[other].brotli.len();
                len.map_or(plain, |len| len.min(plain))
            })
            .sum();
        // Scaled by the number of other pages, so that the mean needs no division.
        let others = sample.len() - 1;
        Some((sample[*number].brotli.len() * others + VISIT * sent, *number))
    };
    let costs: Vec<(usize, usize)> = candidates.par_iter().filter_map(cost).collect();
    let Some((_, chosen)) = costs.into_iter().min() else { return Ok(None) };
    // A choice that is not stored is made again.
    let _ = cache.put(key, Stored { chosen }, &[]);
    Ok(Some(sample[chosen]))
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
