//! Looks into public files for what their author most likely did not mean to publish: keys, tokens,
//! values of the project's environment, code of the server.
//!
//! All texts are looked for at once, in one pass over a file's bytes. Findings never contain the secret
//! itself.

#[cfg(feature = "cli")]
pub(crate) mod assignment;
mod inspected;
pub(crate) mod key_file;
mod server;
mod token;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::asset::digest::ContentHash;
use crate::asset::media_type::{CodeLanguage, Language, MediaType};
use crate::asset::route::RoutePath;
use crate::cache::Cache;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::PathPattern;
use crate::project::Project;
use crate::project::environment::{self, SecretValue};
use crate::project::server_code::{self, CodeKind, MARKS};
use inspected::{Fingerprint, Inspected};
use server::Confirmed;
use token::TOKENS;

/// The search for secrets in the files of a site.
#[derive(Debug)]
pub(crate) struct Inspector {
    /// `None` if there are too many texts to look for.
    texts: AhoCorasick,
    /// The meaning of each text, in the order of `texts`.
    meanings: Vec<Meaning>,
    secrets: Vec<SecretValue>,
    fingerprint: Fingerprint,
    /// Files without findings, from earlier runs.
    known: Inspected,
    /// Files without findings in this run.
    clean: Mutex<Inspected>,
}

/// The meaning of a text that is looked for.
#[derive(Clone, Copy, Debug)]
enum Meaning {
    /// The value of a variable, by its number.
    Secret(usize),
    /// The beginning of a kind of token, by its number.
    Token(usize),
    /// The beginning of a key in PEM.
    Key,
    /// A mark of server code, by its number.
    Server(usize),
}

/// A public file.
#[derive(Clone, Copy)]
pub(crate) struct PublicFile<'f> {
    /// Its name in diagnostics.
    pub(crate) name: &'f str,
    pub(crate) route: &'f RoutePath,
    pub(crate) media_type: &'f MediaType,
    pub(crate) bytes: &'f [u8],
}

impl Inspector {
    /// Reads the secrets of a project, and which of its files had no findings before.
    pub(crate) fn new(project: &Project, cache: &Cache) -> Self {
        let secrets = environment::secret_values(&project.dist);
        let mut texts = Vec::new();
        for (number, secret) in secrets.iter().enumerate() {
            let forms = written_forms(&secret.value);
            texts.extend(forms.into_iter().map(|form| (form, Meaning::Secret(number))));
        }
        let tokens = TOKENS.iter().enumerate();
        texts.extend(tokens.map(|(number, it)| (it.prefix.to_owned(), Meaning::Token(number))));
        texts.push((token::KEY.to_owned(), Meaning::Key));
        let marks = MARKS.iter().enumerate();
        texts.extend(marks.map(|(number, it)| ((*it).to_owned(), Meaning::Server(number))));
        let (texts, meanings): (Vec<String>, Vec<Meaning>) = texts.into_iter().unzip();
        let fingerprint = Fingerprint::of(&project.folder, &secrets);
        // The longest, so that a variable with a token is found as such.
        let texts = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(texts);
        let texts = texts.expect("the values of an environment are few and short");
        let known = Inspected::read(cache, &fingerprint);
        Self { texts, meanings, secrets, fingerprint, known, clean: Mutex::default() }
    }

    /// Returns whether a file with this content had no findings in an earlier run.
    pub(crate) fn is_clean(&self, route: &RoutePath, hash: ContentHash) -> bool {
        let is_known = self.known.contains(route, hash);
        if is_known {
            self.add_clean(route, hash);
        }
        is_known
    }

    /// Looks into a file. Returns at most one finding for each kind of secret.
    pub(crate) fn inspect(&self, file: PublicFile<'_>, hash: ContentHash) -> Vec<Diagnostic> {
        let PublicFile { route, media_type, bytes, .. } = file;
        let kind = code_kind(route, media_type);
        let mut found = BTreeSet::new();
        let mut diagnostics = Vec::new();
        if kind == Some(CodeKind::Script) && server_code::is_entry(route.as_str(), bytes) {
            let confirmed = Confirmed::entry(route.as_str(), bytes);
            if let Some(finding) = confirmed.finding(file.name, route) {
                found.insert(Code::ExposedServerCode.name());
                diagnostics.push(finding);
            }
        }
        let mut imports = None;
        for one in self.texts.find_iter(bytes) {
            let at = one.start();
            let meaning = self.meanings[one.pattern().as_usize()];
            let what = match meaning {
                Meaning::Secret(number) if is_whole(bytes, one.range()) => {
                    // Files may give one name different values.
                    &*self.secrets[number].value
                }
                Meaning::Token(number) if TOKENS[number].is_at(bytes, at) => TOKENS[number].name,
                Meaning::Key if token::is_private_key(&bytes[at..]) => {
                    Code::ExposedPrivateKey.name()
                }
                Meaning::Server(number)
                    if kind.is_some_and(|kind| server_code::is_mark(number, kind, bytes, at)) =>
                {
                    Code::ExposedServerCode.name()
                }
                _ => continue,
            };
            let confirmed = match meaning {
                Meaning::Server(number) if server_code::is_import(number) => {
                    *imports.get_or_insert_with(|| Confirmed::imports(bytes))
                }
                _ => Confirmed::Server,
            };
            if confirmed == Confirmed::Harmless {
                continue;
            }
            // One finding tells as much as a thousand.
            if found.insert(what) {
                diagnostics.extend(match meaning {
                    Meaning::Secret(number) => Some(value_finding(file, at, &self.secrets[number])),
                    Meaning::Token(_) => Some(token_finding(file, at, what)),
                    Meaning::Key => Some(key_finding(file, at)),
                    Meaning::Server(_) => confirmed.finding(file.name, route),
                });
            }
        }
        if diagnostics.is_empty() {
            self.add_clean(route, hash);
        }
        diagnostics
    }

