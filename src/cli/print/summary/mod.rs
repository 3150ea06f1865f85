//! The summary: the report as text.

mod dictionaries;
mod times;
mod variants;
mod worker;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use worker_pack::Report;
use worker_pack::options::{Compat, Fidelity};
use worker_pack::report::{
    Emitted, FileReport, IntegrityReason, KeptReport, LeftOutReason, NameReason, Outcome,
    PathRuleReport, Printable, PrintablePath, RulesReport, Sizes, UnknownPaths, UntouchedReason,
};

use crate::cli::terminal::{DIM, HEADING, SUCCESS, WARNING};
use dictionaries::Dictionaries;
pub(crate) use times::Times;
use variants::Variants;
use worker::Worker;

/// Number of files to show, the largest ones.
const SHOWN_FILES: usize = 10;

/// Maximum width of the list of names of a group, in characters.
const NAMES_WIDTH: usize = 60;

/// The summary of a report.
pub(crate) struct Summary<'r>(pub(crate) &'r Report);

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let report = self.0;
        by_type(report, f)?;
        largest(report, f)?;
        let (files, dictionaries) = (&report.files[..], &report.dictionaries[..]);
        Variants { files, dictionaries }.fmt(f)?;
        Dictionaries(&report.dictionaries).fmt(f)?;
        untouched(report, f)?;
        kept(report, f)?;
        fingerprints(report, f)?;
        integrity(report, f)?;
        left_out(report, f)?;
        rules(report, f)?;
        match &report.worker {
            Some(worker) => Worker(worker).fmt(f),
            None => Ok(()),
        }
    }
}

/// Writes a table of sizes, a row for each media type and one for the total.
fn by_type(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let mut types: Vec<(&str, &Sizes)> =
        report.types.iter().map(|(name, sizes)| (name.as_str(), sizes)).collect();
    types.sort_by_key(|(name, sizes)| (std::cmp::Reverse(sizes.sent), *name));
    let longest = types.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let width = longest.max("total".len());
    let columns = ["files", "raw", "minified", "sent"];
    write!(f, "{HEADING}{:width$}  {:>6}", "type", columns[0])?;
    for column in &columns[1..] {
        write!(f, "  {column:>9}")?;
    }
    writeln!(f, "{HEADING:#}")?;
    for (name, sizes) in types {
        writeln!(f, "{name:width$}  {}{}", Row(sizes), Saving(sizes))?;
    }
    let total = Row(&report.totals);
    writeln!(f, "{HEADING}{:width$}  {total}{HEADING:#}{}", "total", Saving(&report.totals))
}

/// The figures of a row in the table.
struct Row<'r>(&'r Sizes);

impl Display for Row<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Sizes { files, source, transformed, sent } = *self.0;
        let [source, transformed, sent] = [source, transformed, sent].map(|n| Size(n).to_string());
        write!(f, "{files:>6}  {source:>9}  {transformed:>9}  {sent:>9}")
    }
}

/// The share of the build's size that is not sent, in percent. Empty if it is below 1 %.
struct Saving<'r>(&'r Sizes);

impl Display for Saving<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Sizes { source, sent, .. } = *self.0;
        match (source.saturating_sub(sent) * 100).checked_div(source) {
            None | Some(0) => Ok(()),
            Some(percent) => write!(f, "  {SUCCESS}-{percent}%{SUCCESS:#}"),
        }
    }
}

/// Writes the largest files, by the number of bytes that are sent.
fn largest(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let mut files: Vec<&FileReport> =
        report.files.iter().filter(|file| file.fingerprint_of.is_none()).collect();
    files.sort_by_key(|file| (std::cmp::Reverse(file.sent), &file.route));
    files.truncate(SHOWN_FILES);
    writeln!(f, "\n{HEADING}largest files as sent{HEADING:#}")?;
    for file in files {
        let sent = Size(file.sent).to_string();
        write!(f, "{sent:>9}  {}", Printable(&file.file))?;
        if file.sent < file.source {
            write!(f, "  {DIM}of {}{DIM:#}", Size(file.source))?;
        }
        writeln!(f)?;
    }
    Ok(())
}

