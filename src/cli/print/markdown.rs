//! The difference between two sites as Markdown, for a comment on a pull request.

use std::fmt::{self, Display, Formatter};

use worker_pack::report::{DifferenceReport, Printable, RouteChange, RuleChange, Sent};

use super::summary::Size;

/// Number of rows of a table. A comment on GitHub has 65,536 characters.
const SHOWN: usize = 50;

/// The difference between two sites: a sentence, and tables in folds.
pub(crate) struct DifferenceComment<'r>(pub(crate) &'r DifferenceReport);

impl Display for DifferenceComment<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let DifferenceReport { old, new, totals, routes, rules, without_rules, .. } = self.0;
        writeln!(f, "### worker-pack\n")?;
        if self.0.is_empty() {
            return writeln!(f, "The packed site has not changed: {} files.", new.files);
        }
        writeln!(
            f,
            "A returning visitor downloads **{}**. The site is {} as sent, and was {}.\n",
            Size(totals.downloaded),
            Size(new.bytes),
            Size(old.bytes)
        )?;
        writeln!(
            f,
            "Routes: {} added, {} removed, {} renamed, {} changed, {} unchanged.",
            totals.added, totals.removed, totals.renamed, totals.changed, totals.unchanged
        )?;
        if without_rules.is_some() {
            writeln!(
                f,
                "\nRules are not compared, since an earlier worker-pack wrote a manifest."
            )?;
        }
        if !routes.is_empty() {
            let header = "| | URL | before | after | differs |\n| --- | --- | --- | --- | --- |";
            let rows: Vec<String> = routes.iter().map(route).collect();
            fold(f, "Routes", header, &rows)?;
        }
        if !rules.is_empty() {
            let header = "| | rule | before | after |\n| --- | --- | --- | --- |";
            let rows: Vec<String> = rules.iter().map(rule).collect();
            fold(f, "Rules", header, &rows)?;
        }
        Ok(())
    }
}

fn fold(f: &mut Formatter<'_>, name: &str, header: &str, rows: &[String]) -> fmt::Result {
    writeln!(f, "\n<details><summary>{name}</summary>\n\n{header}")?;
    rows.iter().take(SHOWN).try_for_each(|row| writeln!(f, "{row}"))?;
    let others = rows.len().saturating_sub(SHOWN);
    if others > 0 {
        writeln!(f, "\nand {others} more")?;
    }
    writeln!(f, "\n</details>")
}

fn route(route: &RouteChange) -> String {
    let RouteChange { change, url, old_url, old, new, fields, .. } = route;
    let size = |sent: &Option<Sent>| {
        sent.as_ref().map(|sent| Size(sent.bytes).to_string()).unwrap_or_default()
    };
    let was = old_url.as_ref().map(|old| format!(" (was {})", code(old))).unwrap_or_default();
    let differs = fields.iter().map(|field| match &*field.name {
        "content" => "content".to_owned(),
        name => format!("{name}: {} → {}", code(&field.old), code(&field.new)),
    });
    let differs: Vec<String> = differs.collect();
    let (old, new, differs) = (size(old), size(new), differs.join(", "));
    format!("| {} | {}{was} | {old} | {new} | {differs} |", change.name(), code(url))
}

fn rule(rule: &RuleChange) -> String {
    let RuleChange { change, file, subject, old, new } = rule;
    let value = |value: &Option<String>| value.as_deref().map(code).unwrap_or_default();
    let subject = code(&format!("{file}: {subject}"));
    format!("| {} | {subject} | {} | {} |", change.name(), value(old), value(new))
}

/// Returns a text as code in a cell of a table, with nothing in it that Markdown or HTML would read.
fn code(text: &str) -> String {
    let text = Printable(text).to_string();
    // A cell ends at a bar even within code, and code at a backtick.
    format!("`{}`", text.replace('|', "\\|").replace('`', "'"))
}
