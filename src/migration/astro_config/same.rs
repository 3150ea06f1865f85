//! Compares a configuration before and after an edit: without what the edit is about, the two programs
//! must be equal.

use swc_core::common::EqIgnoreSpan;
use swc_core::ecma::ast::{
    ArrayLit, CallExpr, Decl, Expr, ExprOrSpread, Module, ModuleDecl, ModuleItem, ObjectLit, Prop,
    PropOrSpread, Stmt,
};
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

use super::adapter::is_call_of;
use super::imports::required;
use super::object::key;
use super::plan::Locals;
use super::{AdapterIs, INTEGRATION, Wanted};
use crate::project::astro_adapter::ADAPTER;

/// Returns whether two programs are equal but for the wanted edit.
pub(super) fn but_for_the_edit(
    before: &Module,
    after: &Module,
    locals: &Locals,
    wanted: &Wanted,
    removed_options: &[&str],
) -> bool {
    let mut reduced = [before.clone(), after.clone()];
    let mut reduction = Reduction { locals, wanted, removed_options };
    for module in &mut reduced {
        module.visit_mut_with(&mut reduction);
    }
    reduced[0].eq_ignore_span(&reduced[1])
}

/// Removes from a program what an edit may add, remove or replace.
struct Reduction<'e> {
    locals: &'e Locals,
    wanted: &'e Wanted,
    removed_options: &'e [&'e str],
}

impl Reduction<'_> {
    fn is_integration(&self, element: &ExprOrSpread) -> bool {
        let local = self.locals.integration.as_deref();
        matches!(&*element.expr, Expr::Call(call) if local.is_some_and(|it| is_call_of(call, it)))
    }

    fn is_edited_import(&self, item: &ModuleItem) -> bool {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                let module = import.src.value.to_string_lossy();
                INTEGRATION.contains(&&*module)
                    || module == ADAPTER
                    || self.locals.replaced.as_deref() == Some(&*module)
            }
            ModuleItem::Stmt(Stmt::Decl(Decl::Var(variables))) => {
                let modules =
                    variables.decls.iter().map(|it| it.init.as_deref().and_then(required));
                let is_edited = |module: Option<String>| {
                    module.is_some_and(|it| INTEGRATION.contains(&&*it) || it == ADAPTER)
                };
                modules.into_iter().all(is_edited)
            }
            _ => false,
        }
    }

    /// Returns whether a property is an adapter that is added or replaced.
    fn is_edited_adapter(&self, part: &PropOrSpread) -> bool {
        let PropOrSpread::Prop(part) = part else { return false };
        let Prop::KeyValue(pair) = &**part else { return false };
        if key(&pair.key).as_deref() != Some("adapter") || self.wanted.adapter == AdapterIs::Kept {
            return false;
        }
        let local = self.locals.cloudflare.as_deref().unwrap_or_default();
        let is_new = matches!(&*pair.value, Expr::Call(call) if is_call_of(call, local) && call.args.is_empty());
        is_new || self.locals.replaced.is_some()
    }

    fn is_removed_option(&self, part: &PropOrSpread) -> bool {
        let PropOrSpread::Prop(part) = part else { return false };
        let name = match &**part {
            Prop::KeyValue(pair) => key(&pair.key),
            Prop::Method(method) => key(&method.key),
            Prop::Shorthand(name) => Some(name.sym.to_string()),
            _ => None,
        };
        name.is_some_and(|name| self.removed_options.contains(&&*name))
    }
}

impl VisitMut for Reduction<'_> {
    fn visit_mut_module(&mut self, module: &mut Module) {
        module.body.retain(|item| !self.is_edited_import(item));
        module.visit_mut_children_with(self);
    }

    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        call.visit_mut_children_with(self);
        let local = self.locals.cloudflare.as_deref().unwrap_or_default();
        if !is_call_of(call, local) {
            return;
        }
        if let [ExprOrSpread { expr, .. }] = &mut call.args[..]
            && let Expr::Object(options) = &mut **expr
        {
            options.props.retain(|part| !self.is_removed_option(part));
            if options.props.is_empty() {
                call.args.clear();
            }
        }
    }

    fn visit_mut_array_lit(&mut self, array: &mut ArrayLit) {
        array.elems.retain(|element| !element.as_ref().is_some_and(|it| self.is_integration(it)));
        array.visit_mut_children_with(self);
    }

    fn visit_mut_object_lit(&mut self, object: &mut ObjectLit) {
        object.visit_mut_children_with(self);
        object.props.retain(|part| !self.is_edited_adapter(part));
        if self.locals.integration.is_none() {
            return;
        }
        for part in &mut object.props {
            let PropOrSpread::Prop(part) = part else { continue };
            // `integrations` and `integrations: [integrations]` are lists with the same elements.
            if let Prop::Shorthand(name) = &**part
                && &*name.sym == "integrations"
            {
                let value = Box::new(Expr::Ident(name.clone()));
                let key = swc_core::ecma::ast::PropName::Ident(name.clone().into());
                **part = Prop::KeyValue(swc_core::ecma::ast::KeyValueProp { key, value });
            }
            let Prop::KeyValue(pair) = &mut **part else { continue };
            if key(&pair.key).as_deref() == Some("integrations")
                && let Expr::Array(array) = &mut *pair.value
                && let [Some(ExprOrSpread { spread: None, expr })] = &array.elems[..]
            {
                let only = expr.clone();
                pair.value = only;
            }
        }
        object.props.retain(|part| {
            let PropOrSpread::Prop(part) = part else { return true };
            let Prop::KeyValue(pair) = &**part else { return true };
            let is_empty = matches!(&*pair.value, Expr::Array(array) if array.elems.is_empty());
            key(&pair.key).as_deref() != Some("integrations") || !is_empty
        });
    }
}
