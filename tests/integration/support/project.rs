//! Astro projects written by tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::site::files_below;

/// A project in a temporary folder, which is in no repository.
pub(crate) struct Project(TempDir);

impl Project {
    /// Writes the files of a project.
    pub(crate) fn new<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Self {
        let project = Self(TempDir::new().unwrap());
        for (name, bytes) in files {
            project.write(name, bytes);
        }
        project
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder().join(name)).unwrap()
    }

    /// Returns the bytes of all files.
    pub(crate) fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let files = files_below(self.folder()).into_iter();
        let read = |name: std::path::PathBuf| {
            let bytes = fs::read(self.folder().join(&name)).unwrap();
            (name.to_str().unwrap().to_owned(), bytes)
        };
        files.map(read).collect()
    }
}

/// `package.json` of a project with a version of Astro, and other packages.
pub(crate) fn package(astro: &str, others: &[(&str, &str)]) -> String {
    let mut packages = vec![("astro", astro)];
    packages.extend(others);
    packages.sort_unstable();
    let lines: Vec<String> =
        packages.iter().map(|(name, range)| format!("    \"{name}\": \"{range}\"")).collect();
    format!(
        "{{\n  \"name\": \"my-site\",\n  \"type\": \"module\",\n  \"scripts\": {{\n    \"dev\": \"astro dev\",\n    \"build\": \"astro build\",\n    \"preview\": \"astro preview\"\n  }},\n  \"dependencies\": {{\n{}\n  }}\n}}\n",
        lines.join(",\n")
    )
}
