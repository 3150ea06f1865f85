//! The canonical form of a program, which is the same before and after local names are shortened.
//!
//! Two programs with equal canonical forms do the same: they have the same statements and
//! expressions in the same order, and the same names wherever other code can see them.

use std::collections::HashMap;

use swc_core::atoms::Atom;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Mark, Span, SyntaxContext};
use swc_core::ecma::ast::{
    AssignPat, BigInt, BreakStmt, ComputedPropName, ContinueStmt, Decl, ExportDecl,
    ExportSpecifier, Expr, ExprStmt, Id, Ident, IdentName, ImportNamedSpecifier, KeyValuePatProp,
    KeyValueProp, LabeledStmt, Lit, Module, ModuleDecl, ModuleExportName, ModuleItem, NamedExport,
    NewExpr, Number, ObjectPatProp, Pat, PrivateName, Program, Prop, PropName, SimpleAssignTarget,
    Stmt, Str, TaggedTpl, Tpl,
};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

use super::Names;
use super::names::naming;

/// Returns the canonical form of a parsed program.
pub(super) fn canonical(program: Program, names: Names) -> Program {
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    // The resolver marks each name with its scope, so that equal names of different scopes differ.
    let mut program = program.apply(resolver(unresolved, top_level, false));
    let scope = |mark| SyntaxContext::empty().apply_mark(mark);
    let mut form = Canonical {
        unresolved: scope(unresolved),
        // Those of a classic script are globals, which other code may use.
        top_level: program.is_script().then(|| scope(top_level)),
        names: HashMap::new(),
        private: (names == Names::Shortened).then(HashMap::new),
        labels: Vec::new(),
    };
    if names == Names::Preserved {
        form.preserve(naming(&program));
    }
    program.visit_mut_with(&mut form);
    program
}

struct Canonical {
    /// The scope of names that the program does not declare.
    unresolved: SyntaxContext,
    /// The outermost scope, if its names have to stay.
    top_level: Option<SyntaxContext>,
    /// The canonical names of local names.
    names: HashMap<Id, Atom>,
    /// The canonical names of private members, if they may change.
    private: Option<HashMap<Atom, Atom>>,
    /// The labels of the statements around the current one.
    labels: Vec<Atom>,
}

impl Canonical {
    fn preserve(&mut self, ids: Vec<Id>) {
        self.names.extend(ids.into_iter().map(|id| (id.clone(), id.0)));
    }

    /// Replaces a label by its depth.
    fn label(&self, label: &mut Ident) {
        let depth = self.labels.iter().rposition(|own| *own == label.sym);
        *label = Ident::new_no_ctxt(Atom::from(format!("{depth:?}")), DUMMY_SP);
    }
}

/// Returns an exported or imported name, without the span and scope of a variable.
fn plain(name: &ModuleExportName) -> ModuleExportName {
    match name {
        ModuleExportName::Ident(name) => {
            ModuleExportName::Ident(Ident::new_no_ctxt(name.sym.clone(), DUMMY_SP))
        }
        ModuleExportName::Str(name) => {
            ModuleExportName::Str(Str { span: DUMMY_SP, raw: None, ..name.clone() })
        }
    }
}

impl VisitMut for Canonical {
    fn visit_mut_span(&mut self, span: &mut Span) {
        *span = DUMMY_SP;
    }

    fn visit_mut_syntax_context(&mut self, scope: &mut SyntaxContext) {
        *scope = SyntaxContext::empty();
    }

    fn visit_mut_ident(&mut self, name: &mut Ident) {
        let is_public = name.ctxt == self.unresolved || Some(name.ctxt) == self.top_level;
        let symbol = if is_public {
            name.sym.clone()
        } else {
            let number = self.names.len();
            // No other name has a space.
            let entry = self.names.entry(name.to_id());
            entry.or_insert_with(|| Atom::from(format!("local {number}"))).clone()
        };
        *name = Ident::new_no_ctxt(symbol, DUMMY_SP);
    }

