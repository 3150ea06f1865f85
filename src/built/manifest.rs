//! The manifest of a packed site, by which the bodies in a built Worker get the names of their files.

use std::collections::{BTreeMap, btree_map::Entry};
use std::env;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use worker_pack_runtime::Coding;

use crate::asset::digest::ContentHash;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::output::folder::{INCLUDED, TABLE};
use crate::output::manifest::{self, is_manifest};

/// The name of a manifest.
const NAME: &str = "manifest.json";

/// Number of folders above the configuration whose `target` may contain the output of a build script.
const ABOVE: usize = 3;

/// A body of the site.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// The route of its file, with the content coding.
    pub(super) name: String,
    pub(super) hash: ContentHash,
    pub(super) len: usize,
    /// True if its file has a compressed body, which it could be decoded from.
    pub(super) is_copy: bool,
    /// The file beside the manifest that contains it, and its offset there.
    pub(super) place: Option<(String, usize)>,
}

/// A manifest.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) path: PathBuf,
    /// The bodies, in the order of the table. Equal ones are listed once.
    pub(super) bodies: Vec<Body>,
}

impl Manifest {
    /// Reads a manifest that the user names.
    pub(super) fn read(path: &Path) -> Result<Self, PackError> {
        let text = fs::read_to_string(path).map_err(PackError::io(Stage::Output, "read", path))?;
        Self::parse(path, &text).ok_or_else(|| PackError::Config {
            path: path.to_owned(),
            message: "it is not a manifest that worker-pack wrote".to_owned(),
        })
    }

    fn parse(path: &Path, text: &str) -> Option<Self> {
        if !is_manifest(text) {
            return None;
        }
        let document: manifest::Manifest = serde_json::from_str(text).ok()?;
        let mut bodies: Vec<Body> = Vec::new();
        let mut known = BTreeMap::<ContentHash, (usize, usize)>::new();
        for (route, asset) in document.assets {
            let is_encoded = asset.representations.len() > 1;
            let variants = asset.variants.into_iter().map(|variant| variant.representation);
            for one in asset.representations.into_iter().chain(variants) {
                match known.entry(one.sha256) {
                    Entry::Occupied(mut entry) => entry.get_mut().1 += 1,
                    Entry::Vacant(entry) => {
                        entry.insert((bodies.len(), 0));
                        let is_identity = one.encoding == Coding::Identity.token();
                        let name = if is_identity {
                            route.clone()
                        } else {
                            format!("{route} ({})", one.encoding)
                        };
                        bodies.push(Body {
                            name,
                            hash: one.sha256,
                            len: one.bytes,
                            is_copy: is_identity && is_encoded,
                            place: one.file.map(|file| (file, one.offset.unwrap_or_default())),
                        });
                    }
                }
            }
        }
        for (index, others) in known.into_values().filter(|(_, others)| *others > 0) {
            let plural = if others == 1 { "other" } else { "others" };
            let name = &mut bodies[index].name;
            *name = format!("{name} and {others} {plural}");
        }
        Some(Self { path: path.to_owned(), bodies })
    }

    /// Returns the manifests beside a Worker that is in these folders.
    pub(super) fn beside(folders: &[PathBuf]) -> Vec<Self> {
        let paths = folders.iter().flat_map(|folder| {
            let parent = folder.parent().unwrap_or(folder);
            let inner = ["bundle", "table", "build/table"];
            let inner = inner.map(|inner| folder.join(inner).join(NAME));
            [folder.join(NAME), parent.join(NAME)].into_iter().chain(inner)
        });
        Self::all(paths.collect())
    }

    /// Returns the manifests of the build scripts that Cargo ran in these folders or around them.
    pub(super) fn of_cargo(folders: &[PathBuf]) -> Vec<Self> {
        let around = folders.iter().flat_map(|folder| folder.ancestors().take(ABOVE));
        let targets = around.map(|folder| folder.join("target"));
        let targets = targets.chain(env::var_os("CARGO_TARGET_DIR").map(PathBuf::from));
        let builds = targets.flat_map(|target| {
            let target = target.join("wasm32-unknown-unknown");
            ["release", "debug"].map(|profile| target.join(profile).join("build"))
        });
        let outs = builds.flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
        Self::all(outs.map(|build| build.path().join("out").join(NAME)).collect())
    }

    /// Reads those of the files that are manifests.
    fn all(mut paths: Vec<PathBuf>) -> Vec<Self> {
        paths.sort();
        paths.dedup();
        let read = |path: PathBuf| Self::parse(&path, &fs::read_to_string(&path).ok()?);
        paths.into_iter().filter_map(read).collect()
    }

    /// Returns the bodies that a file beside the manifest contains, with their places in it.
    pub(super) fn in_file<'m>(
        &'m self,
        file: &'m str,
    ) -> impl Iterator<Item = (Range<usize>, &'m Body)> {
        self.bodies.iter().filter_map(move |body| {
            let (own, start) = body.place.as_ref()?;
            (own == file).then(|| (*start..start.saturating_add(body.len), body))
        })
    }

    /// Returns the files beside the manifest that contain bodies.
    pub(super) fn files(&self) -> Vec<&str> {
        let places = self.bodies.iter().filter_map(|body| body.place.as_ref());
        let mut files: Vec<&str> = places.map(|(file, _)| file.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Returns the bytes of the table that was compiled together with the bodies.
    pub(super) fn table(&self) -> Option<Vec<u8>> {
        let files = fs::read_dir(self.path.parent()?.join(INCLUDED)).ok()?.flatten();
        let is_table = |path: &PathBuf| path.to_string_lossy().ends_with(TABLE);
        fs::read(files.map(|file| file.path()).find(is_table)?).ok()
    }

    /// Returns the bytes of a file beside the manifest.
    pub(super) fn bytes(&self, file: &str) -> Option<Vec<u8>> {
        fs::read(self.path.parent()?.join(file)).ok()
    }
}
