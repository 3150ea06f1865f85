//! The report on a deployment as text. Its first line is the answer.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

use worker_pack::probing::{
    CanaryReport, CanaryRound, CanaryState, Check, ComparedReport, DeploymentReport, FindingClass,
    Latency, ProbeFinding, ProbeReport, ProbeSource, SideDifference,
};
use worker_pack::report::Printable;

use super::summary::Size;
use crate::cli::terminal::{DIM, ERROR, HEADING, SUCCESS, WARNING};

/// Number of paths to show of each kind of finding.
const SHOWN_PATHS: usize = 3;

/// Number of characters to show of a value.
const SHOWN_WIDTH: usize = 60;

/// The report on a deployment.
pub(crate) struct ProbeSummary<'r>(pub(crate) &'r ProbeReport);

impl Display for ProbeSummary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let report = self.0;
        answer(report, f)?;
        if let Some(stopped) = &report.stopped {
            let stopped = Printable(stopped);
            writeln!(f, "{WARNING}ended early:{WARNING:#} {stopped}; the rest was not asked for")?;
        }
        let mut groups = BTreeMap::<(FindingClass, Check, &str), Vec<&ProbeFinding>>::new();
        for finding in &report.findings {
            groups
                .entry((finding.class, finding.check, &finding.message))
                .or_default()
                .push(finding);
        }
        for findings in groups.values() {
            writeln!(f)?;
            Group(findings).fmt(f)?;
        }
        if let Some(compared) = &report.compared {
            compared_with(compared, f)?;
        }
        writeln!(f)?;
        deployment(&report.deployment, f)?;
        match report.compared.as_ref().and_then(|compared| compared.deployment.as_ref()) {
            Some(second) => deployment(second, f),
            None => Ok(()),
        }
    }
}

/// Writes the answer to the question that the user has.
fn answer(report: &ProbeReport, f: &mut Formatter<'_>) -> fmt::Result {
    let ProbeReport { source, routes, asked, paths, failed, .. } = report;
    let lost = report.compared.iter().flat_map(|compared| &compared.differences);
    let lost = lost.filter(|difference| difference.wanted.is_none()).count();
    let what = match source {
        ProbeSource::Manifest => "answer as packed",
        ProbeSource::Crawl => "answer",
        ProbeSource::Baseline => "answer as before",
    };
    let noun = if *source == ProbeSource::Manifest { "routes" } else { "URLs" };
    let counted = |number: usize, noun: &str| match number {
        1 => format!("1 {}", noun.trim_end_matches('s')),
        number => format!("{number} {noun}"),
    };
    if *failed > 0 {
        write!(f, "{ERROR}{failed} of {paths} paths do not {what}{ERROR:#}")?;
    } else if lost > 0 {
        let s = if lost == 1 { "" } else { "s" };
        write!(f, "{ERROR}{lost} unwanted difference{s}{ERROR:#}")?;
        if *source == ProbeSource::Manifest {
            write!(f, ", although the {asked} {noun} {what}")?;
        }
    } else if report.stopped.is_some() {
        write!(f, "{WARNING}not all {noun} were asked for{WARNING:#}")?;
    } else if asked < routes {
        write!(f, "{SUCCESS}{asked} of {routes} {noun}, a sample, {what}{SUCCESS:#}")?;
    } else if *asked == 1 {
        write!(f, "{SUCCESS}the only one of the {noun} {what}s{SUCCESS:#}")?;
    } else {
        write!(f, "{SUCCESS}all {asked} {noun} {what}{SUCCESS:#}")?;
    }
    writeln!(f)?;
    let DeploymentReport { url, requests, unanswered, .. } = &report.deployment;
    let url = Printable(url);
    write!(f, "{DIM}{url}: {}", counted(*asked, noun))?;
    if let Some(others) = paths.checked_sub(*asked).filter(|others| *others > 0) {
        write!(f, " and {}", counted(others, "other paths"))?;
    }
    write!(f, ", {}", counted(*requests, "requests"))?;
    if *unanswered > 0 {
        write!(f, ", {unanswered} of them without an answer")?;
    }
    if let Some(expected) = &report.expected {
        write!(f, "; compared with {}", Printable(expected))?;
    } else if *source == ProbeSource::Crawl {
        write!(f, "; nothing is expected: `--manifest` names what was packed")?;
    }
    writeln!(f, "{DIM:#}")
}

