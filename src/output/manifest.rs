//! The table as JSON, for tools that do not read Rust, and for later comparisons.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use worker_pack_runtime::behaviour::Fidelity;
use worker_pack_runtime::routing::OtherPaths;
use worker_pack_runtime::{Behaviour, Coding, ETag};

use super::GENERATOR;
use super::folder::INCLUDED;
use super::shards::Shards;
use super::worker::WrittenSettings;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::named;
use crate::options::HeadersOnSsr;
use crate::rules::SiteRules;
use crate::tabulate::{AssetEntry, AssetTable};

/// The version of the manifest's format. It changes when a field is removed or changes its meaning.
pub(crate) const VERSION: u32 = 1;

/// The beginning of a manifest, by which worker-pack recognises its own output.
pub(crate) const MARK: &str = "{\n  \"generator\": \"worker-pack\",";

/// Returns whether a text begins like a manifest. Space does not count: git may have changed line ends, and
/// formatters the rest.
pub(crate) fn is_manifest(text: &str) -> bool {
    let is_letter = |c: &char| !c.is_ascii_whitespace();
    let mut letters = without_byte_order_mark(text).chars().filter(is_letter);
    MARK.chars().filter(is_letter).all(|expected| letters.next() == Some(expected))
}

/// Returns a text without the byte order mark that some editors write.
fn without_byte_order_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

/// The manifest of a packed site.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    generator: String,
    pub(crate) version: u32,
    /// The files of the output, which the next one may remove. `assets.rs` names its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    files: Option<Vec<String>>,
    /// The settings that are written into the configuration for wrangler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings: Option<WrittenSettings>,
    /// The header rules on responses of the Worker's own code, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers_on_ssr: Option<HeadersOnSsr>,
    /// The rules of the site, which the first manifests do not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rules: Option<Rules>,
    /// The assets by their routes.
    pub(crate) assets: BTreeMap<String, Asset>,
}

/// The rules of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rules {
    /// The names of the choices in [`Behaviour`].
    pub(crate) compat: String,
    pub(crate) html_handling: String,
    pub(crate) not_found_handling: String,
    #[serde(default = "improved", skip_serializing_if = "is_improved", with = "named")]
    pub(crate) fidelity: Fidelity,
    /// The division of paths, unless the assets are asked first for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) routing: Option<Routing>,
    /// The redirects in the order in which they are looked up.
    pub(crate) redirects: Vec<Redirect>,
    pub(crate) headers: Vec<HeaderRule>,
}

/// Returns the fidelity of a manifest that names none.
fn improved() -> Fidelity {
    Fidelity::Improved
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_improved(fidelity: &Fidelity) -> bool {
    *fidelity == Fidelity::Improved
}

/// The paths that the Worker's own code answers even if they have an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Routing {
    pub(crate) server: Vec<String>,
    pub(crate) except: Vec<String>,
    #[serde(with = "named")]
    pub(crate) others: OtherPaths,
}

/// The code that answers paths without an asset.
#[cfg(feature = "cli")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnCode {
    /// There is none: the table answers every path.
    Missing,
    /// A server, or a program in Rust.
    Present(HeadersOnSsr),
    /// The manifest is that of a table, and not of a Worker.
    Unknown,
}

/// A line of `_redirects`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redirect {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) status: u16,
}

/// A rule of `_headers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeaderRule {
    pub(crate) pattern: String,
    /// The names of the fields that are removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) remove: Vec<String>,
    /// The names and values of the fields that are set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) set: Vec<(String, String)>,
}

/// An asset.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asset {
    /// The path of the URL, percent-encoded.
    pub(crate) url: String,
    pub(crate) content_type: String,
    pub(crate) cache_control: String,
    /// The value of `Link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    /// The value of `Use-As-Dictionary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) use_as_dictionary: Option<String>,
    /// The value of `Content-Security-Policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_security_policy: Option<String>,
    /// The route of the asset with the same bytes, if the name of this one has a fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint_of: Option<String>,
    /// True for a file of an earlier build.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) kept: bool,
    /// The representations, the preferred one first and the one without a coding last.
    pub(crate) representations: Vec<Representation>,
    /// The variants, the preferred one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) variants: Vec<Variant>,
}

