//! Settings whose values are paths. Wrangler resolves them from the folder of the configuration, so
//! a configuration in another folder needs other values.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::project::path::{absolute, between, normalised, real, slashes};

/// The forms of a setting that is a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A file or a folder.
    Path,
    /// A Dockerfile, or the name of an image in a registry, which has a tag.
    Image,
    /// A file by its relative path, or else a package.
    Module,
}

/// The settings that are paths, besides those of the Worker that is replaced. `[]` is each element
/// of a list, `*` each value of an object.
const PATHS: [(&str, Form); 11] = [
    ("alias.*", Form::Module),
    ("tsconfig", Form::Path),
    ("build.watch_dir", Form::Path),
    ("build.watch_dir[]", Form::Path),
    ("d1_databases[].migrations_dir", Form::Path),
    ("containers[].image", Form::Image),
    ("containers[].image_build_context", Form::Path),
    ("containers[].images.*.dockerfile", Form::Path),
    ("containers[].images.*.build_context", Form::Path),
    // The name that wrangler has replaced by `image`.
    ("containers[].configuration.image", Form::Image),
    ("containers[].configuration.image_build_context", Form::Path),
];

/// The folder in which wrangler looks for the migrations of a database that names none.
const MIGRATIONS: &str = "migrations";

/// The folder that wrangler watches for a command that builds the Worker, if none is named.
const SOURCES: &str = "./src";

/// Rewrites paths of a configuration for another folder.
#[derive(Clone, Debug)]
pub(in crate::output::worker) struct Rebase {
    /// The folders from which a path may be meant, the most likely one first.
    from: Vec<PathBuf>,
    /// The folder of the new configuration.
    to: PathBuf,
}

impl Rebase {
    /// Makes a rebase from the folder of a configuration. `others` are folders from which a path is
    /// meant that leads nowhere otherwise: some adapters copy paths as they are.
    pub(in crate::output::worker) fn new(
        from: &Path,
        others: impl IntoIterator<Item = PathBuf>,
        to: &Path,
    ) -> Self {
        let real = from.canonicalize().ok();
        let all = [from.to_owned()].into_iter().chain(real).chain(others);
        Self { from: all.map(|folder| absolute(&folder)).collect(), to: absolute(to) }
    }

    /// Rewrites the paths in a setting of the top level or of an environment.
    pub(super) fn setting(&self, name: &str, mut value: Value) -> Value {
        if name == "previews" {
            if let Value::Object(settings) = &mut value {
                for (name, value) in settings {
                    *value = self.setting(name, value.take());
                }
            }
            return value;
        }
        if name == "d1_databases" {
            for database in value.as_array_mut().into_iter().flatten() {
                database.as_object_mut().into_iter().for_each(|database| self.migrations(database));
            }
            return value;
        }
        if name == "build"
            && let Value::Object(build) = &mut value
            && build.contains_key("command")
        {
            build.entry("watch_dir").or_insert_with(|| SOURCES.into());
        }
        for (path, form) in PATHS {
            let end = path.find(['.', '[']).unwrap_or(path.len());
            if path[..end] == *name {
                self.at(&mut value, &path[end..], form);
            }
        }
        value
    }

    /// Rewrites the values at a path below a setting.
    fn at(&self, value: &mut Value, path: &str, form: Form) {
        if let Some(rest) = path.strip_prefix("[]") {
            value.as_array_mut().into_iter().flatten().for_each(|one| self.at(one, rest, form));
        } else if let Some(rest) = path.strip_prefix(".*") {
            let all = value.as_object_mut().into_iter().flat_map(Map::values_mut);
            all.for_each(|one| self.at(one, rest, form));
        } else if let Some(rest) = path.strip_prefix('.') {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if let Some(one) = value.get_mut(&rest[..end]) {
                self.at(one, &rest[end..], form);
            }
        } else if let Value::String(text) = value
            && self.is_path(text, form)
        {
            *text = self.path(text);
        }
    }

    /// Rewrites the folder and the pattern of a database's migrations, which belong together.
    fn migrations(&self, database: &mut Map<String, Value>) {
        let folder = match database.get("migrations_dir") {
            None => MIGRATIONS,
            Some(Value::String(folder)) => folder,
            Some(_) => return,
        };
        let rebased = self.path(folder);
        if let Some(Value::String(pattern)) = database.get("migrations_pattern")
            && let Some(rest) = below(pattern, folder)
        {
            let pattern = if rebased == "." { rest } else { format!("{rebased}/{rest}") };
            database.insert("migrations_pattern".to_owned(), pattern.into());
        }
        database.insert("migrations_dir".to_owned(), rebased.into());
    }

    /// Returns whether a text is a path that depends on the folder of the configuration.
    fn is_path(&self, text: &str, form: Form) -> bool {
        match form {
            Form::Path => true,
            Form::Module => {
                [".", ".."].contains(&text)
                    || ["./", "../", ".\\", "..\\"].iter().any(|dots| text.starts_with(dots))
            }
            // As in wrangler, a file counts before the name of an image.
            Form::Image => {
                let has_tag = text.rsplit('/').next().is_some_and(|last| last.contains(':'));
                !has_tag || self.from.iter().any(|folder| folder.join(text).exists())
            }
        }
    }

    /// Rewrites a path.
    pub(in crate::output::worker) fn path(&self, text: &str) -> String {
        if text.is_empty() || is_absolute(text) {
            return text.to_owned();
        }
        let mut found = self.from.iter().map(|folder| folder.join(text));
        let mut slashed = None;
        if text.contains('\\') && !found.clone().any(|path| path.exists()) {
            // Written on Windows.
            let text = text.replace('\\', "/");
            slashed = Some(self.from.iter().map(|folder| folder.join(&text)).collect::<Vec<_>>());
        }
        let target = match &slashed {
            Some(all) => all.iter().find(|path| path.exists()).or(all.first()).cloned(),
            None => found.clone().find(|path| path.exists()).or(found.next()),
        };
        self.relative(&absolute(&target.unwrap_or_default()))
    }

    /// Returns the path of a target from the new folder. It is absolute if no relative path leads
    /// there both by the names of the folders and by what links in them lead to.
    fn relative(&self, target: &Path) -> String {
        let by_name = between(&self.to, target);
        let (real_to, real_target) = (real(&self.to), real(target));
        let is_same = |relative: &PathBuf| real(&absolute(&real_to.join(relative))) == real_target;
        match by_name.filter(is_same) {
            Some(relative) if relative.as_os_str().is_empty() => ".".to_owned(),
            Some(relative) if relative.starts_with("..") => slashes(&relative),
            Some(relative) => format!("./{}", slashes(&relative)),
            None => slashes(&real_target),
        }
    }
}

/// Returns whether a path is absolute on this machine or on Windows.
fn is_absolute(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_drive = bytes.len() > 2
        && bytes[0].is_ascii_alphabetic()
        && bytes[1] == b':'
        && [b'/', b'\\'].contains(&bytes[2]);
    has_drive || text.starts_with("\\\\") || Path::new(text).is_absolute()
}

/// Returns the part of a pattern below a folder, both as wrangler reads them.
fn below(pattern: &str, folder: &str) -> Option<String> {
    let normal = |text: &str| slashes(&normalised(Path::new(&text.replace('\\', "/"))));
    let (pattern, folder) = (normal(pattern), normal(folder));
    if folder.is_empty() {
        return Some(pattern);
    }
    Some(pattern.strip_prefix(&folder)?.strip_prefix('/')?.to_owned())
}
