//! A Rust toolchain that compiles for Workers: one with the target `wasm32-unknown-unknown`.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::command::{output, run};
use crate::files::{lock, repository, scratch};

/// The target of Workers.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The variable that chooses the source of the target: `rustup` or `debian`.
const SOURCE: &str = "WORKER_PACK_WASM_TARGET";

/// The name of the toolchain from Debian's packages.
const DEBIAN_TOOLCHAIN: &str = "worker-pack-debian";

/// The toolchain to compile with.
#[derive(Clone, Copy)]
pub(crate) enum Toolchain {
    /// The one that compiles everything else.
    Default,
    /// One that rustup knows by this name.
    Named(&'static str),
}

impl Toolchain {
    /// Finds a toolchain that has the target, or installs one.
    pub(crate) fn find() -> Result<Self> {
        match env::var(SOURCE).as_deref() {
            Ok("rustup") => from_rustup(),
            Ok("debian") => from_debian(),
            Ok(other) => bail!("{SOURCE} is `{other}`, expected `rustup` or `debian`"),
            Err(_) if has_target() => Ok(Self::Default),
            Err(_) => from_rustup().or_else(|of_rustup| {
                eprintln!("{of_rustup:#}; trying the packages of Debian");
                from_debian().with_context(|| format!("no Rust has {TARGET}: {of_rustup:#}"))
            }),
        }
    }

    /// Makes a command, and the processes that it starts, use the toolchain.
    pub(crate) fn apply(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Default => command,
            Self::Named(name) => command.env("RUSTUP_TOOLCHAIN", name),
        }
    }

    /// Returns the argument that makes Cargo use it, if Cargo needs one.
    pub(crate) fn argument(self) -> Option<String> {
        match self {
            Self::Default => None,
            Self::Named(name) => Some(format!("+{name}")),
        }
    }
}

fn from_rustup() -> Result<Toolchain> {
    run(Command::new("rustup").args(["target", "add", TARGET]))?;
    Ok(Toolchain::Default)
}

fn from_debian() -> Result<Toolchain> {
    let _lock = lock("debian-rust")?;
    let mut script = Command::new(repository("xtask/wasm-target/debian.sh"));
    run(script.args([DEBIAN_TOOLCHAIN, TARGET]).arg(scratch("debian-rust")))?;
    Ok(Toolchain::Named(DEBIAN_TOOLCHAIN))
}

/// Checks whether the default toolchain has the target, however it was installed.
fn has_target() -> bool {
    let mut rustc = Command::new("rustc");
    output(rustc.args(["--print", "target-libdir", "--target", TARGET]))
        .is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}