/// A representation of another media type, or encoded with a dictionary.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Variant {
    /// Its media type, if that is not the asset's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    /// The SHA-256 of its dictionary, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dictionary: Option<ContentHash>,
    #[serde(flatten)]
    pub(crate) representation: Representation,
}

/// A representation of an asset.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Representation {
    pub(crate) encoding: String,
    /// The file that contains the body, unless another body decodes to it or the target is a Worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// The position of the body in that file, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<usize>,
    pub(crate) bytes: usize,
    pub(crate) sha256: ContentHash,
    etag: String,
}

/// The place of a table's bodies.
#[derive(Clone, Copy)]
pub(crate) enum BodyFiles<'s> {
    /// In files that an emitted module includes.
    InShards(&'s Shards),
    /// Side by side in the modules of a Worker, which consists of these files.
    InModules {
        files: &'s [String],
        settings: &'s WrittenSettings,
        headers_on_ssr: Option<HeadersOnSsr>,
    },
    /// In no file: the site is packed to be compared.
    None,
}

/// Renders the manifest.
pub(crate) fn render(table: &AssetTable, files: BodyFiles<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&Manifest::new(table, files))
        .expect("a manifest is plain data");
    text.push('\n');
    text
}

/// The places of a manifest in the output of each target.
pub(crate) const PLACES: [&str; 4] =
    ["manifest.json", "bundle/manifest.json", "table/manifest.json", "build/table/manifest.json"];

/// The part of a manifest that every version has.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

impl Manifest {
    /// Finds the manifest of the output in a folder.
    pub(crate) fn place_in(folder: &Path) -> Option<PathBuf> {
        let is_manifest =
            |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| is_manifest(&text));
        PLACES.map(|place| folder.join(place)).into_iter().find(is_manifest)
    }

    /// Reads the manifest of the output in a folder, if there is one that this version reads.
    pub(crate) fn in_folder(folder: &Path) -> Option<Self> {
        Self::read(&Self::place_in(folder)?).ok()
    }

    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> Result<Self, PackError> {
        let text = fs::read_to_string(path).map_err(PackError::io(Stage::Check, "read", path))?;
        Self::parse(path, &text)
    }

    /// Parses a manifest. `path` is its name in messages.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, PackError> {
        let invalid = |message: String| PackError::Config { path: path.to_owned(), message };
        if !is_manifest(text) {
            return Err(invalid("it is not a manifest that worker-pack wrote".to_owned()));
        }
        let text = without_byte_order_mark(text);
        let head: Head = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        if head.version > VERSION {
            let version = head.version;
            return Err(invalid(format!(
                "a newer worker-pack wrote it (version {version} of the format, and this one reads {VERSION}); update worker-pack"
            )));
        }
        serde_json::from_str(text).map_err(|error| invalid(error.to_string()))
    }

    /// Makes the manifest of a table.
    pub(crate) fn new(table: &AssetTable, files: BodyFiles<'_>) -> Self {
        let behaviour = table.rules().behaviour;
        let assets = table
            .entries()
            .iter()
            .map(|entry| (entry.route.as_str().to_owned(), Asset::new(entry, behaviour, files)));
        let (names, settings, headers_on_ssr) = match files {
            BodyFiles::InShards(_) | BodyFiles::None => (None, None, None),
            BodyFiles::InModules { files, settings, headers_on_ssr } => {
                (Some(files.to_vec()), Some(settings.clone()), headers_on_ssr)
            }
        };
        Self {
            generator: GENERATOR.to_owned(),
            version: VERSION,
            files: names,
            settings,
            headers_on_ssr,
            rules: Some(Rules::new(table.rules())),
            assets: assets.collect(),
        }
    }

    /// Returns the code that answers paths without an asset.
    #[cfg(feature = "cli")]
    pub(crate) fn own_code(&self) -> OwnCode {
        match (&self.files, self.headers_on_ssr) {
            (_, Some(headers)) => OwnCode::Present(headers),
            (Some(_), None) => OwnCode::Missing,
            (None, None) => OwnCode::Unknown,
        }
    }
}

