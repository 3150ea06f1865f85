//! The paths of the machine that built a server, which Astro writes into its modules as the names of
//! sources. Nothing in a Worker opens them; they are only compared with each other.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::edits::{Edit, Edits};
use super::walk::ReadModule;
use crate::project::server_code::{self, MANIFEST_FOLDERS, PICTURE_PATH};
use crate::transform::javascript::{Object, TextLiteral, Texts};

/// The properties of Astro's manifest with the project's folder: since Astro 6, and before.
const ROOTS: [&str; 2] = ["rootDir", "hrefRoot"];

/// The properties of the manifest whose keys, or the first of each pair, are the names of modules.
const NAMES: [&str; 3] = ["componentMetadata", "entryModules", "inlinedScripts"];

/// The extensions of components of Astro, which only its compiler names by their paths.
const COMPONENT: &str = ".astro";

/// The texts that replace the folder: the second one in a server that already contains the first.
const NEUTRAL: [&str; 2] = ["/astro", "/astro-project"];

/// The paths of the machine in the modules of a server, and what stands for them.
#[derive(Debug)]
pub(super) struct BuildPaths {
    /// The folder with all sources, without a slash at its end.
    folder: String,
    /// The ways to write the folder, each with the text that replaces it.
    forms: Vec<(String, String)>,
}

/// A manifest, as far as it names paths.
struct Manifest {
    module: String,
    root: String,
    /// The texts with names of modules and URLs of folders.
    names: Vec<String>,
    /// The place of the whole object but for these texts.
    rest: Vec<std::ops::Range<usize>>,
}

impl BuildPaths {
    /// Finds the paths in the modules of a server, with the edits that replace them. Returns `None` if there is
    /// no manifest of Astro, or if one of the names cannot be replaced, so that all stay.
    pub(super) fn find(modules: &BTreeMap<String, ReadModule>) -> Option<(Self, Edits)> {
        let sources = modules.iter().map(|(name, module)| (name, module.text()));
        let sources: Vec<(&String, &str)> =
            sources.filter_map(|(name, text)| Some((name, text?))).collect();
        let manifest = sources.iter().find_map(|(name, source)| Manifest::find(name, source))?;
        let folder = manifest.folder();
        let forms = forms(&folder, &sources)?;
        let is_meant = |text: &str| forms.iter().any(|(form, _)| is_within(text, form));
        let mut texts = BTreeMap::new();
        for (name, source) in &sources {
            if forms.iter().any(|(form, _)| source.contains(&**form)) {
                texts.insert(*name, Texts::of(source, &[]).ok()?.all);
            }
        }
        let pictures = texts.values().flatten();
        let pictures = pictures.filter(|text| text.property.as_deref() == Some(PICTURE_PATH));
        let names = manifest.names.iter().chain(pictures.map(|text| &text.value));
        let names: BTreeSet<&str> = names.map(|it| &**it).filter(|name| is_meant(name)).collect();
        let is_general = folder.matches('/').count() < 2;
        let is_name = |text: &str| {
            let is_in_sources = text.contains("/src/") || text.contains("/node_modules/");
            names.contains(text)
                || is_meant(text)
                    && (is_component(text)
                        || !is_general && is_in_sources && server_code::is_source(text))
        };
        let mut edits = Edits::default();
        for (name, all) in &texts {
            let source = sources.iter().find(|(it, _)| it == name).map(|(_, source)| *source)?;
            let is_of_manifest = |text: &TextLiteral| {
                **name == manifest.module
                    && manifest.rest.iter().any(|rest| rest.contains(&text.range.start))
            };
            let mut of_module = Vec::new();
            for text in all.iter().filter(|text| is_name(&text.value) && !is_of_manifest(text)) {
                // One that is written in another way, with escapes, would keep its name alone.
                let written = &source[text.range.clone()];
                let (form, by) = forms.iter().find(|(form, _)| is_within(written, form))?;
                let start = text.range.start;
                of_module.push(Edit { start, end: start + form.len(), by: by.clone() });
            }
            edits.add(name, of_module);
        }
        Some((Self { folder, forms }, edits))
    }

    /// Returns the folder that the server was built in.
    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    /// Returns the first place of a text with the folder, in bytes.
    pub(super) fn left_in(&self, text: &str) -> Option<usize> {
        // A folder at the root of the disk has the name of many a URL.
        let is_general = self.folder.matches('/').count() < 2;
        let forms = self.forms.iter().map(|(form, _)| form);
        let forms = forms.filter(|form| !is_general || form.starts_with("file:"));
        let places = forms.flat_map(|form| {
            let places = text.match_indices(&**form).map(move |(at, _)| (at, at + form.len()));
            places.filter(|(_, end)| !continues(&text[*end..])).map(|(at, _)| at)
        });
        places.min()
    }
}