    /// Stores which files have no findings, for the next run.
    pub(crate) fn remember(&self, cache: &Cache) {
        let clean = self.clean.lock().unwrap_or_else(PoisonError::into_inner);
        if *clean != self.known {
            clean.store(cache, &self.fingerprint);
        }
    }

    fn add_clean(&self, route: &RoutePath, hash: ContentHash) {
        self.clean.lock().unwrap_or_else(PoisonError::into_inner).add(route, hash);
    }
}

fn value_finding(file: PublicFile<'_>, at: usize, secret: &SecretValue) -> Diagnostic {
    let SecretValue { name, file: from, .. } = secret;
    let place = Place::of(file.bytes, at);
    let message = format!("contains the value of `{name}` in `{from}` ({place})");
    Diagnostic::warning(Code::ExposedEnvironmentValue, file.name, message).with_help(
        "use the variable in code that runs on the server only, and replace the secret if the site \
         is public already",
    )
}

fn token_finding(file: PublicFile<'_>, at: usize, token: &str) -> Diagnostic {
    let message = format!("contains what looks like {token} ({})", Place::of(file.bytes, at));
    Diagnostic::warning(Code::ExposedToken, file.name, message)
        .with_help("remove it from the site, and revoke it if the site is public already")
}

fn key_finding(file: PublicFile<'_>, at: usize) -> Diagnostic {
    let message = format!("contains a private key ({})", Place::of(file.bytes, at));
    Diagnostic::warning(Code::ExposedPrivateKey, file.name, message)
        .with_help("remove it from the site, and replace the key if the site is public already")
}

/// Returns an error for code of a server among public files.
pub(crate) fn server_finding(name: &str, route: &RoutePath) -> Diagnostic {
    let help = format!(
        "build the site with Astro's own `build.client` and `build.server`, or list the folder of \
         the server in `.assetsignore`; {}",
        publishing_rule(route.as_str())
    );
    let message = "is code of a server among public files";
    Diagnostic::error(Code::ExposedServerCode, name, message).with_help(help)
}

/// Describes the rule by which a file, or all files in a folder, are published in spite of their name or
/// content. `path` begins with a slash, and ends with one if it is a folder.
pub(crate) fn publishing_rule(path: &str) -> String {
    let paths = PathPattern::in_toml(path);
    format!("a `[[pack.rule]]` with `{paths}` and `publish = true` publishes it")
}

/// Returns the kind of code that a file holds, if it may be that of a server.
fn code_kind(route: &RoutePath, media_type: &MediaType) -> Option<CodeKind> {
    if media_type.language() == Some(Language::Code(CodeLanguage::JavaScript)) {
        return Some(CodeKind::Script);
    }
    let is_map = route.extension().is_some_and(|extension| extension == "map");
    is_map.then_some(CodeKind::SourceMap)
}

/// Finds values of an environment in a text. Returns the first place of each, in their order.
#[cfg(feature = "cli")]
pub(crate) fn values_in<'s>(
    secrets: &'s [SecretValue],
    bytes: &[u8],
) -> Vec<(&'s SecretValue, usize)> {
    let first = |secret: &SecretValue| {
        let forms = written_forms(&secret.value);
        let places = forms.iter().flat_map(|form| {
            let found = memchr::memmem::find_iter(bytes, form.as_bytes());
            found.map(|at| at..at + form.len()).collect::<Vec<_>>()
        });
        places.filter(|range| is_whole(bytes, range.clone())).map(|range| range.start).min()
    };
    secrets.iter().filter_map(|secret| Some((secret, first(secret)?))).collect()
}

/// Finds tokens and private keys in a text, by their form. Returns the first place of each kind.
#[cfg(feature = "cli")]
pub(crate) fn tokens_in(bytes: &[u8]) -> Vec<(&'static str, usize)> {
    let first = |text: &str, is_it: &dyn Fn(usize) -> bool| {
        memchr::memmem::find_iter(bytes, text.as_bytes()).find(|at| is_it(*at))
    };
    let tokens = TOKENS.iter().filter_map(|token| {
        let at = first(token.prefix, &|at| token.is_at(bytes, at))?;
        Some((token.name, at))
    });
    let key = first(token::KEY, &|at| token::is_private_key(&bytes[at..]));
    tokens.chain(key.map(|at| ("a private key", at))).collect()
}

/// Returns the forms in which a value is written in code, data and pages.
fn written_forms(value: &str) -> BTreeSet<String> {
    let json = serde_json::Value::from(value).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let text = html_escape::encode_text(value).into_owned();
    let attribute = html_escape::encode_quoted_attribute(value).into_owned();
    [value.to_owned(), json, text, attribute].into()
}

/// Returns whether a range of a text is not a part of a longer word.
fn is_whole(bytes: &[u8], range: std::ops::Range<usize>) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let within = |inner: usize, outer: Option<&u8>| is_word(bytes.get(inner)) && is_word(outer);
    let before = range.start.checked_sub(1).and_then(|index| bytes.get(index));
    !within(range.start, before) && !within(range.end - 1, bytes.get(range.end))
}

/// A place in a file, for a message.
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    fn of(bytes: &[u8], at: usize) -> Self {
        let before = &bytes[..at];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |it| it + 1);
        let line = before.split(|byte| *byte == b'\n').count();
        let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
        Self { line, column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