    fn visit_mut_private_name(&mut self, name: &mut PrivateName) {
        name.span = DUMMY_SP;
        if let Some(private) = &mut self.private {
            let number = private.len();
            let entry = private.entry(name.name.clone());
            name.name = entry.or_insert_with(|| Atom::from(format!("private {number}"))).clone();
        }
    }

    fn visit_mut_labeled_stmt(&mut self, statement: &mut LabeledStmt) {
        self.labels.push(statement.label.sym.clone());
        self.label(&mut statement.label);
        statement.body.visit_mut_with(self);
        self.labels.pop();
        self.visit_mut_span(&mut statement.span);
    }

    fn visit_mut_break_stmt(&mut self, statement: &mut BreakStmt) {
        statement.span = DUMMY_SP;
        statement.label.iter_mut().for_each(|label| self.label(label));
    }

    fn visit_mut_continue_stmt(&mut self, statement: &mut ContinueStmt) {
        statement.span = DUMMY_SP;
        statement.label.iter_mut().for_each(|label| self.label(label));
    }

    fn visit_mut_stmt(&mut self, statement: &mut Stmt) {
        statement.visit_mut_children_with(self);
        // Braces around one statement, which swc adds before an `else`. Around a declaration they
        // are a scope, and around a string they prevent a directive.
        if let Stmt::Block(block) = statement
            && let [only] = block.stmts.as_mut_slice()
            && !matches!(only, Stmt::Decl(_))
            && !matches!(only, Stmt::Expr(ExprStmt { expr, .. }) if expr.is_lit())
        {
            *statement = only.take();
        }
    }

    fn visit_mut_expr_stmt(&mut self, statement: &mut ExprStmt) {
        // In parentheses, or with an escape, it would not be a directive (ECMAScript §11.2.1).
        let directive = match &*statement.expr {
            Expr::Lit(Lit::Str(string)) => string
                .raw
                .as_deref()
                .map(|raw| Atom::from(if raw.contains('\\') { "escaped" } else { "directive" })),
            _ => None,
        };
        statement.visit_mut_children_with(self);
        if let (Some(directive), Expr::Lit(Lit::Str(string))) = (directive, &mut *statement.expr) {
            string.raw = Some(directive);
        }
    }

    fn visit_mut_expr(&mut self, expression: &mut Expr) {
        while let Expr::Paren(inner) = expression {
            *expression = *inner.expr.take();
        }
        expression.visit_mut_children_with(self);
    }

    fn visit_mut_simple_assign_target(&mut self, target: &mut SimpleAssignTarget) {
        if let SimpleAssignTarget::Paren(inner) = target
            && let Ok(plain) = SimpleAssignTarget::try_from(inner.expr.clone())
        {
            *target = plain;
            return self.visit_mut_simple_assign_target(target);
        }
        target.visit_mut_children_with(self);
    }

    fn visit_mut_str(&mut self, string: &mut Str) {
        (string.span, string.raw) = (DUMMY_SP, None);
    }

    fn visit_mut_number(&mut self, number: &mut Number) {
        (number.span, number.raw) = (DUMMY_SP, None);
    }

    fn visit_mut_big_int(&mut self, number: &mut BigInt) {
        (number.span, number.raw) = (DUMMY_SP, None);
    }

    fn visit_mut_tpl(&mut self, template: &mut Tpl) {
        template.visit_mut_children_with(self);
        // Only a function before a template can see how it is written.
        template.quasis.iter_mut().for_each(|text| text.raw = Atom::default());
    }

    fn visit_mut_tagged_tpl(&mut self, tagged: &mut TaggedTpl) {
        (tagged.span, tagged.ctxt) = (DUMMY_SP, SyntaxContext::empty());
        tagged.tag.visit_mut_with(self);
        tagged.tpl.visit_mut_children_with(self);
    }

    fn visit_mut_new_expr(&mut self, new: &mut NewExpr) {
        // `new A` is `new A()`.
        new.args.get_or_insert_default();
        new.visit_mut_children_with(self);
    }

