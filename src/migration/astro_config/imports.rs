//! The imports of a configuration, and the place and style of a new one.

use std::collections::BTreeSet;

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::{
    Callee, Decl, Expr, ExprOrSpread, Ident, ImportDecl, ImportNamedSpecifier, ImportSpecifier,
    Lit, MemberProp, Module, ModuleDecl, ModuleExportName, ModuleItem, Pat, Stmt, Str,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::shape::ModuleKind;
use super::source::Source;
use crate::migration::text::{TextEdit, end_of_line, line_break};

/// The imports of a program.
pub(super) struct Imports<'s, 't> {
    source: &'s Source<'t>,
    kind: ModuleKind,
}

/// A name that a program imports.
#[derive(Clone, Debug)]
pub(super) struct Imported {
    /// The name in the program.
    pub(super) local: String,
    /// The module that it comes from.
    pub(super) module: String,
    /// The name in the module: `default` for the default export.
    exported: String,
}

impl<'s, 't> Imports<'s, 't> {
    pub(super) fn of(source: &'s Source<'t>, kind: ModuleKind) -> Self {
        Self { source, kind }
    }

    fn module(&self) -> &'s Module {
        &self.source.module
    }

    fn declarations(&self) -> impl Iterator<Item = &'s ImportDecl> {
        self.module().body.iter().filter_map(|item| match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => Some(import),
            _ => None,
        })
    }

    /// Returns the names that are imported, or taken from a module by `require`. Those of types are none.
    pub(super) fn names(&self) -> Vec<Imported> {
        let mut all = Vec::new();
        for import in self.declarations().filter(|import| !import.type_only) {
            let module = import.src.value.to_string_lossy().into_owned();
            for specifier in &import.specifiers {
                let (local, exported) = match specifier {
                    ImportSpecifier::Default(name) => (&name.local, DEFAULT.to_owned()),
                    ImportSpecifier::Named(name) if name.is_type_only => continue,
                    ImportSpecifier::Named(name) => (&name.local, exported(name)),
                    ImportSpecifier::Namespace(_) => continue,
                };
                let local = local.sym.to_string();
                all.push(Imported { local, module: module.clone(), exported });
            }
        }
        for item in &self.module().body {
            let ModuleItem::Stmt(Stmt::Decl(Decl::Var(variables))) = item else { continue };
            for one in &variables.decls {
                let Some(module) = one.init.as_deref().and_then(required) else { continue };
                match &one.name {
                    Pat::Ident(name) => {
                        let local = name.id.sym.to_string();
                        all.push(Imported { local, module, exported: DEFAULT.to_owned() });
                    }
                    Pat::Object(pattern) => {
                        let text = self.source.slice(pattern.span);
                        let names = text.trim_matches(['{', '}', ' ']).split(',');
                        all.extend(names.filter_map(|name| {
                            let local = name.split(':').next_back()?.trim().to_owned();
                            let exported = name.split(':').next()?.trim().to_owned();
                            Some(Imported { local, module: module.clone(), exported })
                        }));
                    }
                    _ => {}
                }
            }
        }
        all
    }

    /// Returns the local name of a module's default export.
    pub(super) fn local(&self, modules: &[&str]) -> Option<String> {
        let is_it = |it: &Imported| modules.contains(&&*it.module) && it.exported == DEFAULT;
        self.names().into_iter().find(is_it).map(|it| it.local)
    }

    /// Returns a name that the program does not use.
    pub(super) fn unused(&self, name: &str) -> String {
        let mut used = Names(BTreeSet::new());
        self.module().visit_with(&mut used);
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| !used.0.contains(name)).unwrap_or_else(|| name.to_owned())
    }

    /// Returns the edit that adds an import, in the style of the others.
    pub(super) fn add(&self, names: &[(String, &str)]) -> TextEdit {
        let text = self.source.text;
        let line_break = line_break(text);
        let style = self.style();
        let quote = style.quote;
        let end = if style.semicolons { ";" } else { "" };
        let statement = |(local, module): &(String, &str)| match self.kind {
            ModuleKind::Esm => format!("import {local} from {quote}{module}{quote}{end}"),
            ModuleKind::CommonJs => {
                format!("const {local} = require({quote}{module}{quote}).default{end}")
            }
        };
        let statements: Vec<String> = names.iter().map(statement).collect();
        let last = self.last();
        if let Some(last) = last
            && let Some(line_end) = end_of_line(text, last)
        {
            let lines = statements.join(line_break);
            return TextEdit::insert(line_end, format!("{line_break}{lines}"));
        }
        let lines = statements.join(line_break) + line_break;
        match last {
            // Another statement is on the line of the last import.
            Some(last) => {
                let ended = if text[..last].ends_with(';') { "" } else { ";" };
                let all = statements.iter().map(|it| format!(" {};", it.trim_end_matches(';')));
                TextEdit::insert(last, format!("{ended}{}", all.collect::<String>()))
            }
            None => TextEdit::insert(self.head(), lines),
        }
    }

    /// Returns the quotation mark that the program uses.
    pub(super) fn quote(&self) -> char {
        self.style().quote
    }

    /// Returns the end of the last import at the beginning of the program.
    fn last(&self) -> Option<usize> {
        let is_import = |item: &&ModuleItem| match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(_)) => true,
            ModuleItem::Stmt(Stmt::Decl(Decl::Var(variables))) => {
                self.kind == ModuleKind::CommonJs
                    && variables
                        .decls
                        .iter()
                        .any(|one| one.init.as_deref().and_then(required).is_some())
            }
            _ => false,
        };
        let last = self.module().body.iter().rfind(is_import)?;
        Some(Source::range(last.span()).end)
    }

    /// Returns the position after what has to come first: a hashbang, directives, and `// @ts-check`.
    fn head(&self) -> usize {
        let text = self.source.text;
        let directives = self.module().body.iter().take_while(|item| is_directive(item)).last();
        let mut position = directives.map_or(0, |item| Source::range(item.span()).end);
        if position > 0 {
            position = end_of_line(text, position).unwrap_or(position);
            position += usize::from(text[position..].starts_with('\r'));
            position += usize::from(text[position..].starts_with('\n'));
        }
        while let Some(index) = text[position..].find('\n') {
            let line = text[position..position + index].trim();
            let is_head = line.starts_with("#!") || line.starts_with("//") && line.contains('@');
            if !is_head {
                break;
            }
            position += index + 1;
        }
        position
    }

    /// Returns the style of the program: that of its first import, else of its text.
    fn style(&self) -> Style {
        let text = self.source.text;
        let import = self.declarations().next();
        let quote = if let Some(import) = import {
            self.source.slice(import.src.span).chars().next()
        } else {
            let mut first = FirstText(None);
            self.module().visit_with(&mut first);
            first.0.and_then(|span| self.source.slice(span).chars().next())
        };
        let semicolons = match import {
            Some(import) => self.source.slice(import.span).ends_with(';'),
            None => text.contains(';') || !text.contains('\n'),
        };
        Style { quote: quote.unwrap_or('\''), semicolons }
    }
}

