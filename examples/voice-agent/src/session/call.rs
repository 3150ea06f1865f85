//! The work of an object: its call from the beginning to the end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use worker::{Env, Error, Storage, WebSocket};

use super::record::{Begun, Record, State};
use super::{Open, Opened, Reason, View};
use crate::clock;
use crate::meter::{Metric, Readings};
use crate::problem::{Answer, Kind, Problem};
use crate::settings::Settings;
use crate::upstream::{Failure, Upstream};
use crate::voice::{self, CallConfig, HangUp, LONGEST_MINUTES, VoiceApi};

/// The key of the record in the object's storage.
const KEY: &str = "record";

/// Time between two looks at an open call. A look opens the sideband again if it is lost, as after the
/// object has moved.
const LOOK: u64 = 60_000;

/// Time after which the voice service is told again that a call has ended, in milliseconds.
const RETRY: u64 = 10_000;

/// Time for which a call is kept after its end, so that another one can go on with it, in milliseconds.
const KEPT: u64 = 60 * 60 * 1000;

/// A call and everything that its object needs for it.
pub(super) struct Call {
    pub(super) storage: Storage,
    pub(super) env: Env,
    pub(super) settings: Rc<Settings>,
    pub(super) readings: Readings,
    record: RefCell<Option<Record>>,
    is_read: Cell<bool>,
    pub(super) is_opening: Cell<bool>,
    pub(super) socket: RefCell<Option<WebSocket>>,
}

impl Call {
    /// Makes the call of an object, which its storage may know already.
    pub(super) fn new(storage: Storage, env: Env) -> Self {
        let settings = Settings::of(&env);
        Self {
            storage,
            env,
            settings,
            readings: Readings::default(),
            record: RefCell::default(),
            is_read: Cell::new(false),
            is_opening: Cell::new(false),
            socket: RefCell::default(),
        }
    }

    /// Reads the record, once.
    pub(super) async fn load(&self) -> Result<(), Error> {
        if self.is_read.get() {
            return Ok(());
        }
        let stored: Option<String> = self.storage.get(KEY).await?;
        let record = stored.map(|stored| serde_json::from_str(&stored)).transpose()?;
        // Another request may have read it in the meantime, and changed it.
        if !self.is_read.replace(true) {
            *self.record.borrow_mut() = record;
        }
        Ok(())
    }

    /// Returns a copy of the record.
    pub(super) fn record(&self) -> Option<Record> {
        self.record.borrow().clone()
    }