/// Findings of the same kind.
struct Group<'r>(&'r [&'r ProbeFinding]);

impl Display for Group<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(first) = self.0.first() else { return Ok(()) };
        let style = match first.class {
            FindingClass::Error => ERROR,
            FindingClass::Difference => WARNING,
            FindingClass::Note => DIM,
        };
        let (class, check) = (first.class.name(), first.check.name());
        write!(f, "{style}{class}[{check}]{style:#}: {}", Printable(&first.message))?;
        let others = self.0.len();
        writeln!(f, "{}", if others > 1 { format!(" ({others} paths)") } else { String::new() })?;
        let values = |finding: &ProbeFinding| (finding.expected.clone(), finding.found.clone());
        let is_common = self.0.iter().all(|finding| values(finding) == values(first));
        for (index, finding) in self.0.iter().take(SHOWN_PATHS).enumerate() {
            writeln!(f, "  {}  {DIM}{}{DIM:#}", Printable(&finding.path), finding.asked.name())?;
            // The same values follow the last path alone.
            if is_common && index + 1 < others.min(SHOWN_PATHS) {
                continue;
            }
            for (name, value) in [("expected", &finding.expected), ("found", &finding.found)] {
                if let Some(value) = value {
                    writeln!(f, "    {DIM}{name:8}{DIM:#} {}", shortened(value))?;
                }
            }
        }
        if others > SHOWN_PATHS {
            writeln!(
                f,
                "  {DIM}and {} more; `--format json` has all{DIM:#}",
                others - SHOWN_PATHS
            )?;
        }
        Ok(())
    }
}

/// Writes the differences between two deployments.
fn compared_with(compared: &ComparedReport, f: &mut Formatter<'_>) -> fmt::Result {
    let ComparedReport { with, answers, differences, .. } = compared;
    let wanted = differences.iter().filter(|it| it.wanted.is_some()).count();
    let lost = differences.len() - wanted;
    let with = Printable(with);
    writeln!(
        f,
        "\n{HEADING}compared with {with}{HEADING:#}: {answers} answers, {lost} unwanted and {wanted} \
         wanted differences"
    )?;
    let mut groups = BTreeMap::<(Option<&str>, &str), Vec<&SideDifference>>::new();
    for difference in differences {
        let key = (difference.wanted.as_deref(), &*difference.field);
        groups.entry(key).or_default().push(difference);
    }
    for ((wanted, field), group) in groups {
        let field = Printable(field);
        let count = group.len();
        if let Some(wanted) = wanted {
            writeln!(f, "  {SUCCESS}wanted{SUCCESS:#}    {field} ({count}): {wanted}")?;
            continue;
        }
        writeln!(f, "  {WARNING}unwanted{WARNING:#}  {field} ({count})")?;
        for difference in group.iter().take(SHOWN_PATHS) {
            let value = |value: &Option<String>| match value {
                Some(value) => shortened(value),
                None => "missing".to_owned(),
            };
            let (old, new) = (value(&difference.old), value(&difference.new));
            let (path, asked) = (Printable(&difference.path), difference.asked.name());
            writeln!(f, "    {path}  {DIM}{asked}{DIM:#}\n      {old} → {new}")?;
        }
        if count > SHOWN_PATHS {
            writeln!(
                f,
                "    {DIM}and {} more; `--format json` has all{DIM:#}",
                count - SHOWN_PATHS
            )?;
        }
    }
    Ok(())
}

/// Returns a value on one line, without its end if it is long.
fn shortened(value: &str) -> String {
    let printable = Printable(value).to_string();
    match printable.char_indices().nth(SHOWN_WIDTH) {
        Some((end, _)) => format!("{}…", &printable[..end]),
        None => printable,
    }
}

