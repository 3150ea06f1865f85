//! A day of the calendar, to which a finding is allowed.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use toml::value::Datetime;

/// A day of the Gregorian calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i64,
    month: u8,
    day: u8,
}

impl Date {
    /// Returns the day of a time, in seconds since the beginning of 1970.
    pub fn of_unix_time(seconds: u64) -> Self {
        const DAYS_OF_ERA: i64 = 146_097;
        let days = i64::try_from(seconds / 86_400).unwrap_or(i64::MAX / 2);
        // Counted from 0000-03-01, so that the leap day is the last one of a year.
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(DAYS_OF_ERA), shifted.rem_euclid(DAYS_OF_ERA));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        let small = |number: i64| u8::try_from(number).unwrap_or(u8::MAX);
        Self { year, month: small(month), day: small(day) }
    }
}

impl FromStr for Date {
    type Err = String;

    /// Reads a date such as `2027-01-31`.
    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("`{text}` is not a date such as `2027-01-31`");
        let parsed: Datetime = text.parse().map_err(|_| invalid())?;
        match parsed {
            Datetime { date: Some(date), time: None, offset: None } => {
                Ok(Self { year: date.year.into(), month: date.month, day: date.day })
            }
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_a_time_is_that_of_utc() {
        let days = [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_798_761_599, "2026-12-31"),
            (1_798_761_600, "2027-01-01"),
            (4_107_542_400, "2100-03-01"),
        ];
        for (seconds, day) in days {
            assert_eq!(Date::of_unix_time(seconds).to_string(), day);
        }
    }

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        assert!("2027-01-31".parse::<Date>().is_ok());
        for text in ["2027-02-30", "2027-1-1", "tomorrow", "", "2027-01-31T00:00:00Z", "07:32:00"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
