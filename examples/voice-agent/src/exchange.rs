//! A request and what the Worker knows about it.

use std::rc::Rc;

use worker_pack_runtime::FetchEvent;

use crate::client::Client;
use crate::clock;
use crate::edge::Edge;
use crate::meter::Readings;
use crate::middleware::Draw;
use crate::settings::Settings;

/// A request, with the facts that are needed wherever it is answered.
pub(crate) struct Exchange {
    /// Names the request in the response, in problems and in the log.
    pub(crate) id: String,
    /// The method as it was sent. The `worker` crate takes unknown ones for `GET`.
    pub(crate) method: String,
    /// The path by which the table decides too.
    pub(crate) path: String,
    pub(crate) client: Client,
    pub(crate) edge: Edge,
    /// The origin of the site itself.
    pub(crate) own_origin: String,
    /// The origin of the page that has sent the request, if the browser names it.
    pub(crate) origin: Option<String>,
    /// The number of the visitor, by which the move from Pages proceeds.
    pub(crate) draw: Draw,
    pub(crate) settings: Rc<Settings>,
    pub(crate) readings: Readings,
    begun: u64,
}

impl Exchange {
    /// Reads the facts of an event.
    pub(crate) fn begin(event: &FetchEvent) -> Self {
        let request = event.request();
        let field = |name: &str| request.headers().get(name).ok().flatten();
        let url = request.url().ok();
        Self {
            // A host without random numbers has the identifier that the edge gives to a request.
            id: crate::hash::random().ok().or_else(|| field("CF-Ray")).unwrap_or_default(),
            method: request.inner().method(),
            path: event.path(),
            client: Client::of(request.headers()),
            edge: Edge::of(request.inner()),
            own_origin: url.map(|url| url.origin().ascii_serialization()).unwrap_or_default(),
            origin: field("Origin"),
            draw: Draw::of(&request),
            settings: Settings::of(event.env()),
            readings: Readings::default(),
            begun: clock::now(),
        }
    }

    /// Returns the time since the request has arrived, in milliseconds. See [`clock::now`] for its
    /// meaning.
    pub(crate) fn elapsed(&self) -> u64 {
        clock::now().saturating_sub(self.begun)
    }

    /// Returns the time at which the request has arrived, in milliseconds since the epoch.
    pub(crate) fn begun(&self) -> u64 {
        self.begun
    }
}
