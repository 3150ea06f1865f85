//! The budgets of size-limit: `.size-limit.json`, and `size-limit` in `package.json`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Written;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::options::{Budget, BudgetCoding, ByteLimit, FilePattern, Star};
use crate::project::layout::Layout;

/// The file of budgets that is read.
const FILE: &str = ".size-limit.json";

/// The file that has budgets under [`KEY`].
const PACKAGE: &str = "package.json";
const KEY: &str = "size-limit";

/// The files of budgets that are programs, which are not run.
const PROGRAMS: [&str; 5] =
    [".size-limit.js", ".size-limit.mjs", ".size-limit.cjs", ".size-limit.ts", ".size-limit"];

/// The beginnings of groups in the patterns of size-limit, which the patterns here do not have.
const EXTENDED: [&str; 5] = ["!(", "@(", "+(", "*(", "?("];

/// Returns the files that [`read`] looks for, in the project of a packed folder.
pub(crate) fn inputs(dist: &Path) -> impl Iterator<Item = PathBuf> {
    let root = dist.parent().map(Path::to_owned);
    root.into_iter().flat_map(|root| [FILE, PACKAGE].map(|name| root.join(name)))
}

/// Reads the budgets in the project of a packed folder, with notes on those that are not supported.
///
/// # Errors
/// If a file is not valid.
pub(super) fn read(dist: &Path) -> Result<(Vec<Written>, Vec<Diagnostic>), PackError> {
    let absolute = std::path::absolute(dist).unwrap_or_else(|_| dist.to_owned());
    let Some(root) = absolute.parent() else { return Ok(Default::default()) };
    let (mut budgets, mut notes) = (Vec::new(), Vec::new());
    let layout = Layout::detect(&absolute).unwrap_or(Layout::Static);
    let public = Path::new(absolute.file_name().unwrap_or_default()).join(layout.asset_prefix());
    let mut reader = Reader { public: slashed(&public), budgets: &mut budgets, notes: &mut notes };
    if let Some(value) = json(&root.join(FILE))? {
        reader.entries(&value, FILE, &root.join(FILE))?;
    }
    if let Some(Value::Object(mut package)) = json_of_package(&root.join(PACKAGE))
        && let Some(value) = package.remove(KEY)
    {
        reader.entries(&value, PACKAGE, &root.join(PACKAGE))?;
    }
    for name in PROGRAMS.into_iter().filter(|name| root.join(name).exists()) {
        notes.push(not_supported(
            name,
            "is not read, since only JSON is",
            "write the budgets into `.size-limit.json`, or as `[[budget]]` into `worker-pack.toml`",
        ));
    }
    Ok((budgets, notes))
}

fn slashed(path: &Path) -> String {
    let names = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    names.collect::<Vec<_>>().join("/")
}

/// Reads a file of JSON. Returns none if it is missing.
fn json(path: &Path) -> Result<Option<Value>, PackError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PackError::io(Stage::Ingest, "read", path)(error)),
    };
    let text = text.trim_start_matches('\u{feff}');
    let value = serde_json::from_str(text).map_err(|error| invalid(path, error.to_string()))?;
    Ok(Some(value))
}

/// Reads `package.json`, which other programs check.
fn json_of_package(path: &Path) -> Option<Value> {
    let text = fs::read_to_string(path).ok()?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}

fn invalid(path: &Path, message: String) -> PackError {
    PackError::Config { path: path.to_owned(), message }
}

fn not_supported(file: &str, message: &str, help: &str) -> Diagnostic {
    Diagnostic::note(Code::BudgetNotSupported, file, message).with_help(help)
}

