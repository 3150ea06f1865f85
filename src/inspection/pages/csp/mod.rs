//! The parts of a page that its own content security policy blocks (CSP3), as in a browser.

mod source_list;

use std::collections::BTreeSet;

use url::{Position, Url};

use super::landing::Landings;
use super::place::{Place, Places};
use super::reading::{ReadPage, ReadPages, is_own};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;
use crate::transform::html::inventory::{CodeKind, PageCode, PageReference, Purpose};
use crate::transform::html::policy::{Directive, Names, Policy};
use source_list::{Inline, SourceList, hash_source};

/// The field of a response with a policy that browsers enforce.
const FIELD: &str = "content-security-policy";

/// The origin of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Page,
    Headers,
}

/// A fault of a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// It blocks code in the page. A hash would allow it.
    Unhashed { origin: Origin, directive: Names, kind: CodeKind, hash: Option<String> },
    /// `'unsafe-inline'` has no effect.
    Ignored { origin: Origin, directive: String, by: &'static str },
    /// It blocks a file that the page loads.
    Blocked { origin: Origin, directive: Names, url: String },
}

/// A policy of a page, with the place from which on it counts.
struct Enforced {
    origin: Origin,
    policy: Policy,
    from: usize,
}

/// Finds what the policies of all pages block, and what has no effect in them.
pub(super) fn find(
    subject: &Subject,
    landings: &Landings<'_>,
    pages: &ReadPages<'_>,
) -> Vec<Diagnostic> {
    // What is missing in these is added.
    let of_completed = subject.examined.diagnostics.iter();
    let completed: BTreeSet<&str> = of_completed
        .filter(|found| found.code == Code::CspUnhashedCode)
        .map(|found| &*found.file)
        .collect();
    let mut faults = Places::default();
    for page in &pages.0 {
        let policies = enforced(landings, page);
        let file = &page.page.file;
        for policy in &policies {
            ignored(policy, file, &mut faults);
            let is_completed =
                policy.origin == Origin::Page && completed.contains(&*page.page.source.name);
            let code = page.inventory.code.iter().filter(|code| code.offset >= policy.from);
            let code = code.filter(|code| !(is_completed && code.kind.is_element()));
            for code in code {
                unhashed(policy, code, file, &mut faults);
            }
            let Some(base) = page.base() else { continue };
            let loads = page.inventory.references.iter().filter(|it| it.offset >= policy.from);
            for load in loads {
                blocked(policy, landings, &base, load, file, &mut faults);
            }
        }
    }
    faults.findings(|fault, place| Some(finding(fault, place)))
}

/// Returns the policies of a page: those of its response, and its own.
fn enforced(landings: &Landings<'_>, page: &ReadPage<'_>) -> Vec<Enforced> {
    let reply = landings.reply(&page.path);
    let field = reply.as_ref().and_then(|reply| reply.headers().get(FIELD)).unwrap_or_default();
    // A comma separates policies.
    let of_response = field.split(',').filter(|text| !text.trim().is_empty());
    let mut all: Vec<Enforced> = of_response
        .map(|text| Enforced { origin: Origin::Headers, policy: Policy::parse(text), from: 0 })
        .collect();
    all.extend(page.inventory.policies.iter().map(|own| Enforced {
        origin: Origin::Page,
        policy: Policy::parse(&own.value),
        from: own.offset,
    }));
    all
}

/// Reports `'unsafe-inline'` beside what makes browsers ignore it (CSP3 §6.7.3.2).
fn ignored<'f>(enforced: &Enforced, file: &'f TextFile, faults: &mut Places<'f, Fault>) {
    for (directive, sources) in enforced.policy.directives() {
        if !(directive.starts_with("script-src")
            || directive.starts_with("style-src")
            || directive == "default-src")
        {
            continue;
        }
        let sources = SourceList::of(sources);
        if sources.is_made_for_older_browsers() {
            continue;
        }
        if let Some(by) = sources.ignores_unsafe_inline() {
            let origin = enforced.origin;
            let fault = Fault::Ignored { origin, directive: directive.to_owned(), by };
            faults.add(fault, file, enforced.from);
        }
    }
}

