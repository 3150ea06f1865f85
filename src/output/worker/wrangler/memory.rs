//! The memory of the settings that a build wrote into the configuration of its output folder. The
//! next build replaces those that are still as they were written, and keeps all others, which are
//! the user's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::asset::digest::ContentHash;
use crate::disk::Folder;
use crate::output::MANIFEST;
use crate::output::worker::write::BUNDLE;

/// The hashes of settings that worker-pack wrote, by their places, such as `env/staging/vars`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct WrittenSettings(BTreeMap<String, ContentHash>);

/// The part of a manifest that contains them. Manifests of versions before it have none.
#[derive(Deserialize)]
struct Remembered {
    settings: Option<WrittenSettings>,
}

impl WrittenSettings {
    /// Reads the memory from the manifest of an output folder.
    pub(super) fn read(out: &Folder) -> Option<Self> {
        let manifest = out.read(format!("{BUNDLE}/{MANIFEST}")).ok()?;
        serde_json::from_slice::<Remembered>(&manifest).ok()?.settings
    }

    /// Returns whether a setting is remembered, with any value.
    pub(super) fn contains(&self, place: &str) -> bool {
        self.0.contains_key(place)
    }

    /// Returns whether a setting was written with this value.
    pub(super) fn has(&self, place: &str, value: &Value) -> bool {
        self.0.get(place) == Some(&hash(value))
    }

    /// Remembers a setting.
    pub(super) fn add(&mut self, place: String, value: &Value) {
        self.0.insert(place, hash(value));
    }
}

fn hash(value: &Value) -> ContentHash {
    ContentHash::of(value.to_string().as_bytes())
}
