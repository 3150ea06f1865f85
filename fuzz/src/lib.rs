//! Functions that try to break worker-pack with hostile input.
//!
//! A target takes any bytes and panics if an invariant is broken. The tests of this crate run all
//! targets on their seeds, and on mutations of them ([`driver`]). cargo-fuzz runs the same functions
//! with the feature `libfuzzer`, and finds inputs by the code that they reach.

#[cfg(feature = "packer")]
mod cache;
#[cfg(feature = "packer")]
mod configuration;
pub mod driver;
#[cfg(feature = "packer")]
mod minify;
mod mutate;
mod parsers;
mod pattern;
mod respond;
#[cfg(feature = "packer")]
mod rules;
mod site;
mod table;

/// A name and a function that panics if its input breaks an invariant.
pub type Target = (&'static str, fn(&[u8]));

/// The targets of the runtime: what a request, a pattern or a damaged table can do.
const OF_RUNTIME: [Target; 4] = [
    ("respond", respond::respond),
    ("parsers", parsers::parsers),
    ("table", table::table),
    ("pattern", pattern::pattern),
];

/// The targets of the packer: what a file of a build, a configuration or a cache can do.
#[cfg(feature = "packer")]
const OF_PACKER: [Target; 9] = [
    ("redirects", rules::redirects),
    ("headers", rules::headers),
    ("html", minify::html),
    ("css", minify::css),
    ("xml", minify::xml),
    ("json", minify::json),
    ("wrangler", configuration::wrangler),
    ("options", configuration::options),
    ("cache", cache::cache),
];
#[cfg(not(feature = "packer"))]
const OF_PACKER: [Target; 0] = [];

/// Returns all targets.
pub fn targets() -> impl Iterator<Item = Target> {
    OF_RUNTIME.into_iter().chain(OF_PACKER)
}

/// Runs a target.
///
/// # Panics
/// If the input breaks an invariant, or no target has this name.
pub fn run(name: &str, data: &[u8]) {
    let (_, target) = targets().find(|(one, _)| *one == name).expect("a target has this name");
    target(data);
}

/// Returns whether the `url` crate reads a path as the URL Standard says. It does not escape `^`, and
/// does not remove a segment such as `a:`, which it takes for a drive even in an `http` URL.
fn is_read_by_crate(path: &str) -> bool {
    let is_drive = |segment: &str| segment.len() == 2 && segment.ends_with([':', '|']);
    !path.contains('^') && !path.split(['/', '\\', '?', '#']).any(is_drive)
}

/// Returns the input as text. Bytes that are not UTF-8 are replaced.
fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}
