//! Versions of npm packages, as far as an older one is told from a newer one.

use std::fmt;

/// A version. A prerelease counts as its release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u64,
    minor: u64,
    patch: u64,
}

impl Version {
    /// Reads a version such as `4.164.0`.
    pub(super) fn of(text: &str) -> Option<Self> {
        let core = text.trim().trim_start_matches(['v', '=']);
        let core = core.split(['-', '+']).next()?;
        let mut parts = core.split('.').map(str::parse::<u64>);
        let major = parts.next()?.ok()?;
        // `4`, `4.x` and `4.*` begin with `4.0.0`.
        let mut rest = || parts.next().and_then(Result::ok).unwrap_or_default();
        Some(Self { major, minor: rest(), patch: rest() })
    }

    /// Returns the least version of a range such as `^4.125.0` or `^12 || >=13.1`. Returns `None`
    /// if the range has no least version, or is not one of numbers.
    pub(super) fn least_of(range: &str) -> Option<Self> {
        let least = |range: &str| {
            let first = range.split_whitespace().next()?;
            let is_upper = first.starts_with('<');
            let number = first.trim_start_matches(['^', '~', '>', '=', 'v']);
            // `>= 4` is written with a space too.
            let number = if number.is_empty() { range.split_whitespace().nth(1)? } else { number };
            if is_upper { None } else { Self::of(number) }
        };
        range.split("||").map(least).collect::<Option<Vec<_>>>()?.into_iter().min()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_version_of_a_range_is_found() {
        for (range, least) in [
            ("^4.125.0", Some("4.125.0")),
            ("~4.1", Some("4.1.0")),
            (">=4.61.1 <5", Some("4.61.1")),
            (">= 4", Some("4.0.0")),
            ("^13 || ^12.6.0", Some("12.6.0")),
            ("4.x", Some("4.0.0")),
            ("14.0.0-beta.2", Some("14.0.0")),
            ("<5", None),
            ("latest", None),
            ("workspace:*", None),
            ("*", None),
            ("", None),
        ] {
            let found = Version::least_of(range).map(|version| version.to_string());
            assert_eq!(found.as_deref(), least, "{range}");
        }
    }
}
