//! The functions of a module, and what they do with stores.

use std::collections::{BTreeMap, BTreeSet};

use swc_core::common::{BytePos, GLOBALS, Globals, Span, Spanned};
use swc_core::ecma::ast::{
    ArrowExpr, AssignExpr, AssignOp, CallExpr, Callee, Expr, Function, Ident, Lit, MemberExpr,
    MemberProp, Module, ModuleItem, Stmt, Str, UpdateExpr, VarDecl, VarDeclarator,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::mentions::Mentions;
use crate::transform::javascript::Text;

/// A call of a method, by the name of the object that it is called on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The last name before the method: `LIMITS` in `env.LIMITS.put()`.
    pub(super) object: String,
    pub(super) method: String,
    pub(super) offset: usize,
    /// The mentions in its arguments after the first: in the value that is stored.
    value: Mentions,
}

/// The deeds of a function and of the functions in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds {
    pub(super) calls: Vec<Call>,
    /// Its variables, each with the mentions in a value that it is set to.
    set: Vec<(String, Mentions)>,
    /// The variables that it adds to, or to a member of which.
    counted: BTreeSet<String>,
    /// The words in its names and texts, in lower case.
    pub(super) words: BTreeSet<String>,
    /// The numbers in it.
    pub(super) numbers: BTreeSet<u64>,
}

impl Deeds {
    /// Returns whether it counts in a store: it stores a number that it has added to, or adds to a part of
    /// what it has got from the store.
    pub(super) fn counts_in(&self, store: &str) -> bool {
        let mut counted = self.counted.clone();
        let is_counted = |value: &Mentions, counted: &BTreeSet<String>| {
            value.counts || !value.variables.is_disjoint(counted)
        };
        // A value may go through several variables.
        loop {
            let before = counted.len();
            for (name, value) in &self.set {
                if is_counted(value, &counted) {
                    counted.insert(name.clone());
                }
            }
            if counted.len() == before {
                break;
            }
        }
        let mut stored = self
            .calls
            .iter()
            .filter(|call| call.object == store && matches!(&*call.method, "put" | "set"));
        let mut got = self.set.iter().filter(|(name, value)| {
            let is_of_store = value.variables.contains(store) || value.members.contains(store);
            is_of_store && self.counted.contains(name)
        });
        stored.any(|call| is_counted(&call.value, &counted)) || got.next().is_some()
    }
}

/// The functions of a module, and the collections that it keeps.
#[derive(Debug, Default)]
pub(super) struct Functions {
    pub(super) all: Vec<Deeds>,
    /// Variables of the module that begin as an empty `Map` or object, with their offsets.
    pub(super) maps: BTreeMap<String, usize>,
}

/// The meaning of code outside of all functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// It runs once, when the module is loaded.
    Module,
    /// It is the script of a component, which runs for each request.
    Component,
}

impl Functions {
    /// Reads a module. One that is not valid has none.
    pub(super) fn of(source: &str, body: Body) -> Self {
        GLOBALS.set(&Globals::new(), || {
            let text = Text::new(source);
            let Ok(module) = text.parse_typescript() else { return Self::default() };
            let start = text.file.start_pos;
            let mut reader = Reader { start, open: 0, deeds: Deeds::default(), all: Vec::new() };
            if body == Body::Component {
                reader.function(|reader| module.visit_with(reader));
                return Self { all: reader.all, maps: BTreeMap::new() };
            }
            module.visit_with(&mut reader);
            Self { all: reader.all, maps: maps(&module, start) }
        })
    }
}

fn maps(module: &Module, start: BytePos) -> BTreeMap<String, usize> {
    let variables = module.body.iter().filter_map(|item| match item {
        ModuleItem::Stmt(Stmt::Decl(declaration)) => declaration.as_var(),
        ModuleItem::ModuleDecl(declaration) => declaration.as_export_decl()?.decl.as_var(),
        ModuleItem::Stmt(_) => None,
    });
    let of_one = |variables: &VarDecl| -> Vec<(String, usize)> {
        let maps = variables.decls.iter().filter_map(|variable| {
            let name = variable.name.as_ident()?;
            is_empty(unwrapped(variable.init.as_deref()?))
                .then(|| (name.sym.to_string(), offset(name.span, start)))
        });
        maps.collect()
    };
    variables.flat_map(|variables| of_one(variables)).collect()
}

/// Returns whether a value is an empty `Map` or object.
fn is_empty(value: &Expr) -> bool {
    match value {
        Expr::New(new) => {
            let is_map = new.callee.as_ident().is_some_and(|callee| callee.sym == *"Map");
            is_map && new.args.as_ref().is_none_or(Vec::is_empty)
        }
        Expr::Object(object) => object.props.is_empty(),
        Expr::Call(call) => {
            let callee = call.callee.as_expr().and_then(|callee| callee.as_member());
            callee.is_some_and(|callee| {
                callee.obj.as_ident().is_some_and(|object| object.sym == *"Object")
                    && callee.prop.as_ident().is_some_and(|method| method.sym == *"create")
            })
        }
        _ => false,
    }
}

