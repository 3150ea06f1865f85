//! Links and loads that lead to nothing, or not straight to their target.

use std::collections::BTreeMap;

use serde_json::Value;
use url::{Position, Url};
use worker_pack_runtime::packer::path::{decode, encode};

use super::landing::{Landing, Landings, Way};
use super::loads::{Load, loads};
use super::place::{Place, Places};
use super::reading::{ReadPages, url_of};
use crate::asset::media_type::{CodeLanguage, Language};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::SourceFile;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;
use crate::transform::app_manifest;
use crate::transform::html::inventory::Purpose;
use crate::transform::reference::Reference;

/// A fault of a link: its code, and its target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// A link to nothing.
    Broken { target: String, redirected: Option<String> },
    /// A URL with the host of the site, below a folder that the site does not have. Something else
    /// may answer there.
    OnHost { folder: String },
    /// A file to load that is missing.
    Missing { target: String },
    /// The target lacks the name.
    Fragment { page: String, fragment: String, certainty: Certainty },
    /// The path is spelled in another case.
    Case { target: String, right: String },
    /// A redirect leads to the target.
    Redirected { target: String, to: String },
}

/// The certainty that a page lacks a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    Certain,
    /// A script of the page may add it.
    Doubtful,
}

/// Finds the faults of all links in pages, and of all URLs in style sheets, drawings, scripts and manifests of web
/// apps.
pub(super) fn find(
    subject: &Subject,
    landings: &Landings<'_>,
    pages: &ReadPages<'_>,
) -> Vec<Diagnostic> {
    let languages = [CodeLanguage::Css, CodeLanguage::Svg, CodeLanguage::JavaScript];
    let texts = languages.map(|language| (language, of_language(subject, language)));
    let manifests = app_manifests(subject);
    let mut links = Links { landings, pages, ways: BTreeMap::new(), faults: Places::default() };
    for page in &pages.0 {
        let Some(base) = page.base() else { continue };
        for reference in &page.inventory.references {
            links.look(&base, &reference.url, reference.purpose, &page.page.file, reference.offset);
        }
    }
    for (language, texts) in &texts {
        for (path, text) in texts {
            let Some(base) = url_of(path) else { continue };
            for Load { url, purpose, offset } in loads(&text.text, *language) {
                links.look(&base, &url, purpose, text, offset);
            }
        }
    }
    for (path, manifest) in &manifests {
        let Some(base) = url_of(path) else { continue };
        for (url, purpose, offset) in manifest_urls(&manifest.text) {
            links.look(&base, &url, purpose, manifest, offset);
        }
    }
    links.faults.findings(|fault, place| Some(finding(fault, place)))
}

/// Reads the files of a site in a language, each with its path.
fn of_language(subject: &Subject, language: CodeLanguage) -> Vec<(String, TextFile)> {
    let files = subject.site().into_iter().flat_map(|site| &site.files);
    let read = |file: &SourceFile| {
        let media_type = file.media_type(|| file.head()).ok()?.media_type;
        if media_type.language() != Some(Language::Code(language)) {
            return None;
        }
        text(subject, file)
    };
    files.filter_map(read).collect()
}

/// Reads the manifests of applications (Web Application Manifest), each with its path.
fn app_manifests(subject: &Subject) -> Vec<(String, TextFile)> {
    let files = subject.site().into_iter().flat_map(|site| &site.files);
    let is_manifest = |file: &&SourceFile| {
        let extension = file.route.extension();
        extension.is_some_and(|it| it == "webmanifest") || file.route.file_name() == "manifest.json"
    };
    files.filter(is_manifest).filter_map(|file| text(subject, file)).collect()
}

/// Returns the URLs in a manifest, each with its purpose and byte offset.
fn manifest_urls(text: &str) -> Vec<(String, Purpose, usize)> {
    let manifest: Value = serde_json::from_str(text).unwrap_or_default();
    let shortcuts = manifest.get("shortcuts").and_then(Value::as_array).into_iter().flatten();
    let links = [manifest.get("start_url")].into_iter().chain(shortcuts.map(|one| one.get("url")));
    let links = links
        .filter_map(|url| url.and_then(Value::as_str))
        .map(|url| (url.to_owned(), Purpose::Link, text.find(url).unwrap_or_default()));
    let pictures = app_manifest::references(text).unwrap_or_default().all.into_iter();
    let pictures = pictures.filter_map(|Reference { range, .. }| {
        let url = serde_json::from_str(&format!("\"{}\"", &text[range.clone()])).ok()?;
        Some((url, Purpose::Image, range.start))
    });
    links.chain(pictures).collect()
}

/// Reads a file as text, with its path on the site.
fn text(subject: &Subject, file: &SourceFile) -> Option<(String, TextFile)> {
    let name = subject.dist_name(&file.name);
    let text = TextFile::of(name, file.path.clone(), &file.content.read().ok()?);
    Some((encode(file.route.as_str()), text))
}

struct Links<'l, 't> {
    landings: &'l Landings<'t>,
    pages: &'l ReadPages<'l>,
    /// The way of each URL that was followed, without its fragment.
    ways: BTreeMap<String, Way>,
    faults: Places<'l, Fault>,
}

