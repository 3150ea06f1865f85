//! The formats of `check`: text, JSON, SARIF, and annotations on GitHub.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use super::project::{Project, SERVER};
use crate::cli::parts;
use crate::support::site::program;

/// A project with findings of all severities, in a folder of a repository.
pub(super) fn faulty() -> Project {
    Project::new(
        SERVER,
        &[
            (
                "wrangler.jsonc",
                "{\n  \"name\": \"tide\",\n  \"nmae\": 1, // both names\n  \"kv_namespaces\": [{ \"binding\": \"A\" }, { \"bindng\": \"B\" }],\n  \"env\": { \"staging\": { \"name\": \"tide-staging\" } }\n}\n",
            ),
            (
                "package.json",
                "{\n  \"scripts\": { \"canary\": \"wrangler versions deploy a@5% b@95%\" },\n  \"dependencies\": { \"@astrojs/cloudflare\": \"^14.3.3\", \"wrangler\": \"^4.164.0\" }\n}\n",
            ),
            ("dist/server/.dev.vars", "A=1\n"),
        ],
    )
}

/// Runs the command in a folder.
pub(super) fn check(folder: &Path, arguments: &[&str]) -> Output {
    program()
        .args(["check", "--cache-dir", "none", "--start", "never"])
        .args(arguments)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .env_remove("GITHUB_STEP_SUMMARY")
        .env("SOURCE_DATE_EPOCH", "1796083200")
        .output()
        .unwrap()
}

fn sarif(project: &Project) -> Value {
    let (_, stdout, _) = parts(&check(project.folder(), &["--format", "sarif"]));
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn the_answer_comes_first_then_the_worst_finding_and_last_the_next_step() {
    let (code, stdout, stderr) = parts(&check(faulty().folder(), &[]));
    assert_eq!(code, 1, "{stderr}");
    insta::assert_snapshot!("check_text", format!("{stdout}-- standard error --\n{stderr}"));
}

#[test]
fn help_of_check_lists_its_options() {
    let (code, stdout, _) = parts(&check(Path::new("."), &["--help"]));
    assert_eq!(code, 0);
    insta::assert_snapshot!("help_check", stdout);
}

#[test]
fn a_project_without_findings_says_so() {
    let (code, stdout, stderr) = parts(&check(Project::new(SERVER, &[]).folder(), &[]));
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.starts_with("nothing found: 2 files, "), "{stdout}");
    assert_eq!(stdout.lines().count(), 1);
}

#[test]
fn only_errors_are_printed_in_quiet() {
    let (code, stdout, _) = parts(&check(faulty().folder(), &["--quiet"]));
    assert_eq!(code, 1);
    assert!(stdout.starts_with("error["), "{stdout}");
    assert!(!stdout.contains("warning[") && !stdout.contains("note["), "{stdout}");
}

#[test]
fn json_has_all_findings_with_their_places() {
    let (code, stdout, _) = parts(&check(faulty().folder(), &["--format", "json"]));
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["dist"], "dist");
    let findings = report["findings"].as_array().unwrap();
    let first = &findings[0];
    assert_eq!((&first["severity"], &first["stage"]), (&"error".into(), &"inspect".into()));
    assert!(first["excerpt"]["line"].as_u64() >= Some(1), "{first}");
    let severities: Vec<&str> =
        findings.iter().map(|one| one["severity"].as_str().unwrap()).collect();
    let rank = |name: &&str| ["error", "warning", "note"].iter().position(|one| one == name);
    assert!(severities.is_sorted_by_key(rank), "{severities:?}");
}

#[test]
fn sarif_has_what_code_scanning_requires() {
    let project = faulty();
    let log = sarif(&project);
    assert_eq!(log["version"], "2.1.0");
    let _: serde_sarif::sarif::Sarif = serde_json::from_value(log.clone()).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().unwrap().len() > 10, "{rule}");
        }
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("**Remedy.**"));
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        assert!(["error", "warning", "note"].contains(&level));
    }
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        // A file of the build is not a part of the repository.
        assert!(!uri.starts_with('/') && !uri.starts_with("dist"), "{uri}");
        assert!(place["region"]["startLine"].as_u64() >= Some(1));
        assert!(result["message"]["text"].as_str().is_some());
    }
    let prints: Vec<&Value> = results
        .iter()
        .map(|result| &result["partialFingerprints"]["primaryLocationLineHash"])
        .collect();
    let unique: std::collections::BTreeSet<String> =
        prints.iter().map(ToString::to_string).collect();
    assert_eq!(unique.len(), prints.len(), "{prints:?}");
}