/// Writes times, protocol and versions of a deployment.
fn deployment(report: &DeploymentReport, f: &mut Formatter<'_>) -> fmt::Result {
    let DeploymentReport { url, bytes, connections, protocols, versions, locations, first, .. } =
        report;
    writeln!(f, "{HEADING}{}{HEADING:#}", Printable(url))?;
    for (name, latency) in [("first byte", report.first_byte), ("whole", report.total)] {
        if let Some(Latency { p50, p95, p99 }) = latency {
            writeln!(f, "  {name:12} p50 {p50} ms, p95 {p95} ms, p99 {p99} ms")?;
        }
    }
    if let Some(first) = first {
        let (byte, total) = (first.first_byte, first.total);
        writeln!(f, "  {:12} first byte {byte} ms, whole {total} ms, with the connection", "cold")?;
    }
    let list = |counts: &BTreeMap<String, usize>| {
        let items = counts.iter().map(|(name, count)| format!("{} ({count})", Printable(name)));
        items.collect::<Vec<_>>().join(", ")
    };
    let size = Size(usize::try_from(*bytes).unwrap_or(usize::MAX));
    let s = if *connections == 1 { "" } else { "s" };
    writeln!(f, "  {:12} {}, {connections} connection{s}, {size}", "protocol", list(protocols))?;
    for (name, counts) in [("version", versions), ("location", locations)] {
        if !counts.is_empty() {
            writeln!(f, "  {name:12} {}", list(counts))?;
        }
    }
    Ok(())
}

/// A round of a watch, as a line.
pub(crate) struct Round<'r>(pub(crate) &'r CanaryRound);

impl Display for Round<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let CanaryRound { round, paths, errors, first_byte, reference } = self.0;
        if *paths == 0 {
            return write!(f, "round {round}: no answer");
        }
        write!(f, "round {round}: {errors} of {paths} paths have an error")?;
        if let Some(first_byte) = first_byte {
            write!(f, ", first byte p95 {first_byte} ms")?;
        }
        match reference {
            Some(reference) => write!(f, " (reference {reference} ms)"),
            None => Ok(()),
        }
    }
}

/// The report on a canary.
pub(crate) struct CanarySummary<'r> {
    pub(crate) report: &'r CanaryReport,
    pub(crate) manifest: Option<&'r Path>,
}

impl Display for CanarySummary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let CanaryReport { state, reason, rounds, last, .. } = self.report;
        match state {
            CanaryState::Healthy => {
                let s = if rounds.len() == 1 { "" } else { "s" };
                writeln!(f, "{SUCCESS}healthy after {} round{s}{SUCCESS:#}", rounds.len())?;
            }
            CanaryState::RollBack => {
                let reason = reason.as_deref().unwrap_or_default();
                writeln!(f, "{ERROR}roll back: {}{ERROR:#}", Printable(reason))?;
                let config = self.config();
                writeln!(f, "\n  npx wrangler rollback{config}")?;
                writeln!(
                    f,
                    "\nor, if the old version still gets a part of the requests, all of them:\n"
                )?;
                writeln!(f, "  npx wrangler versions deploy OLD-VERSION-ID@100{config}")?;
            }
        }
        match last {
            Some(last) => write!(f, "\nthe last round:\n{}", ProbeSummary(last)),
            None => Ok(()),
        }
    }
}

impl CanarySummary<'_> {
    /// Returns the flag that names the configuration of the packed Worker, if it can be found.
    fn config(&self) -> String {
        let folder = self.manifest.unwrap_or(Path::new("dist-worker"));
        let config = [folder, Path::new("dist-worker")]
            .map(|folder| folder.join("wrangler.jsonc"))
            .into_iter()
            .find(|config| config.is_file());
        config.map_or_else(String::new, |config| {
            format!(" --config {}", Printable(&config.to_string_lossy()))
        })
    }
}