impl<'l> Links<'l, '_> {
    /// Looks at a reference.
    fn look(
        &mut self,
        base: &Url,
        written: &str,
        purpose: Purpose,
        file: &'l TextFile,
        offset: usize,
    ) {
        // A link that begins with a fragment is to the page itself, wherever that is served.
        let Some(url) = self.landings.own(base, written) else { return };
        let key = url[Position::BeforePath..Position::AfterQuery].to_owned();
        let landings = self.landings;
        let way = self.ways.entry(key.clone()).or_insert_with(|| landings.follow(&url)).clone();
        let redirected = way.redirected.as_ref().map(|to| to[Position::BeforePath..].to_owned());
        let fault = match &way.landing {
            Landing::Missing => match self.landings.spelled(url.path()) {
                Some(right) if right != url.path() => {
                    Fault::Case { target: key, right: right.to_owned() }
                }
                _ if has_host(written) && redirected.is_none() => {
                    Fault::OnHost { folder: first_folder(url.path()).to_owned() }
                }
                _ if purpose.is_loaded() => Fault::Missing { target: key },
                _ => Fault::Broken { target: key, redirected },
            },
            Landing::App if purpose.is_loaded() => Fault::Missing { target: key },
            Landing::File(route) => {
                let to = redirected.filter(|_| purpose != Purpose::Mention);
                if let Some(to) = to {
                    self.faults.add(Fault::Redirected { target: key, to }, file, offset);
                }
                let route = route.as_deref().filter(|_| purpose == Purpose::Link);
                let Some(fault) = route.and_then(|route| self.missing_name(route, &url)) else {
                    return;
                };
                fault
            }
            // The rule on redirects tells of circles.
            Landing::App | Landing::Circle | Landing::Server | Landing::Elsewhere => return,
        };
        self.faults.add(fault, file, offset);
    }

    /// Returns the fault of a fragment that leads to nothing (HTML §7.4.6.4).
    fn missing_name(&self, route: &str, url: &Url) -> Option<Fault> {
        let fragment = url.fragment()?;
        // Text to highlight is for browsers only.
        let name = fragment.split(":~:").next().unwrap_or_default();
        // Scripts read these as paths.
        let is_path = name.starts_with(['/', '!']);
        if name.is_empty() || name.eq_ignore_ascii_case("top") || is_path {
            return None;
        }
        let page = self.pages.get(route)?;
        let names = &page.inventory.names;
        // The decoder is one of paths.
        let decoded = decode(&format!("/{name}")).ok().map(|it| it[1..].to_owned());
        if names.contains(name) || decoded.as_ref().is_some_and(|it| names.contains(it)) {
            return None;
        }
        let certainty = if page.has_scripts() { Certainty::Doubtful } else { Certainty::Certain };
        let fragment = decoded.unwrap_or_else(|| name.to_owned());
        Some(Fault::Fragment { page: page.path.clone(), fragment, certainty })
    }
}

/// Returns whether a URL is written with its host.
fn has_host(written: &str) -> bool {
    written.starts_with("//") || written.contains("://")
}

/// Returns the first segment of a path: `/edit/` of `/edit/a/b`.
fn first_folder(path: &str) -> &str {
    let end = path.char_indices().skip(1).find(|(_, c)| *c == '/').map(|(at, _)| at + 1);
    &path[..end.unwrap_or(path.len())]
}

fn finding(fault: &Fault, Place { file, offset }: Place<'_>) -> Diagnostic {
    match fault {
        Fault::Broken { target, redirected: None } => file
            .warning(Code::PageBrokenLink, offset, format!("links to `{target}`, which is missing"))
            .with_help("correct the link, add the page, or add a line to `_redirects`"),
        Fault::Broken { target, redirected: Some(to) } => file
            .warning(
                Code::PageBrokenLink,
                offset,
                format!("links to `{target}`, which redirects to `{to}`, which is missing"),
            )
            .with_help("correct the redirect in `_redirects`, or add the page"),
        Fault::OnHost { folder } => file
            .note(
                Code::PageBrokenLink,
                offset,
                format!("links to the site's host, below `{folder}`, where the site has nothing"),
            )
            .with_help("correct the link, unless something else answers there"),
        Fault::Missing { target } => file
            .warning(Code::PageMissingFile, offset, format!("loads `{target}`, which is missing"))
            .with_help("add the file to `public/`, or correct the URL"),
        Fault::Fragment { page, fragment, certainty } => {
            let message = format!("links to `#{fragment}`, which `{page}` does not contain");
            let help = format!("correct the fragment, or add `id=\"{fragment}\"` to an element");
            match certainty {
                Certainty::Certain => file.warning(Code::PageBrokenFragment, offset, message),
                Certainty::Doubtful => file.note(
                    Code::PageBrokenFragment,
                    offset,
                    format!("{message}, unless a script adds it"),
                ),
            }
            .with_help(help)
        }
        Fault::Case { target, right } => file
            .warning(
                Code::PageLinkCase,
                offset,
                format!("refers to `{target}`, which is missing; `{right}` differs only in case"),
            )
            .with_help(format!("write `{right}`: on Cloudflare paths differ in case")),
        Fault::Redirected { target, to } => file
            .note(
                Code::PageRedirectedLink,
                offset,
                format!("refers to `{target}`, which redirects to `{to}`"),
            )
            .with_help(format!("write `{to}`, which saves visitors a request")),
    }
}
