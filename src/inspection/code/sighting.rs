//! What a module does that Workers do not allow, read from its syntax tree.

use std::collections::BTreeSet;

use swc_core::common::{BytePos, GLOBALS, Globals, Span, Spanned};
use swc_core::ecma::ast::{
    ArrowExpr, ArrowFunctionBody, AssignTarget, AwaitExpr, BinExpr, BinaryOp, CallExpr, Callee,
    ClassProp, CondExpr, Constructor, Expr, FnDecl, ForInStmt, ForOfStmt, ForStmt, Function,
    GetterProp, IfStmt, ImportDecl, ImportSpecifier, Lit, MemberExpr, MemberProp, MethodProp,
    Module, ModuleItem, NewExpr, ObjectPatProp, OptChainBase, Pat, PrivateProp, Program, PropName,
    SetterProp, Stmt, SwitchStmt, TryStmt, VarDecl, VarDeclarator, WhileStmt,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::transform::javascript::{ScriptKind, Text};

/// Something that a module does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sighting {
    /// The byte offset in the text.
    pub(super) offset: usize,
    pub(super) kind: Kind,
    /// The code, as short as it is the same in the source and in a bundle.
    pub(super) code: String,
}

/// The kind of a sighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Reads `locals.runtime`.
    LocalsRuntime,
    /// Makes a `MessageChannel` while the module is loaded.
    MessageChannel,
    /// Uses the network, a timer or random numbers while the module is loaded.
    GlobalScope,
    /// Makes code of text while the module is loaded.
    EvalAtLoad,
    /// Makes code of text during a request.
    EvalInRequest,
    /// Compiles WebAssembly of bytes, which is never finished.
    WasmOfBytes,
    /// Imports native code.
    Native,
}

/// The language of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    JavaScript,
    TypeScript,
}

/// Returns the sightings in a module, in the order of its text. One that is not valid has none.
pub(super) fn sightings(source: &str, dialect: Dialect) -> Vec<Sighting> {
    GLOBALS.set(&Globals::new(), || {
        let text = Text::new(source);
        let module = match dialect {
            Dialect::TypeScript => text.parse_typescript().ok(),
            Dialect::JavaScript => match text.parse(ScriptKind::Module) {
                Ok(Program::Module(module)) => Some(module),
                _ => None,
            },
        };
        let Some(module) = module else { return Vec::new() };
        let mut sight = Sight {
            start: text.file.start_pos,
            declared: Declared::of(&module),
            moment: Moment::Load,
            guard: Guard::None,
            awaited: BTreeSet::new(),
            found: BTreeSet::new(),
        };
        module.visit_with(&mut sight);
        sight.found.into_iter().collect()
    })
}

/// The time at which code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Whenever the module is loaded.
    Load,
    /// When the module is loaded, in some cases.
    MaybeLoad,
    /// When a function is called.
    Call,
}

/// Whether code goes on if an expression throws, or does without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guard {
    None,
    /// In a `try` with a `catch`, or an alternative to another value.
    Caught,
}

/// The names that a module declares itself, which are not the globals.
#[derive(Debug, Default)]
struct Declared {
    own: BTreeSet<String>,
    /// Functions of `node:crypto` that need random numbers, by their local names.
    random: BTreeSet<String>,
    /// Names of the module `node:crypto` itself.
    crypto: BTreeSet<String>,
}

/// Functions of the global `crypto` and of `node:crypto` that need random numbers.
const RANDOM: [&str; 9] = [
    "generateKey",
    "generateKeyPair",
    "generateKeyPairSync",
    "generateKeySync",
    "getRandomValues",
    "randomBytes",
    "randomFillSync",
    "randomInt",
    "randomUUID",
];

impl Declared {
    fn of(module: &Module) -> Self {
        let mut declared = Self::default();
        for item in &module.body {
            match item {
                ModuleItem::ModuleDecl(declaration) => {
                    if let Some(import) = declaration.as_import() {
                        declared.import(import);
                    } else if let Some(exported) = declaration.as_export_decl() {
                        declared.statement(&Stmt::Decl(exported.decl.clone()));
                    }
                }
                ModuleItem::Stmt(statement) => declared.statement(statement),
            }
        }
        declared
    }

