//! Diagnostics and failures as text: the problem, its place in the source, and the remedy.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use worker_pack::PackError;
use worker_pack::report::{Code, Diagnostic, Excerpt, Printable, PrintableLines, Severity};

use crate::cli::exit::Failure;
use crate::cli::print::site_weight::BudgetTable;
use crate::cli::terminal::ERROR;

/// Prints diagnostics on standard error. One that applies to several files is printed once.
pub(crate) fn print_all(diagnostics: &[Diagnostic]) {
    // Errors of writing are ignored: there is no other place to report them.
    let _ = write_all(&mut anstream::stderr().lock(), diagnostics);
}

/// Writes diagnostics. One that applies to several files is written once.
pub(crate) fn write_all(out: &mut impl Write, diagnostics: &[Diagnostic]) -> io::Result<()> {
    let mut by_message = BTreeMap::<(Severity, Code, &str), Vec<&Diagnostic>>::new();
    for diagnostic in diagnostics {
        if diagnostic.excerpt.is_some() {
            writeln!(out, "{}\n", render(diagnostic, &diagnostic.file))?;
        } else {
            let key = (diagnostic.severity, diagnostic.code, diagnostic.message.as_str());
            by_message.entry(key).or_default().push(diagnostic);
        }
    }
    for group in by_message.into_values() {
        let (first, others) = (group[0], group.len() - 1);
        let files = match others {
            0 => first.file.clone(),
            1 => format!("{} and {}", first.file, group[1].file),
            _ => format!("{} and {others} others", first.file),
        };
        writeln!(out, "{}\n", render(first, &files))?;
    }
    Ok(())
}

/// Prints the errors among diagnostics on standard error.
pub(crate) fn print_errors(diagnostics: &[Diagnostic]) {
    let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
    let errors: Vec<Diagnostic> = diagnostics.iter().filter(is_error).cloned().collect();
    print_all(&errors);
}

/// Prints the failure of a command on standard error, with the chain of its causes.
pub(crate) fn print_failure(failure: &Failure) {
    if let Failure::Pack(PackError::Files { diagnostics }) = failure {
        print_all(diagnostics);
    }
    if let Failure::Pack(PackError::OverBudget { budgets, .. }) = failure {
        let _ = writeln!(anstream::stderr().lock(), "{}", BudgetTable(budgets));
    }
    let mut text = format!("{ERROR}error:{ERROR:#} {}", PrintableLines(&failure.to_string()));
    let mut cause = failure.source();
    // Some errors include their source in their own message, which is not repeated.
    while let Some(error) = cause {
        let line = PrintableLines(&error.to_string()).to_string();
        if !text.contains(line.trim()) {
            let _ = write!(text, "\n  caused by: {line}");
        }
        cause = error.source();
    }
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Renders a diagnostic, with `files` as the text that names the files it applies to. All its texts
/// may be from files of the site.
fn render(diagnostic: &Diagnostic, files: &str) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    // An excerpt is shown with the name of its file. Without one the title names the files.
    let title = match &diagnostic.excerpt {
        Some(_) => Printable(&diagnostic.message).to_string(),
        None => format!("{}: {}", Printable(files), Printable(&diagnostic.message)),
    };
    let code = diagnostic.code.name();
    let mut group = Group::with_title(level.primary_title(&title).id(code));
    let file = Printable(&diagnostic.file).to_string();
    let line = diagnostic.excerpt.as_ref().map(Line::of);
    if let (Some(excerpt), Some(line)) = (&diagnostic.excerpt, &line) {
        group = group.element(snippet(&file, excerpt.line, line));
    }
    let help = diagnostic.help.as_ref().map(|help| Printable(help).to_string());
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help));
    }
    let text = Renderer::styled().render(&[group]);
    match &diagnostic.excerpt {
        Some(excerpt) => with_column(&text, &file, excerpt),
        None => text,
    }
}

/// Replaces the column, which the renderer counts in the part of a long line that is shown, by that in the
/// file.
fn with_column(text: &str, file: &str, excerpt: &Excerpt) -> String {
    let place = format!("{file}:{}:", excerpt.line);
    // The title may name a place too.
    let arrow = text.find("--> ").unwrap_or_default();
    let Some(start) = text[arrow..].find(&place).map(|at| arrow + at + place.len()) else {
        return text.to_owned();
    };
    let (before, after) = text.split_at(start);
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{}{after}", excerpt.column)
}

/// The printable line of an excerpt.
struct Line {
    text: String,
    /// The marked character.
    marked: Range<usize>,
}

impl Line {
    fn of(excerpt: &Excerpt) -> Self {
        // The renderer widens tabs, which need not be escaped.
        let part = |part: String| if part == "\\t" { "\t".to_owned() } else { part };
        let mut parts = Printable(&excerpt.text).parts().map(part);
        let mut text: String = parts.by_ref().take(excerpt.offset).collect();
        let start = text.len();
        text.extend(parts.next());
        let marked = start..text.len();
        text.extend(parts);
        Self { text, marked }
    }
}

/// Makes a snippet that marks one character of a line.
fn snippet<'d>(
    file: &'d str,
    number: usize,
    line: &'d Line,
) -> Snippet<'d, annotate_snippets::Annotation<'d>> {
    Snippet::source(line.text.as_str())
        .path(file)
        .line_start(number)
        .annotation(AnnotationKind::Primary.span(line.marked.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_of_a_place_in_a_long_line_is_that_in_the_file() {
        let source = format!("{}<a href=/x>", " x".repeat(300));
        let found = Diagnostic {
            file: "dist/a.html".to_owned(),
            severity: Severity::Warning,
            code: Code::PageBrokenLink,
            stage: Code::PageBrokenLink.stage(),
            message: "dist/a.html:1:7 is the beginning of this message".to_owned(),
            help: None,
            excerpt: Some(Excerpt::at(&source, 609)),
        };
        let text = anstream::adapter::strip_str(&render(&found, &found.file)).to_string();
        assert!(text.contains("--> dist/a.html:1:610\n"), "{text}");
    }
}
