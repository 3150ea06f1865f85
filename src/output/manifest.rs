//! The table as JSON, for tools that do not read Rust.

use std::collections::BTreeMap;

use serde::Serialize;
use worker_pack_runtime::{Behaviour, Coding};

use super::folder::BODIES;
use super::rust_module::body_file_name;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::options::Identity;
use crate::tabulate::{AssetEntry, AssetTable};

/// The version of the manifest's format.
const VERSION: u32 = 1;

/// The beginning of a manifest, by which worker-pack recognises its own output.
pub(crate) const MARK: &str = "{\n  \"generator\": \"worker-pack\",";

#[derive(Serialize)]
struct Manifest<'t> {
    generator: &'static str,
    version: u32,
    assets: BTreeMap<&'t str, Asset<'t>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asset<'t> {
    /// The path of the URL, percent-encoded.
    url: String,
    content_type: &'t str,
    cache_control: String,
    representations: Vec<Representation>,
}

#[derive(Serialize)]
struct Representation {
    encoding: &'static str,
    /// The file, if the representation has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    bytes: usize,
    sha256: ContentHash,
    etag: String,
}

/// The place of a table's bodies.
#[derive(Clone, Copy)]
pub(crate) enum BodyFiles {
    /// In files named by their hashes, but for those that are decoded from others.
    InFolder(Identity),
    /// Side by side in the modules of a Worker.
    InModules,
}

/// Renders the manifest.
pub(crate) fn render(table: &AssetTable, files: BodyFiles) -> String {
    let behaviour = table.rules().behaviour;
    let assets = table
        .entries()
        .iter()
        .map(|entry| (entry.route.as_str(), Asset::new(entry, behaviour, files)));
    let manifest =
        Manifest { generator: "worker-pack", version: VERSION, assets: assets.collect() };
    let mut text = serde_json::to_string_pretty(&manifest).expect("a manifest is plain data");
    text.push('\n');
    text
}

impl<'t> Asset<'t> {
    fn new(entry: &'t AssetEntry, behaviour: Behaviour, files: BodyFiles) -> Self {
        let has_file = |coding| match files {
            BodyFiles::InFolder(identity) => {
                coding != Coding::Identity || entry.decoded_from(identity).is_none()
            }
            BodyFiles::InModules => false,
        };
        let representation = |coding, blob: &Blob| {
            let file = has_file(coding).then(|| body_file_name(coding, blob));
            Representation::new(coding, blob, file)
        };
        let encoded = entry.encoded.iter().map(|(coding, blob)| representation(*coding, blob));
        let identity = representation(Coding::Identity, &entry.identity);
        Self {
            url: worker_pack_runtime::packer::path::encode(&entry.route.url_path_in(behaviour)),
            content_type: &entry.content_type,
            cache_control: entry.cache_policy.to_string(),
            representations: encoded.chain([identity]).collect(),
        }
    }
}

impl Representation {
    fn new(coding: Coding, blob: &Blob, file: Option<String>) -> Self {
        Self {
            encoding: coding.token(),
            file: file.map(|name| format!("{BODIES}/{name}")),
            bytes: blob.len(),
            sha256: blob.hash(),
            etag: blob.hash().etag().to_string(),
        }
    }
}