impl Manifest {
    fn find(module: &str, source: &str) -> Option<Self> {
        if !source.contains("file://") || !ROOTS.iter().any(|root| source.contains(root)) {
            return None;
        }
        let texts = Texts::of(source, &ROOTS).ok()?;
        let is_in = |object: &Object, text: &TextLiteral, wanted: &[&str]| {
            let mut properties = object.iter().filter(|(name, _)| wanted.contains(&&**name));
            properties.any(|(_, value)| value.contains(&text.range.start))
        };
        let is_url = |text: &&TextLiteral| text.value.starts_with("file:///");
        // The function that reads the manifest has an object with these properties too, but no texts in it.
        let with_root = |object| {
            let root = texts.all.iter().find(|text| is_in(object, text, &ROOTS) && is_url(text))?;
            Some((object, root))
        };
        let mut manifests = texts.objects.iter().filter_map(with_root);
        let (object, root) = manifests.next()?;
        if manifests.next().is_some() {
            return None;
        }
        let root = path(&root.value)?;
        let is_in = |text: &TextLiteral, wanted: &[&str]| is_in(object, text, wanted);
        let folders =
            texts.all.iter().filter(|text| is_in(text, &MANIFEST_FOLDERS) && is_url(text));
        let names = texts.all.iter().filter(|text| is_in(text, &NAMES));
        let names = folders.chain(names).map(|text| text.value.clone()).collect();
        let is_other = |name: &str| !MANIFEST_FOLDERS.contains(&name) && !NAMES.contains(&name);
        let rest = object.iter().filter(|(name, _)| is_other(name)).map(|it| it.1.clone());
        Some(Self { module: module.to_owned(), root, names, rest: rest.collect() })
    }

    /// Returns the folder with all that the manifest names: the project, or a workspace around it, whose
    /// packages the project shares.
    fn folder(&self) -> String {
        let mut folder = self.root.clone();
        for name in &self.names {
            let path = if name.starts_with("file:") {
                path(name)
            } else {
                server_code::is_source(name).then(|| name.clone())
            };
            let Some(path) = path.filter(|path| !is_within(path, &folder)) else { continue };
            let around = folder.match_indices('/').map(|(at, _)| &folder[..at]);
            // A folder such as `/home` would tell whose it is.
            let mut around = around.filter(|it| it.matches('/').count() >= 2);
            if let Some(around) = around.rfind(|it| is_within(&path, it)) {
                folder = around.to_owned();
            }
        }
        folder
    }
}

/// Returns what a folder is written as in the texts of a program, each with what stands for it. Returns
/// `None` if texts have all that could stand for it.
fn forms(folder: &str, sources: &[(&String, &str)]) -> Option<Vec<(String, String)>> {
    let mut url = Url::parse("file:///").ok()?;
    url.set_path(folder);
    let encoded = url.path().to_owned();
    let is_taken = |neutral: &str| {
        let begins = |source: &str| {
            let places = source.match_indices(neutral);
            places.filter(|(at, _)| !continues(&source[at + neutral.len()..])).any(|(at, _)| {
                let before = &source[..at];
                before.ends_with(['"', '\'', '`']) || before.ends_with("file://")
            })
        };
        neutral != folder && sources.iter().any(|(_, source)| begins(source))
    };
    let neutral = NEUTRAL.iter().find(|neutral| !is_taken(neutral))?;
    let mut forms = vec![(format!("file://{encoded}"), format!("file://{neutral}"))];
    for form in [folder.to_owned(), encoded] {
        if forms.iter().all(|(other, _)| *other != form) {
            forms.push((form, (*neutral).to_owned()));
        }
    }
    Some(forms)
}

/// Returns the path of a file URL, with slashes, and without one at its end.
fn path(url: &str) -> Option<String> {
    let path = Url::parse(url).ok()?.to_file_path().ok()?;
    let path = path.to_str()?.replace('\\', "/");
    let path = path.trim_end_matches('/');
    (!path.is_empty()).then(|| path.to_owned())
}

fn is_component(text: &str) -> bool {
    text.split('?').next().is_some_and(|path| path.ends_with(COMPONENT))
}

/// Returns whether a path is that of a folder, or of something in it.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns whether a name goes on in a text.
fn continues(text: &str) -> bool {
    text.starts_with(|next: char| next.is_alphanumeric() || "-_.".contains(next))
}
