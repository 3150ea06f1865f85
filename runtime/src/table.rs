//! The table: the contract between the packer and the runtime.
//!
//! It has two forms. A [binary table](crate::table_binary), which the packer emits, is read in place.
//! Statics, made by the `const fn` constructors here, are for tables that are written by hand. Both
//! return the same small [`Asset`], which borrows everything.

use crate::behaviour::Behaviour;
use crate::header_rules::{Changes, HeaderChange};
use crate::path::RequestPath;
use crate::request::{Authorization, Method, Request};
use crate::routing::{self, Answerer, Routing};
use crate::rows::{Asset, HeaderRule, Redirect};
use crate::table_binary::BinaryTable;

/// The assets of a site, sorted by path, and the rules for answering requests from them.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a>(Place<'a>);

#[derive(Clone, Copy, Debug)]
enum Place<'a> {
    /// The program, or memory of the caller.
    Here(Source<'a>),
    /// A module of the host, whose bytes the program gets when it starts.
    #[cfg(feature = "worker")]
    Host,
}

#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Statics(Statics<'a>),
    Binary(BinaryTable<'a>),
}

/// The table of the host, once the program has got it.
#[cfg(feature = "worker")]
static OF_HOST: std::sync::OnceLock<Source<'static>> = std::sync::OnceLock::new();

#[cfg(feature = "worker")]
static EMPTY: Table<'static> = Table::new(&[]);

#[derive(Clone, Copy, Debug)]
struct Statics<'a> {
    assets: &'a [Asset<'a>],
    header_rules: &'a [HeaderRule<'a>],
    static_redirects: &'a [Redirect<'a>],
    dynamic_redirects: &'a [Redirect<'a>],
    routing: Routing<'a>,
    behaviour: Behaviour,
}

#[cfg(feature = "worker")]
impl Table<'static> {
    /// Makes it the table of the host. A program gets it once.
    pub(crate) fn give_to_program(self) {
        let _ = OF_HOST.set(*self.source());
    }
}