    /// Changes the record, if the call exists.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Record) -> T) -> Option<T> {
        self.record.borrow_mut().as_mut().map(change)
    }

    /// Writes the record.
    pub(super) async fn save(&self) -> Result<(), Error> {
        let Some(record) = self.record() else { return Ok(()) };
        self.storage.put(KEY, serde_json::to_string(&record)?).await
    }

    /// Opens the call. A request that is sent again gets the response of the first one.
    pub(super) async fn open(self: &Rc<Self>, open: Open) -> Answer<Opened> {
        let fingerprint = crate::hash::of(&[open.offer.as_bytes()]);
        if let Some(record) = self.record() {
            if record.fingerprint == fingerprint {
                return Ok(record.opened());
            }
            let detail =
                "this `Idempotency-Key` was sent with another offer; use a new one for each call";
            return Err(Problem::new(Kind::Unprocessable, detail));
        }
        if self.is_opening.replace(true) {
            let detail = "the same request is being answered; send it again in a second";
            return Err(Problem::new(Kind::Conflict, detail).with("Retry-After", 1));
        }
        let opened = self.ask_to_open(open, fingerprint).await;
        self.is_opening.set(false);
        opened
    }

    async fn ask_to_open(self: &Rc<Self>, open: Open, fingerprint: String) -> Answer<Opened> {
        let api = self.settings.api;
        let config = CallConfig {
            models: &self.settings.models,
            safety_identifier: &open.safety_identifier,
            transcript: &open.transcript,
        };
        let upstream = Upstream::new(&self.settings, &open.base_url, &self.readings)?;
        let reply = upstream.send(api.open(&open.offer, &config)).await?;
        let voice::Opened { call, answer } = api.opened(&reply)?;
        let now = clock::now();
        let minutes = self.settings.session_minutes.min(LONGEST_MINUTES);
        let record = Record::new(Begun {
            api: api.name().to_owned(),
            model: api.model(&self.settings.models).to_owned(),
            base_url: open.base_url,
            call,
            answer,
            fingerprint,
            opened_at: now,
            ends_at: now + minutes * 60_000,
            transcript: open.transcript,
        });
        let opened = record.opened();
        *self.record.borrow_mut() = Some(record);
        self.readings.count(Metric::Opened, &[("api", api.name())]);
        self.save().await?;
        self.wake_at(opened.ends_at.min(now + LOOK)).await?;
        self.attach().await;
        Ok(opened)
    }

    /// Shows the call.
    pub(super) fn view(&self) -> Answer<View> {
        let record = self.record().ok_or_else(|| {
            let detail = "no call has this name, or it ended more than an hour ago";
            Problem::new(Kind::NotFound, detail)
        })?;
        Ok(record.view(&self.settings.prices))
    }

    /// Ends the call, and shows it. Ending it twice is no error, and keeps the first reason.
    pub(super) async fn end(self: &Rc<Self>, reason: Reason) -> Answer<View> {
        if let Some(Record { state: State::Open | State::Ending(_), .. }) = self.record() {
            let reason = self.change(|record| match record.state {
                State::Ending(first) => first,
                _ => reason,
            });
            let reason = reason.unwrap_or(Reason::Closed);
            self.change(|record| record.state = State::Ending(reason));
            // If the object ends now, the next look goes on.
            self.save().await?;
            match self.hang_up().await {
                Ok(()) | Err(Failure::NotFound) => self.finish(reason).await?,
                Err(failure) => {
                    self.wake_at(clock::now() + RETRY).await?;
                    return Err(failure.into());
                }
            }
        }
        self.view()
    }

    /// Tells the voice service that the call is over.
    async fn hang_up(self: &Rc<Self>) -> Result<(), Failure> {
        let Some((record, api)) = self.current() else { return Ok(()) };
        match api.hang_up(&record.call) {
            HangUp::Request(outgoing) => {
                let upstream = Upstream::new(&self.settings, &record.base_url, &self.readings)?;
                upstream.send(outgoing).await.map(drop)
            }
            HangUp::Event(event) => {
                if self.socket.borrow().is_none() {
                    self.listen().await?;
                }
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send_with_str(event.to_string())?;
                }
                Ok(())
            }
        }
    }

    /// Returns the record, and the API that the call was opened with.
    pub(super) fn current(&self) -> Option<(Record, &'static dyn VoiceApi)> {
        let record = self.record()?;
        let api = voice::find(&record.api)?;
        Some((record, api))
    }

    /// Records that the call has ended.
    pub(super) async fn finish(&self, reason: Reason) -> Result<(), Error> {
        let now = clock::now();
        let finished = self.change(|record| {
            let is_first = !matches!(record.state, State::Ended(_));
            if is_first {
                record.state = State::Ended(reason);
                record.ended_at = Some(now);
            }
            is_first.then(|| (record.opened_at, record.usage.cost(&self.settings.prices)))
        });
        if let Some((opened_at, cost)) = finished.flatten() {
            self.readings.count(Metric::Ended, &[("reason", reason.name())]);
            #[expect(clippy::cast_precision_loss, reason = "a call lasts an hour at most")]
            let seconds = now.saturating_sub(opened_at) as f64 / 1000.0;
            self.readings.add(Metric::SessionSeconds, &[], seconds);
            self.readings.add(Metric::SessionCost, &[], cost);
            self.save().await?;
            self.wake_at(now + KEPT).await?;
        }
        self.readings.send(&self.env).await;
        Ok(())
    }

    /// Looks after the call when the alarm rings.
    pub(super) async fn look(self: &Rc<Self>) -> Result<(), Error> {
        let now = clock::now();
        // An object without a call has a token, which is no longer valid.
        let Some(record) = self.record() else { return self.storage.delete_all().await };
        match record.state {
            State::Open if now < record.ends_at => {
                self.save().await?;
                self.attach().await;
                self.wake_at(record.ends_at.min(now + LOOK)).await?;
            }
            // A failure has set the alarm again.
            State::Open => drop(self.end(Reason::Budget).await),
            State::Ending(reason) => drop(self.end(reason).await),
            State::Ended(_) => {
                *self.record.borrow_mut() = None;
                self.storage.delete_all().await?;
            }
        }
        self.readings.send(&self.env).await;
        Ok(())
    }

    /// Sets the alarm to a time in milliseconds since the epoch.
    pub(super) async fn wake_at(&self, time: u64) -> Result<(), Error> {
        let from_now = time.saturating_sub(clock::now());
        self.storage.set_alarm(Duration::from_millis(from_now)).await
    }
}