    fn visit_mut_prop_name(&mut self, name: &mut PropName) {
        // `{ 'a': 1 }` is `{ a: 1 }`.
        if let PropName::Str(string) = name
            && let Some(text) = string.value.as_str()
        {
            *name = PropName::Ident(IdentName::new(Atom::from(text), DUMMY_SP));
        }
        name.visit_mut_children_with(self);
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        if let Prop::Shorthand(name) = property {
            let text = IdentName::new(name.sym.clone(), DUMMY_SP);
            // `{ __proto__ }` adds a property, but `{ __proto__: x }` does not (ECMAScript §B.3.1).
            let key = if name.sym == *"__proto__" {
                let expr = Box::new(Expr::Lit(Lit::Str(text.sym.into())));
                PropName::Computed(ComputedPropName { span: DUMMY_SP, expr })
            } else {
                PropName::Ident(text)
            };
            let value = Box::new(Expr::Ident(name.clone()));
            *property = Prop::KeyValue(KeyValueProp { key, value });
        }
        property.visit_mut_children_with(self);
    }

    fn visit_mut_object_pat_prop(&mut self, property: &mut ObjectPatProp) {
        if let ObjectPatProp::Assign(short) = property {
            let key = PropName::Ident(IdentName::new(short.key.sym.clone(), DUMMY_SP));
            let name = Pat::Ident(short.key.clone());
            let value = Box::new(match short.value.take() {
                Some(right) => {
                    Pat::Assign(AssignPat { span: DUMMY_SP, left: Box::new(name), right })
                }
                None => name,
            });
            *property = ObjectPatProp::KeyValue(KeyValuePatProp { key, value });
        }
        property.visit_mut_children_with(self);
    }

    fn visit_mut_import_named_specifier(&mut self, specifier: &mut ImportNamedSpecifier) {
        let own = ModuleExportName::Ident(specifier.local.clone());
        specifier.imported = Some(plain(specifier.imported.as_ref().unwrap_or(&own)));
        specifier.local.visit_mut_with(self);
        specifier.span = DUMMY_SP;
    }

    fn visit_mut_named_export(&mut self, export: &mut NamedExport) {
        let is_local = export.src.is_none();
        export.span = DUMMY_SP;
        export.src.visit_mut_with(self);
        export.with.visit_mut_with(self);
        for specifier in &mut export.specifiers {
            if let ExportSpecifier::Named(named) = specifier {
                named.span = DUMMY_SP;
                named.exported = Some(plain(named.exported.as_ref().unwrap_or(&named.orig)));
                match &mut named.orig {
                    ModuleExportName::Ident(name) if is_local => name.visit_mut_with(self),
                    other => *other = plain(other),
                }
            } else if let ExportSpecifier::Namespace(namespace) = specifier {
                (namespace.span, namespace.name) = (DUMMY_SP, plain(&namespace.name));
            } else {
                specifier.visit_mut_with(self);
            }
        }
    }

    fn visit_mut_module(&mut self, module: &mut Module) {
        for item in &module.body {
            if let ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) = item {
                self.preserve(exported(export));
            }
        }
        // The statements first, since lists of exports move.
        module.visit_mut_children_with(self);
        let body = std::mem::take(&mut module.body);
        let mut exports = Vec::new();
        for item in body {
            match item {
                ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(list)) if list.src.is_none() => {
                    exports.extend(list.specifiers);
                }
                other => module.body.push(other),
            }
        }
        exports.sort_by_key(|specifier| format!("{specifier:?}"));
        let list = NamedExport {
            span: DUMMY_SP,
            specifiers: exports,
            src: None,
            type_only: false,
            with: None,
        };
        module.body.push(ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(list)));
    }
}

/// Returns the names that an exported declaration declares.
fn exported(export: &ExportDecl) -> Vec<Id> {
    match &export.decl {
        Decl::Class(class) => vec![class.ident.to_id()],
        Decl::Fn(function) => vec![function.ident.to_id()],
        Decl::Var(variables) => find_pat_ids(&variables.decls),
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "canonical/tests.rs"]
mod tests;