/// The name of the default export of a module.
const DEFAULT: &str = "default";

/// Returns the name that an imported name has in its module.
fn exported(name: &ImportNamedSpecifier) -> String {
    match &name.imported {
        Some(ModuleExportName::Ident(exported)) => exported.sym.to_string(),
        Some(ModuleExportName::Str(exported)) => exported.value.to_string_lossy().into_owned(),
        None => name.local.sym.to_string(),
    }
}

struct Style {
    quote: char,
    semicolons: bool,
}

fn is_directive(item: &ModuleItem) -> bool {
    matches!(item, ModuleItem::Stmt(Stmt::Expr(it)) if matches!(&*it.expr, Expr::Lit(Lit::Str(_))))
}

/// Returns the module of `require('…')` and `require('…').default`.
pub(super) fn required(value: &Expr) -> Option<String> {
    match value {
        Expr::Member(member) => {
            let is_default =
                matches!(&member.prop, MemberProp::Ident(name) if &*name.sym == "default");
            is_default.then(|| required(&member.obj))?
        }
        Expr::Call(call) => {
            let Callee::Expr(callee) = &call.callee else { return None };
            let is_require = matches!(&**callee, Expr::Ident(name) if &*name.sym == "require");
            let [ExprOrSpread { spread: None, expr }] = &call.args[..] else { return None };
            let Expr::Lit(Lit::Str(module)) = &**expr else { return None };
            is_require.then(|| module.value.to_string_lossy().into_owned())
        }
        _ => None,
    }
}

/// Finds the first text of a program in quotation marks.
struct FirstText(Option<Span>);

impl Visit for FirstText {
    fn visit_str(&mut self, text: &Str) {
        self.0.get_or_insert(text.span);
    }
}

/// Collects all names of a program.
struct Names(BTreeSet<String>);

impl Visit for Names {
    fn visit_ident(&mut self, name: &Ident) {
        self.0.insert(name.sym.to_string());
    }
}