    fn import(&mut self, import: &ImportDecl) {
        let from = import.src.value.to_string_lossy();
        let is_crypto = matches!(&*from, "crypto" | "node:crypto");
        for specifier in &import.specifiers {
            let local = specifier.local().sym.to_string();
            match specifier {
                ImportSpecifier::Named(named) if is_crypto => {
                    let imported = named.imported.as_ref().map(|it| it.atom().to_string());
                    if RANDOM.contains(&imported.as_deref().unwrap_or(&local)) {
                        self.random.insert(local.clone());
                    }
                    if imported.as_deref().unwrap_or(&local) == "webcrypto" {
                        self.crypto.insert(local.clone());
                    }
                }
                ImportSpecifier::Default(_) | ImportSpecifier::Namespace(_) if is_crypto => {
                    self.crypto.insert(local.clone());
                }
                _ => {}
            }
            self.own.insert(local);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Decl(declaration) => {
                if let Some(function) = declaration.as_fn_decl() {
                    self.own.insert(function.ident.sym.to_string());
                } else if let Some(class) = declaration.as_class() {
                    self.own.insert(class.ident.sym.to_string());
                } else if let Some(variables) = declaration.as_var() {
                    self.variables(variables);
                }
            }
            _ => {}
        }
    }

    fn variables(&mut self, variables: &VarDecl) {
        for variable in &variables.decls {
            if let Some(name) = variable.name.as_ident() {
                self.own.insert(name.sym.to_string());
            }
        }
    }

    fn is_global(&self, name: &str) -> bool {
        !self.own.contains(name)
    }

    fn is_crypto(&self, name: &str) -> bool {
        self.crypto.contains(name) || name == "crypto" && self.is_global(name)
    }
}

struct Sight {
    start: BytePos,
    declared: Declared,
    moment: Moment,
    guard: Guard,
    /// The places of what is waited for.
    awaited: BTreeSet<BytePos>,
    found: BTreeSet<Sighting>,
}

impl Sight {
    fn add(&mut self, span: Span, kind: Kind, code: impl Into<String>) {
        let offset = span.lo.0.saturating_sub(self.start.0) as usize;
        self.found.insert(Sighting { offset, kind, code: code.into() });
    }

    /// Visits something that runs at another moment.
    fn at(&mut self, moment: Moment, visit: impl FnOnce(&mut Self)) {
        let before = self.moment;
        self.moment = match (before, moment) {
            (Moment::Call, _) | (_, Moment::Call) => Moment::Call,
            (Moment::MaybeLoad, _) => Moment::MaybeLoad,
            (Moment::Load, moment) => moment,
        };
        visit(self);
        self.moment = before;
    }

    fn guarded(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = self.guard;
        self.guard = Guard::Caught;
        self.at(Moment::MaybeLoad, visit);
        self.guard = before;
    }

    /// Visits the body of a function that is called where it is written.
    fn body(&mut self, function: &Expr) {
        match function {
            Expr::Paren(inner) => self.body(&inner.expr),
            Expr::Arrow(arrow) => match &*arrow.body {
                ArrowFunctionBody::FunctionBody(block) => block.visit_children_with(self),
                ArrowFunctionBody::Expr(value) => value.visit_with(self),
            },
            Expr::Fn(function) => function.function.body.visit_with(self),
            other => other.visit_with(self),
        }
    }

