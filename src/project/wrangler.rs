//! Reads a configuration for wrangler: `wrangler.json`, `wrangler.jsonc` or `wrangler.toml`.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jsonc_parser::ParseOptions;
use serde_json::{Map, Value};

use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::project::Project;

/// The name that a packed Worker gives the binding of Workers Static Assets.
pub(crate) const PACKED_BINDING: &str = "WORKER_PACK_ASSETS";

/// A configuration, as text and as data.
#[derive(Clone, Debug, Default)]
pub(crate) struct WranglerConfig {
    path: PathBuf,
    /// The text of the file. `None` if it is missing.
    text: Option<String>,
    values: Map<String, Value>,
}

impl WranglerConfig {
    /// The names of a project's configuration, in wrangler's order of preference.
    pub(crate) const NAMES: [&str; 3] = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

    /// Reads a configuration. A missing file has no values.
    pub(crate) fn read(path: &Path) -> Result<Self, PackError> {
        Self::parse(path, fs::read(path))
    }

    /// Parses the bytes of a configuration, or returns the error of reading it.
    pub(crate) fn parse(path: &Path, read: io::Result<Vec<u8>>) -> Result<Self, PackError> {
        let path = path.to_owned();
        let is_utf8 =
            |bytes| String::from_utf8(bytes).map_err(|_| io::Error::from(ErrorKind::InvalidData));
        let text = match read.and_then(is_utf8) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path, text: None, values: Map::new() });
            }
            Err(error) => return Err(PackError::io(Stage::Ingest, "read", path)(error)),
        };
        let values = if path.extension().is_some_and(|extension| extension == "toml") {
            toml::from_str::<Value>(&text).map_err(|error| error.to_string())
        } else {
            jsonc_parser::parse_to_serde_value::<Value>(&text, &ParseOptions::default())
                .map_err(|error| error.to_string())
        };
        match values {
            Ok(Value::Object(values)) => Ok(Self { path, text: Some(text), values }),
            Ok(_) => Err(PackError::Config {
                path,
                message: "its top level is not an object".to_owned(),
            }),
            Err(message) => Err(PackError::Config { path, message }),
        }
    }

    /// Reads the configuration that a site is deployed with: the one that the adapter wrote into
    /// the build, else the project's.
    pub(super) fn of_site(project: &Project) -> Result<Self, PackError> {
        let Project { dist, folder, layout, .. } = project;
        let of_adapter = layout.adapter_configs().iter().map(Path::new);
        if let Some(name) = of_adapter.clone().find(|name| folder.join(name).exists()) {
            let read = project.file(name).and_then(|file| file.read());
            return Self::parse(&dist.join(name), read);
        }
        // The packed folder may be a link: the project is where the link is.
        let parent = dist.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let found = Self::NAMES.iter().map(|name| parent.join(name)).find(|path| path.exists());
        Self::read(&found.unwrap_or_else(|| parent.join(Self::NAMES[1])))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the text. Returns `None` if the file is missing.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    pub(crate) fn exists(&self) -> bool {
        self.text.is_some()
    }

    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Returns its `assets`, unless worker-pack wrote them: those of a packed Worker contain what
    /// moved out of it, and say nothing about the site.
    pub(crate) fn assets(&self) -> Option<&Value> {
        self.get("assets").filter(|assets| assets.get("binding") != Some(&PACKED_BINDING.into()))
    }

    /// Returns an option in its `assets`.
    pub(crate) fn asset_option(&self, name: &str) -> Option<&Value> {
        self.assets()?.get(name)
    }

    /// Returns whether the Worker has a compatibility flag.
    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        let flags = self.values.get("compatibility_flags").and_then(Value::as_array);
        flags.is_some_and(|flags| flags.iter().any(|one| one == flag))
    }
}
