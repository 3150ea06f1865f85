//! The arguments of `init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use worker_pack::migrate::{Answers, MigrationTarget, OtherAdapter};

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// Folder of the Astro project [default: the current one].
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Kind of Worker that the project becomes.
    #[arg(long, value_enum, default_value_t = InitTarget::Worker)]
    pub(crate) target: InitTarget,
    /// Write the changes, instead of showing them.
    #[arg(long)]
    pub(crate) write: bool,
    /// Name of the Worker [default: that of the configuration, of the project of Pages, or of the
    /// package].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// KV namespace, such as `SESSION=0f2ac74b498b48028cb68387c421e279`; may be given several times.
    #[arg(long, value_name = "BINDING=ID", value_parser = pair)]
    kv: Vec<(String, String)>,
    /// Variable of the Worker that is not secret; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    var: Vec<(String, String)>,
    /// Replace an adapter for another host by the one for Cloudflare.
    #[arg(long)]
    replace_adapter: bool,
}

/// A kind of Worker that a project becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InitTarget {
    /// A Worker in JavaScript, with the site's server, if any.
    Worker,
    /// A Worker in Rust around the site, in a crate in the folder `worker`.
    Rust,
}

impl InitArguments {
    /// Returns what the user tells about the project.
    pub(crate) fn answers(&self) -> Answers {
        Answers {
            name: self.name.clone(),
            namespaces: self.kv.iter().cloned().collect(),
            variables: self.var.iter().cloned().collect(),
            other_adapter: if self.replace_adapter {
                OtherAdapter::Replaced
            } else {
                OtherAdapter::Kept
            },
        }
    }
}

impl From<InitTarget> for MigrationTarget {
    fn from(target: InitTarget) -> Self {
        match target {
            InitTarget::Worker => Self::Worker,
            InitTarget::Rust => Self::Rust,
        }
    }
}

/// Reads a name and its value.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("is not a name and a value with `=` between them".to_owned()),
    }
}