    /// Reports what a call or `new` does, given by its callee.
    fn used(&mut self, span: Span, callee: &Expr, how: Use) {
        let names = chain(callee);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // A property of the global object is the global.
        let names = match names.as_slice() {
            ["globalThis" | "self", rest @ ..] if !rest.is_empty() => rest,
            names => names,
        };
        let Some(first) = names.first() else { return };
        let is_global = self.declared.is_global(first);
        let is_at_load = self.moment == Moment::Load && self.guard == Guard::None;
        match (names, how) {
            (["MessageChannel"], Use::New(_)) if is_global && is_at_load => {
                self.add(span, Kind::MessageChannel, "new MessageChannel");
            }
            (["WebSocket"], Use::New(_)) if is_global && is_at_load => {
                self.add(span, Kind::GlobalScope, "new WebSocket");
            }
            ([name @ ("fetch" | "setImmediate" | "setInterval" | "setTimeout")], Use::Call(_))
                if is_global && is_at_load =>
            {
                self.add(span, Kind::GlobalScope, format!("{name}("));
            }
            ([name], Use::Call(_)) if is_at_load && self.declared.random.contains(*name) => {
                self.add(span, Kind::GlobalScope, format!("{name}("));
            }
            ([first, middle @ .., last], Use::Call(_))
                if is_at_load
                    && self.declared.is_crypto(first)
                    && RANDOM.contains(last)
                    && matches!(middle, [] | ["subtle" | "webcrypto" | "default"]) =>
            {
                self.add(span, Kind::GlobalScope, format!("{last}("));
            }
            (["AbortSignal", "timeout"], Use::Call(_)) if is_global && is_at_load => {
                self.add(span, Kind::GlobalScope, "AbortSignal.timeout(");
            }
            (["caches", "default", _] | ["caches", "open"], Use::Call(_))
                if is_global && is_at_load =>
            {
                self.add(span, Kind::GlobalScope, "caches.");
            }
            (["eval"], Use::Call(_)) if is_global => self.made_of_text(span, "eval("),
            (["Function"], Use::Call(1..) | Use::New(1..)) if is_global => {
                self.made_of_text(span, "Function(");
            }
            (["WebAssembly", "Module"], Use::New(_)) if is_global => {
                self.made_of_text(span, "new WebAssembly.Module");
            }
            (
                ["WebAssembly", name @ ("compile" | "compileStreaming" | "instantiateStreaming")],
                Use::Call(_),
            ) if is_global && self.guard == Guard::None && self.is_needed(span) => {
                self.add(span, Kind::WasmOfBytes, format!("WebAssembly.{name}("));
            }
            (["process", "dlopen"], Use::Call(_)) if self.guard == Guard::None => {
                self.add(span, Kind::Native, "process.dlopen(");
            }
            _ => {}
        }
    }

    /// Returns whether anything waits for a call. A module of Astro 5 begins to compile one that it does not
    /// use.
    fn is_needed(&self, span: Span) -> bool {
        self.moment == Moment::Call || self.awaited.contains(&span.lo)
    }

    fn made_of_text(&mut self, span: Span, code: &str) {
        if self.guard == Guard::Caught {
            return;
        }
        match self.moment {
            Moment::Load => self.add(span, Kind::EvalAtLoad, code),
            Moment::MaybeLoad => {}
            Moment::Call => self.add(span, Kind::EvalInRequest, code),
        }
    }

    fn imported(&mut self, span: Span, specifier: &str) {
        if specifier == "sharp"
            || specifier.starts_with("@img/sharp")
            || specifier.ends_with(".node")
        {
            self.add(span, Kind::Native, specifier);
        }
    }
}

/// A use of a callee, with the number of arguments.
#[derive(Clone, Copy, Debug)]
enum Use {
    Call(usize),
    New(usize),
}

/// Returns the names in `a.b.c`. Another expression has none.
fn chain(expr: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = expr;
    loop {
        match next {
            Expr::Ident(name) => {
                names.push(name.sym.to_string());
                names.reverse();
                return names;
            }
            Expr::Member(member) => {
                let Some(name) = property(member) else { return Vec::new() };
                names.push(name);
                next = &member.obj;
            }
            Expr::Paren(inner) => next = &inner.expr,
            Expr::TsNonNull(inner) => next = &inner.expr,
            Expr::TsAs(inner) => next = &inner.expr,
            Expr::OptChain(chain) => match &*chain.base {
                OptChainBase::Member(member) => {
                    let Some(name) = property(member) else { return Vec::new() };
                    names.push(name);
                    next = &member.obj;
                }
                OptChainBase::Call(_) => return Vec::new(),
            },
            // `(0, a.b)()` is how bundlers call without `this`.
            Expr::Seq(sequence) => match sequence.exprs.last() {
                Some(last) => next = last,
                None => return Vec::new(),
            },
            _ => return Vec::new(),
        }
    }
}

