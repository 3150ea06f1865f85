//! The calls, imports and reads of a module that are sighted.

use std::collections::BTreeSet;
use std::path::Path;

use swc_core::common::{BytePos, Span};
use swc_core::ecma::ast::{ArrowFunctionBody, Expr, Module};
use swc_core::ecma::visit::VisitWith;

use super::declared::{Declared, RANDOM};
use super::moments::{Guard, Moment};
use super::names::chain;
use super::{Kind, Sighting};

/// A walk through a module.
pub(super) struct Sight {
    pub(super) start: BytePos,
    declared: Declared,
    pub(super) moment: Moment,
    pub(super) guard: Guard,
    /// The places of what is waited for.
    pub(super) awaited: BTreeSet<BytePos>,
    pub(super) found: BTreeSet<Sighting>,
}

impl Sight {
    /// Begins at the top level of a module.
    pub(super) fn new(module: &Module, start: BytePos) -> Self {
        Self {
            start,
            declared: Declared::of(module),
            moment: Moment::Load,
            guard: Guard::None,
            awaited: BTreeSet::new(),
            found: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, span: Span, kind: Kind, code: impl Into<String>) {
        let offset = span.lo.0.saturating_sub(self.start.0) as usize;
        self.found.insert(Sighting { offset, kind, code: code.into() });
    }

    /// Visits something that runs at another moment.
    pub(super) fn at(&mut self, moment: Moment, visit: impl FnOnce(&mut Self)) {
        let before = self.moment;
        self.moment = match (before, moment) {
            (Moment::Call, _) | (_, Moment::Call) => Moment::Call,
            (Moment::MaybeLoad, _) => Moment::MaybeLoad,
            (Moment::Load, moment) => moment,
        };
        visit(self);
        self.moment = before;
    }

    /// Visits code for another host, or for a value of another type.
    pub(super) fn asked(&mut self, visit: impl FnOnce(&mut Self)) {
        self.within(Guard::Asked, visit);
    }

    /// Visits code that may fail.
    pub(super) fn guarded(&mut self, visit: impl FnOnce(&mut Self)) {
        self.within(Guard::Caught, visit);
    }

    fn within(&mut self, guard: Guard, visit: impl FnOnce(&mut Self)) {
        let before = self.guard;
        self.guard = before.max(guard);
        self.at(Moment::MaybeLoad, visit);
        self.guard = before;
    }

    /// Visits the body of a function that is called where it is written.
    pub(super) fn body(&mut self, function: &Expr) {
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
    pub(super) fn used(&mut self, span: Span, callee: &Expr, how: Use) {
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
        if self.guard != Guard::None {
            return;
        }
        match self.moment {
            Moment::Load => self.add(span, Kind::EvalAtLoad, code),
            Moment::MaybeLoad => {}
            Moment::Call => self.add(span, Kind::EvalInRequest, code),
        }
    }

    pub(super) fn imported(&mut self, span: Span, specifier: &str) {
        // Code that expects the failure has an answer to it, as Astro's service for images has.
        if self.guard == Guard::Caught {
            return;
        }
        if specifier == "sharp"
            || specifier.starts_with("@img/sharp")
            || Path::new(specifier).extension().is_some_and(|extension| extension == "node")
        {
            self.add(span, Kind::Native, specifier);
        }
    }
}

/// A use of a callee, with the number of arguments.
#[derive(Clone, Copy, Debug)]
pub(super) enum Use {
    Call(usize),
    New(usize),
}
