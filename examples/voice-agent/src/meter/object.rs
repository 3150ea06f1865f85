//! The Durable Object that sums up counts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use worker::{DurableObject, Env, Method, Request, Response, Result, State, durable_object};

/// The key of the sums in the object's storage.
const SUMS: &str = "sums";

/// Time between two writes to the storage. Each write is billed, and an object that ends in between loses
/// what it has counted since the last one.
const PAUSE: Duration = Duration::from_secs(10);

/// Sums up the counts of all isolates.
#[durable_object(alarm)]
pub struct Meter {
    state: State,
    /// The sums, once they have been read from the storage.
    sums: RefCell<Option<BTreeMap<String, f64>>>,
}

impl DurableObject for Meter {
    fn new(state: State, _env: Env) -> Self {
        Self { state, sums: RefCell::default() }
    }

    /// Adds the counts of a `POST`, and returns the sums to a `GET`.
    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let storage = self.state.storage();
        if self.sums.borrow().is_none() {
            let stored = storage.get(SUMS).await?.unwrap_or_default();
            // Another request may have read them in the meantime, and added to them.
            self.sums.borrow_mut().get_or_insert(stored);
        }
        if request.method() == Method::Post {
            let counts: BTreeMap<String, f64> = request.json().await?;
            if let Some(sums) = &mut *self.sums.borrow_mut() {
                for (series, count) in counts {
                    *sums.entry(series).or_default() += count;
                }
            }
            if storage.get_alarm().await?.is_none() {
                storage.set_alarm(PAUSE).await?;
            }
            return Response::empty();
        }
        Response::from_json(&*self.sums.borrow())
    }

    /// Writes the sums to the storage.
    async fn alarm(&self) -> Result<Response> {
        let sums = self.sums.borrow().clone();
        if let Some(sums) = sums {
            self.state.storage().put(SUMS, sums).await?;
        }
        Response::empty()
    }
}
