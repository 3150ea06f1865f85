//! Standard output, standard error and exit codes of `worker-pack build`.

use crate::support::site::Site;
use std::fs;
use std::process::{Command, Stdio};

use super::{parts, run, small_site};

#[test]
fn the_summary_lists_packed_and_left_out_files() {
    let site = small_site();
    let (code, stdout, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert_eq!(code, 0, "{stderr}");
    insta::assert_snapshot!("summary", stdout);
    insta::assert_snapshot!("diagnostics", stderr);
    assert!(site.out().join("assets.rs").exists());
}

#[test]
fn standard_output_contains_only_the_json_report() {
    let site = small_site();
    let output = run(site.project(), &["build", "--out", "out", "--format", "json"]);
    let (code, stdout, stderr) = parts(&output);
    assert_eq!(code, 0);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert!(stderr.contains("broken.css"), "{stderr}");
    insta::assert_snapshot!("json", stdout);
}

#[test]
fn failures_are_reported_in_json() {
    let site = small_site();
    let arguments = ["build", "--out", "out", "--format", "json", "--strictness", "strict"];
    let (code, stdout, _) = parts(&run(site.project(), &arguments));
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&report["version"], &report["error"]),
        (&1.into(), &"the site could not be packed: 1 error".into())
    );
    assert_eq!(report["diagnostics"][0]["file"], "broken.css");
    assert_eq!(report["diagnostics"][0]["code"], "css/syntax-error");
    fs::write(site.out(), "a file").unwrap();
    let (code, stdout, _) = parts(&run(site.project(), &arguments[..5]));
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert!(report["causes"].is_array(), "{report}");
}

#[test]
fn quiet_prints_only_errors() {
    let site = small_site();
    let output = run(site.project(), &["build", "--out", "out", "--quiet"]);
    assert_eq!(parts(&output), (0, String::new(), String::new()));
    let output = run(site.project(), &["build", "nowhere", "--out", "out", "--quiet"]);
    let (code, _, stderr) = parts(&output);
    assert_eq!(code, 1);
    assert!(stderr.starts_with("error: `nowhere` is not a folder"), "{stderr}");
}

#[test]
fn colours_are_used_on_terminals_without_no_color() {
    let site = small_site();
    let command = format!("{} build --out out", env!("CARGO_BIN_EXE_worker-pack"));
    // `script` runs the command in a new terminal.
    let in_terminal = |no_color: Option<&str>| {
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]).current_dir(site.project());
        script.env("TERM", "xterm").env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
        no_color.map(|value| script.env("NO_COLOR", value));
        let output = script.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let bold = "\u{1b}[1m";
    assert!(in_terminal(None).contains(bold));
    let plain = in_terminal(Some("1"));
    assert!(plain.contains("total") && !plain.contains(bold), "{plain:?}");
    let (_, piped, _) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert!(!piped.contains('\u{1b}'), "{piped}");
}

#[test]
fn errors_of_all_files_are_listed_with_exit_code_1() {
    let site = small_site();
    site.write("also-broken.json", "{ \"a\": }");
    let output = run(site.project(), &["build", "--out", "out", "--strictness", "strict"]);
    let (code, stdout, stderr) = parts(&output);
    assert_eq!((code, stdout.as_str()), (1, ""));
    insta::assert_snapshot!("strict", stderr);
    assert!(!site.out().exists(), "output was written");
}

#[test]
fn diagnostics_of_several_files_are_grouped_by_code_and_message() {
    let site = Site::new(&[("a.html", b"\xff"), ("b.html", b"\xff"), ("c.html", b"\xff")]);
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert_eq!(code, 0);
    let title = "warning[transform/not-utf8]: a.html and 2 others: is not UTF-8";
    assert_eq!(stderr.matches(title).count(), 1, "{stderr}");
    assert_eq!(stderr.matches("not-utf8").count(), 1, "{stderr}");
}

/// It is a file of the site, not an argument.
#[test]
fn an_invalid_assetsignore_is_named_and_exits_with_code_1() {
    let site = Site::new(&[("index.html", ""), (".assetsignore", "*.psd\n[z-a]\n{\n")]);
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains(".assetsignore` is not valid: line 2: "), "{stderr}");
    assert!(stderr.contains("; line 3: "), "{stderr}");
    assert_eq!(stderr.matches(".assetsignore").count(), 1, "{stderr}");
}
