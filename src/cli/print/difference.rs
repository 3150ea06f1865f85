//! The difference between two sites as text.

use std::fmt::{self, Display, Formatter};

use worker_pack::report::{
    Change, DifferenceReport, FieldChange, Printable, RouteChange, RuleChange, Sent, Side,
};

use super::summary::Size;
use crate::cli::terminal::{DIM, HEADING, WARNING};

/// Number of routes to show, the ones with most bytes first.
const SHOWN_ROUTES: usize = 30;

/// The difference between two sites: totals, routes and rules.
pub(crate) struct DifferenceSummary<'r>(pub(crate) &'r DifferenceReport);

impl Display for DifferenceSummary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let DifferenceReport { old, new, totals, routes, rules, without_rules, .. } = self.0;
        write_side(f, "old", old)?;
        write_side(f, "new", new)?;
        if let Some(source) = without_rules {
            let source = Printable(source);
            writeln!(
                f,
                "{WARNING}rules are not compared:{WARNING:#} an earlier worker-pack wrote `{source}`"
            )?;
        }
        if self.0.is_empty() {
            return writeln!(f, "\nno difference");
        }
        writeln!(
            f,
            "\n{HEADING}routes{HEADING:#}  {} added, {} removed, {} renamed, {} changed, {} unchanged",
            totals.added, totals.removed, totals.renamed, totals.changed, totals.unchanged
        )?;
        writeln!(
            f,
            "a returning visitor downloads {} of {}",
            Size(totals.downloaded),
            Size(new.bytes)
        )?;
        write_routes(f, routes)?;
        if !rules.is_empty() {
            writeln!(f, "\n{HEADING}rules{HEADING:#}")?;
        }
        rules.iter().try_for_each(|rule| Rule(rule).fmt(f))
    }
}

fn write_routes(f: &mut Formatter<'_>, routes: &[RouteChange]) -> fmt::Result {
    if routes.is_empty() {
        return Ok(());
    }
    let mut shown: Vec<&RouteChange> = routes.iter().collect();
    // The sort is stable: equal ones stay in the order of their URLs.
    shown.sort_by_key(|route| std::cmp::Reverse(route.downloaded));
    let others = shown.split_off(shown.len().min(SHOWN_ROUTES));
    writeln!(f)?;
    shown.into_iter().try_for_each(|route| Route(route).fmt(f))?;
    if !others.is_empty() {
        writeln!(f, "{DIM}and {} more; `--format json` has all{DIM:#}", others.len())?;
    }
    Ok(())
}

fn write_side(f: &mut Formatter<'_>, name: &str, side: &Side) -> fmt::Result {
    let Side { source, files, bytes } = side;
    let source = Printable(source);
    writeln!(f, "{HEADING}{name}{HEADING:#}  {source}: {files} files, {} as sent", Size(*bytes))
}

/// A route: its change, its size, its URL, and what differs.
struct Route<'r>(&'r RouteChange);

impl Display for Route<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let RouteChange { change, url, old_url, old, new, fields, .. } = self.0;
        let size = |sent: &Option<Sent>| sent.as_ref().map(|sent| Size(sent.bytes).to_string());
        let sizes = match (size(old), size(new)) {
            (Some(old), Some(new)) if old == new => old,
            (Some(old), Some(new)) => format!("{old} → {new}"),
            (old, new) => old.or(new).unwrap_or_default(),
        };
        write!(f, "{:8} {sizes:>21}  {}", change.name(), Printable(url))?;
        if let Some(old_url) = old_url {
            write!(f, "  {DIM}was {}{DIM:#}", Printable(old_url))?;
        }
        writeln!(f)?;
        for FieldChange { name, old, new } in fields.iter().filter(|it| it.name != "content") {
            let (old, new) = (Printable(old), Printable(new));
            writeln!(f, "{:32}{name}: {old} → {new}", "")?;
        }
        Ok(())
    }
}

/// A rule: its change, its file, and its values.
struct Rule<'r>(&'r RuleChange);

impl Display for Rule<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let RuleChange { change, file, subject, old, new } = self.0;
        let (file, subject) = (Printable(file), Printable(subject));
        write!(f, "{:8} {file}: {subject}", change.name())?;
        let value = |value: &Option<String>| Printable(value.as_deref().unwrap_or("")).to_string();
        match change {
            Change::Changed => writeln!(f, ": {} → {}", value(old), value(new)),
            Change::Removed => writeln!(f, ": {}", value(old)),
            Change::Added | Change::Renamed => writeln!(f, ": {}", value(new)),
        }
    }
}
