//! The plan of a migration as text: a difference for each file, and what the user has to know.

use std::fmt::{self, Display, Formatter};

use similar::{ChangeTag, TextDiff};
use worker_pack::MigrationPlan;
use worker_pack::migrate::{FileEdit, Question, Remark, RemarkKind};
use worker_pack::report::{Printable, PrintablePath};

use crate::cli::args::InitArguments;
use crate::cli::terminal::{DIM, ERROR, HEADING, SUCCESS, WARNING};

/// The lines around a change.
const CONTEXT: usize = 3;

/// The number of changed files, and a unified difference for each.
pub(crate) struct Differences<'p>(pub(crate) &'p MigrationPlan);

impl Display for Differences<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let edits = &self.0.edits;
        if edits.is_empty() {
            return writeln!(f, "nothing to change: the project is ready");
        }
        let new = edits.iter().filter(|edit| edit.before.is_none()).count();
        let parts = [("change", edits.len() - new), ("create", new)];
        let parts = parts.into_iter().filter(|(_, count)| *count > 0);
        let parts: Vec<String> = parts.map(|(verb, it)| format!("{verb} {}", files(it))).collect();
        writeln!(
            f,
            "{HEADING}init would {}{HEADING:#}; nothing is written yet",
            parts.join(" and ")
        )?;
        edits.iter().try_for_each(|edit| write_difference(f, edit))
    }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// Writes the difference of a file as `git diff` does, so that `patch` and `git apply` read it.
fn write_difference(f: &mut Formatter<'_>, edit: &FileEdit) -> fmt::Result {
    let path = PrintablePath(&edit.path);
    match edit.before {
        Some(_) => writeln!(f, "\n{HEADING}--- a/{path}{HEADING:#}")?,
        None => writeln!(f, "\n{HEADING}--- /dev/null{HEADING:#}")?,
    }
    writeln!(f, "{HEADING}+++ b/{path}{HEADING:#}")?;
    let before = edit.before.as_deref().unwrap_or_default();
    let difference = TextDiff::from_lines(before, &edit.after);
    for hunk in difference.unified_diff().context_radius(CONTEXT).iter_hunks() {
        writeln!(f, "{DIM}{}{DIM:#}", hunk.header())?;
        for change in hunk.iter_changes() {
            let line = change.value();
            let line = Line(line.strip_suffix('\n').unwrap_or(line));
            match change.tag() {
                ChangeTag::Equal => writeln!(f, " {line}")?,
                ChangeTag::Delete => writeln!(f, "{ERROR}-{line}{ERROR:#}")?,
                ChangeTag::Insert => writeln!(f, "{SUCCESS}+{line}{SUCCESS:#}")?,
            }
            if change.missing_newline() {
                writeln!(f, "{DIM}\\ No newline at end of file{DIM:#}")?;
            }
        }
    }
    Ok(())
}

/// A line of a file. Tabs and the carriage return at its end are harmless.
struct Line<'l>(&'l str);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (line, end) = match self.0.strip_suffix('\r') {
            Some(line) => (line, "\r"),
            None => (self.0, ""),
        };
        for (index, part) in line.split('\t').enumerate() {
            if index > 0 {
                f.write_str("\t")?;
            }
            Printable(part).fmt(f)?;
        }
        f.write_str(end)
    }
}

/// The files that were written.
pub(crate) struct WrittenFiles<'p>(pub(crate) &'p MigrationPlan);

impl Display for WrittenFiles<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let edits = &self.0.edits;
        if edits.is_empty() {
            return writeln!(f, "nothing to change: the project is ready");
        }
        writeln!(f, "{HEADING}{} written{HEADING:#}", files(edits.len()))?;
        for edit in edits {
            let verb = if edit.before.is_some() { "changed" } else { "created" };
            writeln!(f, "  {verb}  {}", PrintablePath(&edit.path))?;
        }
        Ok(())
    }
}

/// The remarks, the questions and the next steps, in this order.
pub(crate) struct Guide<'p> {
    pub(crate) plan: &'p MigrationPlan,
    pub(crate) arguments: &'p InitArguments,
}

impl Display for Guide<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let of_kind = |kind| self.plan.remarks.iter().filter(move |it| it.kind == kind);
        write_remarks(f, "warnings", of_kind(RemarkKind::Warning))?;
        write_remarks(f, "to do by hand", of_kind(RemarkKind::ByHand))?;
        write_questions(f, &self.plan.questions)?;
        write_remarks(f, "good to know", of_kind(RemarkKind::Changed))?;
        if self.plan.edits.is_empty() {
            return self.write_next(f);
        }
        write_remarks(f, "not carried over from Pages", of_kind(RemarkKind::NotCarried))?;
        self.write_way_back(f)?;
        self.write_next(f)
    }
}

