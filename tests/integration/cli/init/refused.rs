//! Projects that are not changed, with the reason.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::cli::{parts, run};
use crate::support::project::{Project, package};
use crate::support::site::program;

const CONFIG: &str = "export default {};\n";

fn project() -> Project {
    Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", CONFIG),
        ("wrangler.jsonc", "{ \"name\": \"a\" }\n"),
        (".gitignore", "dist\n"),
    ])
}

/// Runs the command with `--write`, which must change nothing, and returns its exit code and error.
fn refused(project: &Project, arguments: &[&str]) -> (i32, String) {
    let before = project.contents();
    let arguments = [&["init", "--write"], arguments].concat();
    let (code, stdout, stderr) = parts(&run(project.folder(), &arguments));
    assert_eq!(stdout, "");
    assert_eq!(project.contents(), before);
    (code, stderr)
}

#[test]
fn invalid_files_stop_it_before_anything_is_written() {
    for (name, text, reason) in [
        ("package.json", "", "`package.json` is not valid: EOF"),
        ("package.json", "[]", "its top level is not an object"),
        (
            "package.json",
            r#"{ "dependencies": { "astro": "7" }, "scripts": [] }"#,
            "`scripts` is not an object",
        ),
        ("package.json", "{ \"dependencies\": // astro\n {} }", "`package.json` is not valid"),
        (
            "astro.config.mjs",
            "export default {\n  output: ,\n};\n",
            "`astro.config.mjs` is not valid: line 2",
        ),
        ("wrangler.jsonc", "", "`wrangler.jsonc` is not valid"),
        ("wrangler.jsonc", "{ \"name\": }", "`wrangler.jsonc` is not valid"),
        ("wrangler.jsonc", "[1]", "its top level is not an object"),
        ("wrangler.toml", "name = \n", "`wrangler.toml` is not valid"),
    ] {
        let project = project();
        project.write(name, text);
        if name == "wrangler.toml" {
            fs::remove_file(project.folder().join("wrangler.jsonc")).unwrap();
        }
        let (code, stderr) = refused(&project, &[]);
        assert_eq!(code, 1, "{name}: {text}");
        assert!(stderr.contains(reason), "{reason} in {stderr}");
    }
}

#[test]
fn settings_of_another_kind_stop_it() {
    for (text, reason) in [
        (r#"{ "compatibility_flags": "nodejs_compat" }"#, "`compatibility_flags` is not a list"),
        (r#"{ "kv_namespaces": {} }"#, "`kv_namespaces` is not a list"),
        (r#"{ "vars": [] }"#, "`vars` is not an object"),
    ] {
        let project = project();
        project.write("astro.config.mjs", "export default { output: 'server' };\n");
        project.write("src/pages/a.ts", "export const GET = (context) => context.session;");
        project.write("wrangler.jsonc", text);
        let (code, stderr) = refused(&project, &["--var", "A=b"]);
        assert_eq!(code, 1);
        assert!(stderr.contains(reason), "{reason} in {stderr}");
    }
}

#[test]
fn read_only_files_and_links_out_of_the_project_stop_it() {
    for name in ["package.json", "astro.config.mjs", "wrangler.jsonc", ".gitignore"] {
        let project = project();
        let path = project.folder().join(name);
        fs::set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
        let (code, stderr) = refused(&project, &[]);
        assert_eq!(code, 1);
        assert!(stderr.contains(&format!("cannot change `{name}`: it is read-only")), "{stderr}");
        let outside = Project::new(&[("file", fs::read(&path).unwrap())]);
        fs::remove_file(&path).unwrap();
        symlink(outside.folder().join("file"), &path).unwrap();
        let (code, stderr) = refused(&project, &[]);
        assert_eq!(code, 1);
        assert!(stderr.contains("is a link that leads out of the project"), "{stderr}");
    }
}

#[test]
fn a_link_within_the_project_is_followed() {
    let project = project();
    fs::create_dir(project.folder().join("config")).unwrap();
    let path = project.folder().join("astro.config.mjs");
    fs::rename(&path, project.folder().join("config/astro.mjs")).unwrap();
    symlink("config/astro.mjs", &path).unwrap();
    super::written(&project, &[]);
    assert!(path.is_symlink());
    assert!(project.read("config/astro.mjs").contains("workerPack()"));
}

#[test]
fn folders_that_are_not_projects_are_refused() {
    let empty = Project::new::<&str>(&[]);
    let (code, stderr) = refused(&empty, &[]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("has no `package.json`") && stderr.contains("npm create astro"),
        "{stderr}"
    );
    let (code, stderr) = refused(&empty, &["missing"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`missing` is not a folder"), "{stderr}");
    let other = Project::new(&[("package.json", r#"{ "name": "a" }"#)]);
    let (code, stderr) = refused(&other, &[]);
    assert_eq!(code, 2);
    assert!(stderr.contains("is not an Astro project"), "{stderr}");
    let repository = Project::new(&[
        ("package.json", r#"{ "workspaces": ["sites/*"], "devDependencies": { "astro": "7" } }"#),
        ("sites/a/astro.config.mjs", CONFIG),
    ]);
    let (code, stderr) = refused(&repository, &[]);
    assert_eq!(code, 2);
    assert!(stderr.contains("has neither `astro.config.*` nor `src/pages`"), "{stderr}");
}

#[test]
fn invalid_answers_are_refused() {
    let project = project();
    for (arguments, reason) in [
        (["--name", "My Site"], "`My Site` is not a name of a Worker"),
        (["--kv", "SESSION"], "is not a name and a value"),
        (["--kv", "my-kv=1"], "`my-kv` is not a name of a binding"),
        (["--kv", "A="], "the KV namespace `A` has no id"),
        (["--var", "=1"], "is not a name and a value"),
    ] {
        let (code, stderr) = refused(&project, &arguments);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(reason), "{reason} in {stderr}");
    }
}

#[test]
fn the_state_of_git_is_told() {
    let project = project();
    let output = |path: Option<&str>| {
        let mut command = program();
        command.arg("init").current_dir(project.folder()).env("GIT_CEILING_DIRECTORIES", "/");
        path.map(|path| command.env("PATH", path));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(output(None).contains("not in a repository"));
    // A repository that git cannot read, such as one of another user.
    fs::create_dir(project.folder().join(".git")).unwrap();
    assert!(output(None).contains("`git status` fails"));
    fs::remove_dir(project.folder().join(".git")).unwrap();
    assert!(output(Some("")).contains("`git` is not installed"));
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@a.example"]).args(arguments);
        assert!(git.current_dir(project.folder()).output().unwrap().status.success());
    };
    git(&["init", "--quiet"]);
    assert!(output(None).contains("4 files have changes that are not committed"));
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "a"]);
    assert!(!output(None).contains("warnings"));
}
