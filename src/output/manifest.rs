//! The table as JSON, for tools that do not read Rust.

use std::collections::BTreeMap;

use serde::Serialize;
use worker_pack_runtime::{Behaviour, Coding};

use super::GENERATOR;
use super::folder::INCLUDED;
use super::shards::Shards;
use super::worker::WrittenSettings;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::tabulate::{AssetEntry, AssetTable};

/// The version of the manifest's format.
const VERSION: u32 = 1;

/// The beginning of a manifest, by which worker-pack recognises its own output.
pub(crate) const MARK: &str = "{\n  \"generator\": \"worker-pack\",";

#[derive(Serialize)]
struct Manifest<'t> {
    generator: &'static str,
    version: u32,
    /// The files of the output, which the next one may remove. `assets.rs` names its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<&'t [String]>,
    /// The settings that are written into the configuration for wrangler.
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'t WrittenSettings>,
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
    /// The file that contains the body, unless another body decodes to it or the target is a Worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The position of the body in that file, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    bytes: usize,
    sha256: ContentHash,
    etag: String,
}

/// The place of a table's bodies.
#[derive(Clone, Copy)]
pub(crate) enum BodyFiles<'s> {
    /// In files that an emitted module includes.
    InShards(&'s Shards),
    /// Side by side in the modules of a Worker, which consists of these files.
    InModules { files: &'s [String], settings: &'s WrittenSettings },
}

/// Renders the manifest.
pub(crate) fn render<'t>(table: &'t AssetTable, files: BodyFiles<'t>) -> String {
    let behaviour = table.rules().behaviour;
    let assets = table
        .entries()
        .iter()
        .map(|entry| (entry.route.as_str(), Asset::new(entry, behaviour, files)));
    let (names, settings) = match files {
        BodyFiles::InShards(_) => (None, None),
        BodyFiles::InModules { files, settings } => (Some(files), Some(settings)),
    };
    let (generator, version, assets) = (GENERATOR, VERSION, assets.collect());
    let manifest = Manifest { generator, version, files: names, settings, assets };
    let mut text = serde_json::to_string_pretty(&manifest).expect("a manifest is plain data");
    text.push('\n');
    text
}

impl<'t> Asset<'t> {
    fn new(entry: &'t AssetEntry, behaviour: Behaviour, files: BodyFiles<'_>) -> Self {
        let representation = |coding, blob| Representation::new(coding, blob, files);
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
    fn new(coding: Coding, blob: &Blob, files: BodyFiles<'_>) -> Self {
        let place = match files {
            BodyFiles::InShards(shards) => shards.find(blob),
            BodyFiles::InModules { .. } => None,
        };
        Self {
            encoding: coding.token(),
            file: place.map(|(shard, _)| format!("{INCLUDED}/{}", shard.name)),
            offset: place.map(|(_, offset)| offset),
            bytes: blob.len(),
            sha256: blob.hash(),
            etag: blob.hash().etag().to_string(),
        }
    }
}