impl Rules {
    fn new(rules: &SiteRules) -> Self {
        let Behaviour { compat, html_handling, not_found_handling, fidelity } = rules.behaviour;
        let crate::rules::Routing { server, except, others } = &rules.routing;
        let is_default = server.is_empty() && *others == OtherPaths::AssetsThenServer;
        let redirects = rules.redirects.fixed.iter().chain(&rules.redirects.dynamic);
        let redirect = |it: &crate::rules::Redirect| Redirect {
            from: it.from.clone(),
            to: it.to.clone(),
            status: it.status,
        };
        let header = |it: &crate::rules::HeaderRule| HeaderRule {
            pattern: it.pattern.clone(),
            remove: it.remove.clone(),
            set: it.set.clone(),
        };
        Self {
            compat: compat.to_string(),
            html_handling: html_handling.to_string(),
            not_found_handling: not_found_handling.to_string(),
            fidelity,
            routing: (!is_default).then(|| Routing {
                server: server.clone(),
                except: except.clone(),
                others: *others,
            }),
            redirects: redirects.map(redirect).collect(),
            headers: rules.headers.iter().map(header).collect(),
        }
    }
}

impl Asset {
    fn new(entry: &AssetEntry, behaviour: Behaviour, files: BodyFiles<'_>) -> Self {
        let representation =
            |coding, blob: &Blob| Representation::new(coding, blob, entry.etag(blob), files);
        let encoded = entry.encoded.iter().map(|(coding, blob)| representation(*coding, blob));
        let identity = representation(Coding::Identity, &entry.identity);
        let variant = |one: &crate::asset::variant::Variant| Variant {
            content_type: one.content_type.clone(),
            dictionary: one.dictionary,
            representation: representation(one.coding, &one.body),
        };
        Self {
            url: worker_pack_runtime::packer::path::encode(&entry.route.url_path_in(behaviour)),
            content_type: entry.content_type.clone(),
            cache_control: entry.cache_policy.to_string(),
            link: entry.link.clone(),
            use_as_dictionary: entry.use_as_dictionary.clone(),
            content_security_policy: entry.content_security_policy.clone(),
            fingerprint_of: entry.fingerprint_of.as_ref().map(ToString::to_string),
            kept: entry.is_of_earlier_build(),
            representations: encoded.chain([identity]).collect(),
            variants: entry.variants.iter().map(variant).collect(),
        }
    }
}

impl Representation {
    fn new(coding: Coding, blob: &Blob, etag: ETag, files: BodyFiles<'_>) -> Self {
        let place = match files {
            BodyFiles::InShards(shards) => shards.find(blob),
            BodyFiles::InModules { .. } | BodyFiles::None => None,
        };
        Self {
            encoding: coding.token().to_owned(),
            file: place.map(|(shard, _)| format!("{INCLUDED}/{}", shard.name)),
            offset: place.map(|(_, offset)| offset),
            bytes: blob.len(),
            sha256: blob.hash(),
            etag: etag.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_whatever_its_space_and_line_ends_are() {
        let text = "{\n  \"generator\": \"worker-pack\",\n  \"version\": 1,\n  \"assets\": {}\n}\n";
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        for text in
            [text.to_owned(), text.replace('\n', "\r\n"), compact, format!("\u{feff}{text}")]
        {
            assert!(Manifest::parse(Path::new("m.json"), &text).is_ok(), "{text:?}");
        }
        for text in ["", "{}", "{\"generator\":\"other\",\"version\":1}", "\u{feff}"] {
            assert!(Manifest::parse(Path::new("m.json"), text).is_err(), "{text:?}");
        }
    }
}
