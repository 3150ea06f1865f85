//! The Durable Object that counts the requests of a client.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::try_join;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::Count;
use super::window::Window;
use crate::clock;

/// The key of the window in the object's storage.
const KEY: &str = "window";

/// Counts the requests of one client for one quota. All of its requests come here, one after the other.
#[durable_object(alarm)]
pub struct ClientCounter {
    state: State,
    /// The window, once it has been read from the storage.
    window: RefCell<Option<Window>>,
}

impl DurableObject for ClientCounter {
    fn new(state: State, _env: Env) -> Self {
        Self { state, window: RefCell::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let count: Count = request.json().await?;
        let storage = self.state.storage();
        if self.window.borrow().is_none() {
            let stored = storage.get(KEY).await?.unwrap_or_default();
            // Another request may have read it in the meantime, and counted in it.
            self.window.borrow_mut().get_or_insert(stored);
        }
        // Nothing else runs between the question and the answer: neither waits.
        let mut window = self.window.borrow_mut().take().unwrap_or_default();
        let verdict = window.pass(clock::now(), &count);
        let stored = serde_json::to_value(&window)?;
        *self.window.borrow_mut() = Some(window);
        // A request that does not pass changes nothing, and each write is billed.
        if verdict.passes {
            // The response waits until this is written, so an object that ends has not forgotten it.
            let put = storage.put(KEY, stored);
            let alarm = storage.set_alarm(Duration::from_secs(count.window));
            try_join(put, alarm).await?;
        }
        Response::from_json(&verdict)
    }

    /// Forgets the client, once the window is empty.
    async fn alarm(&self) -> Result<Response> {
        *self.window.borrow_mut() = None;
        self.state.storage().delete_all().await?;
        Response::empty()
    }
}
