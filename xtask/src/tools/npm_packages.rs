//! The npm packages: `worker-pack`, the one with the program for this machine, and `create-worker-pack`.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Args;
use fs_err as fs;
use serde_json::Value;

use super::cargo::VERSION;
use super::node::Node;
use super::program::{self, Program};
use crate::command::{output, run, version};
use crate::files::{self, lock, repository, scratch};

const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Options of `cargo xtask npm`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    program: Program,

    /// Write the tarballs into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Test the tarballs too, in real Astro projects
    #[arg(long)]
    test: bool,
}

/// Packs the packages, prints the paths of the tarballs, and tests them if asked to.
pub(crate) fn run_task(options: &Options) -> Result<()> {
    check_versions()?;
    let binary = options.program.path()?;
    check_binary(&binary)?;

    let out = options.out.clone().unwrap_or_else(|| scratch("npm/tarballs"));
    let out = std::path::absolute(out)?;
    fs::create_dir_all(&out)?;
    // Other runs use the same folders.
    let _lock = lock("npm")?;
    let node = Node::find()?;
    let expression = "`${process.platform}-${process.arch}`";
    let platform = output(node.command("node", Path::new(".")).args(["--print", expression]))?;
    let main = stage(&repository("npm/worker-pack"))?;
    let own = stage(&repository("npm/platform").join(platform.trim()))?;
    fs::create_dir_all(own.join("bin"))?;
    fs::copy(&binary, own.join("bin").join(program::name()))?;
    let create = stage(&repository("npm/create-worker-pack"))?;
    for package in [&main, &own, &create] {
        let mut npm = node.command("npm", package);
        npm.args(["pack", "--loglevel=error", "--pack-destination"]).arg(&out);
        let tarball = output(&mut npm)?;
        println!("{}", out.join(tarball.lines().last().unwrap_or_default()).display());
    }
    if options.test { test(&node, &out) } else { Ok(()) }
}

/// Copies a package to the folder in which it is packed, and adds the licenses.
fn stage(package: &Path) -> Result<PathBuf> {
    let stage = scratch("npm/packages").join(package.file_name().unwrap_or_default());
    let mut files = files::read(package, &[])?;
    for license in LICENSES {
        files.insert(license.into(), fs::read(repository(license))?);
    }
    files::write(&files, &stage, &[])?;
    Ok(stage)
}

/// Checks that all packages have the workspace's version, and depend on it.
fn check_versions() -> Result<()> {
    let manifest = |folder: &str| -> Result<Value> {
        let path = repository("npm").join(folder).join("package.json");
        Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
    };
    let main = manifest("worker-pack")?;
    let create = manifest("create-worker-pack")?;
    let mut versions = vec![
        ("worker-pack".to_owned(), main["version"].clone()),
        ("create-worker-pack".to_owned(), create["version"].clone()),
    ];
    for (name, version) in main["optionalDependencies"].as_object().into_iter().flatten() {
        versions.push((format!("{name} as a dependency of worker-pack"), version.clone()));
        let platform = name.rsplit('/').next().unwrap_or_default();
        let package = manifest(&format!("platform/{platform}"))?;
        versions.push((name.clone(), package["version"].clone()));
    }
    versions.retain(|(_, version)| version != VERSION);
    let wrong: Vec<_> =
        versions.iter().map(|(name, version)| format!("{name} is {version}")).collect();
    ensure!(wrong.is_empty(), "the workspace is {VERSION}, but in npm/ {}", wrong.join(", "));
    Ok(())
}

/// Checks that a program runs, and has the workspace's version.
fn check_binary(binary: &Path) -> Result<()> {
    let found = version(binary)?;
    ensure!(found == format!("worker-pack {VERSION}"), "the program is {found}, not {VERSION}");
    Ok(())
}

/// Runs the tests of the packages.
fn test(node: &Node, tarballs: &Path) -> Result<()> {
    let folder = repository("npm/test");
    let mut tests = files::entries(&folder)?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    tests.sort();
    let installed = scratch("npm/test");
    fs::create_dir_all(&installed)?;
    let mut tester = node.command("node", &folder);
    tester.arg("--test").args(tests);
    run(tester.env("WORKER_PACK_TARBALLS", tarballs).env("WORKER_PACK_SCRATCH", installed))
}
