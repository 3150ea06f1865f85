//! The sideband of a call: a WebSocket on which the voice service sends the events of the call to the
//! Worker, beside the page. What the page says about its call is not trusted.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, LocalBoxFuture, Shared, ready};
use serde_json::Value;
use worker::wasm_bindgen_futures::spawn_local;
use worker::{Error, WebSocket, WebsocketEvent, console_error};

use super::Reason;
use super::call::Call;
use super::record::{Record, State};
use crate::meter::Metric;
use crate::upstream::{Failure, Upstream};
use crate::voice::{CallEvent, Over, VoiceApi};

/// Number of times that a sideband is opened between two looks at the call. One that closes at once would
/// be opened for ever otherwise.
const MOST_OPENED: u32 = 3;

/// Number of bytes of speech after which an unfinished turn is stored.
const WORTH_STORING: usize = 200;

/// A connection, for all who wait for it.
type Connection = Shared<LocalBoxFuture<'static, Result<WebSocket, Failure>>>;

/// The connection, and what is known of earlier ones.
#[derive(Default)]
pub(super) struct Sideband {
    socket: RefCell<Option<WebSocket>>,
    /// The connection that is being opened.
    opening: RefCell<Option<Connection>>,
    /// Number of times that it was opened since the last look.
    opened: Cell<u32>,
    /// Number of bytes of speech that are not stored yet.
    unstored: Cell<usize>,
}

impl Sideband {
    /// Forgets how often it was opened.
    pub(super) fn rest(&self) {
        self.opened.set(0);
    }

    /// Closes the connection.
    pub(super) fn close(&self) {
        if let Some(socket) = self.socket.take() {
            // One that is closed already needs no closing.
            let _ = socket.close(Some(1000), Some("the call has ended"));
        }
    }
}

impl Call {
    /// Returns the API that the call was opened with, where it is, and the name of the call there.
    pub(super) fn at_service(&self) -> Option<(&'static dyn VoiceApi, String, String)> {
        let found = self.read(|record| {
            let api = crate::voice::find(&record.api);
            api.map(|api| (api, record.base_url.clone(), record.call.clone()))
        });
        found.flatten()
    }

    /// Returns whether the voice service has ever accepted a sideband of the call.
    pub(super) fn has_had_sideband(&self) -> bool {
        self.read(|record| record.has_sideband) == Some(true)
    }

    /// Opens the sideband of an open call, while the object goes on.
    pub(super) fn attach(self: &Rc<Self>) {
        let is_open = self.read(|record| record.state == State::Open) == Some(true);
        let has_socket = self.sideband.socket.borrow().is_some();
        let is_opening = self.sideband.opening.borrow().is_some();
        if !is_open || has_socket || is_opening || self.sideband.opened.get() >= MOST_OPENED {
            return;
        }
        let (call, socket) = (Rc::clone(self), self.socket());
        spawn_local(async move {
            match socket.await {
                Ok(_) => {}
                // Its end is told to the voice service too: a 404 has been seen for calls that went on.
                Err(Failure::NotFound) if call.has_had_sideband() => {
                    drop(call.end(Reason::Dropped).await);
                }
                Err(failure) => {
                    call.readings.count(Metric::SidebandFailed, &[]);
                    failure.log();
                }
            }
            call.send_readings();
        });
    }

    /// Returns the sideband, which is opened and read if it is not open. Requests at once get the same one.
    ///
    /// # Errors
    /// If the voice service refuses it.
    pub(super) fn socket(self: &Rc<Self>) -> Connection {
        if let Some(socket) = &*self.sideband.socket.borrow() {
            return ready(Ok(socket.clone())).boxed_local().shared();
        }
        let mut opening = self.sideband.opening.borrow_mut();
        let open = || Rc::clone(self).open_and_follow().boxed_local().shared();
        opening.get_or_insert_with(open).clone()
    }

    async fn open_and_follow(self: Rc<Self>) -> Result<WebSocket, Failure> {
        let opened = self.open_socket().await;
        *self.sideband.opening.borrow_mut() = None;
        let socket = opened?;
        self.sideband.opened.set(self.sideband.opened.get() + 1);
        *self.sideband.socket.borrow_mut() = Some(socket.clone());
        spawn_local(Rc::clone(&self).follow(socket.clone()));
        socket.accept()?;
        if self.read(Record::has_ended) == Some(true) {
            self.sideband.close();
        }
        // Stored, for an object that has moved.
        let is_first = self.change(|record| !std::mem::replace(&mut record.has_sideband, true));
        if is_first == Some(true) {
            self.save().await?;
        }
        Ok(socket)
    }

    async fn open_socket(&self) -> Result<WebSocket, Failure> {
        let (api, base_url, call) = self.at_service().ok_or(Failure::NotFound)?;
        let upstream = Upstream::new(&self.settings, &base_url, &self.readings)?;
        upstream.connect(api.sideband(&call)).await
    }

    /// Reads the events until the sideband closes.
    async fn follow(self: Rc<Self>, socket: WebSocket) {
        if let Ok(mut events) = socket.events() {
            while let Some(Ok(WebsocketEvent::Message(message))) = events.next().await {
                let event = message.text().and_then(|text| serde_json::from_str(&text).ok());
                if let Some(event) = event
                    && let Err(error) = self.hear(&event).await
                {
                    console_error!("voice-agent: an event of a call is lost: {error}");
                }
            }
        }
        if self.sideband.socket.borrow().as_ref() == Some(&socket) {
            *self.sideband.socket.borrow_mut() = None;
        }
        // The voice service closes the sideband with the call, but a network may lose it before.
        self.attach();
        self.send_readings();
    }

    async fn hear(&self, event: &Value) -> Result<(), Error> {
        let Some((api, ..)) = self.at_service() else { return Ok(()) };
        for event in api.read(event) {
            let unstored = match event {
                CallEvent::Began { item, role } => {
                    self.change(|record| record.transcript.begin(item, role));
                    0
                }
                CallEvent::Said { item, turn } => {
                    self.change(|record| record.transcript.say(item, turn));
                    WORTH_STORING
                }
                CallEvent::SaidPart(part) => {
                    let len = part.turn.text.len();
                    self.change(|record| record.transcript.say_part(part));
                    len
                }
                CallEvent::Used(change) => {
                    let more = self.change(|record| {
                        let more = record.use_more(change, &self.settings.prices);
                        // What was used before the end is counted at the end.
                        if record.has_ended() { more } else { 0.0 }
                    });
                    self.readings.add(Metric::SessionCost, &[], more.unwrap_or_default());
                    WORTH_STORING
                }
                CallEvent::Over(over) => {
                    self.finish(match over {
                        Over::Closed => Reason::Closed,
                        Over::Expired => Reason::Expired,
                        Over::Dropped => Reason::Dropped,
                    })
                    .await?;
                    0
                }
            };
            self.sideband.unstored.set(self.sideband.unstored.get() + unstored);
            if self.sideband.unstored.get() >= WORTH_STORING {
                self.sideband.unstored.set(0);
                self.save().await?;
            }
        }
        Ok(())
    }
}
