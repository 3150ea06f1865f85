//! Packs of a site, with different options.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use fs_err as fs;
use serde::Deserialize;

use super::Bench;
use super::sites::Site;
use crate::bench::process::Usage;
use crate::command::output;
use crate::server::process::{Log, Server, Stream, port_of_url};

/// The choices of a pack.
#[derive(Clone, Copy)]
pub(super) enum Choice {
    /// Minified, and compressed with Brotli.
    Plain,
    /// No options.
    Default,
    /// With dictionaries and files of earlier builds, and with smaller pictures of the same pixels.
    Everything,
    /// With pictures of other pixels.
    Lossy,
}

impl Choice {
    /// Returns the options. Files of earlier builds are kept in a folder.
    fn options(self, store: &Path) -> Vec<[String; 2]> {
        let keep = format!("store={}", store.display());
        let options = match self {
            Self::Plain => vec![["--dictionaries", "off"], ["--pictures", "off"]],
            Self::Default => Vec::new(),
            Self::Everything => {
                vec![["--dictionaries", "on"], ["--pictures", "lossless"], ["--keep", &keep]]
            }
            Self::Lossy => vec![["--pictures", "lossy"]],
        };
        options.into_iter().map(|option| option.map(str::to_owned)).collect()
    }
}

/// The options of `worker-pack build`, as its help tells them: a program that `--binary` names may not have some
/// of them yet.
pub(super) struct Known(String);

impl Known {
    pub(super) fn of(program: &Path) -> Result<Self> {
        Ok(Self(output(Command::new(program).args(["build", "--help"]))?))
    }

    /// Checks whether the program makes pictures of other pixels.
    pub(super) fn has_lossy_pictures(&self) -> bool {
        self.0.contains("lossy")
    }

    fn has(&self, option: &str) -> bool {
        self.0.contains(&format!("{option} <"))
    }
}

/// The options of a site, and the cache with its results.
pub(super) struct Served {
    options: Vec<String>,
    cache: PathBuf,
}

impl Served {
    fn new(bench: &Bench, choice: Choice, folder: &Path, cache: &Path) -> Self {
        let options = choice.options(&folder.join("kept"));
        let known = options.into_iter().filter(|[name, _]| bench.known.has(name));
        Self { options: known.flatten().collect(), cache: cache.to_owned() }
    }

    /// Serves a build, with the options, the cache and the kept files.
    pub(super) fn serve(&self, bench: &Bench, dist: &Path) -> Result<Server> {
        let mut command = Command::new(&bench.program);
        command.arg("serve").arg(dist).args(["--quiet", "--port", "0"]).args(&self.options);
        command.arg("--cache-dir").arg(&self.cache).current_dir(&bench.folder);
        Server::start(&mut command, Stream::Errors, Log::Shown, port_of_url)
    }
}

/// A packed site.
pub(super) struct Pack {
    pub(super) served: Served,
    /// The folder of the Worker's modules.
    pub(super) worker: PathBuf,
    pub(super) manifest: Manifest,
    /// The resources of each run without a cache.
    pub(super) usages: Vec<Usage>,
}

/// A site, packed with each choice.
pub(super) struct Packs {
    pub(super) name: String,
    pub(super) plain: Pack,
    pub(super) everything: Pack,
    pub(super) default: Served,
    pub(super) lossy: Served,
}

impl Packs {
    /// Packs a site as it is before its redeploy, with the choices in turn.
    pub(super) fn of(bench: &Bench, site: &Site) -> Result<Self> {
        let pack = |choice| Pack::new(bench, site, choice);
        let (mut plain, mut everything) = (pack(Choice::Plain)?, pack(Choice::Everything)?);
        for _ in 1..bench.rounds {
            for (pack, choice) in
                [(&mut plain, Choice::Plain), (&mut everything, Choice::Everything)]
            {
                pack.usages.append(&mut Pack::new(bench, site, choice)?.usages);
            }
        }
        // These two are served only, so that they may use the results of another.
        let served = |choice| {
            Ok::<_, anyhow::Error>(Served::new(
                bench,
                choice,
                &bench.fresh()?,
                &everything.served.cache,
            ))
        };
        let (default, lossy) = (served(Choice::Default)?, served(Choice::Lossy)?);
        Ok(Self { name: site.name.clone(), plain, everything, default, lossy })
    }
}

