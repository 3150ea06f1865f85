//! Projects that lack what most have, and files that cannot be read.

use std::fs;
use std::os::unix::fs::symlink;

use worker_pack::report::Code;

use super::formats::check;
use super::project::{PAGE, Project, SCHEMA, SERVER, STATIC};
use crate::cli::parts;

/// Returns the codes of a project's findings.
fn codes(project: &Project) -> Vec<Code> {
    project.findings().iter().map(|one| one.code).collect()
}

#[test]
fn without_a_build_the_project_is_checked_and_the_next_step_is_told() {
    let project = Project::new(SERVER, &[("wrangler.jsonc", "{ \"nmae\": \"tide\" }")]);
    project.remove("dist");
    assert_eq!(codes(&project), [Code::ProjectNotBuilt, Code::ProjectConfigSchema]);
    let (code, stdout, _) = parts(&check(project.folder(), &[]));
    assert_eq!(code, 1);
    assert!(stdout.contains("run `astro build` first"), "{stdout}");
}

#[test]
fn an_empty_build_is_a_finding() {
    let project = Project::new(&[("package.json", "{}")], &[]);
    fs::create_dir(project.folder().join("dist")).unwrap();
    assert_eq!(codes(&project), [Code::ProjectNotBuilt]);
}

#[test]
fn neither_package_json_nor_a_configuration_nor_git_is_needed() {
    let project = Project::new(&[("dist/index.html", PAGE), ("dist/404.html", PAGE)], &[]);
    assert_eq!(codes(&project), []);
    let (code, stdout, stderr) = parts(&check(project.folder(), &["--format", "sarif"]));
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
}

#[test]
fn one_invalid_configuration_is_one_finding_and_the_other_rules_still_run() {
    for (name, text) in [
        ("wrangler.jsonc", "{ \"name\": "),
        ("wrangler.jsonc", ""),
        ("wrangler.jsonc", "[]"),
        ("wrangler.json", "{ 'name': 'tide' }"),
        ("wrangler.toml", "name = \"tide\n[vars"),
        ("wrangler.toml", "name = 1\nname = 2\n"),
        ("package.json", "{ \"name\": \"tide\", }"),
        ("package.json", ""),
        ("package.json", "null"),
    ] {
        let project = Project::new(STATIC, &[(name, text)]);
        project.remove("dist/404.html");
        project.write("dist/about/index.html", PAGE);
        let found = project.findings();
        let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
        assert_eq!(
            codes,
            [Code::ProjectInvalidConfig, Code::ProjectNo404],
            "{name}: {text}: {found:#?}"
        );
        assert_eq!(found[0].file, name);
        assert!(found[0].excerpt.is_some(), "{name}: {text}");
    }
}

#[test]
fn a_configuration_that_cannot_be_read_is_a_finding() {
    let utf_16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let project = Project::new(STATIC, &[]);
    project.write("wrangler.jsonc", utf_16);
    assert_eq!(codes(&project), [Code::ProjectInvalidConfig]);
    let project = Project::new(STATIC, &[]);
    symlink("missing.jsonc", project.folder().join("wrangler.jsonc")).unwrap();
    project.check();
    let project = Project::new(STATIC, &[]);
    fs::create_dir(project.folder().join("wrangler.toml")).unwrap();
    assert_eq!(codes(&project), [Code::ProjectInvalidConfig]);
}

