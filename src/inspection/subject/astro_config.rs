//! Astro's configuration, as far as rules read it.

use super::Subject;
use super::text::TextFile;
use crate::project::astro_adapter::ADAPTER;
use crate::transform::javascript::{ConfigurationModule, ConfiguredProperty};

/// Astro's configuration.
#[derive(Clone, Debug)]
pub(crate) struct AstroConfig {
    pub(crate) file: TextFile,
    pub(crate) module: ConfigurationModule,
}

impl AstroConfig {
    /// Reads the configuration of a project. Returns `None` if it is missing, or no valid module:
    /// Astro itself reports that.
    pub(super) fn of_project(subject: &Subject) -> Option<Self> {
        /// The names in Astro's order of preference.
        const EXTENSIONS: [&str; 6] = ["mjs", "js", "ts", "mts", "cjs", "cts"];
        let names = EXTENSIONS.map(|extension| format!("astro.config.{extension}"));
        let path = names.iter().map(|name| subject.root.join(name)).find(|path| path.is_file())?;
        let file = TextFile::read(subject.name_of(&path), path).ok()?;
        let module = ConfigurationModule::of(&file.text).ok()?;
        Some(Self { file, module })
    }

    /// Returns a property of the configuration.
    pub(crate) fn property(&self, name: &str) -> Option<&ConfiguredProperty> {
        self.module.properties.iter().rfind(|property| property.name == name)
    }

    /// Returns an option of the adapter.
    pub(crate) fn adapter_option(&self, name: &str) -> Option<&ConfiguredProperty> {
        let call = self.module.calls.iter().find(|call| call.module == ADAPTER)?;
        call.options.iter().find(|option| option.name == name)
    }
}