fn write_remarks<'p>(
    f: &mut Formatter<'_>,
    title: &str,
    remarks: impl Iterator<Item = &'p Remark>,
) -> fmt::Result {
    let style = if title == "warnings" { WARNING } else { HEADING };
    for (index, remark) in remarks.enumerate() {
        if index == 0 {
            writeln!(f, "\n{style}{title}{style:#}")?;
        }
        let Remark { subject, text, lines, .. } = remark;
        write_paragraph(f, subject, text)?;
        for line in lines {
            writeln!(f, "      {}", Printable(line))?;
        }
    }
    Ok(())
}

fn write_questions(f: &mut Formatter<'_>, questions: &[Question]) -> fmt::Result {
    if questions.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{HEADING}questions{HEADING:#}, which a flag answers")?;
    for Question { subject, text, answer } in questions {
        write_paragraph(f, subject, text)?;
        writeln!(f, "      {}", Printable(answer))?;
    }
    Ok(())
}

/// Writes a text after its subject, in lines that fit a terminal. What is in backticks stays on a line.
fn write_paragraph(f: &mut Formatter<'_>, subject: &str, text: &str) -> fmt::Result {
    const WIDTH: usize = 80;
    let (subject, text) = (Printable(subject).to_string(), Printable(text).to_string());
    write!(f, "  {HEADING}{subject}{HEADING:#}:")?;
    let mut column = 3 + subject.chars().count();
    let mut in_code = false;
    let mut word = String::new();
    for part in text.split(' ') {
        let joined = in_code;
        in_code ^= part.matches('`').count() % 2 == 1;
        if joined {
            word.push(' ');
        }
        word.push_str(part);
        if in_code {
            continue;
        }
        let length = word.chars().count();
        if column + 1 + length > WIDTH {
            write!(f, "\n    {word}")?;
            column = 4 + length;
        } else {
            write!(f, " {word}")?;
            column += 1 + length;
        }
        word.clear();
    }
    writeln!(f, "{}{word}", if word.is_empty() { "" } else { " " })
}

impl Guide<'_> {
    fn write_way_back(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{HEADING}the way back{HEADING:#}")?;
        if self.plan.is_from_pages {
            let text = "it stays as it is, with its domains, until you delete it. Move a domain to the Worker last; to go back, give it to the project of Pages again";
            write_paragraph(f, "the project of Pages", text)?;
        }
        let rollback = self.plan.manager.run("rollback");
        let text = format!("`{rollback}` deploys the version before");
        write_paragraph(f, "the Worker", &text)?;
        let has_new = self.plan.edits.iter().any(|edit| edit.before.is_none());
        let text = match (self.plan.is_in_git, has_new) {
            (true, true) => "`git checkout .` takes their changes back; delete the new ones",
            (true, false) => "`git checkout .` takes their changes back",
            (false, _) => "your copy of the folder has them as they were",
        };
        write_paragraph(f, "the files", text)
    }

    fn write_next(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{HEADING}next{HEADING:#}")?;
        let step = |f: &mut Formatter<'_>, name: &str, command: &str| {
            writeln!(f, "{DIM}{name:>11}{DIM:#}  {command}")
        };
        let manager = self.plan.manager;
        if !self.plan.edits.is_empty() && !self.arguments.write {
            return step(f, "write it", &self.again());
        }
        if !self.plan.edits.is_empty() {
            step(f, "install", &manager.install())?;
        }
        let script = |wanted: &str| {
            let other = format!("{wanted}:worker");
            let mut names = self.plan.scripts.iter();
            names.find(|name| **name == wanted || **name == other).map(|name| manager.run(name))
        };
        let steps = [
            ("build", "build"),
            ("check", "check"),
            ("try it", "preview"),
            ("deploy it", "deploy"),
        ];
        for (name, wanted) in steps {
            if let Some(command) = script(wanted) {
                step(f, name, &command)?;
            }
        }
        Ok(())
    }

    /// Returns the command that writes what was shown.
    fn again(&self) -> String {
        let words = std::env::args_os().skip(1).map(|word| quoted(&word.to_string_lossy()));
        let words: Vec<String> = words.collect();
        format!("{} {} --write", self.plan.command, words.join(" "))
    }
}

/// Returns a word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:@,+".contains(c);
    let printable = Printable(word).to_string();
    if !word.is_empty() && word.chars().all(is_plain) {
        printable
    } else {
        format!("'{}'", printable.replace('\'', r"'\''"))
    }
}
