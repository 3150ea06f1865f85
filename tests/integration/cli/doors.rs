//! Options have one name at four doors: flag, key of `worker-pack.toml`, builder, and npm in camel case.
//! The fifth is `docs/options.md`, which describes all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use worker_pack::cache::CacheLocation;
use worker_pack::options::{
    Coding, Compat, DeployConfig, Dictionaries, Dotfiles, Effort, Fidelity, Fingerprints,
    HtmlHandling, IdentityBodies, Integrity, Limits, MinifiedLanguage, NotFoundHandling, Options,
    PathRule, Pictures, ServerCode, SiteData, SourceMaps, SpillTo, Strictness, WorkerOptions,
};
use worker_pack::target::WorkerTarget;
use worker_pack::{Pack, Target};

use super::{parts, run};
use crate::support::site::Site;

/// A place where options are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Door {
    /// A flag of `worker-pack build`, or its argument.
    Flag,
    /// A key of `worker-pack.toml`.
    Key,
    /// A field or method of the library.
    Builder,
    /// An option of the Astro integration.
    Npm,
    /// A row of `docs/options.md`.
    Documentation,
}

impl Door {
    const ALL: [Self; 5] = [Self::Flag, Self::Key, Self::Builder, Self::Npm, Self::Documentation];
}

/// Options with fewer doors: the doors they lack, and the reason.
const EXCEPTIONS: [(&str, &[Door], &str); 7] = [
    ("args", &[Door::Flag, Door::Key, Door::Builder], "passes other flags to the command"),
    ("budgets", &[Door::Key], "is a table `[[budget]]` for each"),
    ("config", &[Door::Key, Door::Builder], "names the configuration file itself"),
    ("format", &[Door::Key, Door::Builder, Door::Npm], "concerns the terminal"),
    ("quiet", &[Door::Key, Door::Builder, Door::Npm], "concerns the terminal"),
    ("timings", &[Door::Key, Door::Builder, Door::Npm], "concerns the terminal"),
    ("watch", &[Door::Key, Door::Builder, Door::Npm], "runs builds instead of configuring one"),
];

