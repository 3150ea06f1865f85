//! The ways of serving a build that are compared.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Bench;
use super::packed::Packs;
use super::sites::Site;
use crate::bench::Scale;
use crate::bench::rivals;
use crate::files::repository;
use crate::server::process::{Log, Server, Stream, port_of_url};
use crate::tools::npm_tools::Tools;

/// A way of serving a build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Contender {
    /// worker-pack with dictionaries, and with smaller pictures of the same pixels.
    Everything,
    /// worker-pack without the two.
    Plain,
    /// The build as it is, compressed by the edge when it is asked for.
    Brotli4,
    /// The build as it is, compressed ahead of time.
    Brotli11,
    /// The build after Astro integrations.
    Integrations,
}

impl Contender {
    /// Returns the contenders of a benchmark. The shortest one leaves out the one that is installed first, and
    /// the one that the others are served like.
    pub(super) fn of_scale(scale: Scale) -> Vec<Self> {
        match scale {
            Scale::Full => {
                let rivals = [Self::Brotli4, Self::Brotli11, Self::Integrations];
                [Self::Everything, Self::Plain].into_iter().chain(rivals).collect()
            }
            Scale::Smoke => vec![Self::Everything, Self::Brotli4, Self::Brotli11],
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Everything => "worker-pack, `--dictionaries on`",
            Self::Plain => "worker-pack without dictionaries and pictures",
            Self::Brotli4 => "Brotli 4 on the fly",
            Self::Brotli11 => "Brotli 11",
            Self::Integrations => "@playform/compress, then astro-compressor",
        }
    }
}

/// The servers of a contender, before and after a redeploy.
pub(super) struct Servers {
    pub(super) before: Server,
    pub(super) after: Server,
}

impl Servers {
    /// Starts those that serve what worker-pack has packed.
    pub(super) fn of_pack(
        bench: &Bench,
        site: &Site,
        packs: &Packs,
        choice: Contender,
    ) -> Result<Self> {
        let pack = match choice {
            Contender::Everything => &packs.everything,
            _ => &packs.plain,
        };
        let before = pack.serve(bench, &site.before)?;
        Ok(Self { before, after: pack.serve(bench, &site.after)? })
    }

    /// Starts those of a rival, whose replies have the fields of other servers.
    pub(super) fn of_rival(
        bench: &Bench,
        site: &Site,
        rival: Contender,
        model: &Self,
    ) -> Result<Self> {
        let coding = match rival {
            Contender::Brotli4 => "4",
            Contender::Integrations => "files",
            _ => "11",
        };
        let folder = |dist: &PathBuf| match rival {
            Contender::Integrations => integrated(bench, site, dist),
            _ => Ok(dist.clone()),
        };
        let start = |dist: &PathBuf, model: &Server| {
            let mut command = bench.tools.node();
            command.arg(repository("xtask/bytes/rival.mjs")).arg(folder(dist)?).arg(coding);
            command.arg(format!("http://127.0.0.1:{}/", model.port()));
            Server::start(&mut command, Stream::Output, Log::Shown, port_of_url)
        };
        let before = start(&site.before, &model.before)?;
        Ok(Self { before, after: start(&site.after, &model.after)? })
    }
}

/// Runs the integrations on a build, without the pages that are not visited: they treat each file by itself.
fn integrated(bench: &Bench, site: &Site, dist: &Path) -> Result<PathBuf> {
    let (visited, out) = (bench.fresh()?, bench.fresh()?);
    site.copy_visited(dist, &visited)?;
    let rivals = Tools::install_from("rivals")?;
    rivals::integrate(&rivals, &visited, &out)?;
    Ok(out)
}
