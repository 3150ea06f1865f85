//! The work of an object: its call from the beginning to the end.
//!
//! Each change of the call's state is stored before the voice service is told, and sets the alarm anew, so
//! that an object that ends in between goes on where it was.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use worker::wasm_bindgen_futures::spawn_local;
use worker::{Env, Error, Storage, console_error};

use super::record::{Record, State};
use super::transcript::Transcript;
use super::{Open, Opened, Reason, View};
use crate::clock;
use crate::meter::{Metric, Readings};
use crate::problem::{Answer, Kind, Problem};
use crate::settings::Settings;
use crate::upstream::{Failure, Upstream};
use crate::voice::{self, CallConfig, HangUp, LONGEST_MINUTES};

/// The key of the record in the object's storage.
const KEY: &str = "record";

/// A call and everything that its object needs for it.
pub(super) struct Call {
    pub(super) storage: Storage,
    pub(super) env: Env,
    pub(super) settings: Rc<Settings>,
    pub(super) readings: Readings,
    pub(super) sideband: super::sideband::Sideband,
    record: RefCell<Option<Record>>,
    is_read: Cell<bool>,
    is_opening: Cell<bool>,
}

/// The reply of the voice service to the end of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Confirmed,
    /// It will send an event.
    Asked,
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
            sideband: super::sideband::Sideband::default(),
            record: RefCell::default(),
            is_read: Cell::new(false),
            is_opening: Cell::new(false),
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

    /// Reads something from the record, if the call exists.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Record) -> T) -> Option<T> {
        self.record.borrow().as_ref().map(read)
    }

    /// Changes the record, if the call exists.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Record) -> T) -> Option<T> {
        self.record.borrow_mut().as_mut().map(change)
    }

    /// Stores the record.
    pub(super) async fn save(&self) -> Result<(), Error> {
        let Some(stored) = self.read(serde_json::to_string).transpose()? else { return Ok(()) };
        self.storage.put(KEY, stored).await
    }

    /// Stores the record, and sets the alarm to the time at which the call has to be looked after.
    async fn keep(&self) -> Result<(), Error> {
        self.save().await?;
        let now = clock::now();
        match self.read(|record| record.next_look(now)) {
            Some(time) => self.wake_at(time).await,
            None => Ok(()),
        }
    }

    /// Returns the response to a request that has opened the call before, or none if there is no call.
    pub(super) fn known(&self, fingerprint: &str) -> Answer<Option<Opened>> {
        let known =
            self.read(|record| (record.fingerprint == fingerprint, record.state, record.opened()));
        match known {
            None => Ok(None),
            Some((true, State::Open, opened)) => Ok(Some(opened)),
            Some((true, ..)) => {
                let detail =
                    "the call of this `Idempotency-Key` has ended; use a new one for each call";
                Err(Problem::new(Kind::Conflict, detail))
            }
            Some((false, ..)) => {
                let detail = "this `Idempotency-Key` was sent with another offer; use a new one for each call";
                Err(Problem::new(Kind::Unprocessable, detail))
            }
        }
    }

    /// Opens the call. A request that is sent again gets the response of the first one.
    pub(super) async fn open(self: &Rc<Self>, open: Open) -> Answer<Opened> {
        if let Some(opened) = self.known(&open.fingerprint)? {
            return Ok(opened);
        }
        self.once(self.ask_to_open(open)).await
    }

    /// Runs the first of the same requests, and refuses the others until it has ended.
    pub(super) async fn once<T>(&self, request: impl Future<Output = Answer<T>>) -> Answer<T> {
        if self.is_opening.replace(true) {
            let detail = "the same request is being answered; send it again in a second";
            return Err(Problem::new(Kind::Conflict, detail).with("Retry-After", 1));
        }
        let answer = request.await;
        self.is_opening.set(false);
        answer
    }

    async fn ask_to_open(self: &Rc<Self>, open: Open) -> Answer<Opened> {
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
        let record = Record {
            api: api.name().to_owned(),
            model: api.model(&self.settings.models).to_owned(),
            base_url: open.base_url,
            call,
            fingerprint: open.fingerprint,
            answer,
            state: State::Open,
            tries: 0,
            opened_at: now,
            ends_at: now + minutes * 60_000,
            ended_at: None,
            usage: voice::Usage::default(),
            transcript: Transcript::after(open.transcript),
            has_sideband: false,
        };
        let opened = record.opened();
        *self.record.borrow_mut() = Some(record);
        self.readings.count(Metric::Opened, &[("api", api.name())]);
        self.keep().await?;
        self.attach();
        Ok(opened)
    }

    /// Shows the call.
    pub(super) fn view(&self) -> Answer<View> {
        self.read(|record| record.view(&self.settings.prices)).ok_or_else(|| {
            let detail = "no call has this name, or it ended more than an hour ago";
            Problem::new(Kind::NotFound, detail)
        })
    }

    /// Ends the call, and shows it. Ending it twice is no error, and keeps the first reason.
    ///
    /// The state is `ending` until the voice service has confirmed the end. It is told again when the alarm
    /// rings.
    pub(super) async fn end(self: &Rc<Self>, reason: Reason) -> Answer<View> {
        if self.read(Record::has_ended) == Some(false) {
            self.change(|record| record.begin_to_end(reason));
            self.keep().await?;
            match self.hang_up().await {
                Ok(Told::Asked) => {}
                Ok(Told::Confirmed) | Err(Failure::NotFound) => self.finish(reason).await?,
                // Another request may have ended it in the meantime.
                Err(_) if self.read(Record::has_ended) == Some(true) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        self.view()
    }

    /// Tells the voice service that the call is over.
    async fn hang_up(self: &Rc<Self>) -> Result<Told, Failure> {
        let Some((api, base_url, call)) = self.at_service() else { return Ok(Told::Confirmed) };
        match api.hang_up(&call) {
            HangUp::Request(outgoing) => {
                let upstream = Upstream::new(&self.settings, &base_url, &self.readings)?;
                upstream.send(outgoing).await?;
                Ok(Told::Confirmed)
            }
            HangUp::Event(event) => {
                match self.socket().await {
                    // A 404 has been seen for calls that went on.
                    Err(Failure::NotFound) if !self.has_had_sideband() => {
                        Err(Failure::Unexpected("the events of a call are missing".to_owned()))
                    }
                    socket => {
                        socket?.send_with_str(event.to_string())?;
                        Ok(Told::Asked)
                    }
                }
            }
        }
    }

    /// Records that the call has ended.
    pub(super) async fn finish(&self, reason: Reason) -> Result<(), Error> {
        let now = clock::now();
        if let Some(finished) = self.change(|record| record.finish(reason, now)).flatten() {
            self.readings.count(Metric::Ended, &[("reason", finished.reason.name())]);
            #[expect(clippy::cast_precision_loss, reason = "a call lasts an hour at most")]
            let seconds = finished.length as f64 / 1000.0;
            self.readings.add(Metric::SessionSeconds, &[], seconds);
            let cost = self.read(|record| record.usage.cost(&self.settings.prices));
            self.readings.add(Metric::SessionCost, &[], cost.unwrap_or_default());
            self.keep().await?;
        }
        self.sideband.close();
        self.send_readings();
        Ok(())
    }

    /// Looks after the call when the alarm rings. The host calls it again if it fails.
    pub(super) async fn look(self: &Rc<Self>) -> Result<(), Error> {
        let now = clock::now();
        let Some(record) = self.read(Record::clone) else {
            // An object without a call has a token, which is no longer valid.
            return self.storage.delete_all().await;
        };
        match record.state {
            State::Open if now < record.ends_at => {
                self.keep().await?;
                self.sideband.rest();
                self.attach();
            }
            State::Ending(reason) if record.is_certainly_over(now) => {
                console_error!(
                    "voice-agent: the voice service has never confirmed the end of a call"
                );
                self.finish(reason).await?;
            }
            // A failure is in the log, and the alarm is set again.
            State::Open => drop(self.end(Reason::Budget).await),
            State::Ending(reason) => drop(self.end(reason).await),
            State::Ended(_) if record.is_forgotten(now) => {
                *self.record.borrow_mut() = None;
                self.storage.delete_all().await?;
            }
            State::Ended(_) => self.keep().await?,
        }
        self.send_readings();
        Ok(())
    }

    /// Sets the alarm to a time in milliseconds since the epoch.
    pub(super) async fn wake_at(&self, time: u64) -> Result<(), Error> {
        let from_now = time.saturating_sub(clock::now());
        self.storage.set_alarm(Duration::from_millis(from_now)).await
    }

    /// Sends what was counted, while the object goes on.
    pub(super) fn send_readings(&self) {
        let (readings, env) = (self.readings.clone(), self.env.clone());
        spawn_local(async move { readings.send(&env).await });
    }
}
