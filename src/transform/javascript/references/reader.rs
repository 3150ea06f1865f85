//! The texts of a module that may be URLs, with what is done with them.

use std::collections::BTreeSet;
use std::ops::Range;

use swc_core::common::{BytePos, GLOBALS, Globals, Span};
use swc_core::ecma::ast::{
    ArrayLit, BindingIdent, CallExpr, Callee, ClassDecl, ClassExpr, ExportAll, Expr, ExprOrSpread,
    FnDecl, FnExpr, Ident, ImportDecl, ImportDefaultSpecifier, ImportNamedSpecifier,
    ImportStarAsSpecifier, Lit, MemberExpr, MetaPropExpr, MetaPropKind, NamedExport, NewExpr, Str,
    TplElement, VarDeclarator,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::meta::{is_resolve, is_same_resource, own_url_of};
use crate::transform::javascript::{ScriptKind, Text};
use crate::transform::reference::Role;

/// A walk through a module.
pub(super) struct Reader {
    start: BytePos,
    /// The names among [`GLOBAL_NAMES`] that the module has for something of its own.
    bound: BTreeSet<&'static str>,
    pub(super) found: Vec<Found>,
    /// The places of `import.meta` of which no use is known.
    own: BTreeSet<BytePos>,
    /// The places of the URLs that workers are made of, each with the name of the constructor.
    workers: Vec<(BytePos, &'static str)>,
    /// True if the module has Vite's code that preloads files.
    has_preloader: bool,
}

/// The names of a browser's functions that make references.
const GLOBAL_NAMES: [&str; 3] = ["URL", "Worker", "SharedWorker"];

/// The variable in which Vite has the URLs of the files that `import()` preloads.
const PRELOAD_LIST: &str = "__vite__mapDeps";

/// The event that Vite's code for preloading makes. No other code has its name, but for listeners.
const PRELOAD_EVENT: &str = "vite:preloadError";

/// A walk through the list of what a module preloads.
struct PreloadList<'r>(&'r mut Reader);

impl Visit for PreloadList<'_> {
    fn visit_array_lit(&mut self, list: &ArrayLit) {
        for ExprOrSpread { expr, .. } in list.elems.iter().flatten() {
            self.0.add(self.0.text(expr), Usage::Preload);
        }
    }
}

/// A text that may be a URL.
pub(super) struct Found {
    /// Its place, without quotes.
    pub(super) range: Range<usize>,
    pub(super) usage: Usage,
}

pub(super) enum Usage {
    /// A module is imported (ECMA-262 §16.2).
    Import,
    /// It is in the list of what Vite preloads.
    Preload,
    /// It is resolved by `URL`.
    Resolve,
    /// It is resolved by `URL`, and loaded by a function of this name.
    Work(&'static str),
}

impl Reader {
    /// Reads a module.
    pub(super) fn read(source: &str) -> Result<Self, String> {
        GLOBALS.set(&Globals::new(), || {
            let text = Text::new(source);
            let program = text.parse(ScriptKind::Module).map_err(|error| error.message)?;
            let mut reader = Self {
                start: text.file.start_pos,
                bound: BTreeSet::new(),
                found: Vec::new(),
                own: BTreeSet::new(),
                workers: Vec::new(),
                has_preloader: source.contains(PRELOAD_EVENT),
            };
            program.visit_with(&mut reader);
            Ok(reader)
        })
    }

    /// Returns the role of a URL. Returns `None` if it is none.
    pub(super) fn role(&self, usage: &Usage, written: &str) -> Option<Role> {
        // What begins otherwise is a name in an import map, or absolute (HTML §8.1.6.2).
        let is_path = ["/", "./", "../"].iter().any(|start| written.starts_with(start));
        match usage {
            Usage::Import => is_path.then_some(Role::Loaded),
            // An absolute URL is one of another host.
            Usage::Preload => (!is_path && !written.contains(':')).then_some(Role::Preloaded),
            Usage::Resolve | Usage::Work(_) if self.bound.contains("URL") => None,
            Usage::Work(name) if !self.bound.contains(name) => Some(Role::Loaded),
            Usage::Resolve | Usage::Work(_) => Some(Role::Resolved),
        }
    }

    /// Returns the place of an `import.meta` of which no use is known.
    pub(super) fn own_url(&self) -> Option<usize> {
        self.own.first().map(|at| self.offset(*at))
    }

