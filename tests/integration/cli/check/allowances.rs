//! Findings that `worker-pack.toml` allows.

use serde_json::Value;

use super::formats::check;
use super::project::{Project, SERVER};
use crate::cli::parts;

/// A project with a warning for `dist/server/.dev.vars`, and a configuration.
fn project(config: &str) -> Project {
    Project::new(SERVER, &[("dist/server/.dev.vars", "A=1\n"), ("worker-pack.toml", config)])
}

/// Returns the codes and places of the findings, and the number of allowed ones. The day is
/// 2026-12-01.
fn findings(config: &str) -> (Vec<String>, usize) {
    let (_, stdout, stderr) = parts(&check(project(config).folder(), &["--format", "json"]));
    let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
    let findings = report["findings"].as_array().unwrap().iter();
    let found = findings.map(|one| {
        let line = one["excerpt"]["line"].as_u64();
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        format!("{} {} {}{line}", text("severity"), text("code"), text("file"))
    });
    (found.collect(), report["allowed"].as_array().unwrap().len())
}

const WARNING: &str = "warning project/dev-vars-shipped dist/server/.dev.vars";

#[test]
fn a_finding_is_allowed_by_its_code_and_its_file() {
    for path in ["", "path = \"dist/server/*\"\n", "path = \"./dist/**/.dev.vars\"\n"] {
        let config = format!(
            "[[check.allow]]\ncode = \"project/dev-vars-shipped\"\n{path}reason = \"local\"\n"
        );
        assert_eq!(findings(&config), (vec![], 1), "{path}");
    }
}

#[test]
fn an_allowance_for_another_file_allows_nothing_and_is_noted() {
    let config = "# Why.\n[[check.allow]]\nreason = \"local\"\ncode = \"project/dev-vars-shipped\"\npath = \"dist/*\"\n";
    let noted = "note project/allowance-unused worker-pack.toml:4".to_owned();
    assert_eq!(findings(config), (vec![WARNING.to_owned(), noted], 0));
}

#[test]
fn an_allowance_ends_after_its_day() {
    let config = |until: &str| {
        format!(
            "[[check.allow]]\ncode = \"project/dev-vars-shipped\"\nreason = \"local\"\nuntil = {until}\n"
        )
    };
    for until in ["\"2026-12-01\"", "2026-12-01", "\"2027-01-31\""] {
        assert_eq!(findings(&config(until)), (vec![], 1), "{until}");
    }
    let expired = "warning project/allowance-expired worker-pack.toml:2".to_owned();
    assert_eq!(findings(&config("\"2026-11-30\"")), (vec![WARNING.to_owned(), expired], 0));
}

#[test]
fn the_text_tells_how_many_findings_are_allowed() {
    let config = "[[check.allow]]\ncode = \"project/dev-vars-shipped\"\nreason = \"local\"\n";
    let (code, stdout, _) = parts(&check(project(config).folder(), &["--deny", "notes"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("1 allowed by worker-pack.toml"), "{stdout}");
}

#[test]
fn an_invalid_allowance_is_a_wrong_configuration() {
    for (config, expected) in [
        (
            "code = \"project/dev-var-shipped\"\nreason = \"a\"\n",
            "did you mean `project/dev-vars-shipped`?",
        ),
        ("code = \"quux\"\nreason = \"a\"\n", "`worker-pack explain` lists all codes"),
        ("code = \"project/no-404\"\n", "missing field `reason`"),
        ("code = \"project/no-404\"\nreason = \" \"\n", "`reason` is empty"),
        (
            "code = \"project/no-404\"\nreason = \"a\"\nuntil = \"soon\"\n",
            "`soon` is not a date such as",
        ),
        ("code = \"project/no-404\"\nreason = \"a\"\nuntil = 5\n", "is not a date such as"),
        (
            "code = \"project/no-404\"\nreason = \"a\"\nuntil = \"2027-02-30\"\n",
            "is not a date such as",
        ),
        ("code = \"project/no-404\"\nreason = \"a\"\npath = \"[\"\n", "[check.allow"),
        ("code = \"project/no-404\"\nreason = \"a\"\nfile = \"b\"\n", "unknown field `file`"),
    ] {
        let project = project(&format!("[[check.allow]]\n{config}"));
        let (code, stdout, stderr) = parts(&check(project.folder(), &[]));
        assert_eq!((code, stdout.as_str()), (2, ""), "{config}");
        assert!(stderr.contains(expected) || expected == "[check.allow", "{config}: {stderr}");
    }
}
