//! The default export of a module, judged as the entry of a server.

use swc_core::common::{GLOBALS, Globals};
use swc_core::ecma::ast::{
    Class, ClassMember, Decl, DefaultDecl, ExportSpecifier, Expr, Module, ModuleDecl,
    ModuleExportName, ModuleItem, Program, Prop, PropName, PropOrSpread, Stmt,
};

use super::{ScriptKind, Text};
use crate::transform::SyntaxError;

/// The judgement on a default export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultExport {
    /// An object or a class with a member `fetch`.
    Handler,
    /// None, or a value without such a member.
    Other,
    /// A value that only running the module would tell.
    Unknown,
}

impl DefaultExport {
    /// Reads the default export of a module.
    pub(crate) fn of(source: &str) -> Result<Self, SyntaxError> {
        let program =
            GLOBALS.set(&Globals::new(), || Text::new(source).parse(ScriptKind::Module))?;
        let Program::Module(module) = program else { return Ok(Self::Other) };
        let mut declarations = module.body.iter().filter_map(ModuleItem::as_module_decl);
        let found = declarations.find_map(|declaration| match declaration {
            ModuleDecl::ExportDefaultExpr(default) => Some(of_value(&default.expr, &module)),
            ModuleDecl::ExportDefaultDecl(default) => Some(match &default.decl {
                DefaultDecl::Class(class) => of_class(&class.class),
                _ => Self::Other,
            }),
            ModuleDecl::ExportNamed(named) => {
                named.specifiers.iter().find_map(|specifier| match specifier {
                    ExportSpecifier::Named(one) => {
                        let exported = one.exported.as_ref().unwrap_or(&one.orig);
                        (*exported.atom() == *"default").then(|| match (&named.src, &one.orig) {
                            (None, ModuleExportName::Ident(name)) => of_name(&name.sym, &module),
                            _ => Self::Unknown,
                        })
                    }
                    _ => None,
                })
            }
            _ => None,
        });
        Ok(found.unwrap_or(Self::Other))
    }
}

fn of_value(value: &Expr, module: &Module) -> DefaultExport {
    match value {
        Expr::Paren(inner) => of_value(&inner.expr, module),
        Expr::Ident(name) => of_name(&name.sym, module),
        Expr::Class(class) => of_class(&class.class),
        Expr::Object(object) => {
            let is_fetch = |prop: &PropOrSpread| {
                let PropOrSpread::Prop(prop) = prop else { return false };
                match &**prop {
                    Prop::Shorthand(name) => name.sym == *"fetch",
                    Prop::KeyValue(prop) => is_named_fetch(&prop.key),
                    Prop::Getter(prop) => is_named_fetch(&prop.key),
                    Prop::Method(prop) => is_named_fetch(&prop.key),
                    _ => false,
                }
            };
            let is_spread = |prop: &PropOrSpread| matches!(prop, PropOrSpread::Spread(_));
            if object.props.iter().any(is_fetch) {
                DefaultExport::Handler
            } else if object.props.iter().any(is_spread) {
                DefaultExport::Unknown
            } else {
                DefaultExport::Other
            }
        }
        Expr::Fn(_) | Expr::Arrow(_) | Expr::Lit(_) | Expr::Tpl(_) | Expr::Array(_) => {
            DefaultExport::Other
        }
        _ => DefaultExport::Unknown,
    }
}

fn of_class(class: &Class) -> DefaultExport {
    let is_fetch = |member: &ClassMember| match member {
        ClassMember::Method(method) => is_named_fetch(&method.key),
        ClassMember::ClassProp(prop) => is_named_fetch(&prop.key),
        _ => false,
    };
    if class.body.iter().any(is_fetch) { DefaultExport::Handler } else { DefaultExport::Other }
}

/// Judges the value that a name has at the top level.
fn of_name(name: &str, module: &Module) -> DefaultExport {
    let found = module.body.iter().find_map(|item| {
        let declaration = match item {
            ModuleItem::Stmt(Stmt::Decl(declaration)) => declaration,
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(exported)) => &exported.decl,
            _ => return None,
        };
        match declaration {
            Decl::Class(class) if class.ident.sym == *name => Some(of_class(&class.class)),
            Decl::Fn(function) if function.ident.sym == *name => Some(DefaultExport::Other),
            Decl::Var(variables) => variables.decls.iter().find_map(|variable| {
                let is_it = variable.name.as_ident().is_some_and(|ident| ident.sym == *name);
                // A name for another name may lead in a circle.
                let value = variable.init.as_deref().filter(|value| !value.is_ident());
                is_it.then(|| value.map_or(DefaultExport::Unknown, |it| of_value(it, module)))
            }),
            _ => None,
        }
    });
    found.unwrap_or(DefaultExport::Unknown)
}

fn is_named_fetch(name: &PropName) -> bool {
    match name {
        PropName::Ident(name) => name.sym == *"fetch",
        PropName::Str(name) => name.value.to_string_lossy() == "fetch",
        _ => false,
    }
}
