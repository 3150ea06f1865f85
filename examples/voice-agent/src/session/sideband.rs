//! The sideband of a call: a WebSocket on which the voice service sends the events of the call to the
//! Worker, beside the page. What the page says about its call is not trusted.

use std::rc::Rc;

use futures_util::StreamExt as _;
use serde_json::Value;
use worker::wasm_bindgen_futures::spawn_local;
use worker::{WebSocket, WebsocketEvent, console_error};

use super::Reason;
use super::call::Call;
use super::record::State;
use crate::meter::Metric;
use crate::problem::Problem;
use crate::upstream::{Failure, Upstream};
use crate::voice::{CallEvent, Over};

impl Call {
    /// Opens the sideband of an open call, if it is not open. A call that the voice service does not know
    /// has ended. After another failure, the next look at the call tries again.
    pub(super) async fn attach(self: &Rc<Self>) {
        let is_open = self.record().is_some_and(|record| record.state == State::Open);
        if !is_open || self.socket.borrow().is_some() {
            return;
        }
        match self.listen().await {
            Ok(()) => {}
            Err(Failure::NotFound) => self.end_as(Reason::Dropped).await,
            Err(failure) => {
                self.readings.count(Metric::SidebandFailed, &[]);
                // For its line in the log.
                let _ = Problem::from(failure);
            }
        }
    }

    /// Opens the sideband, and begins to read it.
    pub(super) async fn listen(self: &Rc<Self>) -> Result<(), Failure> {
        let Some((record, api)) = self.current() else { return Ok(()) };
        let upstream = Upstream::new(&self.settings, &record.base_url, &self.readings)?;
        let socket = upstream.connect(api.sideband(&record.call)).await?;
        *self.socket.borrow_mut() = Some(socket.clone());
        spawn_local(Rc::clone(self).read(socket));
        Ok(())
    }

    /// Reads the events until the sideband closes.
    async fn read(self: Rc<Self>, socket: WebSocket) {
        // The events that arrive before somebody listens are lost.
        let events = socket.events();
        if let (Ok(mut events), Ok(())) = (events, socket.accept()) {
            while let Some(Ok(WebsocketEvent::Message(message))) = events.next().await {
                if let Some(Ok(event)) = message.text().map(|text| serde_json::from_str(&text)) {
                    self.hear(&event).await;
                }
            }
        }
        *self.socket.borrow_mut() = None;
        // The voice service closes the sideband with the call, but a network may lose it before.
        self.attach().await;
        self.readings.send(&self.env).await;
    }

    async fn hear(&self, event: &Value) {
        let Some((_, api)) = self.current() else { return };
        for event in api.read(event) {
            let is_worth_saving = match event {
                CallEvent::Said(turn) => self.change(|record| record.say(turn)).is_some(),
                CallEvent::SaidPart(part) => {
                    self.change(|record| record.say_part(part)) == Some(true)
                }
                CallEvent::Used(change) => {
                    let more = self.change(|record| {
                        let more = record.use_more(change, &self.settings.prices);
                        // What was used before the end is counted at the end.
                        if matches!(record.state, State::Ended(_)) { more } else { 0.0 }
                    });
                    self.readings.add(Metric::SessionCost, &[], more.unwrap_or_default());
                    true
                }
                CallEvent::Over(over) => {
                    self.end_as(match over {
                        Over::Requested => Reason::Closed,
                        Over::Expired => Reason::Expired,
                        Over::Dropped => Reason::Dropped,
                    })
                    .await;
                    false
                }
            };
            if is_worth_saving && let Err(error) = self.save().await {
                console_error!("voice-agent: an event is lost: {error}");
            }
        }
    }

    async fn end_as(&self, reason: Reason) {
        if let Err(error) = self.finish(reason).await {
            console_error!("voice-agent: the end of a call is not recorded: {error}");
        }
    }
}
