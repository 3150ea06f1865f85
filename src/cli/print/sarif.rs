//! The findings of an inspection in SARIF 2.1.0, as GitHub's code scanning reads it.
//!
//! Paths are relative to the root of the repository. A file of the build is not a part of it, so
//! its findings are shown at the project's configuration, and name the file in their text.

use std::collections::BTreeMap;

use serde_json::json;
use serde_sarif::sarif::{
    ArtifactLocation, Location, Message, MultiformatMessageString, PhysicalLocation, PropertyBag,
    Region, ReportingConfiguration, ReportingDescriptor, Result as Finding, ResultLevel, Run,
    Sarif, Tool, ToolComponent,
};
use worker_pack::report::{Code, Diagnostic, InspectionReport, Printable, Severity};
use worker_pack::table::ContentHash;

use crate::cli::entry::Entry;

/// The address of the schema of the format.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The name that GitHub gives the root of a repository.
const ROOT: &str = "%SRCROOT%";

/// The fingerprint by which GitHub recognises a finding whose line has moved.
const FINGERPRINT: &str = "primaryLocationLineHash";

/// Number of characters of a fingerprint's hash.
const HASH_LEN: usize = 16;

/// A log in SARIF.
pub(crate) struct Log {
    pub(crate) sarif: Sarif,
    /// Number of findings that it does not contain.
    pub(crate) left_out: usize,
}

impl Log {
    /// Number of results of a run that GitHub accepts.
    pub(crate) const MAX_RESULTS: usize = 25_000;

    /// Makes a log of the findings, the worst of which come first.
    pub(crate) fn of(report: &InspectionReport) -> Self {
        let findings = &report.findings;
        let shown = &findings[..findings.len().min(Self::MAX_RESULTS)];
        let mut rules = BTreeMap::<Code, Severity>::new();
        for found in shown {
            let worst = rules.entry(found.code).or_insert(found.severity);
            *worst = (*worst).min(found.severity);
        }
        let codes: Vec<Code> = rules.keys().copied().collect();
        let index = |code: Code| codes.iter().position(|one| *one == code).unwrap_or_default();
        let mut prints = Fingerprints::default();
        let results: Vec<Finding> = shown
            .iter()
            .map(|found| result(report, found, index(found.code), prints.of(found)))
            .collect();
        let rules: Vec<ReportingDescriptor> =
            rules.into_iter().map(|(code, severity)| rule(code, severity)).collect();
        let driver = ToolComponent::builder()
            .name("worker-pack")
            .semantic_version(env!("CARGO_PKG_VERSION"))
            .rules(rules)
            .build();
        let run = Run::builder()
            .tool(Tool::builder().driver(driver).build())
            .column_kind(json!("unicodeCodePoints"))
            .results(results)
            .build();
        let sarif = Sarif::builder().schema(SCHEMA).version(json!("2.1.0")).runs(vec![run]).build();
        Self { sarif, left_out: findings.len() - shown.len() }
    }
}

/// Describes a rule by its entry in `docs/diagnostics.md`.
fn rule(code: Code, severity: Severity) -> ReportingDescriptor {
    let entry = Entry::of(code);
    let sentence = plain(&entry.first_sentence());
    let text = |text: &str| MultiformatMessageString::builder().text(text).build();
    let help = MultiformatMessageString::builder()
        .text(plain(entry.body()))
        .markdown(entry.body())
        .build();
    ReportingDescriptor::builder()
        .id(code.name())
        .name(code.name())
        .short_description(text(&sentence))
        .full_description(text(&sentence))
        .help(help)
        .default_configuration(
            ReportingConfiguration::builder().level(json!(level(severity))).build(),
        )
        .properties(PropertyBag::builder().tags(vec![code.group().name().to_owned()]).build())
        .build()
}

/// Describes a finding.
fn result(
    report: &InspectionReport,
    found: &Diagnostic,
    rule: usize,
    fingerprint: String,
) -> Finding {
    let help = found.help.as_ref().map(|help| format!("\n{}", Printable(help)));
    let mut text = format!("{}{}", Printable(&found.message), help.unwrap_or_default());
    let is_in_build = report.is_in_build(&found.file);
    let (file, line, column) = match (&found.excerpt, &report.configuration) {
        (place, Some(configuration)) if is_in_build => {
            let at = place.as_ref().map(|it| format!(":{}:{}", it.line, it.column));
            text = format!("{}{}: {text}", Printable(&found.file), at.unwrap_or_default());
            (configuration, 1, None)
        }
        (Some(excerpt), _) => (&found.file, excerpt.line, Some(excerpt.column)),
        (None, _) => (&found.file, 1, None),
    };
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let region = Region { start_column: column.map(number), ..line_region(number(line)) };
    let artifact =
        ArtifactLocation::builder().uri(uri(&report.in_repository(file))).uri_base_id(ROOT).build();
    let physical = PhysicalLocation::builder().artifact_location(artifact).region(region).build();
    Finding::builder()
        .rule_id(found.code.name())
        .rule_index(number(rule))
        .level(level(found.severity))
        .message(Message::builder().text(text).build())
        .locations(vec![Location::builder().physical_location(physical).build()])
        .partial_fingerprints(BTreeMap::from([(FINGERPRINT.to_owned(), fingerprint)]))
        .build()
}

fn line_region(line: i64) -> Region {
    Region::builder().start_line(line).build()
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Error => ResultLevel::Error,
        Severity::Warning => ResultLevel::Warning,
        Severity::Note => ResultLevel::Note,
    }
}

/// Returns Markdown as plain text: without backticks and emphasis.
fn plain(markdown: &str) -> String {
    markdown.replace("**", "").replace('`', "")
}

/// Returns a path as a URI reference: RFC 3986 §4.2.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/@!$&'()*+,;=".contains(&byte);
    let escaped = |byte: u8| {
        if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    path.bytes().map(escaped).collect()
}

/// The fingerprints of findings. They depend on the text of a line and not on its number.
#[derive(Default)]
struct Fingerprints {
    /// Number of findings with the same hash so far.
    counts: BTreeMap<String, usize>,
}

impl Fingerprints {
    fn of(&mut self, found: &Diagnostic) -> String {
        let line = match &found.excerpt {
            Some(excerpt) => excerpt.text.trim(),
            None => found.message.as_str(),
        };
        let text = format!("{}\n{}\n{line}", found.code, found.file);
        let hash: String =
            ContentHash::of(text.as_bytes()).to_string().chars().take(HASH_LEN).collect();
        let count = self.counts.entry(hash.clone()).or_default();
        *count += 1;
        format!("{hash}:{count}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_findings_than_github_accepts_are_cut_and_counted() {
        let found = Diagnostic {
            file: "dist/a b/é.html".to_owned(),
            severity: Severity::Note,
            code: Code::ProjectNo404,
            stage: Code::ProjectNo404.stage(),
            message: "a message".to_owned(),
            help: None,
            excerpt: None,
        };
        let report = InspectionReport {
            version: InspectionReport::VERSION,
            project: String::new(),
            rules: 1,
            files: 1,
            dist: "dist".to_owned(),
            configuration: None,
            findings: vec![found; Log::MAX_RESULTS + 1],
            allowed: Vec::new(),
        };
        let log = Log::of(&report);
        assert_eq!(log.left_out, 1);
        let log = serde_json::to_value(&log.sarif).expect("it is JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        assert_eq!(results.len(), Log::MAX_RESULTS);
        let place = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(place, "dist/a%20b/%C3%A9.html");
        let print = |index: usize| results[index]["partialFingerprints"].to_string();
        assert_ne!(print(0), print(1), "equal findings are told apart");
    }
}
