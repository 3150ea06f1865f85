//! A Rust with the target of Workers from the packages of Debian, for machines that rustup's server
//! is out of reach of.
//!
//! The packages are unpacked into a folder of their own, so that nothing on the system changes. They
//! have the compiler and the source of the standard library, which is compiled once for the target;
//! the linker and Cargo are those of rustup's toolchain.

use std::env::consts::ARCH;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::files as tree;
use crate::say;
use crate::sites::project::scratch;
use crate::tools::node::run;
use crate::tools::npm_tools::find_program;
use crate::tools::wasm_target::TARGET;

/// What rustup calls the toolchain.
const NAME: &str = "worker-pack-debian";

/// The compiler that Debian keeps new enough for web browsers.
const COMPILER: &str = "rustc-web";

/// What goes with it: the source of its standard library, and its lints.
const COMPANIONS: [&str; 2] = ["rust-web-src", "rust-web-clippy"];

/// Returns the name of the toolchain, which is made the first time.
pub(crate) fn toolchain() -> Result<&'static str, String> {
    for program in ["apt-get", "dpkg-query", "dpkg", "rustup"] {
        find_program(program).ok_or_else(|| format!("there is no `{program}`"))?;
    }
    let _lock = tree::lock(&scratch().join("debian-rust.lock"))?;
    let folder = scratch().join("debian-rust");
    let sysroot = folder.join("usr");
    let complete = folder.join("complete");
    if !complete.exists() {
        say("unpacking the Rust of Debian, and compiling its standard library\n");
        tree::remove(&folder)?;
        unpack(&folder)?;
        complete_sysroot(&sysroot)?;
    }
    // Each time, since another checkout may have its own of the same name.
    run(Command::new("rustup").args(["toolchain", "link", NAME]).arg(&sysroot))?;
    if !complete.exists() {
        compile_std(&folder, &sysroot)?;
        fs::write(&complete, "").map_err(|error| tree::failed("write", &complete, &error))?;
    }
    Ok(NAME)
}

/// Unpacks the compiler, and what it needs that the system does not have.
fn unpack(folder: &Path) -> Result<(), String> {
    let packages = folder.join("packages");
    tree::create_folder(&packages)?;
    if run(Command::new("apt-get").args(["update", "--quiet"])).is_err() {
        say("the lists of packages are as old as they are: only root may renew them\n");
    }
    let mut download = Command::new("apt-get");
    download.args(["download", "--quiet"]).args(COMPANIONS).args(missing_packages()?);
    run(download.current_dir(&packages))?;
    for package in tree::files_in(&packages)? {
        run(Command::new("dpkg").arg("--extract").arg(package).arg(folder))?;
    }
    tree::remove(&packages)
}

/// Returns the packages that the compiler needs, itself among them, but for those that are there.
fn missing_packages() -> Result<Vec<String>, String> {
    let needed = output(Command::new("apt-cache").args([
        "depends",
        "--recurse",
        "--no-recommends",
        "--no-suggests",
        "--no-conflicts",
        "--no-breaks",
        "--no-replaces",
        "--no-enhances",
        COMPILER,
    ]))?;
    // Below each package, indented, are those that it depends on. A virtual one is in brackets.
    let names = needed.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric()));
    Ok(names.filter(|name| !is_installed(name)).map(str::to_owned).collect())
}

fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat", "${db:Status-Status} ", package]);
    query.output().is_ok_and(|output| output.stdout.starts_with(b"installed"))
}

/// Puts what is elsewhere on Debian where rustup and the compiler look for it.
fn complete_sysroot(sysroot: &Path) -> Result<(), String> {
    for library in tree::files_in(&sysroot.join(format!("lib/{ARCH}-linux-gnu")))? {
        link(&library, &sysroot.join("lib"))?;
    }
    // Packages have neither the linker of the target nor, for rustup, a Cargo.
    let own = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let own = Path::new(own.trim());
    let programs = format!("lib/rustlib/{ARCH}-unknown-linux-gnu");
    link(&own.join(&programs).join("bin"), &sysroot.join(&programs))?;
    link(&own.join("bin/cargo"), &sysroot.join("bin"))
}

/// Links to something, by its name, from a folder.
fn link(to: &Path, folder: &Path) -> Result<(), String> {
    run(Command::new("ln").args(["--symbolic", "--target-directory"]).arg(folder).arg(to))
}

/// Compiles the standard library for the target, as a dependency of an empty program.
fn compile_std(folder: &Path, sysroot: &Path) -> Result<(), String> {
    let program = folder.join("std");
    tree::create_folder(&program)?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n\n\
                    [lib]\ncrate-type = [\"cdylib\"]\npath = \"lib.rs\"\n\n[workspace]\n";
    for (name, text) in [("Cargo.toml", manifest), ("lib.rs", "")] {
        let path = program.join(name);
        fs::write(&path, text).map_err(|error| tree::failed("write", &path, &error))?;
    }
    let toolchain = format!("+{NAME}");
    run(Command::new("cargo")
        .args([&toolchain, "build", "--release", "--target", TARGET])
        .args(["-Zbuild-std=std,panic_abort", "--target-dir", "target"])
        .current_dir(&program)
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTFLAGS"))?;
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    tree::create_folder(&libraries)?;
    for built in tree::files_in(&program.join("target").join(TARGET).join("release/deps"))? {
        if built.extension().is_some_and(|extension| extension == "rlib") {
            let copy = libraries.join(built.file_name().unwrap_or_default());
            fs::copy(&built, copy).map_err(|error| tree::failed("copy", &built, &error))?;
        }
    }
    tree::remove(&program)
}

/// Runs a command for what it prints.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)))
}
