//! A configuration that is a module, such as `astro.config.mjs`: what it exports, and the calls of
//! what it imports.

use std::collections::BTreeMap;

use swc_core::common::{BytePos, GLOBALS, Globals, Spanned as _};
use swc_core::ecma::ast::{
    CallExpr, Callee, Decl, Expr, Id, ImportDecl, Lit, Module, ModuleDecl, ModuleItem, ObjectLit,
    Pat, Prop, PropName, PropOrSpread, Stmt,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::Text;
use crate::transform::SyntaxError;

/// A configuration in JavaScript or TypeScript. Offsets are in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigurationModule {
    /// The properties of the exported object.
    pub(crate) properties: Vec<ConfiguredProperty>,
    /// The calls of imported functions.
    pub(crate) calls: Vec<ImportedCall>,
}

/// A property of an object.
#[derive(Clone, Debug)]
pub(crate) struct ConfiguredProperty {
    pub(crate) name: String,
    pub(crate) offset: usize,
    /// The value, if it is a string without substitutions.
    pub(crate) text: Option<String>,
}

/// A call of a function that the module imports.
#[derive(Clone, Debug)]
pub(crate) struct ImportedCall {
    /// The specifier of the import.
    pub(crate) module: String,
    pub(crate) offset: usize,
    /// The properties of its first argument, if that is an object.
    pub(crate) options: Vec<ConfiguredProperty>,
}

impl ConfigurationModule {
    /// Reads a module.
    ///
    /// # Errors
    /// If it is neither JavaScript nor TypeScript.
    pub(crate) fn of(source: &str) -> Result<Self, SyntaxError> {
        GLOBALS.set(&Globals::new(), || {
            let text = Text::new(source);
            let module = text.parse_typescript()?;
            let start = text.file.start_pos;
            let mut reader = Reader {
                start,
                imports: BTreeMap::new(),
                objects: BTreeMap::new(),
                calls: Vec::new(),
            };
            module.visit_with(&mut reader);
            for item in &module.body {
                reader.declare(item);
            }
            let properties = reader.exported(&module).map(|object| properties(object, start));
            Ok(Self { properties: properties.unwrap_or_default(), calls: reader.calls })
        })
    }
}

struct Reader {
    /// The offset of the source in swc's map of sources.
    start: BytePos,
    /// The specifiers of imported names.
    imports: BTreeMap<Id, String>,
    /// The values of constants at the top level.
    objects: BTreeMap<Id, Expr>,
    calls: Vec<ImportedCall>,
}

impl Reader {
    fn declare(&mut self, item: &ModuleItem) {
        let variables = match item {
            ModuleItem::Stmt(Stmt::Decl(Decl::Var(variables))) => variables,
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(exported)) => match &exported.decl {
                Decl::Var(variables) => variables,
                _ => return,
            },
            _ => return,
        };
        for variable in &variables.decls {
            if let (Pat::Ident(name), Some(value)) = (&variable.name, &variable.init) {
                self.objects.insert(name.id.to_id(), (**value).clone());
            }
        }
    }

    /// Returns the object that is the default export, directly, by a name, or as the argument of a
    /// call such as `defineConfig`.
    fn exported<'m>(&'m self, module: &'m Module) -> Option<&'m ObjectLit> {
        /// Steps after which a configuration is not followed.
        const MAX_STEPS: usize = 8;
        let default = module.body.iter().find_map(|item| match item {
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(default)) => Some(&*default.expr),
            _ => None,
        });
        let mut value = default?;
        for _ in 0..MAX_STEPS {
            value = match plain(value) {
                Expr::Object(object) => return Some(object),
                Expr::Ident(name) => self.objects.get(&name.to_id())?,
                Expr::Call(call) => &call.args.first()?.expr,
                _ => return None,
            };
        }
        None
    }
}

impl Visit for Reader {
    fn visit_import_decl(&mut self, import: &ImportDecl) {
        let module = import.src.value.to_string_lossy().into_owned();
        for specifier in &import.specifiers {
            self.imports.insert(specifier.local().to_id(), module.clone());
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        call.visit_children_with(self);
        let Callee::Expr(callee) = &call.callee else { return };
        let Expr::Ident(name) = &**callee else { return };
        let Some(module) = self.imports.get(&name.to_id()).cloned() else { return };
        let options = match call.args.first().map(|argument| plain(&argument.expr)) {
            Some(Expr::Object(object)) => properties(object, self.start),
            _ => Vec::new(),
        };
        self.calls.push(ImportedCall {
            module,
            offset: offset(call.span_lo(), self.start),
            options,
        });
    }
}

/// Returns an expression without parentheses and types around it.
fn plain(mut expression: &Expr) -> &Expr {
    loop {
        expression = match expression {
            Expr::Paren(inner) => &inner.expr,
            Expr::TsAs(inner) => &inner.expr,
            Expr::TsSatisfies(inner) => &inner.expr,
            Expr::TsConstAssertion(inner) => &inner.expr,
            Expr::TsNonNull(inner) => &inner.expr,
            plain => return plain,
        };
    }
}

fn properties(object: &ObjectLit, start: BytePos) -> Vec<ConfiguredProperty> {
    let named = |property: &PropOrSpread| {
        let PropOrSpread::Prop(property) = property else { return None };
        let name = match &**property {
            Prop::KeyValue(pair) => &pair.key,
            Prop::Method(method) => &method.key,
            Prop::Shorthand(name) => {
                let name = name.sym.to_string();
                let offset = offset(property.span_lo(), start);
                return Some(ConfiguredProperty { name, offset, text: None });
            }
            _ => return None,
        };
        let name = match name {
            PropName::Ident(name) => name.sym.to_string(),
            PropName::Str(name) => name.value.to_string_lossy().into_owned(),
            _ => return None,
        };
        let text = match &**property {
            Prop::KeyValue(pair) => text_of(plain(&pair.value)),
            _ => None,
        };
        Some(ConfiguredProperty { name, offset: offset(property.span_lo(), start), text })
    };
    object.props.iter().filter_map(named).collect()
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(Lit::Str(text)) => Some(text.value.to_string_lossy().into_owned()),
        Expr::Tpl(template) if template.exprs.is_empty() => {
            Some(template.quasis.first()?.raw.to_string())
        }
        _ => None,
    }
}

fn offset(at: BytePos, start: BytePos) -> usize {
    at.0.saturating_sub(start.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(properties: &[ConfiguredProperty]) -> Vec<&str> {
        properties.iter().map(|one| &*one.name).collect()
    }

    #[test]
    fn every_usual_form_of_a_configuration_is_read() {
        for source in [
            "import { defineConfig } from 'astro/config';\nimport cf from '@astrojs/cloudflare';\n\
             export default defineConfig({ base: '/docs', adapter: cf({ mode: 'x' }) });",
            "import cf from '@astrojs/cloudflare';\nconst config = { base: '/docs', \
             adapter: cf({ 'mode': 'x' }) } satisfies Config;\nexport default config;",
            "import cf from '@astrojs/cloudflare';\nexport default { base: `/docs`, adapter: cf({ mode } as any) };",
        ] {
            let read = ConfigurationModule::of(source).unwrap();
            assert_eq!(names(&read.properties), ["base", "adapter"], "{source}");
            assert_eq!(read.properties[0].text.as_deref(), Some("/docs"));
            assert!(source[read.properties[0].offset..].starts_with("base"));
            let call = read.calls.iter().find(|call| call.module == "@astrojs/cloudflare").unwrap();
            assert!(source[call.offset..].starts_with("cf("));
            assert_eq!(names(&call.options), ["mode"]);
        }
    }
}