/// Reports code that a policy blocks.
fn unhashed<'f>(
    enforced: &Enforced,
    code: &PageCode,
    file: &'f TextFile,
    faults: &mut Places<'f, Fault>,
) {
    let directive = match code.kind {
        CodeKind::Script | CodeKind::ImportMap | CodeKind::SpeculationRules => {
            Directive::ScriptElement
        }
        CodeKind::Handler | CodeKind::ScriptUrl => Directive::ScriptAttribute,
        CodeKind::Style => Directive::StyleElement,
        CodeKind::StyleAttribute => Directive::StyleAttribute,
    };
    let Some((name, sources)) = enforced.policy.sources(directive) else { return };
    let inline = match code.kind {
        CodeKind::Handler | CodeKind::StyleAttribute | CodeKind::ScriptUrl => Inline::Attribute,
        CodeKind::SpeculationRules => Inline::SpeculationRules,
        CodeKind::Script | CodeKind::ImportMap | CodeKind::Style => Inline::Element,
    };
    if SourceList::of(sources).allows_inline(inline, &code.text, code.nonce.as_deref()) {
        return;
    }
    let hash = matches!(inline, Inline::Element | Inline::SpeculationRules)
        .then(|| hash_source(&code.text));
    let fault = Fault::Unhashed { origin: enforced.origin, directive: name, kind: code.kind, hash };
    faults.add(fault, file, code.offset);
}

/// Reports a file that a policy blocks.
fn blocked<'f>(
    enforced: &Enforced,
    landings: &Landings<'_>,
    base: &Url,
    load: &PageReference,
    file: &'f TextFile,
    faults: &mut Places<'f, Fault>,
) {
    let directive = match load.purpose {
        Purpose::Script | Purpose::Module => Directive::ScriptElement,
        Purpose::Style => Directive::StyleElement,
        Purpose::Image => Directive::Image,
        Purpose::Font => Directive::Font,
        Purpose::Media => Directive::Media,
        Purpose::Frame => Directive::Frame,
        Purpose::Object => Directive::Object,
        Purpose::Manifest => Directive::Manifest,
        Purpose::Data => Directive::Connect,
        Purpose::Form => Directive::Form,
        Purpose::Link | Purpose::Mention => return,
    };
    let Some((name, sources)) = enforced.policy.sources(directive) else { return };
    let url = landings.own(base, &load.url).or_else(|| base.join(&load.url).ok());
    let Some(url) = url else { return };
    // Nothing is fetched for an empty attribute, nor for these schemes.
    if load.url.is_empty() || matches!(url.scheme(), "about" | "javascript") {
        return;
    }
    if SourceList::of(sources).allows_url(&url, load) {
        return;
    }
    // The query of a server island is long, and different in each build.
    let shown = if is_own(&url) {
        &url[Position::BeforePath..Position::AfterPath]
    } else {
        &url[..Position::AfterPath]
    };
    // A long URL of data says nothing.
    let shown = if url.scheme() == "data" { "data:" } else { shown };
    let fault = Fault::Blocked { origin: enforced.origin, directive: name, url: shown.to_owned() };
    faults.add(fault, file, load.offset);
}

fn finding(fault: &Fault, Place { file, offset }: Place<'_>) -> Diagnostic {
    let whose = |origin: Origin| match origin {
        Origin::Page => "the page's own policy",
        Origin::Headers => "the policy in `_headers`",
    };
    match fault {
        Fault::Unhashed { origin, directive, kind, hash } => {
            let what = match kind {
                CodeKind::Script => "this inline script",
                CodeKind::ImportMap => "this import map",
                CodeKind::SpeculationRules => "these speculation rules",
                CodeKind::Handler => "this event handler",
                CodeKind::ScriptUrl => "this `javascript:` URL",
                CodeKind::Style => "this inline style sheet",
                CodeKind::StyleAttribute => "this `style` attribute",
            };
            let message = format!("{} blocks {what} (`{}`)", whose(*origin), directive.decides);
            let help = match (hash, kind) {
                (Some(hash), _) => directive.remedy(hash),
                (None, CodeKind::StyleAttribute) => {
                    "move the declarations into a style sheet: the hash of an attribute counts with \
                     `'unsafe-hashes'` only"
                        .to_owned()
                }
                (None, _) => "add the listener in a script, whose hash can be listed".to_owned(),
            };
            file.warning(Code::PageCspUnhashed, offset, message).with_help(help)
        }
        Fault::Ignored { origin, directive, by } => {
            let whose = whose(*origin);
            let message =
                format!("{whose} has `'unsafe-inline'` in `{directive}`, which {by} turns off");
            file.warning(Code::PageCspUnsafeWithHash, offset, message).with_help(
                "remove `'unsafe-inline'` and list the hashes of all inline code, or remove what \
                 turns it off",
            )
        }
        Fault::Blocked { origin, directive, url } => {
            let code = if directive.own == "connect-src" {
                Code::PageCspConnect
            } else {
                Code::PageCspBlockedLoad
            };
            let message = format!("{} blocks `{url}` (`{}`)", whose(*origin), directive.decides);
            let source = match Url::parse(url) {
                Ok(url) if url.has_host() => url.origin().ascii_serialization(),
                Ok(url) => format!("{}:", url.scheme()),
                Err(_) => "'self'".to_owned(),
            };
            let help = format!("{}, or do not load it", directive.remedy(&source));
            file.warning(code, offset, message).with_help(help)
        }
    }
}
