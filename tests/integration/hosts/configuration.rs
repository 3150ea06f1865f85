//! Configurations of packed Workers, as wrangler understands them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jsonc_parser::{ParseOptions, parse_to_serde_value};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::packed_site::{ENGINE, SERVERS, last_line};
use crate::support::site::{Site, files_below, program};
use crate::support::xtask;

/// Packs the site of a project into `out`, and returns the configuration there.
pub(super) fn packed(site: &Site, out: &str) -> PathBuf {
    let mut command = program();
    command.args(["build", "--quiet", "dist", "--target", "worker", "--engine"]).arg(&*ENGINE);
    let output = command.args(["--out", out]).current_dir(site.project()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    site.project().join(out).join("wrangler.jsonc")
}

/// Copies a build of an example into a project with a configuration.
fn example(dist: &Path, config: &Value) -> Site {
    let site = Site::new::<&str>(&[]);
    for file in files_below(dist) {
        site.write(file.to_str().unwrap(), fs::read(dist.join(&file)).unwrap());
    }
    fs::write(site.project().join("wrangler.jsonc"), config.to_string()).unwrap();
    site
}

/// Settings of all kinds, with paths, for an environment.
fn settings(name: &str) -> Value {
    json!({
        "compatibility_date": "2026-06-01",
        "vars": { "GREETING": name },
        "routes": [{ "pattern": format!("{name}.site.example"), "custom_domain": true }],
        "d1_databases": [
            { "binding": "DB", "database_name": "a", "database_id": "1", "migrations_dir": "db/a" },
            { "binding": "OTHER", "database_name": "b", "database_id": "2" },
        ],
        "kv_namespaces": [{ "binding": "NOTES", "id": name }],
        "tail_consumers": [{ "service": "tail" }],
        "limits": { "cpu_ms": 50 },
        "define": { "STAGE": "'x'" },
    })
}

/// Static sites and servers of both adapters, with environments where they can have them.
fn projects() -> Vec<Site> {
    let [ssr, pages] = &*SERVERS;
    let static_site = Site::new(&[("index.html", "home"), ("404.html", "none")]);
    let assets =
        json!({ "directory": "./dist", "binding": "FILES", "not_found_handling": "404-page" });
    let mut config = settings("production");
    config["name"] = json!("site");
    config["assets"] = assets.clone();
    let mut staging = settings("staging");
    staging["assets"] = assets;
    staging["name"] = json!("site-of-staging");
    config["env"] = json!({ "staging": staging, "inheriting": settings("inheriting") });
    let text = format!("\u{feff}// mine\n{config}");
    fs::write(static_site.project().join("wrangler.jsonc"), text).unwrap();
    let mut user: Value = json!({ "name": "low-tide", "main": "src/worker.ts" });
    let mut staging = settings("staging");
    staging["main"] = json!("src/worker.ts");
    staging["assets"] = json!({ "directory": "dist" });
    user["env"] = json!({ "staging": staging });
    let of_pages = json!({ "name": "ferry-slip", "compatibility_date": "2026-06-01",
        "pages_build_output_dir": "./dist", "vars": { "GREETING": "Hello." } });
    let plain = Site::new(&[("index.html", "home")]);
    vec![static_site, example(ssr, &user), example(pages, &of_pages), plain]
}

/// Returns the environments of a configuration. The first one is none.
fn environments(config: &Path) -> Vec<String> {
    let text = fs::read_to_string(config).unwrap_or_else(|_| "{}".to_owned());
    let text = text.trim_start_matches('\u{feff}');
    let config: Value = parse_to_serde_value(text, &ParseOptions::default()).unwrap();
    let all = config["env"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    [String::new()].into_iter().chain(all).collect()
}

#[test]
fn wrangler_warns_of_nothing_in_any_environment_of_a_packed_worker() {
    for site in projects() {
        let config = packed(&site, "build/out/worker");
        for environment in environments(&config) {
            let (config, environment) =
                (format!("--config={}", config.display()), format!("--env={environment}"));
            let deploy = ["wrangler", "deploy", "--dry-run", &config, &environment];
            let (stdout, stderr) = xtask::run(&deploy);
            assert!(stdout.contains("Total Upload"), "{stdout}{stderr}");
            for warning in ["WARNING", "\u{25b2}", "ERROR"] {
                assert!(!format!("{stdout}{stderr}").contains(warning), "{stdout}{stderr}");
            }
        }
    }
}

/// Reads configurations with wrangler.
fn resolved(configs: &[(PathBuf, String)]) -> Vec<Map<String, Value>> {
    let arguments: Vec<String> =
        configs.iter().map(|(path, name)| format!("{}:{name}", path.display())).collect();
    let script = ["node", "tests/worker/resolved.mjs"];
    let all: Vec<&str> = script.into_iter().chain(arguments.iter().map(String::as_str)).collect();
    serde_json::from_str(&last_line(&xtask::run(&all).0)).unwrap()
}

/// Settings that a packed Worker has of its own, or that tools write about a configuration.
const OF_PACKED: [&str; 17] = [
    "main",
    "assets",
    "no_bundle",
    "rules",
    "base_dir",
    "find_additional_modules",
    "configPath",
    "userConfigPath",
    "topLevelName",
    "definedEnvironments",
    "compatibility_flags",
    "dev",
    "pages_build_output_dir",
    "upload_source_maps",
    "build",
    "jsx_factory",
    "jsx_fragment",
];

#[test]
fn a_packed_workers_configuration_means_to_wrangler_what_the_sites_meant() {
    for site in projects().into_iter().take(3) {
        let packed = packed(&site, "build/out/worker");
        // What an adapter adds is in its own configuration alone.
        let of_adapter = site.dist().join("server/wrangler.json");
        let of_user = site.project().join("wrangler.jsonc");
        let mut pairs = Vec::new();
        for name in environments(&packed) {
            let is_adapters = name.is_empty() && of_adapter.exists();
            let original = if is_adapters { &of_adapter } else { &of_user };
            pairs.push((original.clone(), name.clone()));
            pairs.push((packed.clone(), name));
        }
        let resolved = resolved(&pairs);
        for (pair, (original, name)) in resolved.chunks(2).zip(pairs.iter().step_by(2)) {
            let [before, after] =
                [(original, &pair[0]), (&packed, &pair[1])].map(|(path, config)| {
                    let mut config = config.clone();
                    config.retain(|name, _| !OF_PACKED.contains(&name.as_str()));
                    with_absolute_migrations(&mut config, path.parent().unwrap());
                    config
                });
            for (setting, value) in &before {
                let mut found = after.get(setting).cloned().unwrap_or_default();
                // Adapters do not say which bindings are theirs.
                if of_adapter.exists() && setting == "kv_namespaces" && !name.is_empty() {
                    let all = found.as_array_mut().unwrap();
                    all.retain(|binding| binding["binding"] != "SESSION");
                }
                assert_eq!(&found, value, "{setting} of {name:?} in {}", original.display());
            }
        }
    }
}

/// Replaces the folders of migrations by what wrangler makes of them.
fn with_absolute_migrations(config: &mut Map<String, Value>, folder: &Path) {
    let folder = folder.canonicalize().unwrap();
    for database in config.get_mut("d1_databases").unwrap().as_array_mut().unwrap() {
        let migrations = database["migrations_dir"].as_str().unwrap_or("./migrations");
        let mut path = folder.clone();
        for part in migrations.split('/') {
            match part {
                "." | "" => {}
                ".." => drop(path.pop()),
                name => path.push(name),
            }
        }
        database["migrations_dir"] = path.to_str().unwrap().into();
    }
}

/// The treatment of a setting that looks like a path.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Treatment {
    /// It is rewritten for the folder of the output.
    Rewritten,
    /// It belongs to the Worker that is replaced, and is left out.
    LeftOut,
    /// It is not a path, or one from the folder in which wrangler runs.
    Kept,
}

/// All settings of wrangler whose names or descriptions speak of paths.
const SETTINGS: [(&str, Treatment); 29] = [
    ("$schema", Treatment::LeftOut),
    ("alias.*", Treatment::Rewritten),
    ("assets.base_path", Treatment::LeftOut),
    ("assets.directory", Treatment::LeftOut),
    ("base_dir", Treatment::LeftOut),
    ("build.cwd", Treatment::LeftOut),
    ("build.watch_dir", Treatment::LeftOut),
    ("build.watch_dir[]", Treatment::LeftOut),
    ("cloudchamber.image", Treatment::Kept),
    ("containers[].image", Treatment::Rewritten),
    ("containers[].image_build_context", Treatment::Rewritten),
    ("containers[].image_vars.*", Treatment::Kept),
    ("containers[].images.*.build_context", Treatment::Rewritten),
    ("containers[].images.*.build_vars.*", Treatment::Kept),
    ("containers[].images.*.dockerfile", Treatment::Rewritten),
    ("containers[].images.*.image", Treatment::Kept),
    ("d1_databases[].migrations_dir", Treatment::Rewritten),
    // Rewritten together with the folder, of which it is a part.
    ("d1_databases[].migrations_pattern", Treatment::Kept),
    ("data_blobs.*", Treatment::LeftOut),
    ("main", Treatment::LeftOut),
    ("pages_build_output_dir", Treatment::LeftOut),
    ("rules[].globs[]", Treatment::LeftOut),
    ("site.bucket", Treatment::LeftOut),
    ("text_blobs.*", Treatment::LeftOut),
    ("tsconfig", Treatment::Rewritten),
    ("unsafe.capnp.base_path", Treatment::Kept),
    ("unsafe.capnp.compiled_schema", Treatment::Kept),
    ("unsafe.capnp.source_schemas[]", Treatment::Kept),
    ("wasm_modules.*", Treatment::LeftOut),
];

#[test]
fn every_setting_of_wrangler_that_is_a_path_is_rewritten_or_left_out() {
    let tools = PathBuf::from(last_line(&xtask::run(&["tools"]).0));
    let schema = fs::read(tools.join("node_modules/wrangler/config-schema.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let mut found = BTreeMap::new();
    for root in ["RawConfig", "RawEnvironment"] {
        let root = json!({ "$ref": format!("#/definitions/{root}") });
        Texts { schema: &schema, found: &mut found }.collect(&root, "", &mut Vec::new());
    }
    let candidates: BTreeSet<&str> = found
        .iter()
        .filter(|(setting, description)| speaks_of_paths(setting, description))
        // Environments and previews repeat the settings of the top level.
        .map(|(setting, _)| setting.as_str())
        .filter(|setting| !setting.starts_with("env.") && !setting.starts_with("previews."))
        .collect();
    let known: BTreeSet<&str> = SETTINGS.iter().map(|(setting, _)| *setting).collect();
    assert_eq!(candidates, known, "say what is to become of each setting");

    let path = "./marker/file";
    for (setting, treatment) in SETTINGS {
        let is_of_top = ["$schema", "alias.*", "pages_build_output_dir"].contains(&setting);
        for in_environment in [false, true] {
            if in_environment && is_of_top {
                continue;
            }
            let value = with(setting, path);
            let config =
                if in_environment { json!({ "env": { "e": value } }) } else { value.clone() };
            // The site's own Worker is an error. With a server of an adapter, it is replaced.
            let site = Site::new(&[
                ("client/index.html", "home"),
                ("server/entry.mjs", "export default {}"),
                ("server/wrangler.json", &config.to_string()),
            ]);
            let config = packed(&site, "out");
            let text = fs::read_to_string(&config).unwrap();
            let expected = match treatment {
                Treatment::Rewritten => "../dist/server/marker/file",
                Treatment::Kept => path,
                Treatment::LeftOut => {
                    assert!(!text.contains("marker"), "{setting}: {text}");
                    continue;
                }
            };
            assert!(text.contains(&format!("\"{expected}\"")), "{setting}: {text}");
        }
    }
}

/// Returns whether a setting may be a path.
fn speaks_of_paths(setting: &str, description: &str) -> bool {
    const NAMES: [&str; 23] = [
        "$schema",
        "alias",
        "base",
        "blobs",
        "context",
        "cwd",
        "dir",
        "directory",
        "dirs",
        "dockerfile",
        "file",
        "files",
        "folder",
        "globs",
        "image",
        "main",
        "modules",
        "path",
        "paths",
        "schema",
        "schemas",
        "tsconfig",
        "vars",
    ];
    const WORDS: [&str; 6] = ["directory", "dockerfile", "file", "folder", "path", "paths"];
    let has = |text: &str, words: &[&str]| {
        let text = text.to_lowercase();
        let mut all = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '$');
        all.any(|word| words.contains(&word))
    };
    let mut names = setting.rsplit('.');
    let last = names.next().unwrap_or_default();
    // A value by any name is called as the setting that contains it.
    let name = if last == "*" { names.next().unwrap_or_default() } else { last };
    name != "vars" && has(&name.replace('_', " "), &NAMES) || has(description, &WORDS)
}

/// Makes a configuration in which one setting has a value.
fn with(setting: &str, value: &str) -> Value {
    let (first, rest) = match setting.find(['.', '[']) {
        None => return if setting.is_empty() { value.into() } else { json!({ setting: value }) },
        Some(0) if setting.starts_with("[]") => return json!([with(&setting[2..], value)]),
        Some(0) => return with(&setting[1..], value),
        Some(at) => setting.split_at(at),
    };
    let first = if first == "*" { "any" } else { first };
    json!({ first: with(rest, value) })
}

/// The settings of a schema that are texts, with their descriptions.
struct Texts<'s> {
    schema: &'s Value,
    found: &'s mut BTreeMap<String, String>,
}

impl<'s> Texts<'s> {
    fn collect(&mut self, node: &Value, place: &str, within: &mut Vec<String>) {
        if !node.is_object() {
            return;
        }
        if let Some(reference) = node["$ref"].as_str() {
            let pointer =
                percent_decode_str(reference.trim_start_matches('#')).decode_utf8().unwrap();
            if !within.iter().any(|one| *one == pointer) {
                within.push(pointer.clone().into_owned());
                let schema: &'s Value = self.schema;
                self.collect(schema.pointer(&pointer).unwrap(), place, within);
                within.pop();
            }
        }
        let is_text = |kind: &Value| kind == "string";
        if is_text(&node["type"])
            || node["type"].as_array().is_some_and(|all| all.iter().any(is_text))
        {
            let description = node["description"].as_str().unwrap_or_default();
            self.found.entry(place.to_owned()).or_insert_with(|| description.to_owned());
        }
        for (name, value) in node["properties"].as_object().into_iter().flatten() {
            let dot = if place.is_empty() { "" } else { "." };
            self.collect(value, &format!("{place}{dot}{name}"), within);
        }
        for kind in ["anyOf", "oneOf", "allOf"] {
            for value in node[kind].as_array().into_iter().flatten() {
                self.collect(value, place, within);
            }
        }
        match &node["items"] {
            Value::Array(all) => {
                for one in all {
                    self.collect(one, &format!("{place}[]"), within);
                }
            }
            items => self.collect(items, &format!("{place}[]"), within),
        }
        self.collect(&node["additionalProperties"], &format!("{place}.*"), within);
    }
}
