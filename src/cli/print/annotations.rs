//! The findings of an inspection as annotations of a workflow on GitHub, and as the summary of a
//! step.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use worker_pack::report::{Code, Diagnostic, Excerpt, InspectionReport, Printable, Severity};

use super::inspection::{Answer, counted};

/// Number of annotations of a kind that GitHub shows for a step. The others are dropped silently.
const SHOWN: usize = 10;

/// Maximum size of the summary of a step, in bytes. GitHub rejects a larger one as a whole.
const MAX_SUMMARY: u64 = 1024 * 1024;

/// Bytes of a summary that are kept for its last line.
const LAST_LINE: usize = 256;

/// The answer as a plain line, and an annotation for each code, the worst first.
pub(crate) struct Annotations<'r>(pub(crate) &'r InspectionReport);

impl Display for Annotations<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Answer(self.0))?;
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let rules = by_code(self.0, severity);
            for (first, count) in rules.iter().take(SHOWN) {
                Annotation { report: self.0, first, count: *count }.fmt(f)?;
            }
            let others = rules.len().saturating_sub(SHOWN);
            if others > 0 {
                let kinds = counted(others, "more rule");
                writeln!(f, "{kinds} with {}s; the summary of the step has all", name(severity))?;
            }
        }
        Ok(())
    }
}

/// Returns the first finding of each code of a severity, with the number of its findings, in the
/// order of the findings.
fn by_code(report: &InspectionReport, severity: Severity) -> Vec<(&Diagnostic, usize)> {
    let mut counts = BTreeMap::<Code, usize>::new();
    let found = || report.findings.iter().filter(|one| one.severity == severity);
    found().for_each(|one| *counts.entry(one.code).or_default() += 1);
    found().filter_map(|one| Some((one, counts.remove(&one.code)?))).collect()
}

/// A command of a workflow that makes an annotation.
struct Annotation<'r> {
    report: &'r InspectionReport,
    first: &'r Diagnostic,
    count: usize,
}

impl Display for Annotation<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Diagnostic { file, severity, code, message, help, excerpt, .. } = self.first;
        let command = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        write!(f, "::{command} file={}", Property(&self.report.in_repository(file)))?;
        if let Some(Excerpt { line, column, .. }) = excerpt {
            write!(f, ",line={line},col={column}")?;
        }
        write!(f, ",title={}::{}", Property(code.name()), Message(message))?;
        if let Some(help) = help {
            write!(f, "%0A{}", Message(help))?;
        }
        match self.count {
            1 => writeln!(f),
            count => writeln!(f, "%0A{} of this rule", counted(count, "finding")),
        }
    }
}

/// A text as the message of a command: characters that would end it are escaped, and those that a
/// terminal obeys are made visible.
struct Message<'t>(&'t str);

impl Display for Message<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        escape(self.0, &['%', '\r', '\n'], f)
    }
}

/// A text as a property of a command.
struct Property<'t>(&'t str);

impl Display for Property<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        escape(self.0, &['%', '\r', '\n', ':', ','], f)
    }
}

fn escape(text: &str, escaped: &[char], f: &mut Formatter<'_>) -> fmt::Result {
    for c in text.chars() {
        if escaped.contains(&c) {
            write!(f, "%{:02X}", u32::from(c))?;
        } else if Printable::is_active(c) {
            write!(f, "{}", Printable(c.encode_utf8(&mut [0; 4])))?;
        } else {
            write!(f, "{c}")?;
        }
    }
    Ok(())
}

/// All findings as Markdown, cut at the size that GitHub accepts.
pub(crate) struct StepSummary<'r> {
    report: &'r InspectionReport,
    /// Size of what may be written, in bytes.
    room: usize,
}

impl<'r> StepSummary<'r> {
    /// Makes a summary that is appended to what other commands of the step have written.
    pub(crate) fn new(report: &'r InspectionReport, written: u64) -> Self {
        let room = MAX_SUMMARY.saturating_sub(written);
        Self { report, room: usize::try_from(room).unwrap_or(usize::MAX) }
    }
}

impl Display for StepSummary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let InspectionReport { findings, .. } = self.report;
        let mut text = format!("### worker-pack check\n\n{}\n", Answer(self.report));
        if !findings.is_empty() {
            text += "\n| | place | finding | remedy |\n| --- | --- | --- | --- |\n";
        }
        let mut shown = 0;
        for found in findings {
            let row = row(found);
            if text.len() + row.len() + LAST_LINE > self.room {
                break;
            }
            text += &row;
            shown += 1;
        }
        if shown < findings.len() {
            let left_out = counted(findings.len() - shown, "finding");
            text.extend(["\n", &left_out, " more: a summary has at most 1 MiB\n"]);
        }
        if text.len() <= self.room { f.write_str(&text) } else { Ok(()) }
    }
}

fn row(found: &Diagnostic) -> String {
    let Diagnostic { file, severity, code, message, help, excerpt, .. } = found;
    let place = match excerpt {
        Some(Excerpt { line, column, .. }) => format!("{file}:{line}:{column}"),
        None => file.clone(),
    };
    let help = help.as_deref().unwrap_or_default();
    format!(
        "| {} `{code}` | {} | {} | {} |\n",
        name(*severity),
        cell(&place),
        cell(message),
        cell(help)
    )
}

/// Returns a text in a cell of a table, with nothing in it that Markdown or HTML would read, except
/// for code in backticks.
fn cell(text: &str) -> String {
    let text = Printable(text).to_string();
    let is_balanced = text.matches('`').count().is_multiple_of(2);
    let mut cell = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index > 0 {
            cell.push_str(if is_balanced { "`" } else { "'" });
        }
        for c in part.chars() {
            match c {
                '|' => cell.push_str("\\|"),
                _ if is_balanced && index % 2 == 1 => cell.push(c),
                '&' => cell.push_str("&amp;"),
                '<' => cell.push_str("&lt;"),
                '\\' | '*' | '_' | '[' | ']' | '~' | '#' | '@' => {
                    cell.push('\\');
                    cell.push(c);
                }
                _ => cell.push(c),
            }
        }
    }
    cell
}

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads an escaped text as GitHub does.
    fn read(text: &str) -> String {
        let mut text = text.to_owned();
        for (escaped, c) in [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]
        {
            text = text.replace(escaped, c);
        }
        text
    }

    proptest! {
        #[test]
        fn texts_stay_within_their_annotation(text in "([%:,\r\n\"a]|::|%0A|%25|::error|é|🦀){0,12}") {
            let property = Property(&text).to_string();
            prop_assert!(!property.contains([':', ',', '\r', '\n']));
            prop_assert_eq!(read(&property), text.as_str());
            let message = Message(&text).to_string();
            prop_assert!(!message.contains(['\r', '\n']));
            prop_assert_eq!(read(&message), text.as_str());
        }

        #[test]
        fn a_cell_of_the_summary_is_one_line_without_markup(text in "[`|<&*_\\[\\]\n\r#@~a\\\\]{0,12}") {
            let cell = cell(&text);
            let bare = cell.replace("\\|", "");
            prop_assert!(!bare.contains(['|', '\n', '\r']));
            prop_assert!(cell.matches('`').count().is_multiple_of(2));
        }
    }
}
