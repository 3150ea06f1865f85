//! The ways of serving a build that are compared.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Bench;
use super::packed::{Packs, Served};
use super::sites::Site;
use crate::bench::Scale;
use crate::bench::rivals;
use crate::files::repository;
use crate::server::process::{Log, Server, Stream, port_of_url};
use crate::tools::npm_tools::Tools;

/// A way of serving a build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Contender {
    /// worker-pack with dictionaries and files of earlier builds.
    Everything,
    /// worker-pack without options.
    Default,
    /// worker-pack with pictures of other pixels.
    Lossy,
    /// The build as it is, compressed by the edge when it is asked for.
    Brotli4,
    /// The build as it is, compressed ahead of time.
    Brotli11,
    /// The build after Astro integrations.
    Integrations,
}

impl Contender {
    /// Returns the contenders for a site. The shortest benchmark leaves out the one that is installed first, and
    /// one whose bytes are known from the others.
    pub(super) fn of(bench: &Bench, site: &Site) -> Vec<Self> {
        let all = match bench.scale {
            Scale::Full => vec![
                Self::Everything,
                Self::Default,
                Self::Lossy,
                Self::Brotli4,
                Self::Brotli11,
                Self::Integrations,
            ],
            Scale::Smoke => vec![Self::Everything, Self::Brotli4, Self::Brotli11],
        };
        let is_lossy = site.pictures > 0 && bench.known.has_lossy_pictures();
        all.into_iter().filter(|contender| *contender != Self::Lossy || is_lossy).collect()
    }

    /// Checks whether only the bytes of pictures are of interest.
    pub(super) fn is_of_pictures(self) -> bool {
        self == Self::Lossy
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Everything => "worker-pack, `--keep on --dictionaries on`",
            Self::Default => "worker-pack",
            Self::Lossy => "worker-pack, `--pictures lossy`",
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
    /// Starts those of a contender. `model` are those whose header fields the rivals send.
    pub(super) fn of(
        bench: &Bench,
        site: &Site,
        packs: &Packs,
        contender: Contender,
        model: &Self,
    ) -> Result<Self> {
        match contender {
            Contender::Everything => Self::of_pack(bench, site, &packs.everything.served),
            Contender::Default => Self::of_pack(bench, site, &packs.default),
            Contender::Lossy => Self::of_pack(bench, site, &packs.lossy),
            rival => Self::of_rival(bench, site, rival, model),
        }
    }

    /// Starts those that serve what worker-pack has packed.
    pub(super) fn of_pack(bench: &Bench, site: &Site, pack: &Served) -> Result<Self> {
        let before = pack.serve(bench, &site.before)?;
        Ok(Self { before, after: pack.serve(bench, &site.after)? })
    }

    /// Starts those of a rival, whose replies have the fields of other servers.
    fn of_rival(bench: &Bench, site: &Site, rival: Contender, model: &Self) -> Result<Self> {
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
