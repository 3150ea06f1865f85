//! The voice cache: responses of the voice service that stay the same for minutes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Env, Error};

use super::{Deleted, Namespace, Store};
use crate::meter::{Metric, Readings};
use crate::problem::Problem;

/// Time that a value is kept, in seconds.
const LIFETIME: u64 = 300;

/// Number of keys that one invalidation deletes. A Worker may do 10,000 operations for a request, listing
/// among them.
const MOST: usize = 9_000;

/// Values of JSON in KV, each under a key that begins with the name of its kind, such as `models/`.
pub(crate) struct Cache {
    store: Store,
    readings: Readings,
}

impl Cache {
    /// Opens the cache.
    ///
    /// # Errors
    /// If the binding is missing.
    pub(crate) fn open(env: &Env, readings: &Readings) -> Result<Self, Problem> {
        let store = Store::open(env, Namespace::VoiceCache, readings)?;
        Ok(Self { store, readings: readings.clone() })
    }

    /// Returns the value of a key, unless it is missing or has expired.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let value = self.store.get(key).await?;
        let metric = if value.is_some() { Metric::CacheHits } else { Metric::CacheMisses };
        self.readings.count(metric, &[]);
        Ok(value)
    }

    /// Keeps a value for five minutes.
    pub(crate) async fn put(&self, key: &str, value: &impl Serialize) -> Result<(), Error> {
        self.store.put(key, value, LIFETIME).await
    }

    /// Deletes the values whose keys begin with a prefix. Others may still see them for a minute.
    pub(crate) async fn invalidate(&self, prefix: &str) -> Result<Deleted, Error> {
        self.store.delete_prefix(prefix, MOST).await
    }
}
