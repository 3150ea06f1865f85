//! The policy of a page: the sources that it needs, by directive.

use std::collections::BTreeSet;

use url::Url;

use super::code::{SiteCode, Wasm};
use super::source::{self, OWN};
use crate::options::CspAttributes;
use crate::transform::html::shipped::{CodeLoad, LoadKind, Shipped, ShippedCode, ShippedKind};

/// The sources that a page needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PagePolicy {
    pub(super) scripts: BTreeSet<String>,
    pub(super) handlers: BTreeSet<String>,
    pub(super) styles: BTreeSet<String>,
    pub(super) style_attributes: BTreeSet<String>,
    pub(super) workers: BTreeSet<String>,
    pub(super) objects: BTreeSet<String>,
    pub(super) bases: BTreeSet<String>,
}

/// A part of a page that its policy blocks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Blocked {
    pub(super) kind: BlockedKind,
    /// The code, or the URL.
    pub(super) text: String,
}

/// The kind of what a policy blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BlockedKind {
    Handler,
    StyleAttribute,
    /// A URL that begins with `javascript:`.
    ScriptUrl,
    /// A script whose URL contains it, such as `data:`: allowing its scheme would allow any script.
    ScriptWithoutHost,
}

impl PagePolicy {
    /// Makes the policy of a page that is served at a path, and returns what it blocks.
    pub(super) fn of(
        shipped: &Shipped,
        path: &str,
        site: &SiteCode,
        attributes: CspAttributes,
    ) -> (Self, Vec<Blocked>) {
        let mut policy = Self::default();
        let mut blocked = Vec::new();
        let url = Url::parse(&format!("{}{path}", source::SITE)).ok();
        let base = url.as_ref().and_then(|url| match &shipped.base {
            Some(href) => url.join(href).ok().or_else(|| Some(url.clone())),
            None => Some(url.clone()),
        });
        for href in &shipped.bases {
            let base = url.as_ref().and_then(|url| url.join(href).ok());
            policy.bases.extend(base.and_then(|base| source::origin(&base)));
        }
        for load in &shipped.loads {
            policy.add_load(load, base.as_ref(), &mut blocked);
        }
        let mut code = site.clone();
        for one in &shipped.code {
            policy.add_code(one, attributes, &mut code, &mut blocked);
        }
        if shipped.has_scripts() {
            policy.add_what_scripts_may_need(&code);
        }
        if policy.styles.contains(OWN)
            || shipped.code.iter().any(|it| it.kind == ShippedKind::Style)
        {
            policy.styles.extend(code.styles);
        }
        (policy, blocked)
    }

    fn add_load(&mut self, load: &CodeLoad, base: Option<&Url>, blocked: &mut Vec<Blocked>) {
        let Some(url) = base.and_then(|base| base.join(&load.url).ok()) else { return };
        let origin = source::origin(&url);
        match load.kind {
            LoadKind::Script | LoadKind::Import => {
                if let Some(origin) = origin {
                    self.scripts.insert(origin);
                } else {
                    let text = url.scheme().to_owned();
                    blocked.push(Blocked { kind: BlockedKind::ScriptWithoutHost, text });
                }
            }
            // Neither runs scripts of this page's origin.
            LoadKind::Style => {
                self.styles.insert(origin.unwrap_or_else(|| format!("{}:", url.scheme())));
            }
            LoadKind::Object => {
                self.objects.insert(origin.unwrap_or_else(|| format!("{}:", url.scheme())));
            }
        }
    }

    fn add_code(
        &mut self,
        code: &ShippedCode,
        attributes: CspAttributes,
        site: &mut SiteCode,
        blocked: &mut Vec<Blocked>,
    ) {
        let text = &*code.text;
        let kind = match (code.kind, attributes) {
            (ShippedKind::Script, _) => {
                site.read_script(text);
                self.scripts.insert(source::hash(text));
                return;
            }
            (ShippedKind::ScriptData, _) => {
                site.read_import_map(text);
                self.scripts.insert(source::hash(text));
                return;
            }
            (ShippedKind::Style, _) => {
                site.read_style(text);
                self.styles.insert(source::hash(text));
                return;
            }
            (ShippedKind::Handler, CspAttributes::Hash) => {
                self.handlers.insert(source::hash(text));
                return;
            }
            (ShippedKind::StyleAttribute, CspAttributes::Hash) => {
                self.style_attributes.insert(source::hash(text));
                return;
            }
            (ShippedKind::Handler, CspAttributes::Block) => BlockedKind::Handler,
            (ShippedKind::StyleAttribute, CspAttributes::Block) => BlockedKind::StyleAttribute,
            (ShippedKind::ScriptUrl, _) => BlockedKind::ScriptUrl,
        };
        blocked.push(Blocked { kind, text: text.to_owned() });
    }

    /// Adds what scripts may need: files of the site, and what its code is known to import. Libraries make an empty
    /// `<style>` and fill it by its rules, which is allowed if an empty one is; and a worker of a `blob:`, which only
    /// a script can make.
    fn add_what_scripts_may_need(&mut self, code: &SiteCode) {
        self.scripts.insert(OWN.to_owned());
        self.scripts.extend(code.modules.iter().cloned());
        if code.wasm == Wasm::Used {
            self.scripts.insert("'wasm-unsafe-eval'".to_owned());
        }
        self.styles.extend([OWN.to_owned(), source::hash("")]);
        self.workers.extend([OWN.to_owned(), "blob:".to_owned()]);
    }

    /// Returns a policy that allows what either of two allows.
    pub(super) fn merged(mut self, other: &Self) -> Self {
        let Self { scripts, handlers, styles, style_attributes, workers, objects, bases } = other;
        self.scripts.extend(scripts.iter().cloned());
        self.handlers.extend(handlers.iter().cloned());
        self.styles.extend(styles.iter().cloned());
        self.style_attributes.extend(style_attributes.iter().cloned());
        self.workers.extend(workers.iter().cloned());
        self.objects.extend(objects.iter().cloned());
        self.bases.extend(bases.iter().cloned());
        self
    }
}
