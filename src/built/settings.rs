//! The settings of a Worker in its configuration for wrangler, as an environment changes them.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::rules::Rules;
use crate::feedback::error::PackError;
use crate::project::path::normalised;
use crate::project::wrangler::WranglerConfig;

/// The settings that decide what wrangler uploads.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    config: WranglerConfig,
    /// The settings of the environment, if one was chosen.
    environment: Map<String, Value>,
}

impl Settings {
    /// Reads a configuration, and chooses an environment of it.
    pub(super) fn read(path: &Path, environment: Option<&str>) -> Result<Self, PackError> {
        let config = WranglerConfig::read(path)?;
        let environment = match environment {
            None => Map::new(),
            Some(name) => {
                let found = config.environments().find(|(one, _)| *one == name);
                let Some((_, settings)) = found else {
                    let known: Vec<String> =
                        config.environments().map(|(name, _)| format!("`{name}`")).collect();
                    let known = match known.as_slice() {
                        [] => "it has none".to_owned(),
                        known => format!("it has {}", known.join(", ")),
                    };
                    let message = format!("it has no environment `{name}`; {known}");
                    return Err(PackError::Config { path: path.to_owned(), message });
                };
                settings.clone()
            }
        };
        Ok(Self { config, environment })
    }

    pub(super) fn path(&self) -> &Path {
        self.config.path()
    }

    /// Returns the folder from which its paths lead.
    pub(super) fn folder(&self) -> &Path {
        self.config.folder()
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.environment.get(name).or_else(|| self.config.get(name)).filter(|it| !it.is_null())
    }

    /// Returns the error of a setting that wrangler does not accept.
    fn invalid(&self, message: impl Into<String>) -> PackError {
        PackError::Config { path: self.path().to_owned(), message: message.into() }
    }

    fn text(&self, name: &str) -> Result<Option<&str>, PackError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(format!("`{name}` is not a string"))),
        }
    }

    fn switch(&self, name: &str) -> Result<Option<bool>, PackError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(self.invalid(format!("`{name}` is not `true` or `false`"))),
        }
    }

    /// Returns the path of the first module. Returns `None` if the Worker has only static assets.
    pub(super) fn main(&self) -> Result<Option<PathBuf>, PackError> {
        let Some(main) = self.text("main")? else {
            if self.get("assets").is_some() {
                return Ok(None);
            }
            return Err(self.invalid("it names no `main` module"));
        };
        let path = normalised(&self.folder().join(main));
        if path.extension().is_some_and(|extension| extension == "py") {
            return Err(self.invalid("`main` is in Python, whose modules are not weighed"));
        }
        if path.is_file() {
            return Ok(Some(path));
        }
        let command = self.get("build").and_then(|build| build.get("command")?.as_str());
        let remedy = match command {
            Some(command) => format!("run `{command}`, its `build.command`"),
            None => "build the Worker, or name the configuration of one that is built".to_owned(),
        };
        let config = self.config.file_name();
        let message = format!("is missing, though it is `main` in {config}: {remedy}");
        Err(PackError::NotBuilt { path, message })
    }

    /// Returns the folder whose files are modules.
    pub(super) fn base(&self, main: &Path) -> Result<PathBuf, PackError> {
        let Some(base) = self.text("base_dir")? else {
            return Ok(main.parent().unwrap_or(self.folder()).to_owned());
        };
        let path = normalised(&self.folder().join(base));
        if path.is_dir() {
            Ok(path)
        } else {
            Err(self.invalid(format!("`base_dir`, `{base}`, is not a folder")))
        }
    }

    pub(super) fn rules(&self) -> Result<Rules, PackError> {
        Rules::of(self.get("rules")).map_err(|message| self.invalid(message))
    }

    /// Returns whether wrangler uploads the modules as they are written.
    pub(super) fn is_bundled(&self) -> Result<bool, PackError> {
        Ok(!self.switch("no_bundle")?.unwrap_or_default())
    }

    /// Returns whether wrangler uploads the files below the base folder that the rules match.
    pub(super) fn finds_modules(&self) -> Result<bool, PackError> {
        let is_default = !self.is_bundled()?;
        Ok(self.switch("find_additional_modules")?.unwrap_or(is_default))
    }

    /// Returns the folder whose files go to Workers Static Assets.
    pub(super) fn assets(&self) -> Option<PathBuf> {
        let folder = self.get("assets")?.get("directory")?.as_str()?;
        Some(self.folder().join(folder))
    }
}
