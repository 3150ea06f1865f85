//! The quality of pictures with other pixels.

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The least score of SSIMULACRA2 that a picture with other pixels has, compared with the original: 90 is hard to tell
/// from it, 70 is high quality, 50 is medium. The default is 75.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PictureQuality(u8);

impl PictureQuality {
    /// The lowest quality. The metric calls 30 low.
    const MIN: u8 = 30;

    /// The highest quality. No encoder reaches more for each picture.
    const MAX: u8 = 95;

    /// Returns the score.
    #[cfg_attr(not(feature = "lossy"), expect(dead_code, reason = "only a loss has a score"))]
    pub(crate) fn score(self) -> f64 {
        f64::from(self.0)
    }

    fn of(score: i64) -> Result<Self, String> {
        let quality =
            u8::try_from(score).ok().filter(|score| (Self::MIN..=Self::MAX).contains(score));
        let (min, max) = (Self::MIN, Self::MAX);
        let error =
            || format!("`{score}` is not a quality: use a whole number from {min} to {max}");
        quality.map(Self).ok_or_else(error)
    }
}

impl Default for PictureQuality {
    fn default() -> Self {
        Self(75)
    }
}

impl FromStr for PictureQuality {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (min, max) = (Self::MIN, Self::MAX);
        let score = text.parse();
        let score = score.map_err(|_| {
            format!("`{text}` is not a quality: use a whole number from {min} to {max}")
        })?;
        Self::of(score)
    }
}

impl fmt::Display for PictureQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for PictureQuality {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::of(i64::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quality_is_a_whole_number_within_bounds() {
        assert_eq!("75".parse(), Ok(PictureQuality::default()));
        assert_eq!("30".parse::<PictureQuality>().unwrap().to_string(), "30");
        for text in ["29", "96", "75.5", "-75", "high", "", "1e9", "99999999999999999999"] {
            let error = text.parse::<PictureQuality>().unwrap_err();
            assert!(error.contains("from 30 to 95"), "{error}");
        }
    }
}
