//! The adapter that a configuration names, with its options.

use std::ops::Range;

use swc_core::common::Spanned;
use swc_core::ecma::ast::{
    CallExpr, Callee, Expr, ImportSpecifier, Module, ModuleDecl, ModuleItem, ObjectLit, Prop,
    PropOrSpread,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::imports::Imports;
use super::object::{key, list_of, literal, property};
use super::shape::{Scope, Shape};
use super::source::Source;
use crate::migration::list::List;
use crate::migration::text::TextEdit;
use crate::project::astro_adapter::{ADAPTER, WORKER_ENTRY_POINT};

/// An adapter in a configuration.
#[derive(Clone, Debug)]
pub(super) struct Adapter {
    /// The module that it is imported from.
    pub(super) module: String,
    /// The name of its function in the program.
    pub(super) local: String,
    /// The bytes of its call, if the property's value is a call.
    pub(super) value: Option<Range<usize>>,
    /// Its options, if they are an object.
    pub(super) options: Option<Options>,
}

/// The options of an adapter.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) list: List,
    /// The name of each option. `None` if it is not a plain property.
    pub(super) names: Vec<Option<String>>,
    worker_entry_point: Option<String>,
    session_binding: Option<String>,
}

impl Adapter {
    /// Returns the module that the option `workerEntryPoint` names.
    pub(super) fn worker_entry_point(&self) -> Option<String> {
        self.options.as_ref()?.worker_entry_point.clone()
    }

    /// Returns the name of the binding for sessions that the options give it.
    pub(super) fn session_binding(&self) -> Option<String> {
        self.options.as_ref()?.session_binding.clone()
    }
}

/// Returns whether a module is an adapter of Astro.
pub(super) fn is_adapter(module: &str) -> bool {
    const ADAPTERS: [&str; 6] = [
        "@astrojs/cloudflare",
        "@astrojs/netlify",
        "@astrojs/node",
        "@astrojs/vercel",
        "@astrojs/deno",
        "@deno/astro-adapter",
    ];
    let is_part = |name: &&str| {
        module.strip_prefix(*name).is_some_and(|it| it.is_empty() || it.starts_with('/'))
    };
    ADAPTERS.iter().any(is_part)
}

/// Returns the adapter of a configuration, if it is imported in the same file.
pub(super) fn adapter_of(source: &Source<'_>, shape: &Shape<'_>) -> Option<Adapter> {
    let property = property(shape.object, "adapter")?;
    let scope = Scope::of(&source.module);
    let (value, is_direct) = match property.value {
        // `{ adapter }` names a constant.
        None if property.is_shorthand => (scope.named("adapter")?, false),
        None => return None,
        Some(Expr::Ident(name)) => (scope.get(name)?, false),
        Some(value) => (value, true),
    };
    let Expr::Call(call) = value else { return None };
    let Callee::Expr(callee) = &call.callee else { return None };
    let Expr::Ident(name) = &**callee else { return None };
    let names = Imports::of(source, shape.kind).names();
    let imported = names.into_iter().find(|it| it.local == *name.sym)?;
    let options = match call.args.first().map(|first| &*first.expr) {
        Some(Expr::Object(object)) => Some(options(object)),
        _ => None,
    };
    let value = is_direct.then(|| Source::range(call.span));
    Some(Adapter { module: imported.module, local: imported.local, value, options })
}

fn options(object: &ObjectLit) -> Options {
    let name = |part: &PropOrSpread| match part {
        PropOrSpread::Prop(part) => match &**part {
            Prop::Shorthand(name) => Some(name.sym.to_string()),
            Prop::KeyValue(pair) => key(&pair.key),
            Prop::Method(method) => key(&method.key),
            _ => None,
        },
        PropOrSpread::Spread(_) => None,
    };
    let text = |object: &ObjectLit, name: &str| literal(property(object, name)?.value?);
    let entry_point = match property(object, WORKER_ENTRY_POINT).map(|it| it.value) {
        Some(Some(Expr::Object(object))) => text(object, "path"),
        _ => None,
    };
    Options {
        list: list_of(object),
        names: object.props.iter().map(name).collect(),
        worker_entry_point: entry_point,
        session_binding: text(object, "sessionKVBindingName"),
    }
}

/// Returns the edits of the import of an adapter that another one replaces.
pub(super) fn rename_import(source: &Source<'_>, module: &str, local: &str) -> Vec<TextEdit> {
    let mut imports = source.module.body.iter().filter_map(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => Some(import),
        _ => None,
    });
    let import = imports.find(|import| import.src.value.to_string_lossy() == module);
    let Some(import) = import else { return Vec::new() };
    let name = import.specifiers.iter().find_map(|specifier| match specifier {
        ImportSpecifier::Default(name) => Some(Source::range(name.span)),
        _ => None,
    });
    let quoted = Source::range(import.src.span());
    let path = quoted.start + 1..quoted.end - 1;
    let edit = |range, text: &str| TextEdit { range, text: text.to_owned() };
    let name = name.map(|name| edit(name, local));
    name.into_iter().chain([edit(path, ADAPTER)]).collect()
}

/// Returns whether a program calls a function by its name.
pub(super) fn calls(module: &Module, local: &str) -> bool {
    struct Calls<'n>(&'n str, bool);
    impl Visit for Calls<'_> {
        fn visit_call_expr(&mut self, call: &CallExpr) {
            self.1 |= is_call_of(call, self.0);
            call.visit_children_with(self);
        }
    }
    let mut calls = Calls(local, false);
    module.visit_with(&mut calls);
    calls.1
}

/// Returns whether a call is one of a function with this name.
pub(super) fn is_call_of(call: &CallExpr, local: &str) -> bool {
    let Callee::Expr(callee) = &call.callee else { return false };
    matches!(&**callee, Expr::Ident(name) if &*name.sym == local)
}
