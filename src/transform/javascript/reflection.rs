//! Programs that read their own code: the text of their functions, the names of parameters, `.name`.
//!
//! A function that reads any other function cannot be recognised. These are the ways that libraries
//! are known for, and those in which a program reads a function that it contains.

use std::collections::BTreeSet;

use swc_core::common::comments::{Comment, CommentKind};
use swc_core::common::{Mark, SourceFile, Span};
use swc_core::ecma::ast::{
    ArrowExpr, BinExpr, BinaryOp, CallExpr, Callee, Expr, ExprOrSpread, Function, FunctionBody, Id,
    Lit, MemberExpr, MemberProp, NewExpr, Pat, Program, Stmt, TaggedTpl, Tpl,
};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{Visit, VisitWith};

use super::described::described;
use super::names::naming;

/// The parts of its own code that a program reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reflection {
    /// The text of a function, which has to stay.
    pub(super) reads_text: bool,
    /// The names of parameters, by which AngularJS and RequireJS inject values.
    pub(super) reads_parameters: bool,
    /// The names of functions or classes.
    pub(super) reads_names: bool,
}

/// Services of AngularJS that a function names by its parameters.
const SERVICES: [&str; 10] = [
    "$scope",
    "$rootScope",
    "$http",
    "$httpProvider",
    "$timeout",
    "$routeProvider",
    "$stateProvider",
    "$routeParams",
    "$stateParams",
    "$locationProvider",
];

impl Reflection {
    /// Returns what a program reads of its own code.
    pub(super) fn of(program: &Program, comments: &[Comment], file: &SourceFile) -> Self {
        let source = &*file.src;
        let is_used = |words: &[&str]| words.iter().any(|word| source.contains(word));
        let reads_functions = is_used(&["String", "Blob"]);
        let injects = is_used(&["angular", "define"]) || is_used(&SERVICES);
        let reads_names = is_used(&["name"]);
        let multiline: Vec<Span> = comments
            .iter()
            .filter(|it| it.kind == CommentKind::Block && it.text.contains('\n'))
            // That is documentation.
            .filter(|comment| !comment.text.starts_with('*'))
            .map(|comment| comment.span)
            .collect();
        if !reads_functions && !injects && !reads_names && multiline.is_empty() {
            return Self::default();
        }
        Self::sought(program, multiline)
    }

    /// Returns whether a program makes a text of one of its functions in a way that is known.
    pub(super) fn makes_text(program: &Program) -> bool {
        Self::sought(program, Vec::new()).reads_text
    }

    /// Looks for all that a program reads. `multiline` are the places of comments that may be texts of functions.
    fn sought(program: &Program, multiline: Vec<Span>) -> Self {
        let resolved = program.clone().apply(resolver(Mark::new(), Mark::new(), false));
        let mut reader = Reader {
            functions: naming(&resolved).into_iter().collect(),
            described: described(&resolved),
            multiline,
            found: Self::default(),
        };
        resolved.visit_with(&mut reader);
        reader.found
    }
}

struct Reader {
    /// The names of the functions and classes of the program.
    functions: BTreeSet<Id>,
    /// Those with a text that the program has given them.
    described: BTreeSet<Id>,
    /// The places of comments of several lines.
    multiline: Vec<Span>,
    found: Reflection,
}

impl Reader {
    /// Returns whether an expression is a function of the program.
    fn is_function(&self, value: &Expr) -> bool {
        match value {
            Expr::Ident(name) => self.functions.contains(&name.to_id()),
            Expr::Paren(inner) => self.is_function(&inner.expr),
            Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_) => true,
            _ => false,
        }
    }

    fn texts<'e>(&mut self, values: impl IntoIterator<Item = &'e Expr>) {
        let is_described = |value: &Expr| matches!(value, Expr::Ident(name) if self.described.contains(&name.to_id()));
        self.found.reads_text |=
            values.into_iter().any(|value| self.is_function(value) && !is_described(value));
    }

    fn parameters<'p>(&mut self, parameters: impl IntoIterator<Item = &'p Pat>) {
        self.found.reads_parameters |= parameters.into_iter().any(
            |pattern| matches!(pattern, Pat::Ident(name) if SERVICES.contains(&&*name.id.sym)),
        );
    }
}

impl Visit for Reader {
    fn visit_function(&mut self, function: &Function) {
        self.parameters(function.params.iter().map(|parameter| &parameter.pat));
        function.visit_children_with(self);
    }