#[test]
fn paths_in_sarif_are_relative_to_the_repository() {
    let project = faulty();
    let outer = tempfile::tempdir().unwrap();
    fs::create_dir(outer.path().join(".git")).unwrap();
    let inner = outer.path().join("apps/my site");
    fs::create_dir_all(inner.parent().unwrap()).unwrap();
    fs::rename(project.folder(), &inner).unwrap();
    let (_, stdout, _) = parts(&check(&inner, &["--format", "sarif"]));
    let log: Value = serde_json::from_str(&stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    for result in results {
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert!(uri.as_str().unwrap().starts_with("apps/my%20site/"), "{uri}");
    }
    let (_, stdout, _) = parts(&check(&inner, &["--format", "github"]));
    assert!(stdout.contains("::error file=apps/my site/wrangler.jsonc,line="), "{stdout}");
    fs::rename(&inner, project.folder()).unwrap();
}

/// A repository with several projects has its workflows at its root, and those of neighbours are no concern.
#[test]
fn workflows_of_a_repository_with_several_projects_are_named_from_its_root() {
    let outer = Project::new(&[], &[]);
    fs::create_dir(outer.folder().join(".git")).unwrap();
    for (name, text) in SERVER {
        outer.write(&format!("apps/site/{name}"), text);
    }
    let inner = outer.folder().join("apps/site");
    let workflow = ".github/workflows/deploy.yml";
    let steps = "jobs:\n  a:\n    steps:\n      - run: npx wrangler deploy --env staging\n        working-directory: ";
    outer.write(workflow, format!("{steps}apps/other\n"));
    let (_, stdout, _) = parts(&check(&inner, &["--format", "github"]));
    assert!(!stdout.contains("deploy.yml"), "{stdout}");
    outer.write(workflow, format!("{steps}apps/site\n"));
    let (_, stdout, _) = parts(&check(&inner, &["--format", "github"]));
    assert!(stdout.contains("::error file=.github/workflows/deploy.yml,line=4,col=9,"), "{stdout}");
    let (_, stdout, _) = parts(&check(&inner, &["--format", "sarif"]));
    assert!(stdout.contains("\"uri\": \".github/workflows/deploy.yml\""), "{stdout}");
    let (_, stdout, _) = parts(&check(&inner, &[]));
    assert!(stdout.contains("--> ../../.github/workflows/deploy.yml:4:9"), "{stdout}");
}

#[test]
fn fingerprints_stay_the_same_when_lines_move() {
    let project = faulty();
    let prints = |log: &Value| -> Vec<String> {
        let results = log["runs"][0]["results"].as_array().unwrap().iter();
        let mut all: Vec<String> =
            results.map(|one| one["partialFingerprints"].to_string()).collect();
        all.sort();
        all
    };
    let before = sarif(&project);
    let path = project.folder().join("wrangler.jsonc");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("// One line more.\r\n\n{}", text.replace('\n', "\r\n"))).unwrap();
    let after = sarif(&project);
    assert_eq!(prints(&before), prints(&after));
    assert_ne!(before["runs"][0]["results"], after["runs"][0]["results"]);
}

#[test]
fn annotations_are_one_for_each_rule_the_worst_first() {
    let (code, stdout, _) = parts(&check(faulty().folder(), &["--format", "github"]));
    assert_eq!(code, 1);
    insta::assert_snapshot!("check_github", stdout);
}

/// Checks a project in a step of a workflow, and returns its summary, which begins with a text.
fn summary_of_step(project: &Project, earlier: &str) -> String {
    let summary = project.folder().join("summary.md");
    fs::write(&summary, earlier).unwrap();
    let output = program()
        .args(["check", "--cache-dir", "none", "--start", "never", "--format", "github"])
        .current_dir(project.folder())
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    fs::read_to_string(&summary).unwrap()
}

#[test]
fn the_summary_of_a_step_is_appended_and_has_all_findings() {
    let project = faulty();
    let text = summary_of_step(&project, "Earlier.\n");
    assert!(text.starts_with("Earlier.\n### worker-pack check\n"), "{text}");
    let rows = text.lines().filter(|line| line.starts_with("| ")).count();
    // The heading is one of them, and its rule another.
    let findings = project.findings().len();
    assert_eq!(rows, findings + 2, "{text}");
}

#[test]
fn a_summary_that_is_full_gets_no_more() {
    let project = faulty();
    let text = summary_of_step(&project, &"x".repeat((1 << 20) - 700));
    assert!(
        text.len() <= 1 << 20 && text.ends_with("a summary has at most 1 MiB\n"),
        "{}",
        text.len()
    );
}

#[test]
fn warnings_and_notes_can_be_denied() {
    let project = Project::new(SERVER, &[("dist/server/.dev.vars", "A=1\n")]);
    let exit = |arguments: &[&str]| parts(&check(project.folder(), arguments)).0;
    assert_eq!(exit(&[]), 0);
    assert_eq!(exit(&["--deny", "errors"]), 0);
    assert_eq!(exit(&["--deny", "warnings"]), 1);
    assert_eq!(exit(&["--strictness", "strict"]), 1);
    project.write("worker-pack.toml", "[check]\ndeny = \"warnings\"\n");
    assert_eq!(exit(&[]), 1);
    assert_eq!(exit(&["--strictness", "lenient"]), 0);
    project.write("worker-pack.toml", "[pack]\nstrictness = \"strict\"\n");
    assert_eq!(exit(&[]), 1);
    project.remove("worker-pack.toml");
    project.remove("dist/server/.dev.vars");
    project.remove("dist/client/404.html");
    project.write(
        "package.json",
        "{ \"scripts\": { \"c\": \"wrangler versions deploy a@5% b@95%\" } }",
    );
    assert_eq!(exit(&["--deny", "warnings"]), 0);
    assert_eq!(exit(&["--deny", "notes"]), 1);
}
