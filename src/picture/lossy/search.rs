//! The search for the smallest file that is good enough.

use crate::picture::png::Failed;

/// The range of the quality of encoders.
const LOWEST: u8 = 1;
const HIGHEST: u8 = 100;

/// How much the score changes for each step of quality, before two scores are known.
const SLOPE: f64 = 0.7;

/// A file that was encoded, and how good it is.
pub(super) struct Attempt {
    pub(super) bytes: Vec<u8>,
    pub(super) score: f64,
}

/// What a file has to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    /// The least score.
    pub(super) score: f64,
    /// The greatest size, in bytes.
    pub(super) len: usize,
}

/// Returns the file of the lowest quality that reaches the score, if it is small enough. `encode` makes a file of a
/// quality, and `first` is the one to begin with.
///
/// The score grows with the quality, but for small steps. So the next quality is where a line between two known
/// scores reaches the goal; the result reaches the score in any case.
///
/// # Errors
/// Those of `encode`.
pub(super) fn smallest(
    first: u8,
    goal: Goal,
    mut encode: impl FnMut(u8) -> Result<Attempt, Failed>,
) -> Result<Option<Vec<u8>>, Failed> {
    // The highest quality that is too low, and the lowest one that is high enough, with their scores.
    let mut below: Option<(u8, f64)> = None;
    let mut above: Option<(u8, f64, Vec<u8>)> = None;
    let mut quality = first.clamp(LOWEST, HIGHEST);
    loop {
        let Attempt { bytes, score } = encode(quality)?;
        if score >= goal.score {
            above = Some((quality, score, bytes));
        } else if bytes.len() > goal.len {
            // A higher quality would take more bytes.
            return Ok(None);
        } else {
            below = Some((quality, score));
        }
        let lowest = below.map_or(LOWEST, |(quality, _)| quality.saturating_add(1));
        let highest = above.as_ref().map_or(HIGHEST, |(quality, ..)| quality - 1);
        if lowest > highest {
            return Ok(above.map(|(.., bytes)| bytes).filter(|bytes| bytes.len() <= goal.len));
        }
        quality = next(below, above.as_ref().map(|(quality, score, _)| (*quality, *score)), goal)
            .clamp(lowest, highest);
    }
}

/// Returns the quality at which the score is expected.
fn next(below: Option<(u8, f64)>, above: Option<(u8, f64)>, goal: Goal) -> u8 {
    let (from, slope) = match (below, above) {
        (Some((low, low_score)), Some((high, high_score))) => {
            ((low, low_score), (high_score - low_score) / f64::from(high - low))
        }
        (Some(one), None) | (None, Some(one)) => (one, SLOPE),
        (None, None) => return HIGHEST,
    };
    let steps = ((goal.score - from.1) / slope).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is in the range"
    )]
    let quality = (f64::from(from.0) + steps).clamp(f64::from(LOWEST), f64::from(HIGHEST)) as u8;
    quality
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches among files whose size is their quality. Returns the result, and the qualities in their order.
    fn search(goal: Goal, score: impl Fn(u8) -> f64) -> (Option<usize>, Vec<u8>) {
        let mut tried = Vec::new();
        let found = smallest(70, goal, |quality| {
            tried.push(quality);
            Ok(Attempt { bytes: vec![0; quality.into()], score: score(quality) })
        });
        (found.unwrap().map(|bytes| bytes.len()), tried)
    }

    #[test]
    fn the_lowest_quality_that_reaches_the_score_is_found_in_a_few_steps() {
        for goal in 2..=99 {
            for bend in [0.5, 1.0, 1.5] {
                let score = |quality: u8| (f64::from(quality) / 100.0).powf(bend) * 100.0;
                let (found, tried) = search(Goal { score: goal.into(), len: 100 }, score);
                let found = u8::try_from(found.unwrap()).unwrap();
                assert!(score(found) >= goal.into());
                assert!(score(found - 1) < goal.into(), "{goal}: {tried:?}");
                assert!(tried.len() <= 12, "{goal}: {tried:?}");
            }
        }
    }

    #[test]
    fn a_file_that_would_be_too_large_ends_the_search() {
        let (found, tried) = search(Goal { score: 90.0, len: 60 }, f64::from);
        assert_eq!((found, tried), (None, vec![70]));
        assert_eq!(search(Goal { score: 50.0, len: 49 }, f64::from).0, None);
        assert_eq!(search(Goal { score: 50.0, len: 50 }, f64::from).0, Some(50));
    }

    #[test]
    fn a_score_that_no_quality_reaches_has_no_file() {
        assert_eq!(search(Goal { score: 99.0, len: 100 }, |_| 80.0).0, None);
    }
}
