//! Diagnostics and failures as text: the problem, its place in the source, and the remedy.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use worker_pack::PackError;
use worker_pack::report::{Code, Diagnostic, Excerpt, Severity};

use crate::cli::exit::Failure;
use crate::cli::terminal::ERROR;

/// Prints diagnostics on standard error. One that applies to several files is printed once.
pub(crate) fn print_all(diagnostics: &[Diagnostic]) {
    // Errors of writing are ignored: there is no other place to report them.
    let mut stderr = anstream::stderr().lock();
    let mut by_message = BTreeMap::<(Severity, Code, &str), Vec<&Diagnostic>>::new();
    for diagnostic in diagnostics {
        if diagnostic.excerpt.is_some() {
            let _ = writeln!(stderr, "{}\n", render(diagnostic, &diagnostic.file));
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
        let _ = writeln!(stderr, "{}\n", render(first, &files));
    }
}

/// Prints the failure of a command on standard error, with the chain of its causes.
pub(crate) fn print_failure(failure: &Failure) {
    if let Failure::Pack(PackError::Files { diagnostics }) = failure {
        print_all(diagnostics);
    }
    let mut text = format!("{ERROR}error:{ERROR:#} {failure}");
    let mut cause = failure.source();
    // Some errors include their source in their own message, which is not repeated.
    while let Some(error) = cause {
        let line = error.to_string();
        if !text.contains(line.trim()) {
            let _ = write!(text, "\n  caused by: {line}");
        }
        cause = error.source();
    }
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Renders a diagnostic, with `files` as the text that names the files it applies to.
fn render(diagnostic: &Diagnostic, files: &str) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    // An excerpt is shown with the name of its file. Without one the title names the files.
    let title = match &diagnostic.excerpt {
        Some(_) => diagnostic.message.clone(),
        None => format!("{files}: {}", diagnostic.message),
    };
    let code = diagnostic.code.name();
    let mut group = Group::with_title(level.primary_title(&title).id(code));
    if let Some(excerpt) = &diagnostic.excerpt {
        group = group.element(snippet(&diagnostic.file, excerpt));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    Renderer::styled().render(&[group])
}

/// Converts an excerpt into a snippet that marks one character.
fn snippet<'d>(
    file: &'d str,
    excerpt: &'d Excerpt,
) -> Snippet<'d, annotate_snippets::Annotation<'d>> {
    let start = excerpt.text.char_indices().nth(excerpt.offset);
    let start = start.map_or(excerpt.text.len(), |(index, _)| index);
    let end = excerpt.text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    Snippet::source(excerpt.text.as_str())
        .path(file)
        .line_start(excerpt.line)
        .annotation(AnnotationKind::Primary.span(start..end))
}