fn property(member: &MemberExpr) -> Option<String> {
    match &member.prop {
        MemberProp::Ident(name) => Some(name.sym.to_string()),
        MemberProp::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(name)) => Some(name.value.to_string_lossy().into_owned()),
            _ => None,
        },
        MemberProp::PrivateName(_) => None,
    }
}

/// The members of `locals.runtime` that throw since Astro 6.
const RUNTIME: [&str; 4] = ["caches", "cf", "ctx", "env"];

/// Returns whether names end in `locals.runtime`.
fn is_runtime(names: &[String]) -> bool {
    matches!(names, [.., locals, runtime] if locals == "locals" && runtime == "runtime")
}

fn is_function(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_function(&inner.expr),
        Expr::Arrow(_) | Expr::Fn(_) => true,
        _ => false,
    }
}

/// Returns whether a function is the body of a module in CommonJS, as bundlers wrap it.
fn is_module_body(name: &str) -> bool {
    let after = name.strip_prefix("require").and_then(|rest| rest.chars().next());
    after.is_some_and(|c| c.is_uppercase() || c == '_')
}

impl Visit for Sight {
    fn visit_call_expr(&mut self, call: &CallExpr) {
        match &call.callee {
            Callee::Expr(callee) => {
                self.used(call.span, callee, Use::Call(call.args.len()));
                let names = chain(callee);
                let is_wrapper = names.len() == 1 && names[0].contains("commonJS");
                if names == ["require"]
                    && let Some(Expr::Lit(Lit::Str(from))) = call.args.first().map(|it| &*it.expr)
                {
                    self.imported(call.span, &from.value.to_string_lossy());
                }
                if is_function(callee) {
                    self.body(callee);
                } else {
                    callee.visit_with(self);
                }
                if let (true, Some(first)) = (is_wrapper, call.args.first()) {
                    match &*first.expr {
                        // `__commonJS({ "path"(exports, module) { … } })`
                        Expr::Object(object) => {
                            for prop in object.props.iter().filter_map(|it| it.as_prop()) {
                                match (prop.as_method(), prop.as_key_value()) {
                                    (Some(method), _) => method.function.body.visit_with(self),
                                    (_, Some(pair)) => self.body(&pair.value),
                                    _ => {}
                                }
                            }
                        }
                        function => self.body(function),
                    }
                    return;
                }
                call.args.visit_with(self);
            }
            Callee::Import(_) => {
                if let Some(Expr::Lit(Lit::Str(from))) = call.args.first().map(|it| &*it.expr) {
                    self.imported(call.span, &from.value.to_string_lossy());
                }
                call.args.visit_with(self);
            }
            Callee::Super(_) => call.args.visit_with(self),
        }
    }

    fn visit_await_expr(&mut self, waiting: &AwaitExpr) {
        self.awaited.insert(waiting.arg.span_lo());
        waiting.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, new: &NewExpr) {
        self.used(new.span, &new.callee, Use::New(new.args.as_ref().map_or(0, Vec::len)));
        new.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        if !import.type_only {
            self.imported(import.span, &import.src.value.to_string_lossy());
        }
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        if self.guard == Guard::None
            && let Some(name) = property(member)
            && RUNTIME.contains(&name.as_str())
            && is_runtime(&chain(&member.obj))
        {
            self.add(member.span, Kind::LocalsRuntime, format!("locals.runtime.{name}"));
        }
        member.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, variable: &VarDeclarator) {
        if let Some(value) = &variable.init
            && self.guard == Guard::None
        {
            let names = chain(value);
            // `const { env } = locals.runtime`, or a name for it, and `const { runtime } = locals`.
            let is_name = is_runtime(&names);
            let is_part = names.last().is_some_and(|last| last == "locals")
                && has_key(&variable.name, "runtime");
            if is_name || is_part {
                self.add(variable.span, Kind::LocalsRuntime, "locals.runtime");
            }
        }
        variable.visit_children_with(self);
    }

    /// What is assigned to is not read.
    fn visit_assign_target(&mut self, _: &AssignTarget) {}

    fn visit_function(&mut self, function: &Function) {
        self.at(Moment::Call, |sight| function.visit_children_with(sight));
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        if is_module_body(&function.ident.sym) {
            function.function.body.visit_with(self);
        } else {
            function.visit_children_with(self);
        }
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.at(Moment::Call, |sight| arrow.visit_children_with(sight));
    }