impl<'a> Table<'a> {
    /// Makes a table of assets that are sorted by path, byte by byte, each path once.
    ///
    /// The packer guarantees the order. In an unsorted table some lookups fail.
    pub const fn new(assets: &'a [Asset<'a>]) -> Self {
        Self::of_statics(Statics {
            assets,
            header_rules: &[],
            static_redirects: &[],
            dynamic_redirects: &[],
            routing: Routing::ASSETS_FIRST,
            behaviour: Behaviour::DEFAULT,
        })
    }

    const fn of_statics(statics: Statics<'a>) -> Self {
        Self(Place::Here(Source::Statics(statics)))
    }

    const fn statics(self) -> Option<Statics<'a>> {
        if let Place::Here(Source::Statics(statics)) = self.0 { Some(statics) } else { None }
    }

    /// Sets the rules for header fields. A binary table keeps its own.
    #[must_use]
    pub const fn with_header_rules(self, header_rules: &'a [HeaderRule<'a>]) -> Self {
        let Some(statics) = self.statics() else { return self };
        Self::of_statics(Statics { header_rules, ..statics })
    }

    /// Sets the redirects: the static ones, which have no wildcards, sorted by pattern, byte by byte,
    /// and the dynamic ones in order. A binary table keeps its own.
    #[must_use]
    pub const fn with_redirects(
        self,
        static_redirects: &'a [Redirect<'a>],
        dynamic_redirects: &'a [Redirect<'a>],
    ) -> Self {
        let Some(statics) = self.statics() else { return self };
        Self::of_statics(Statics { static_redirects, dynamic_redirects, ..statics })
    }

    /// Sets the division of paths between assets and server. A binary table keeps its own.
    #[must_use]
    pub const fn with_routing(self, routing: Routing<'a>) -> Self {
        let Some(statics) = self.statics() else { return self };
        Self::of_statics(Statics { routing, ..statics })
    }

    /// Sets the behaviour. A binary table keeps its own.
    #[must_use]
    pub const fn with_behaviour(self, behaviour: Behaviour) -> Self {
        let Some(statics) = self.statics() else { return self };
        Self::of_statics(Statics { behaviour, ..statics })
    }

    /// Makes the table that the host gives to the program when it starts.
    #[cfg(feature = "worker")]
    pub(crate) const fn of_host() -> Self {
        Self(Place::Host)
    }

    /// Returns whether the host gives the table to the program.
    #[cfg(feature = "worker")]
    pub(crate) const fn is_of_host(&self) -> bool {
        matches!(self.0, Place::Host)
    }

    /// Returns the rows. The table of the host is empty until the program has got it.
    fn source(&self) -> &Source<'a> {
        match &self.0 {
            Place::Here(source) => source,
            #[cfg(feature = "worker")]
            Place::Host => OF_HOST.get().unwrap_or_else(|| EMPTY.source()),
        }
    }

    /// Returns whether another table is this one.
    #[cfg(feature = "worker")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self.source(), other.source()) {
            (Source::Statics(one), Source::Statics(other)) => {
                std::ptr::eq(one.assets, other.assets)
            }
            (Source::Binary(one), Source::Binary(other)) => one.is(other),
            _ => false,
        }
    }

    /// Returns the behaviour.
    pub fn behaviour(&self) -> Behaviour {
        match self.source() {
            Source::Statics(statics) => statics.behaviour,
            Source::Binary(binary) => binary.behaviour(),
        }
    }

    /// Returns who answers a path.
    pub(crate) fn answerer(&self, path: &RequestPath<'_>) -> Answerer {
        match self.source() {
            Source::Statics(Statics { routing: Routing { server, except, others }, .. }) => {
                let (server, except) = (|| server.iter().copied(), || except.iter().copied());
                routing::answerer(path, server, except, *others)
            }
            Source::Binary(binary) => binary.answerer(path),
        }
    }

    pub(crate) fn has_redirects(&self) -> bool {
        match self.source() {
            Source::Statics(Statics { static_redirects, dynamic_redirects, .. }) => {
                !static_redirects.is_empty() || !dynamic_redirects.is_empty()
            }
            Source::Binary(binary) => binary.has_redirects(),
        }
    }

    /// Returns the static redirect from a path, or from a host and a path.
    pub(crate) fn static_redirect(&self, from: &str) -> Option<Redirect<'a>> {
        match self.source() {
            Source::Statics(Statics { static_redirects, .. }) => {
                let index = static_redirects.binary_search_by(|rule| rule.from.cmp(from)).ok()?;
                static_redirects.get(index).copied()
            }
            Source::Binary(binary) => binary.static_redirect(from),
        }
    }

    /// Returns the dynamic redirects, in order.
    pub(crate) fn dynamic_redirects(&self) -> impl Iterator<Item = Redirect<'a>> + use<'a> {
        let source = *self.source();
        (0..).map_while(move |index| match &source {
            Source::Statics(Statics { dynamic_redirects, .. }) => {
                dynamic_redirects.get(index).copied()
            }
            Source::Binary(binary) => binary.dynamic_redirect(index),
        })
    }

    /// Makes a table of a binary table.
    #[doc(hidden)]
    pub const fn from_binary(binary: BinaryTable<'a>) -> Self {
        Self(Place::Here(Source::Binary(binary)))
    }

    /// Returns the asset at a decoded path, such as `/about/index.html`.
    ///
    /// The lookup takes time logarithmic in the number of assets.
    pub fn asset(&self, path: &str) -> Option<Asset<'a>> {
        match self.source() {
            Source::Statics(Statics { assets, .. }) => {
                let index = assets.binary_search_by(|asset| asset.path().cmp(path)).ok()?;
                assets.get(index).copied()
            }
            Source::Binary(binary) => binary.asset(path),
        }
    }

    /// Returns the changes that the user's header rules make to a response with a status, such as
    /// one of the Worker's own code. The table's own replies are changed already.
    pub fn header_changes(&self, request: &Request<'_>, status: u16) -> Vec<HeaderChange<'a>> {
        if request.is_too_long() {
            return Vec::new();
        }
        let path = RequestPath::new(request.path, self.behaviour());
        let fidelity = self.behaviour().fidelity;
        let changes = self.matching_changes(&path, request.host);
        match (request.method, request.authorization) {
            // A cache must not give these responses to others (RFC 9110 §9.2.3, RFC 9111 §3.5).
            (Method::Options | Method::Other, _) | (_, Authorization::Given) => {
                changes.into_final(status, fidelity)
            }
            (Method::Get | Method::Head, Authorization::Missing) => {
                changes.into_final_with_defaults(status, fidelity)
            }
        }
    }

    /// Returns the changes that the user's header rules make to the table's own reply at a path.
    pub(crate) fn header_changes_at(
        &self,
        path: &RequestPath<'_>,
        host: Option<&str>,
        status: u16,
    ) -> Vec<HeaderChange<'a>> {
        self.matching_changes(path, host).into_final(status, self.behaviour().fidelity)
    }

    fn matching_changes<'r>(
        &self,
        path: &'r RequestPath<'r>,
        host: Option<&'r str>,
    ) -> Changes<'a, 'r> {
        let mut changes = Changes::new(path, host);
        match self.source() {
            Source::Statics(Statics { header_rules, .. }) => {
                for rule in *header_rules {
                    changes.apply(rule.pattern(), rule.operations().iter().copied());
                }
            }
            Source::Binary(binary) => binary.apply_header_rules(&mut changes),
        }
        changes
    }

    /// Returns the number of assets.
    pub fn len(&self) -> usize {
        match self.source() {
            Source::Statics(Statics { assets, .. }) => assets.len(),
            Source::Binary(binary) => binary.len(),
        }
    }

    /// Returns whether the table is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all assets, sorted by path.
    pub fn assets(&self) -> impl Iterator<Item = Asset<'a>> + use<'a> {
        let source = *self.source();
        (0..self.len()).filter_map(move |index| match &source {
            Source::Statics(Statics { assets, .. }) => assets.get(index).copied(),
            Source::Binary(binary) => binary.asset_at(index),
        })
    }
}
