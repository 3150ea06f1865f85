//! The npm packages: `worker-pack`, and the one with the program for this machine.

use std::env::consts;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::files::{self as tree, create_folder, failed};
use crate::sites::project::scratch;
use crate::tools::cargo::{Workspace, text};
use crate::tools::engine;
use crate::tools::node::{self, Node};

const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Packs both packages, prints the paths of the tarballs, and tests them if that is asked for.
pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let options = Options::parse(options)?;
    let workspace = Workspace::find()?;
    check_versions(&workspace)?;
    let binary = match options.binary {
        Some(binary) => binary,
        None => workspace.build(&engine::build()?)?,
    };
    check_binary(&binary, &workspace.version)?;

    let out = options.out.unwrap_or_else(|| scratch().join("npm/tarballs"));
    let out = std::path::absolute(out).map_err(|error| error.to_string())?;
    create_folder(&out)?;
    // Other runs use the same folders.
    create_folder(&scratch())?;
    let _lock = tree::lock(&scratch().join("npm.lock"))?;
    let node = Node::find(&scratch())?;
    let npm = workspace.root.join("npm");
    let main = stage(&workspace, &npm.join("worker-pack"))?;
    let own = stage(&workspace, &npm.join("platform").join(platform()))?;
    put_binary(&binary, &own)?;
    for package in [&main, &own] {
        let tarball = pack(&node, package, &out)?;
        let _ = writeln!(std::io::stdout(), "{}", tarball.display());
    }
    if options.test { test(&node, &npm.join("test"), &out) } else { Ok(()) }
}

/// What the task was asked for.
#[derive(Default)]
struct Options {
    out: Option<PathBuf>,
    binary: Option<PathBuf>,
    test: bool,
}

impl Options {
    fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut path = || words.next().map(PathBuf::from).ok_or(format!("{word} what?"));
            match word {
                "--out" => options.out = Some(path()?),
                "--binary" => options.binary = Some(path()?),
                "--test" => options.test = true,
                _ => return Err(format!("`{word}` is no option of `cargo xtask npm`")),
            }
        }
        Ok(options)
    }
}

/// Copies a package to where it is packed, and adds the licenses.
fn stage(workspace: &Workspace, package: &Path) -> Result<PathBuf, String> {
    let name = package.file_name().unwrap_or_default();
    let stage = scratch().join("npm/packages").join(name);
    let mut files = tree::read(package, &[])?;
    for license in LICENSES {
        let path = workspace.root.join(license);
        let text = fs::read(&path).map_err(|error| failed("read", &path, &error))?;
        files.insert(license.into(), text);
    }
    create_folder(&stage)?;
    tree::write(&files, &stage, &[])?;
    Ok(stage)
}

/// Checks that all packages are of the workspace's version, and depend on it.
fn check_versions(workspace: &Workspace) -> Result<(), String> {
    let npm = workspace.root.join("npm");
    let main = read_package(&npm.join("worker-pack"))?;
    let mut versions = vec![("worker-pack".to_owned(), text(&main["version"]))];
    let programs = main["optionalDependencies"].as_object().into_iter().flatten();
    for (name, version) in programs {
        versions.push((format!("{name} as a dependency of worker-pack"), text(version)));
        let platform = name.rsplit('/').next().unwrap_or_default();
        let package = read_package(&npm.join("platform").join(platform))?;
        versions.push((text(&package["name"]), text(&package["version"])));
    }
    let wrong: Vec<String> = versions
        .iter()
        .filter(|(_, version)| *version != workspace.version)
        .map(|(name, version)| format!("{name} is {version}"))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("the workspace is {}, but in npm/ {}", workspace.version, wrong.join(", ")))
}

/// Checks that a program runs, and is of a version.
fn check_binary(binary: &Path, version: &str) -> Result<(), String> {
    let binary = std::path::absolute(binary).map_err(|error| error.to_string())?;
    let output = Command::new(&binary).arg("--version").output();
    let output = output.map_err(|error| failed("run", &binary, &error))?;
    let found = String::from_utf8_lossy(&output.stdout);
    if found.trim() == format!("worker-pack {version}") {
        return Ok(());
    }
    Err(format!("`{}` says it is {:?}, not {version}", binary.display(), found.trim()))
}

fn put_binary(binary: &Path, package: &Path) -> Result<(), String> {
    create_folder(&package.join("bin"))?;
    let to = package.join("bin").join(program());
    fs::copy(binary, &to).map_err(|error| failed("copy", binary, &error))?;
    Ok(())
}

/// Packs a package into a folder, and returns the path of the tarball.
fn pack(node: &Node, package: &Path, out: &Path) -> Result<PathBuf, String> {
    let mut npm = node.command("npm", package);
    npm.args(["pack", "--loglevel=error", "--pack-destination"]).arg(out);
    let output = npm.output().map_err(|error| format!("cannot run {npm:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{npm:?} failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let name = String::from_utf8_lossy(&output.stdout);
    Ok(out.join(name.lines().last().unwrap_or_default()))
}

/// Runs the tests of the packages.
fn test(node: &Node, folder: &Path, tarballs: &Path) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| failed("read", folder, &error))?;
    let mut tests: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    tests.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    tests.sort();
    let cache = scratch().join("npm/test");
    create_folder(&cache)?;
    let mut tester = node.command("node", folder);
    tester.arg("--test").args(tests);
    tester.env("WORKER_PACK_TARBALLS", tarballs).env("WORKER_PACK_SCRATCH", cache);
    node::run(&mut tester)
}

/// This machine, as Node.js calls it.
fn platform() -> String {
    let os = match consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        os => os,
    };
    let arch = match consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        arch => arch,
    };
    format!("{os}-{arch}")
}

fn program() -> String {
    format!("worker-pack{}", consts::EXE_SUFFIX)
}

fn read_package(folder: &Path) -> Result<Value, String> {
    let path = folder.join("package.json");
    let text = fs::read_to_string(&path).map_err(|error| failed("read", &path, &error))?;
    serde_json::from_str(&text).map_err(|error| failed("read", &path, &error.into()))
}