    fn visit_constructor(&mut self, constructor: &Constructor) {
        self.at(Moment::Call, |sight| constructor.visit_children_with(sight));
    }

    fn visit_getter_prop(&mut self, getter: &GetterProp) {
        self.at(Moment::Call, |sight| getter.visit_children_with(sight));
    }

    fn visit_setter_prop(&mut self, setter: &SetterProp) {
        self.at(Moment::Call, |sight| setter.visit_children_with(sight));
    }

    fn visit_method_prop(&mut self, method: &MethodProp) {
        self.at(Moment::Call, |sight| method.visit_children_with(sight));
    }

    fn visit_class_prop(&mut self, field: &ClassProp) {
        let moment = if field.is_static { Moment::Load } else { Moment::Call };
        self.at(moment, |sight| field.visit_children_with(sight));
    }

    fn visit_private_prop(&mut self, field: &PrivateProp) {
        let moment = if field.is_static { Moment::Load } else { Moment::Call };
        self.at(moment, |sight| field.visit_children_with(sight));
    }

    fn visit_if_stmt(&mut self, branch: &IfStmt) {
        branch.test.visit_with(self);
        self.at(Moment::MaybeLoad, |sight| {
            branch.cons.visit_with(sight);
            branch.alt.visit_with(sight);
        });
    }

    fn visit_cond_expr(&mut self, branch: &CondExpr) {
        branch.test.visit_with(self);
        self.at(Moment::MaybeLoad, |sight| {
            branch.cons.visit_with(sight);
            branch.alt.visit_with(sight);
        });
    }

    fn visit_bin_expr(&mut self, binary: &BinExpr) {
        binary.left.visit_with(self);
        match binary.op {
            BinaryOp::LogicalOr | BinaryOp::NullishCoalescing => {
                self.guarded(|sight| binary.right.visit_with(sight));
            }
            BinaryOp::LogicalAnd => {
                self.at(Moment::MaybeLoad, |sight| binary.right.visit_with(sight));
            }
            _ => binary.right.visit_with(self),
        }
    }

    fn visit_try_stmt(&mut self, attempt: &TryStmt) {
        if attempt.handler.is_some() {
            self.guarded(|sight| attempt.block.visit_with(sight));
        } else {
            attempt.block.visit_with(self);
        }
        self.at(Moment::MaybeLoad, |sight| attempt.handler.visit_with(sight));
        attempt.finalizer.visit_with(self);
    }

    fn visit_switch_stmt(&mut self, switch: &SwitchStmt) {
        switch.discriminant.visit_with(self);
        self.at(Moment::MaybeLoad, |sight| switch.cases.visit_with(sight));
    }

    fn visit_for_stmt(&mut self, repeated: &ForStmt) {
        self.at(Moment::MaybeLoad, |sight| repeated.visit_children_with(sight));
    }

    fn visit_for_in_stmt(&mut self, repeated: &ForInStmt) {
        self.at(Moment::MaybeLoad, |sight| repeated.visit_children_with(sight));
    }

    fn visit_for_of_stmt(&mut self, repeated: &ForOfStmt) {
        self.at(Moment::MaybeLoad, |sight| repeated.visit_children_with(sight));
    }

    fn visit_while_stmt(&mut self, repeated: &WhileStmt) {
        self.at(Moment::MaybeLoad, |sight| repeated.visit_children_with(sight));
    }
}

/// Returns whether a pattern takes a property with a name.
fn has_key(pattern: &Pat, name: &str) -> bool {
    let Pat::Object(object) = pattern else { return false };
    object.props.iter().any(|prop| match prop {
        ObjectPatProp::Assign(assign) => assign.key.sym == *name,
        ObjectPatProp::KeyValue(pair) => match &pair.key {
            PropName::Ident(key) => key.sym == *name,
            PropName::Str(key) => key.value.to_string_lossy() == name,
            _ => false,
        },
        ObjectPatProp::Rest(_) => false,
    })
}

#[cfg(test)]
#[path = "sighting/tests.rs"]
mod tests;