    fn visit_arrow_expr(&mut self, function: &ArrowExpr) {
        self.parameters(&function.params);
        function.visit_children_with(self);
    }

    fn visit_function_body(&mut self, body: &FunctionBody) {
        // A function that contains nothing but a comment is a way to write a text of several lines.
        self.found.reads_text |= body.stmts.iter().all(|it| matches!(it, Stmt::Empty(_)))
            && self.multiline.iter().any(|comment| body.span.contains(*comment));
        body.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        if let Callee::Expr(callee) = &call.callee {
            match &**callee {
                Expr::Member(member) if is_named(&member.prop, "toString") => {
                    self.texts([&*member.obj]);
                }
                Expr::Member(member) if is_call(&member.obj, "toString") => {
                    self.found.reads_text |= call.args.first().is_some_and(is_pattern_of_function);
                }
                Expr::Ident(name) if name.sym == *"String" => {
                    self.texts(call.args.iter().map(|argument| &*argument.expr));
                }
                // Without a list of dependencies, they are read from the text of the function.
                Expr::Ident(name) if name.sym == *"define" => {
                    let has_list = call.args.iter().any(|argument| argument.expr.is_array());
                    self.found.reads_parameters |= !has_list && call.args.iter().any(takes_require);
                }
                _ => {}
            }
        }
        call.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, new: &NewExpr) {
        if let Expr::Ident(name) = &*new.callee
            && name.sym == *"Blob"
            && let Some(Expr::Array(parts)) =
                new.args.iter().flatten().next().map(|parts| &*parts.expr)
        {
            self.texts(parts.elems.iter().flatten().map(|part| &*part.expr));
        }
        new.visit_children_with(self);
    }

    fn visit_bin_expr(&mut self, binary: &BinExpr) {
        if binary.op == BinaryOp::Add {
            self.texts([&*binary.left, &*binary.right]);
        }
        binary.visit_children_with(self);
    }

    fn visit_tpl(&mut self, template: &Tpl) {
        self.texts(template.exprs.iter().map(|part| &**part));
        template.visit_children_with(self);
    }

    fn visit_tagged_tpl(&mut self, tagged: &TaggedTpl) {
        // A tag gets the function itself, as a call does. `String.raw` makes a text of it.
        if matches!(&*tagged.tag, Expr::Member(member) if is_named(&member.prop, "raw")) {
            self.texts(tagged.tpl.exprs.iter().map(|part| &**part));
        }
        tagged.tag.visit_with(self);
        tagged.tpl.exprs.visit_with(self);
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        self.found.reads_parameters |= is_named(&member.prop, "module")
            && match &*member.obj {
                Expr::Ident(name) => name.sym == *"angular",
                Expr::Member(outer) => is_named(&outer.prop, "angular"),
                _ => false,
            };
        if is_named(&member.prop, "name") {
            let is_class = match &*member.obj {
                Expr::Member(inner) => is_named(&inner.prop, "constructor"),
                Expr::MetaProp(_) => true,
                object => self.is_function(object),
            };
            self.found.reads_names |= is_class;
        }
        member.visit_children_with(self);
    }
}

pub(super) fn is_named(property: &MemberProp, name: &str) -> bool {
    match property {
        MemberProp::Ident(property) => property.sym == *name,
        MemberProp::Computed(computed) => {
            matches!(&*computed.expr, Expr::Lit(Lit::Str(text)) if text.value == *name)
        }
        MemberProp::PrivateName(_) => false,
    }
}

/// Returns whether an expression is a call of a method.
fn is_call(value: &Expr, method: &str) -> bool {
    let Expr::Call(CallExpr { callee: Callee::Expr(callee), .. }) = value else { return false };
    matches!(&**callee, Expr::Member(member) if is_named(&member.prop, method))
}

/// Returns whether an argument is a pattern for the parameters or comments of a function.
fn is_pattern_of_function(argument: &ExprOrSpread) -> bool {
    matches!(&*argument.expr, Expr::Lit(Lit::Regex(literal))
        if ["\\(", "\\*"].iter().any(|part| literal.exp.contains(part)))
}

/// Returns whether an argument is a function with a parameter `require`.
fn takes_require(argument: &ExprOrSpread) -> bool {
    let is_require = |pattern: Option<&Pat>| matches!(pattern, Some(Pat::Ident(name)) if name.id.sym == *"require");
    match &*argument.expr {
        Expr::Fn(function) => is_require(function.function.params.first().map(|it| &it.pat)),
        Expr::Arrow(function) => is_require(function.params.first()),
        _ => false,
    }
}
