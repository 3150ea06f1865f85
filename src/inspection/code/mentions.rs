//! The names that an expression mentions.

use std::collections::BTreeSet;

use swc_core::ecma::ast::{
    ArrowExpr, BinExpr, BinaryOp, Expr, Function, Ident, Lit, MemberProp, UpdateExpr,
};
use swc_core::ecma::visit::{Visit, VisitWith};

/// The names in an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    pub(super) variables: BTreeSet<String>,
    /// The names after a dot.
    pub(super) members: BTreeSet<String>,
    /// True if it adds one to something.
    pub(super) counts: bool,
}

impl Mentions {
    pub(super) fn of(value: &Expr) -> Self {
        let mut mentions = Self::default();
        value.visit_with(&mut mentions);
        mentions
    }
}

impl Visit for Mentions {
    fn visit_ident(&mut self, name: &Ident) {
        self.variables.insert(name.sym.to_string());
    }

    fn visit_member_prop(&mut self, member: &MemberProp) {
        if let MemberProp::Ident(name) = member {
            self.members.insert(name.sym.to_string());
        }
        member.visit_children_with(self);
    }

    fn visit_bin_expr(&mut self, binary: &BinExpr) {
        // More than one is the time at which something ends.
        let is_one = |side: &Expr| matches!(side, Expr::Lit(Lit::Num(number)) if (number.value - 1.0).abs() < f64::EPSILON);
        self.counts |=
            binary.op == BinaryOp::Add && (is_one(&binary.right) || is_one(&binary.left));
        binary.visit_children_with(self);
    }

    /// What a function mentions is no part of the value.
    fn visit_function(&mut self, _: &Function) {}

    fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        self.counts = true;
        update.visit_children_with(self);
    }
}
