//! The walk through a module, with the moment at which each part of it runs.

use swc_core::common::Spanned;
use swc_core::ecma::ast::{
    ArrowExpr, AssignTarget, AwaitExpr, BinExpr, BinaryOp, CallExpr, Callee, ClassProp, CondExpr,
    Constructor, Expr, FnDecl, ForInStmt, ForOfStmt, ForStmt, Function, GetterProp, IfStmt,
    ImportDecl, Lit, MemberExpr, MethodProp, NewExpr, PrivateProp, SetterProp, SwitchStmt, TryStmt,
    UnaryExpr, UnaryOp, VarDeclarator, WhileStmt,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::Kind;
use super::names::{RUNTIME, chain, has_key, is_function, is_module_body, is_runtime, property};
use super::sight::{Sight, Use};

/// The time at which code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// Whenever the module is loaded.
    Load,
    /// When the module is loaded, in some cases.
    MaybeLoad,
    /// When a function is called.
    Call,
}

/// The protection of code from an expression that throws, or is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Guard {
    None,
    /// In a branch that `typeof` decides, or in a `catch`: code for other hosts, and for values of other types.
    Asked,
    /// In a `try` with a `catch`, or an alternative to another value.
    Caught,
}

/// Finds `typeof` in the condition of a branch.
#[derive(Default)]
struct AsksForType(bool);

impl AsksForType {
    fn of(condition: &Expr) -> bool {
        let mut asks = Self::default();
        condition.visit_with(&mut asks);
        asks.0
    }
}

impl Visit for AsksForType {
    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        self.0 |= unary.op == UnaryOp::TypeOf;
        unary.visit_children_with(self);
    }
}

impl Sight {
    /// Visits code that runs on a condition.
    fn branch(&mut self, condition: &Expr, visit: impl FnOnce(&mut Self)) {
        if AsksForType::of(condition) {
            self.asked(visit);
        } else {
            self.at(Moment::MaybeLoad, visit);
        }
    }
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
        if self.guard != Guard::Caught
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
            && self.guard != Guard::Caught
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
        self.branch(&branch.test, |sight| {
            branch.cons.visit_with(sight);
            branch.alt.visit_with(sight);
        });
    }

    fn visit_cond_expr(&mut self, branch: &CondExpr) {
        branch.test.visit_with(self);
        self.branch(&branch.test, |sight| {
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
                self.branch(&binary.left, |sight| binary.right.visit_with(sight));
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
        self.asked(|sight| attempt.handler.visit_with(sight));
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