/// Writes the files that could have been minified and were not, by reason.
fn untouched(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let mut groups = BTreeMap::<(UntouchedReason, Option<&str>), Vec<&str>>::new();
    for file in report.files.iter().filter(|file| file.fingerprint_of.is_none()) {
        if let Outcome::Untouched(reason) = file.transform
            && reason != UntouchedReason::EarlierBuild
        {
            let group = groups.entry((reason, file.named_by.as_deref())).or_default();
            group.push(&file.file);
        }
    }
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{HEADING}not minified{HEADING:#}")?;
    for ((reason, by), names) in groups {
        let by = by.map(|by| format!(" in {}", Printable(by))).unwrap_or_default();
        let style = match reason {
            // These are expected. All other reasons deserve attention.
            UntouchedReason::NotSmaller
            | UntouchedReason::ByOption
            | UntouchedReason::ByRule
            | UntouchedReason::Sniffed => DIM,
            _ => WARNING,
        };
        let (count, reason) = (names.len(), reason.text());
        writeln!(f, "{count:>9}  {style}{reason}{by}:{style:#} {}", Names(&names))?;
    }
    Ok(())
}

/// Writes what is kept of earlier builds.
fn kept(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(KeptReport { builds, files, bytes: _, sent }) = report.kept else { return Ok(()) };
    let (builds_s, files_s) = (plural(builds), plural(files));
    writeln!(f, "\n{HEADING}kept of earlier builds{HEADING:#}")?;
    writeln!(f, "{files:>9}  file{files_s} of {builds} build{builds_s}, {} as sent", Size(sent))
}

/// Writes the numbers of files with a fingerprint and of those that keep their names.
fn fingerprints(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let mut kept = BTreeMap::<NameReason, Vec<&str>>::new();
    for file in &report.fingerprints {
        if let Some(reason) = file.reason {
            kept.entry(reason).or_default().push(&file.route);
        }
    }
    let named = report.fingerprints.iter().filter(|file| file.fingerprinted.is_some()).count();
    if report.fingerprints.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{HEADING}fingerprints{HEADING:#}")?;
    let s = plural(named);
    writeln!(f, "{named:>9}  file{s} with a second URL that never expires")?;
    for (reason, routes) in kept {
        let reason = reason.text();
        writeln!(
            f,
            "{:>9}  {DIM}file{} without, {reason}:{DIM:#} {}",
            routes.len(),
            plural(routes.len()),
            Names(&routes)
        )?;
    }
    Ok(())
}

/// Writes the numbers of files that pages load by their hashes, and of those that they load without.
fn integrity(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let mut without = BTreeMap::<IntegrityReason, Vec<&str>>::new();
    for file in &report.integrity {
        if let Some(reason) = file.reason {
            without.entry(reason).or_default().push(&file.route);
        }
    }
    if report.integrity.is_empty() {
        return Ok(());
    }
    let checked = report.integrity.iter().filter(|file| file.integrity.is_some()).count();
    let s = plural(checked);
    writeln!(f, "\n{HEADING}integrity{HEADING:#}")?;
    writeln!(f, "{checked:>9}  file{s} that browsers check by the hash of the bytes")?;
    for (reason, routes) in without {
        let reason = reason.text();
        writeln!(f, "{:>9}  {DIM}without, {reason}:{DIM:#} {}", routes.len(), Names(&routes))?;
    }
    Ok(())
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Writes the files that are not public, by reason.
fn left_out(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let mut groups = BTreeMap::<LeftOutReason, Vec<&str>>::new();
    for left_out in &report.left_out {
        groups.entry(left_out.reason).or_default().push(&left_out.file);
    }
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{HEADING}left out{HEADING:#}")?;
    for (reason, names) in groups {
        writeln!(f, "{:>9}  {DIM}{reason}:{DIM:#} {}", names.len(), Names(&names))?;
    }
    Ok(())
}

/// Writes the behaviour of the site, and the numbers of its rules.
fn rules(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let RulesReport {
        compat,
        reason,
        html_handling,
        not_found_handling: _,
        unknown_paths,
        fidelity,
        redirects,
        header_rules,
        by_path,
    } = &report.rules;
    writeln!(f, "\n{HEADING}rules{HEADING:#}")?;
    let (server, urls) = if *compat == Compat::Workers.name() {
        ("Workers Static Assets", format!("{html_handling}; "))
    } else {
        // It has no options for the URLs of pages.
        ("Pages", String::new())
    };
    let to_the_letter = if *fidelity == Fidelity::Strict.name() { ", to the letter" } else { "" };
    writeln!(f, "{:>9}  {server}{to_the_letter}, {DIM}since{DIM:#} {}", "", Printable(reason))?;
    let has_server = report.worker.as_ref().is_some_and(|worker| worker.has_server);
    let answer = match unknown_paths {
        _ if has_server => "the server's answer",
        UnknownPaths::NotFoundPage => "404.html",
        UnknownPaths::HomePage => "index.html with status 200",
        UnknownPaths::NotFound => "a plain 404",
    };
    writeln!(f, "{:>9}  {urls}{DIM}unknown paths get{DIM:#} {answer}", "")?;
    for (count, file) in [(redirects, "_redirects"), (header_rules, "_headers")] {
        if *count > 0 {
            writeln!(f, "{count:>9}  {DIM}from{DIM:#} {file}")?;
        }
    }
    for PathRuleReport { rule, files } in by_path {
        let unit = if *files == 1 { "file" } else { "files" };
        writeln!(f, "{files:>9}  {DIM}{unit} by rule{DIM:#} {}", Printable(rule))?;
    }
    Ok(())
}

/// The names of a group of files, as many as fit on a line.
struct Names<'r>(&'r [&'r str]);

impl Display for Names<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut width = 0;
        let fits = |name: &&&str| {
            width += name.len() + 2;
            width <= NAMES_WIDTH
        };
        // At least one is shown, however long it is.
        let shown = self.0.iter().take_while(fits).count().max(1).min(self.0.len());
        for (index, name) in self.0[..shown].iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{}", Printable(name))?;
        }
        match self.0.len() - shown {
            0 => Ok(()),
            more => write!(f, " {DIM}and {more} more{DIM:#}"),
        }
    }
}

/// The numbers of files that were written, unchanged and removed.
pub(crate) struct Written<'r>(pub(crate) &'r Emitted);

impl Display for Written<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Emitted { folder, is_new: _, written, unchanged, removed } = self.0;
        let folder = PrintablePath(folder);
        writeln!(f, "\n{folder}: {written} written, {unchanged} unchanged, {removed} removed")
    }
}

/// A number of bytes, in a unit with at most three digits before the decimal point.
pub(crate) struct Size(pub(crate) usize);

impl Display for Size {
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1000 => write!(f, "{bytes} B"),
            bytes @ 1000..999_950 => write!(f, "{:.1} kB", bytes as f64 / 1e3),
            bytes => write!(f, "{:.1} MB", bytes as f64 / 1e6),
        }
    }
}