#[test]
fn options_have_the_same_name_at_every_door() {
    let doors = Door::ALL.map(|door| (door, names_at(door)));
    let exceptions: BTreeMap<&str, &[Door]> =
        EXCEPTIONS.iter().map(|(name, doors, _)| (*name, *doors)).collect();
    let all: BTreeSet<&String> = doors.iter().flat_map(|(_, names)| names).collect();
    let mut problems = Vec::new();
    for name in all {
        let missing: Vec<Door> = doors
            .iter()
            .filter_map(|(door, names)| (!names.contains(name)).then_some(*door))
            .collect();
        let expected = exceptions.get(name.as_str()).copied().unwrap_or_default();
        if missing != expected {
            problems.push(format!("`{name}` is missing at {missing:?}, expected {expected:?}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns the options of a door in kebab case. Limits begin with `limit-`.
fn names_at(door: Door) -> BTreeSet<String> {
    match door {
        Door::Flag => flags(&help("build")),
        Door::Key => keys(),
        Door::Builder => builder(),
        Door::Npm => npm(),
        Door::Documentation => documented(),
    }
}

fn help(command: &str) -> String {
    let site = Site::new::<&str>(&[]);
    let (code, stdout, stderr) = parts(&run(site.project(), &[command, "--help"]));
    assert_eq!(code, 0, "{stderr}");
    stdout
}

/// Returns the flags and arguments in a help text, except `--help`.
fn flags(help: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let line = line.trim_start();
        if let Some(argument) = line.strip_prefix('[') {
            // An argument is alone on its line, as `[DIST]`.
            let argument = argument.strip_suffix(']')?;
            let is_argument = argument.bytes().all(|byte| byte.is_ascii_uppercase());
            return is_argument.then(|| argument.to_lowercase());
        }
        let flag = match line.split_once(", --") {
            Some((short, flag)) if short.len() == 2 => flag,
            _ => line.strip_prefix("--")?,
        };
        let end = flag.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        Some(flag[..end.unwrap_or(flag.len())].to_owned())
    };
    help.lines().filter_map(name).filter(|name| name != "help").collect()
}

/// Returns the keys of the documented `worker-pack.toml`, except those of `serve`.
fn keys() -> BTreeSet<String> {
    let mut top = documented_configuration();
    let _ = take_table(&mut top, "serve");
    let pack = take_table(&mut top, "pack");
    let mut worker = take_table(&mut top, "worker");
    let limits = take_table(&mut worker, "limits");
    let limits = limits.keys().map(|name| format!("limit-{name}"));
    [top, pack, worker].iter().flat_map(toml::Table::keys).cloned().chain(limits).collect()
}

fn take_table(parent: &mut toml::Table, name: &str) -> toml::Table {
    match parent.remove(name) {
        Some(toml::Value::Table(table)) => table,
        other => panic!("`{name}` is not a table: {other:?}"),
    }
}

/// Returns the complete `worker-pack.toml` in `docs/` or README, the block with `[worker.limits]`.
fn documented_configuration() -> toml::Table {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = fs::read_dir(root.join("docs"))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    files.sort();
    files.push(root.join("README.md"));
    let texts: Vec<String> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let block = texts
        .iter()
        .flat_map(|text| text.split("```toml\n").skip(1))
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.contains("[worker.limits]"));
    block.expect("the documentation contains a complete `worker-pack.toml`").parse().unwrap()
}

/// Returns the names of all fields of a struct.
macro_rules! fields {
    ($type:ident { $($field:ident),+ $(,)? }) => {{
        // Without `..`: a new field fails to compile here until it is listed.
        let _ = |value: $type| {
            let $type { $($field: _),+ } = value;
        };
        [$(stringify!($field)),+]
    }};
}

/// Returns the options of the library.
fn builder() -> BTreeSet<String> {
    // The parameter is called `dist`.
    let _: fn(PathBuf) -> Pack = Pack::from_dir;
    let _: fn(Pack, Target) -> Pack = Pack::target;
    // It takes a location, which may be a folder.
    let _: fn(Pack, CacheLocation) -> Pack = Pack::cache;
    let _: fn(Pack, u64) -> Pack = Pack::cache_size;
    let pack = ["dist", "target", "cache_dir", "cache_size"];
    let options = fields!(Options {
        minify,
        css_targets,
        keep_comments,
        encodings,
        effort,
        pictures,
        picture_quality,
        identity,
        source_maps,
        dotfiles,
        budgets,
        keep,
        fingerprints,
        integrity,
        strictness,
        rule,
        early_hints,
        dictionaries,
        csp,
        csp_attributes,
        csp_add,
        compat,
        html_handling,
        not_found_handling,
        fidelity,
    });
    let target = fields!(WorkerTarget { out, engine, options });
    let worker = fields!(WorkerOptions {
        headers_on_ssr,
        server_code,
        spill_above,
        budget,
        spill_to,
        deploy_config,
        site_data,
        limits
    });
    let limits = fields!(Limits {
        size,
        gzip_marks,
        memory,
        startup_mark,
        static_asset,
        static_assets,
        r2_upload
    });
    let names = pack.into_iter().chain(options).chain(target).chain(worker);
    let names = names.filter(|name| !["options", "limits"].contains(name)).map(kebab_case);
    names.chain(limits.iter().map(|name| format!("limit-{}", kebab_case(name)))).collect()
}

/// Returns the options of the Astro integration.
fn npm() -> BTreeSet<String> {
    let options = members("WorkerPackOptions").into_keys().filter(|name| name != "limits");
    let limits = members("WorkerLimits").into_keys();
    options
        .map(|name| kebab_case(&name))
        .chain(limits.map(|name| format!("limit-{}", kebab_case(&name))))
        .collect()
}

/// Returns the members of an interface in `astro.d.ts`, each with its type.
fn members(interface: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("npm/worker-pack/lib/astro.d.ts");
    let text = fs::read_to_string(path).unwrap();
    let (_, body) = text.split_once(&format!("export interface {interface} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with(['/', '*']);
    let code = body.lines().filter(is_code).collect::<Vec<_>>().join(" ");
    let member = |text: &str| {
        let (name, kind) = text.split_once("?:")?;
        Some((name.trim().to_owned(), kind.trim().to_owned()))
    };
    code.split(';').filter_map(member).collect()
}

/// Returns the options that have a row in a table of `docs/options.md`.
fn documented() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/options.md");
    let text = fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(SETTINGS).unwrap();
    let (_, after) = rest.split_once("\n## ").unwrap();
    // The flags of `serve` have their dashes there.
    rows(&[before, after].concat()).into_iter().filter(|name| !name.starts_with('-')).collect()
}

/// The part of `docs/options.md` with the settings of rules.
const SETTINGS: &str = "\n## Rules by path\n";

/// Returns the names in the first column of tables.
fn rows(text: &str) -> BTreeSet<String> {
    let name = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    text.lines().filter_map(name).collect()
}

#[test]
fn the_readme_of_the_npm_package_names_each_of_its_options() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("npm/worker-pack/README.md");
    let text = fs::read_to_string(path).unwrap();
    let rows: String = text.lines().filter(|line| line.starts_with("| `")).collect();
    for interface in ["WorkerPackOptions", "WorkerLimits", "PathRule"] {
        for name in members(interface).into_keys() {
            assert!(rows.contains(&format!("`{name}`")), "{interface}: {name}");
        }
    }
}

#[test]
fn the_settings_of_rules_have_the_same_name_everywhere() {
    let fields = fields!(PathRule { paths, minify, encodings, publish, cache, content_type });
    let settings: BTreeSet<String> = fields.into_iter().skip(1).map(kebab_case).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/options.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once(SETTINGS).unwrap();
    assert_eq!(rows(rest.split("\n## ").next().unwrap()), settings);
    let npm: BTreeSet<String> =
        members("PathRule").into_keys().map(|name| kebab_case(&name)).collect();
    assert_eq!(npm, settings);
    let rule = "/a minify=css encodings=br publish=true cache=no-store content-type=a/b";
    let rule = rule.parse::<PathRule>().unwrap().to_string();
    assert!(settings.iter().all(|name| rule.contains(&format!(" {name}="))), "{rule}");
    let configuration = documented_configuration();
    let keys = configuration["pack"]["rule"][0].as_table().unwrap().keys();
    let keys: BTreeSet<String> = keys.filter(|key| *key != "paths").cloned().collect();
    assert_eq!(keys, settings);
}

fn kebab_case(name: &str) -> String {
    let mut kebab = String::new();
    for c in name.chars() {
        match c {
            '_' => kebab.push('-'),
            'A'..='Z' => kebab.extend(['-', c.to_ascii_lowercase()]),
            _ => kebab.push(c),
        }
    }
    kebab
}

#[test]
fn values_have_the_same_name_in_npm() {
    let members = members("WorkerPackOptions");
    // Flags, keys and the builder share the names of the enums.
    let expected: [(&str, Vec<&str>); 19] = [
        ("minify", MinifiedLanguage::ALL.map(MinifiedLanguage::name).into()),
        ("encodings", Coding::ENCODED.map(Coding::name).into()),
        ("effort", Effort::ALL.map(Effort::name).into()),
        ("pictures", Pictures::ALL.map(Pictures::name).into()),
        ("identity", IdentityBodies::ALL.map(IdentityBodies::name).into()),
        ("sourceMaps", SourceMaps::ALL.map(SourceMaps::name).into()),
        ("dotfiles", Dotfiles::ALL.map(Dotfiles::name).into()),
        ("fingerprints", Fingerprints::ALL.map(Fingerprints::name).into()),
        ("integrity", Integrity::ALL.map(Integrity::name).into()),
        ("strictness", Strictness::ALL.map(Strictness::name).into()),
        ("compat", Compat::ALL.map(Compat::name).into()),
        ("htmlHandling", HtmlHandling::ALL.map(HtmlHandling::name).into()),
        ("notFoundHandling", NotFoundHandling::ALL.map(NotFoundHandling::name).into()),
        ("dictionaries", Dictionaries::ALL.map(Dictionaries::name).into()),
        ("fidelity", Fidelity::ALL.map(Fidelity::name).into()),
        ("serverCode", ServerCode::ALL.map(ServerCode::name).into()),
        ("spillTo", SpillTo::ALL.map(SpillTo::name).into()),
        ("deployConfig", DeployConfig::ALL.map(DeployConfig::name).into()),
        ("siteData", SiteData::ALL.map(SiteData::name).into()),
    ];
    for (option, names) in expected {
        let kind = &members[option];
        let found: BTreeSet<&str> = kind.split('\'').skip(1).step_by(2).collect();
        let off = kind.ends_with("[]").then_some("off");
        assert_eq!(found, names.into_iter().chain(off).collect(), "{option}: {kind}");
    }
}

#[test]
fn the_address_of_serve_has_the_same_names_as_flags_and_keys() {
    let flags = flags(&help("serve"));
    let configuration = documented_configuration();
    for (key, _) in configuration["serve"].as_table().unwrap() {
        assert!(flags.contains(key), "`serve.{key}` is not a flag of `serve`");
    }
    assert_eq!(configuration["serve"].as_table().unwrap().len(), 2);
}