struct Reader<'r> {
    /// The path of the public folder in the project, with slashes.
    public: String,
    budgets: &'r mut Vec<Written>,
    notes: &'r mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn entries(&mut self, value: &Value, file: &'static str, path: &Path) -> Result<(), PackError> {
        let Value::Array(entries) = value else {
            return Err(invalid(
                path,
                "the budgets of size-limit are an array of objects".to_owned(),
            ));
        };
        for (entry, number) in entries.iter().zip(1..) {
            let budget = self.budget(entry);
            match budget.map_err(|message| invalid(path, format!("budget {number}: {message}")))? {
                Ok(budget) => self.budgets.push(Written { budget, source: Some(file) }),
                Err(reason) => {
                    let name = entry.get("name").and_then(Value::as_str);
                    let name = name.map(|name| format!(" “{name}”")).unwrap_or_default();
                    let message =
                        format!("budget {number}{name} of size-limit is not checked: {reason}");
                    let help = "check it with size-limit, or write another one as `[[budget]]`";
                    self.notes.push(not_supported(file, &message, help));
                }
            }
        }
        Ok(())
    }

    /// Reads an entry. The inner error is the reason why it is not supported.
    fn budget(&self, entry: &Value) -> Result<Result<Budget, String>, String> {
        let Value::Object(entry) = entry else { return Err("is not an object".to_owned()) };
        for key in ["import", "ignore", "entry", "webpack", "config", "modifyWebpackConfig"] {
            if entry.get(key).is_some_and(|value| *value != Value::Bool(false)) {
                return Ok(Err(format!("`{key}` asks for a bundle of its own")));
            }
        }
        let name = match entry.get("name") {
            None => None,
            Some(Value::String(name)) => Some(name.clone()),
            Some(_) => return Err("`name` is not a text".to_owned()),
        };
        let limit = match entry.get("limit") {
            None => return Ok(Err("it has no `limit`".to_owned())),
            Some(Value::String(text)) if ByteLimit::is_time(text) => {
                return Ok(Err(format!("`{text}` is a limit of time")));
            }
            Some(Value::String(text)) => text.parse()?,
            Some(Value::Number(bytes)) if bytes.is_u64() => bytes.to_string().parse()?,
            Some(_) => return Err("`limit` is not a size such as \"10 kB\"".to_owned()),
        };
        let coding = match (flag(entry, "brotli")?, flag(entry, "gzip")?) {
            (_, Some(true)) => BudgetCoding::Gzip,
            (Some(false), _) => BudgetCoding::Identity,
            _ => BudgetCoding::Brotli,
        };
        let paths: Vec<&str> = match entry.get("path") {
            Some(Value::String(path)) => vec![path],
            Some(Value::Array(paths)) if !paths.is_empty() => {
                let texts = paths.iter().map(Value::as_str).collect::<Option<_>>();
                texts.ok_or("`path` is not a text or a list of texts")?
            }
            None => return Ok(Err("it has no `path`".to_owned())),
            Some(Value::Array(_)) => return Ok(Err("its list of `path` is empty".to_owned())),
            Some(_) => return Err("`path` is not a text or a list of texts".to_owned()),
        };
        let mut file = Vec::new();
        for path in paths {
            if EXTENDED.into_iter().any(|group| path.contains(group)) {
                return Ok(Err(format!("`{path}` contains a group such as `@(a|b)`")));
            }
            let Some(pattern) = self.below_public(path) else {
                let public = &self.public;
                return Ok(Err(format!("`{path}` is not below `{public}`, the public folder")));
            };
            file.push(FilePattern::new(&pattern, Star::WithinNames)?);
        }
        let (page, media_type) = (None, None);
        Ok(Ok(Budget { limit, name, page, media_type, file, coding }))
    }

    /// Returns the pattern below the public folder for one in the project.
    fn below_public(&self, path: &str) -> Option<String> {
        let (path, not) = path.strip_prefix('!').map_or((path, ""), |path| (path, "!"));
        let path = path.replace('\\', "/");
        let path = path.trim_start_matches("./");
        let rest = path.strip_prefix(self.public.as_str())?;
        let rest = match rest {
            // A folder stands for all files in it.
            "" | "/" => "/**",
            rest if rest.starts_with('/') => rest,
            _ => return None,
        };
        let is_folder = rest.ends_with('/');
        Some(format!("{not}{rest}{}", if is_folder { "**" } else { "" }))
    }
}

fn flag(entry: &serde_json::Map<String, Value>, name: &str) -> Result<Option<bool>, String> {
    match entry.get(name) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(_) => Err(format!("`{name}` is not `true` or `false`")),
    }
}
