//! `.wrangler/deploy/config.json`, by which wrangler finds a configuration without `--config`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::{Value, json};
use worker_pack::cache::CacheLocation;
use worker_pack::options::{DeployConfig, Strictness, WorkerOptions};
use worker_pack::report::{Code, Severity};
use worker_pack::target::WorkerTarget;
use worker_pack::{EmittedPack, Options, Pack, Target};

use super::{bundle_with, emit, engine, errors, read, server_site};
use crate::support::site::Site;

fn packed() -> WorkerOptions {
    WorkerOptions { deploy_config: DeployConfig::Packed, ..WorkerOptions::default() }
}

/// The path of the file in the project of a site.
fn file(site: &Site) -> PathBuf {
    site.project().join(".wrangler/deploy/config.json")
}

/// Writes the file as Astro's adapter does.
fn write_as_adapter(site: &Site) {
    fs::create_dir_all(file(site).parent().unwrap()).unwrap();
    let text = r#"{"configPath":"../../dist/server/wrangler.json","auxiliaryWorkers":[]}"#;
    fs::write(file(site), text).unwrap();
}

/// Returns the severity, the message and the help of the diagnostic about the file.
fn found(packed: &EmittedPack) -> Option<(Severity, String, String)> {
    let mut all = packed.report().diagnostics.iter();
    let found = all.find(|found| found.code == Code::WorkerDeploysUnpacked)?;
    assert_eq!(found.file, ".wrangler/deploy/config.json");
    Some((found.severity, found.message.clone(), found.help.clone().unwrap()))
}

#[test]
fn a_file_that_leads_to_the_unpacked_build_is_noted_and_stays_as_it_is() {
    let site = server_site();
    assert_eq!(found(&bundle_with(&site, &WorkerOptions::default()).unwrap()), None);
    write_as_adapter(&site);
    let before = read(file(&site));
    let emitted = bundle_with(&site, &WorkerOptions::default()).unwrap();
    let (severity, message, help) = found(&emitted).unwrap();
    assert_eq!(severity, Severity::Note);
    assert!(message.contains("wrangler deploys `dist/server/wrangler.json`"), "{message}");
    assert!(help.contains("--config") && help.contains("deploy-config"), "{help}");
    assert_eq!(read(file(&site)), before);
}

#[test]
fn the_file_leads_to_the_packed_worker_if_the_user_wants_it() {
    let site = server_site();
    for _ in 0..2 {
        write_as_adapter(&site);
        assert_eq!(found(&bundle_with(&site, &packed()).unwrap()), None);
        let values: Value = serde_json::from_str(&read(file(&site))).unwrap();
        let expected = json!({"configPath": "../../out/wrangler.jsonc", "auxiliaryWorkers": []});
        assert_eq!(values, expected);
        // Neither a note nor another version, whatever the option says.
        assert_eq!(found(&bundle_with(&site, &WorkerOptions::default()).unwrap()), None);
        assert_eq!(fs::read_dir(file(&site).parent().unwrap()).unwrap().count(), 1);
    }
}

#[test]
fn a_project_without_the_file_gets_one_only_if_the_user_wants_it() {
    let site = Site::new(&[("index.html", "<p>")]);
    bundle_with(&site, &WorkerOptions::default()).unwrap();
    assert!(!file(&site).exists());
    bundle_with(&site, &packed()).unwrap();
    assert_eq!(read(file(&site)), r#"{"configPath":"../../out/wrangler.jsonc"}"#);
}

/// As in a repository of several projects.
#[test]
fn the_file_of_a_project_above_is_not_changed() {
    let outer = Site::new(&[("app/dist/index.html", "<p>")]);
    write_as_adapter(&outer);
    let text = read(file(&outer));
    let project = outer.dist().join("app");
    let (out, engine) = (project.join("out"), engine(&outer));
    let target = Target::Worker(WorkerTarget { out, engine, options: packed() });
    let pack = Pack::from_dir(project.join("dist")).cache(CacheLocation::Nowhere).target(target);
    assert_eq!(found(&pack.emit().unwrap()), None);
    assert_eq!(read(file(&outer)), text);
    let own = read(project.join(".wrangler/deploy/config.json"));
    assert_eq!(own, r#"{"configPath":"../../out/wrangler.jsonc"}"#);
}

#[test]
fn a_configuration_with_environments_is_not_led_to() {
    let site = Site::new(&[("index.html", "<p>")]);
    fs::write(
        site.project().join("wrangler.jsonc"),
        r#"{"name":"a","assets":{"directory":"dist"},"env":{"staging":{"vars":{"A":"1"}}}}"#,
    )
    .unwrap();
    let (severity, message, _) = found(&bundle_with(&site, &packed()).unwrap()).unwrap();
    assert_eq!(severity, Severity::Warning);
    assert!(message.contains("no configuration with environments"), "{message}");
    assert!(!file(&site).exists());
    let strict = Options { strictness: Strictness::Strict, ..Options::default() };
    fs::remove_dir_all(site.out()).unwrap();
    assert!(errors(emit(&site, strict, &packed())).contains("environments"));
    assert!(!site.out().exists(), "a strict pack that fails writes nothing");
}

#[test]
fn no_link_is_followed_to_write_the_file() {
    for link in [".wrangler", ".wrangler/deploy"] {
        let site = Site::new(&[("index.html", "<p>")]);
        let elsewhere = tempfile::tempdir().unwrap();
        fs::create_dir_all(site.project().join(link).parent().unwrap()).unwrap();
        symlink(elsewhere.path(), site.project().join(link)).unwrap();
        let (severity, message, _) = found(&bundle_with(&site, &packed()).unwrap()).unwrap();
        assert_eq!(severity, Severity::Warning, "{message}");
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}
