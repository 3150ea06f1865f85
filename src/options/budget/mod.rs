//! Budgets: limits of what a site, its pages or some of its files may cost, in bytes as sent.

mod limit;
mod pattern;

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

pub use limit::ByteLimit;
pub(crate) use pattern::Star;
pub use pattern::{FilePattern, TypePattern};

use super::one_or_many::one_or_many;
use crate::asset::path_pattern::PathPattern;
pub use crate::feedback::budget::BudgetCoding;

/// A budget: a limit, and what it bounds.
///
/// Without `page`, it bounds the sum of the files that `type` and `file` choose, or of all files. With
/// `page`, it bounds the first visit of each page that matches, or those files of it.
///
/// It is displayed, and parsed, as on the command line:
///
/// ```
/// use worker_pack::options::Budget;
/// let budget: Budget = "170 kB page=/blog/* type=text/javascript".parse().unwrap();
/// assert_eq!(budget.to_string(), "170 kB page=/blog/* type=text/javascript");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Budget {
    /// The largest size that keeps the budget.
    pub limit: ByteLimit,
    /// The name in reports. Default: what the budget bounds.
    pub name: Option<String>,
    /// The pages, by the paths of their files or URLs.
    pub page: Option<PathPattern>,
    /// The media type of the files that count.
    pub media_type: Option<TypePattern>,
    /// The files that count.
    pub file: Vec<FilePattern>,
    /// The content coding of the sizes. Default: Brotli.
    pub coding: BudgetCoding,
}

/// A budget as it is written in `worker-pack.toml`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    limit: Option<ByteLimit>,
    name: Option<String>,
    total: Option<bool>,
    page: Option<PathPattern>,
    r#type: Option<TypePattern>,
    #[serde(deserialize_with = "files")]
    file: Vec<FilePattern>,
    coding: BudgetCoding,
}

fn files<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<FilePattern>, D::Error> {
    let texts = one_or_many(from)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

impl TryFrom<Written> for Budget {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { limit, name, total, page, r#type, file, coding } = written;
        let is_chosen = page.is_some() || r#type.is_some() || !file.is_empty();
        match total {
            Some(false) => return Err("`total` is `true`, or left out".to_owned()),
            Some(true) if is_chosen => {
                return Err(
                    "`total` bounds all files; leave it out beside `page`, `type` or `file`"
                        .to_owned(),
                );
            }
            _ => {}
        }
        let limit = limit.ok_or("a budget needs `limit`, such as `limit = \"170 kB\"`")?;
        Ok(Self { limit, name, page, media_type: r#type, file, coding })
    }
}

/// The names of the parts after the limit, in the order in which they are displayed.
const PARTS: [&str; 5] = ["page", "type", "file", "coding", "name"];

impl Budget {
    /// Returns the name, or what the budget bounds.
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.subject())
    }

    /// Returns what the budget bounds, in words.
    fn subject(&self) -> String {
        let files = self.file.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let kind = self.media_type.as_ref().map(ToString::to_string);
        let parts: Vec<String> =
            kind.into_iter().chain((!files.is_empty()).then_some(files)).collect();
        let what = parts.join(" in ");
        match (&self.page, what.as_str()) {
            (Some(page), "") => format!("each page {page}"),
            (Some(page), what) => format!("{what} of each page {page}"),
            (None, "") => "all files".to_owned(),
            (None, what) => what.to_owned(),
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, name, page, media_type, file, coding } = self;
        write!(f, "{limit}")?;
        if let Some(page) = page {
            write!(f, " page={page}")?;
        }
        if let Some(media_type) = media_type {
            write!(f, " type={media_type}")?;
        }
        for file in file {
            write!(f, " file={file}")?;
        }
        if *coding != BudgetCoding::default() {
            write!(f, " coding={coding}")?;
        }
        match name {
            Some(name) => write!(f, " name={name}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Budget {
    type Err = String;

    /// Parses `LIMIT`, and then any of `page=`, `type=`, `file=`, `coding=` and `name=`. A value lasts until
    /// the next of them.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut written = Written::default();
        let begins = |word: &str| {
            PARTS.iter().any(|part| word.split_once('=').is_some_and(|(name, _)| name == *part))
        };
        let mut parts: Vec<String> = vec![String::new()];
        for word in text.split_whitespace() {
            match parts.last_mut() {
                Some(last) if !begins(word) => {
                    if !last.is_empty() {
                        last.push(' ');
                    }
                    last.push_str(word);
                }
                _ => parts.push(word.to_owned()),
            }
        }
        let mut parts = parts.into_iter();
        written.limit = Some(parts.next().unwrap_or_default().parse()?);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((&part, ""));
            match name {
                "page" => written.page = Some(value.parse()?),
                "type" => written.r#type = Some(value.parse()?),
                "file" => written.file.push(value.parse()?),
                "coding" => written.coding = value.parse()?,
                _ => written.name = Some(value.to_owned()),
            }
        }
        written.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_written_on_the_command_line_as_they_are_displayed() {
        for text in [
            "170 kB",
            "170 kB page=/blog/* type=text/javascript",
            "1 MB file=/_astro/*.js file=!client.js coding=gzip name=Scripts, all of them",
        ] {
            assert_eq!(text.parse::<Budget>().unwrap().to_string(), text);
        }
        for text in ["", "page=/", "10 kB pge=/", "10 kB coding=zip", "10% page=/"] {
            assert!(text.parse::<Budget>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_budget_has_a_title_that_says_what_it_bounds() {
        let title = |text: &str| text.parse::<Budget>().unwrap().title();
        assert_eq!(title("1 kB"), "all files");
        assert_eq!(title("1 kB page=/* type=text/css"), "text/css of each page /*");
        assert_eq!(title("1 kB file=a.js name=A"), "A");
    }
}