fn offset(span: Span, start: BytePos) -> usize {
    span.lo.0.saturating_sub(start.0) as usize
}

fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => unwrapped(&inner.expr),
        Expr::TsAs(inner) => unwrapped(&inner.expr),
        other => other,
    }
}

struct Reader {
    start: BytePos,
    /// Number of functions around.
    open: usize,
    deeds: Deeds,
    all: Vec<Deeds>,
}

impl Reader {
    /// Reads a function at the top level with all functions in it.
    fn function(&mut self, visit: impl FnOnce(&mut Self)) {
        self.open += 1;
        visit(self);
        self.open -= 1;
        if self.open == 0 {
            self.all.push(std::mem::take(&mut self.deeds));
        }
    }

    /// Adds what is written into an object by a computed name: `hits[ip] = 1`.
    fn written(&mut self, target: &MemberExpr, value: Mentions) {
        if let (Expr::Ident(object), MemberProp::Computed(_)) = (&*target.obj, &target.prop) {
            let offset = offset(target.span, self.start);
            let (object, method) = (object.sym.to_string(), "set".to_owned());
            self.deeds.calls.push(Call { object, method, offset, value });
        }
    }

    /// Adds a variable that is added to, by an expression such as `n` or `entry.count`.
    fn counted(&mut self, target: &Expr) {
        match unwrapped(target) {
            Expr::Ident(name) => {
                self.deeds.counted.insert(name.sym.to_string());
            }
            Expr::Member(member) => self.counted(&member.obj),
            Expr::TsNonNull(inner) => self.counted(&inner.expr),
            _ => {}
        }
    }

    fn word(&mut self, word: &str) {
        if self.open > 0 {
            self.deeds.words.insert(word.to_lowercase());
        }
    }
}

impl Visit for Reader {
    fn visit_function(&mut self, function: &Function) {
        self.function(|reader| function.visit_children_with(reader));
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.function(|reader| arrow.visit_children_with(reader));
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        if let Callee::Expr(callee) = &call.callee
            && let Expr::Member(MemberExpr { obj, prop: MemberProp::Ident(method), .. }) =
                unwrapped(callee)
            && let Some(object) = last_name(obj)
        {
            let offset = offset(call.span(), self.start);
            let mut value = Mentions::default();
            call.args.iter().skip(1).for_each(|argument| argument.visit_with(&mut value));
            self.deeds.calls.push(Call { object, method: method.sym.to_string(), offset, value });
        }
        call.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, variable: &VarDeclarator) {
        if let (Some(name), Some(value)) = (variable.name.as_ident(), &variable.init) {
            self.deeds.set.push((name.sym.to_string(), Mentions::of(value)));
        }
        variable.visit_children_with(self);
    }

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        self.counted(&update.arg);
        if let Expr::Member(target) = &*update.arg {
            self.written(target, Mentions { counts: true, ..Mentions::default() });
        }
        update.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        let mut value = Mentions::of(&assign.right);
        value.counts |= assign.op == AssignOp::AddAssign && is_number(&assign.right);
        let target = assign.left.as_simple();
        if let Some(name) = target.and_then(|target| target.as_ident()) {
            if value.counts {
                self.deeds.counted.insert(name.sym.to_string());
            }
            self.deeds.set.push((name.sym.to_string(), value.clone()));
        }
        if let Some(target) = target.and_then(|target| target.as_member()) {
            if value.counts {
                self.counted(&target.obj);
            }
            self.written(target, value);
        }
        assign.visit_children_with(self);
    }

    fn visit_ident(&mut self, name: &Ident) {
        self.word(&name.sym);
    }

    fn visit_str(&mut self, text: &Str) {
        let text = text.value.to_string_lossy().into_owned();
        self.word(&text);
    }

    fn visit_lit(&mut self, literal: &Lit) {
        if let Lit::Num(number) = literal
            && number.value >= 0.0
            && number.value <= 1e9
            && number.value.fract() == 0.0
        {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "compared above"
            )]
            self.deeds.numbers.insert(number.value as u64);
        }
        literal.visit_children_with(self);
    }
}

fn is_number(value: &Expr) -> bool {
    matches!(value, Expr::Lit(Lit::Num(_)))
}

/// Returns the last name of `a.b.c`.
fn last_name(expr: &Expr) -> Option<String> {
    match unwrapped(expr) {
        Expr::Ident(name) => Some(name.sym.to_string()),
        Expr::Member(MemberExpr { prop: MemberProp::Ident(name), .. }) => {
            Some(name.sym.to_string())
        }
        Expr::TsNonNull(inner) => last_name(&inner.expr),
        _ => None,
    }
}