#[test]
fn values_of_wrong_types_are_findings_and_no_failures() {
    for (name, text) in [
        ("package.json", r#"{ "scripts": [1], "dependencies": "astro", "devDependencies": null }"#),
        ("package.json", r#"{ "scripts": { "deploy": 1 }, "dependencies": { "wrangler": 4 } }"#),
        (
            "wrangler.jsonc",
            r#"{ "env": [], "vars": 1, "kv_namespaces": {}, "compatibility_flags": "a", "compatibility_date": 2026, "durable_objects": [], "queues": 1 }"#,
        ),
        ("wrangler.jsonc", r#"{ "env": { "a": null, "b": 1 }, "kv_namespaces": [1, null, {}] }"#),
        ("wrangler.toml", "compatibility_date = 2026-06-01\n[env]\nstaging = 1\n"),
        ("astro.config.mjs", "export default {"),
        ("astro.config.mjs", ""),
    ] {
        for schema in ["{}", SCHEMA, "[]", "not JSON", r#"{ "$ref": "https://x.example/y" }"#] {
            let project = Project::new(STATIC, &[(name, text)]);
            project.write("node_modules/wrangler/package.json", r#"{ "version": "4.164.0" }"#);
            project.write("node_modules/wrangler/config-schema.json", schema);
            project.check();
        }
    }
}

#[test]
fn places_are_exact_with_line_ends_of_windows_and_a_byte_order_mark() {
    let text = "\u{feff}{\r\n  // x\r\n  \"name\": \"tide\", \"nmae\": 1\r\n}\r\n";
    let found = Project::new(SERVER, &[("wrangler.jsonc", text)]).findings();
    let place = found[0].excerpt.as_ref().unwrap();
    assert_eq!((place.line, place.column), (3, 19), "{found:?}");
    let text = "name = 'tide'\r\n\r\n[[kv_namespaces]]\r\nbinding = 'A'\r\nid = '1'\r\n\r\n[[kv_namespaces]]\r\nbinding = 'B'\r\nidd = '2' # x\r\n";
    let project = Project::new(SERVER, &[("wrangler.toml", text)]);
    project.remove("wrangler.jsonc");
    let found = project.findings();
    let place = found[0].excerpt.as_ref().unwrap();
    assert_eq!((found[0].code, place.line, place.column), (Code::ProjectConfigSchema, 9, 1));
    assert_eq!(found[0].file, "wrangler.toml");
}

#[test]
fn a_configuration_is_compared_in_each_environment() {
    let text = r#"{ "env": { "staging": { "kv_namespaces": [{ "bindng": "A" }] } },
  "placement": { "mode": "smrt" },
  "limits": { "cpu_ms": "50" } }"#;
    let found = Project::new(SERVER, &[("wrangler.jsonc", text)]).findings();
    let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    let expected = [
        "`env.staging.kv_namespaces[0]` lacks `binding`",
        "`env.staging.kv_namespaces[0].bindng` is not a setting of wrangler 4.164.0; did you mean `binding`?",
        "`placement.mode` has to be one of `\"off\"`, `\"smart\"`",
        "`limits.cpu_ms` has to be a number",
    ];
    assert_eq!(messages, expected);
}

#[test]
fn wrong_arguments_are_usage_errors() {
    let project = Project::new(STATIC, &[]);
    for arguments in [
        &["--format", "xml"][..],
        &["--deny", "everything"],
        &["--deny", "warnings", "--strictness", "strict"],
        &["--config", "missing.toml"],
        &["dist", "other"],
    ] {
        let (code, stdout, _) = parts(&check(project.folder(), arguments));
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
    }
}

#[test]
fn the_folder_of_the_build_can_be_named_from_anywhere() {
    let project = Project::new(SERVER, &[("dist/server/.dev.vars", "A=1\n")]);
    for (folder, dist) in
        [("", "dist"), ("", "./dist/"), ("dist", "."), ("dist/client", "../../dist")]
    {
        let (code, stdout, stderr) =
            parts(&check(&project.folder().join(folder), &[dist, "--format", "github"]));
        assert_eq!(code, 0, "{stderr}");
        assert!(stdout.contains("file=dist/server/.dev.vars,"), "{folder} {dist}: {stdout}");
    }
}

#[test]
fn what_packing_reports_is_among_the_findings_and_named_in_the_project() {
    let project = Project::new(
        STATIC,
        &[
            ("public/_redirects", "/a /b\n/b /a\n"),
            ("dist/_redirects", "/a /b\n/b /a\n"),
            ("dist/Readme.txt", "1"),
            ("dist/readme.txt", "2"),
            ("dist/_headers", "/*\n  Content-Length: 1\n"),
            ("public/_headers", "/*\n  Content-Length: 2\n"),
        ],
    );
    fs::File::create(project.folder().join("dist/film.mp4")).unwrap().set_len(26 << 20).unwrap();
    let found = project.findings();
    let found: Vec<(Code, &str)> = found.iter().map(|one| (one.code, one.file.as_str())).collect();
    for expected in [
        (Code::RulesRedirectLoop, "public/_redirects"),
        (Code::RulesReservedHeader, "dist/_headers"),
        (Code::IngestLargeFile, "dist/film.mp4"),
    ] {
        assert!(found.contains(&expected), "{expected:?}: {found:?}");
    }
    assert!(found.iter().any(|(code, _)| *code == Code::IngestNamesDifferInCase), "{found:?}");
}

#[test]
fn a_build_behind_a_link_is_checked_where_the_link_is() {
    let project = Project::new(SERVER, &[("dist/server/.dev.vars", "A=1\n")]);
    fs::rename(project.folder().join("dist"), project.folder().join("out-1")).unwrap();
    symlink("out-1", project.folder().join("dist")).unwrap();
    let found = project.findings();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].file, "dist/server/.dev.vars");
}

#[test]
fn the_configuration_that_the_adapter_is_told_to_read_is_checked() {
    let astro = "import cloudflare from '@astrojs/cloudflare';\n\
        export default { adapter: cloudflare({ configPath: './deploy/wrangler.jsonc' }) };\n";
    let project = Project::new(
        SERVER,
        &[("astro.config.mjs", astro), ("deploy/wrangler.jsonc", "{ \"nmae\": \"tide\" }")],
    );
    project.remove("wrangler.jsonc");
    let found = project.findings();
    let found: Vec<(Code, &str)> = found.iter().map(|one| (one.code, one.file.as_str())).collect();
    assert_eq!(found, [(Code::ProjectConfigSchema, "deploy/wrangler.jsonc")]);
}