impl Pack {
    fn new(bench: &Bench, site: &Site, choice: Choice) -> Result<Self> {
        let folder = bench.fresh()?;
        let (out, cache) = (folder.join("out"), folder.join("cache"));
        let served = Served::new(bench, choice, &folder, &cache);
        let mut command = Command::new(&bench.program);
        command.arg("build").arg(&site.before).args(["--quiet", "--target", "worker"]);
        command.args(&served.options).arg("--out").arg(&out).arg("--cache-dir").arg(&cache);
        // This folder contains no configuration.
        let usage = Usage::of(command.current_dir(&bench.folder))?;
        let manifest = serde_json::from_slice(&fs::read(out.join("bundle/manifest.json"))?)?;
        let worker = out.join("bundle/worker");
        Ok(Self { served, worker, manifest, usages: vec![usage] })
    }
}

/// The manifest of a packed site.
#[derive(Deserialize)]
pub(super) struct Manifest {
    /// The files of the site, by their paths.
    pub(super) assets: BTreeMap<String, Asset>,
}

/// A file of the site.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asset {
    content_type: String,
    /// The field by which it becomes a dictionary.
    use_as_dictionary: Option<String>,
    representations: Vec<Body>,
    #[serde(default)]
    variants: Vec<Body>,
}

/// A body of a file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    /// Its media type, if that is not the asset's.
    content_type: Option<String>,
    dictionary: Option<String>,
    bytes: usize,
}

impl Asset {
    pub(super) fn is_page(&self) -> bool {
        self.content_type.starts_with("text/html")
    }

    /// Checks whether pages are encoded with this file as their dictionary: others are for later builds of
    /// themselves.
    pub(super) fn is_dictionary(&self) -> bool {
        self.use_as_dictionary.as_ref().is_some_and(|offer| offer.contains("document"))
    }

    /// Returns the size as sent to a client that accepts Brotli, and no other type.
    pub(super) fn plain(&self) -> usize {
        self.representations.iter().map(|body| body.bytes).min().unwrap_or_default()
    }

    /// Returns the size of the body that is encoded with a dictionary.
    pub(super) fn with_dictionary(&self) -> Option<usize> {
        let bodies = self.variants.iter().filter(|body| body.dictionary.is_some());
        bodies.map(|body| body.bytes).min()
    }

    /// Returns the size as sent to Chromium, which has the dictionary of the pages. That a visitor has a
    /// script of an earlier build is not assumed.
    pub(super) fn smallest(&self) -> usize {
        let types = self.variants.iter().filter(|body| body.content_type.is_some());
        let other_types = types.map(|body| body.bytes).min();
        let of_page = if self.is_page() { self.with_dictionary() } else { None };
        [Some(self.plain()), other_types, of_page].into_iter().flatten().min().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(json: &str) -> Asset {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_smallest_body_of_a_page_is_the_one_with_a_dictionary() {
        let page = asset(
            r#"{"contentType": "text/html", "representations": [{"bytes": 9}, {"bytes": 30}],
                "variants": [{"dictionary": "ab", "bytes": 2}]}"#,
        );
        assert_eq!((page.plain(), page.with_dictionary(), page.smallest()), (9, Some(2), 2));
    }

    #[test]
    fn the_earlier_build_of_a_script_is_not_assumed() {
        let script = asset(
            r#"{"contentType": "text/javascript", "useAsDictionary": "match=\"/a.*.js\"",
                "representations": [{"bytes": 9}], "variants": [{"dictionary": "ab", "bytes": 2}]}"#,
        );
        assert_eq!((script.smallest(), script.is_dictionary()), (9, false));
        let dictionary = asset(
            r#"{"contentType": "application/octet-stream", "representations": [{"bytes": 9}],
                "useAsDictionary": "match=\"/*\", match-dest=(\"document\" \"\")"}"#,
        );
        assert!(dictionary.is_dictionary());
        let picture = asset(
            r#"{"contentType": "image/png", "representations": [{"bytes": 9}],
                "variants": [{"contentType": "image/webp", "bytes": 5}]}"#,
        );
        assert_eq!(picture.smallest(), 5);
    }
}