    fn offset(&self, at: BytePos) -> usize {
        (at - self.start).0 as usize
    }

    fn range(&self, span: Span) -> Range<usize> {
        self.offset(span.lo)..self.offset(span.hi)
    }

    fn bind(&mut self, name: &Ident) {
        self.bound.extend(GLOBAL_NAMES.iter().find(|global| name.sym == **global));
    }

    fn add(&mut self, range: Option<Range<usize>>, usage: Usage) {
        self.found.extend(range.map(|range| Found { range, usage }));
    }

    fn import(&mut self, module: &Str) {
        self.add(self.text_of(module), Usage::Import);
    }

    fn text_of(&self, text: &Str) -> Option<Range<usize>> {
        let Range { start, end } = self.range(text.span);
        (end - start >= 2).then(|| start + 1..end - 1)
    }

    /// Returns the place of a text without its quotes.
    fn text(&self, expression: &Expr) -> Option<Range<usize>> {
        match expression {
            Expr::Lit(Lit::Str(text)) => self.text_of(text),
            Expr::Tpl(template) => match (&*template.exprs, &*template.quasis) {
                ([], [TplElement { span, .. }]) => Some(self.range(*span)),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Visit for Reader {
    fn visit_new_expr(&mut self, new: &NewExpr) {
        let name = new
            .callee
            .as_ident()
            .and_then(|name| GLOBAL_NAMES.into_iter().find(|global| name.sym == *global));
        let arguments = new.args.as_deref().unwrap_or_default();
        match (name, arguments) {
            (
                Some("URL"),
                [
                    ExprOrSpread { spread: None, expr: url },
                    ExprOrSpread { spread: None, expr: base },
                ],
            ) => {
                new.visit_children_with(self);
                if let Some(meta) = own_url_of(base) {
                    let is_preloaded = self.has_preloader && url.is_ident();
                    if is_preloaded || !is_same_resource(url) {
                        self.own.remove(&meta);
                    }
                    let worker = self.workers.iter().find(|(at, _)| *at == new.span.lo);
                    let usage = worker.map_or(Usage::Resolve, |(_, name)| Usage::Work(name));
                    self.add(self.text(url), usage);
                }
            }
            (Some(worker), [ExprOrSpread { spread: None, expr: url }, ..]) => {
                if let Expr::New(url) = &**url {
                    self.workers.push((url.span.lo, worker));
                }
                new.visit_children_with(self);
            }
            _ => new.visit_children_with(self),
        }
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        // Vite resolves what it preloads, which is in its list.
        let is_resolve = self.has_preloader && is_resolve(member);
        if !is_resolve {
            member.visit_children_with(self);
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        call.visit_children_with(self);
        if let (Callee::Import(_), Some(ExprOrSpread { spread: None, expr })) =
            (&call.callee, call.args.first())
        {
            self.add(self.text(expr), Usage::Import);
        }
    }

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        import.visit_children_with(self);
        self.import(&import.src);
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        export.visit_children_with(self);
        if let Some(module) = &export.src {
            self.import(module);
        }
    }

    fn visit_export_all(&mut self, export: &ExportAll) {
        self.import(&export.src);
    }

    fn visit_meta_prop_expr(&mut self, meta: &MetaPropExpr) {
        if meta.kind == MetaPropKind::ImportMeta {
            self.own.insert(meta.span.lo);
        }
    }

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        declarator.visit_children_with(self);
        let name = declarator.name.as_ident();
        if name.is_some_and(|name| name.sym == PRELOAD_LIST) {
            declarator.init.visit_with(&mut PreloadList(self));
        }
    }

    fn visit_binding_ident(&mut self, binding: &BindingIdent) {
        self.bind(&binding.id);
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.bind(&function.ident);
        function.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, function: &FnExpr) {
        if let Some(name) = &function.ident {
            self.bind(name);
        }
        function.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.bind(&class.ident);
        class.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        if let Some(name) = &class.ident {
            self.bind(name);
        }
        class.visit_children_with(self);
    }

    fn visit_import_named_specifier(&mut self, import: &ImportNamedSpecifier) {
        self.bind(&import.local);
    }

    fn visit_import_default_specifier(&mut self, import: &ImportDefaultSpecifier) {
        self.bind(&import.local);
    }

    fn visit_import_star_as_specifier(&mut self, import: &ImportStarAsSpecifier) {
        self.bind(&import.local);
    }
}
