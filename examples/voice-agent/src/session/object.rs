//! The Durable Object of a call.

use std::rc::Rc;

use serde::Serialize;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::Command;
use super::call::Call;
use crate::problem::Answer;

/// Opens, watches and ends one call.
#[durable_object(alarm)]
pub struct VoiceSession {
    call: Rc<Call>,
}

impl DurableObject for VoiceSession {
    fn new(state: State, env: Env) -> Self {
        Self { call: Rc::new(Call::new(state.storage(), env)) }
    }

    /// Does what the body commands, and returns the result as JSON.
    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let call = &self.call;
        call.load().await?;
        let response = match request.json().await? {
            Command::Open(open) => json(&call.open(open).await),
            Command::Known(fingerprint) => json(&call.known(&fingerprint)),
            Command::Show => json(&call.view()),
            Command::End(reason) => json(&call.end(reason).await),
            Command::Mint(mint) => json(&call.mint(mint).await),
            Command::Minted => json(&call.minted().await),
        };
        // The sideband does not survive an object that has moved.
        call.attach();
        call.send_readings();
        response
    }

    async fn alarm(&self) -> Result<Response> {
        self.call.load().await?;
        self.call.look().await?;
        Response::empty()
    }
}

fn json<T: Serialize>(answer: &Answer<T>) -> Result<Response> {
    Response::from_json(answer)
}
