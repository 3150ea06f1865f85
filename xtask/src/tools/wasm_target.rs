//! A Rust that compiles for Workers: one with the target `wasm32-unknown-unknown`.

use std::path::Path;
use std::process::Command;

use crate::say;
use crate::tools::debian;
use crate::tools::node::run;

/// The target of Workers.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Overrides where the target comes from: `rustup` or `debian`.
const SOURCE: &str = "WORKER_PACK_WASM_TARGET";

/// The toolchain to compile with.
#[derive(Clone, Copy)]
pub(crate) enum Toolchain {
    /// The one that compiles everything else.
    Default,
    /// One that rustup knows by this name.
    Named(&'static str),
}

impl Toolchain {
    /// Finds a toolchain that has the target, or gets one.
    pub(crate) fn find() -> Result<Self, String> {
        match std::env::var(SOURCE).as_deref() {
            Ok("rustup") => from_rustup(),
            Ok("debian") => debian::toolchain().map(Self::Named),
            Ok(other) => Err(format!("{SOURCE} is `{other}`, which is neither rustup nor debian")),
            Err(_) if has_target() => Ok(Self::Default),
            Err(_) => from_rustup().or_else(|of_rustup| {
                say(&format!("{of_rustup}; trying the packages of Debian\n"));
                let of_debian = |error| {
                    format!(
                        "no Rust here has the target {TARGET}: {of_rustup}; from Debian: {error}"
                    )
                };
                debian::toolchain().map(Self::Named).map_err(of_debian)
            }),
        }
    }

    /// Has a command, and what that starts, use the toolchain.
    pub(crate) fn apply(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Default => command,
            Self::Named(name) => command.env("RUSTUP_TOOLCHAIN", name),
        }
    }

    /// Returns the argument that makes Cargo use it, if it needs one.
    pub(crate) fn argument(self) -> Option<String> {
        match self {
            Self::Default => None,
            Self::Named(name) => Some(format!("+{name}")),
        }
    }
}

fn from_rustup() -> Result<Toolchain, String> {
    run(Command::new("rustup").args(["target", "add", TARGET]))?;
    Ok(Toolchain::Default)
}

/// Returns whether the Rust of this machine has the target, however it came by it.
fn has_target() -> bool {
    let libraries =
        Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    libraries.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}
