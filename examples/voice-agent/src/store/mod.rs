//! Namespaces of KV. Every operation is counted, since each is billed.

mod cache;

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::kv::KvStore;
use worker::{Env, Error};

use crate::meter::{Metric, Readings};
use crate::problem::{Kind, Problem};

pub(crate) use cache::Cache;

/// The namespaces of the Worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Namespace {
    /// Sessions that began with a token, and those of Astro.
    Sessions,
    /// Clients that have reached a limit, for people to look at. KV accepts one write a second for each
    /// key and shows a value up to a minute late, so nothing is counted here: `limits` does.
    RateLimits,
    /// Slow and failed requests.
    PerformanceLogs,
    /// Responses of the voice service.
    VoiceCache,
}

/// A kind of operation, as it is billed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    Read,
    Write,
    List,
    Delete,
}

impl Namespace {
    /// Returns the name of the binding.
    pub(crate) fn binding(self) -> &'static str {
        match self {
            Self::Sessions => "SESSIONS",
            Self::RateLimits => "RATE_LIMITS",
            Self::PerformanceLogs => "PERFORMANCE_LOGS",
            Self::VoiceCache => "VOICE_CACHE",
        }
    }
}

impl Operation {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Read, Self::Write, Self::List, Self::Delete];

    /// Returns the name in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::List => "list",
            Self::Delete => "delete",
        }
    }

    /// Returns the price of a million operations on the paid plan, in USD. The first 10 million reads and
    /// the first million of each other kind are free in a month.
    pub(crate) fn price_of_million(self) -> f64 {
        match self {
            Self::Read => 0.5,
            Self::Write | Self::List | Self::Delete => 5.0,
        }
    }
}

/// A namespace, opened for one request.
pub(crate) struct Store {
    namespace: Namespace,
    kv: KvStore,
    readings: Readings,
}

impl Store {
    /// Opens a namespace.
    ///
    /// # Errors
    /// If its binding is missing.
    pub(crate) fn open(
        env: &Env,
        namespace: Namespace,
        readings: &Readings,
    ) -> Result<Self, Problem> {
        let kv = env.kv(namespace.binding()).map_err(|_| {
            let detail = format!("the KV binding `{}` is missing", namespace.binding());
            Problem::new(Kind::NotConfigured, detail)
        })?;
        Ok(Self { namespace, kv, readings: readings.clone() })
    }

    /// Reads a value of JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.count(Operation::Read);
        Ok(self.kv.get(key).json().await?)
    }

    /// Writes a value as JSON, which is deleted after some seconds. KV accepts 60 and more.
    pub(crate) async fn put(
        &self,
        key: &str,
        value: &impl Serialize,
        ttl: u64,
    ) -> Result<(), Error> {
        self.count(Operation::Write);
        Ok(self.kv.put(key, serde_json::to_string(value)?)?.expiration_ttl(ttl).execute().await?)
    }

    /// Deletes up to `most` keys with a prefix, page by page.
    ///
    /// A page has up to 1,000 keys, and names the cursor of the next one.
    pub(crate) async fn delete_prefix(&self, prefix: &str, most: usize) -> Result<Deleted, Error> {
        let mut deleted = Deleted::default();
        let mut cursor = None;
        loop {
            let mut page = self.kv.list().prefix(prefix.to_owned());
            if let Some(cursor) = cursor.take() {
                page = page.cursor(cursor);
            }
            self.count(Operation::List);
            deleted.lists += 1;
            let page = page.execute().await?;
            for key in &page.keys {
                if deleted.keys == most {
                    return Ok(deleted);
                }
                self.count(Operation::Delete);
                self.kv.delete(&key.name).await?;
                deleted.keys += 1;
            }
            match page.cursor.filter(|_| !page.list_complete) {
                Some(next) => cursor = Some(next),
                None => return Ok(Deleted { is_complete: true, ..deleted }),
            }
        }
    }

    fn count(&self, operation: Operation) {
        let labels = [("namespace", self.namespace.binding()), ("operation", operation.name())];
        self.readings.count(Metric::KvOperations, &labels);
    }
}

/// The result of [`Store::delete_prefix`].
#[derive(Debug, Default)]
pub(crate) struct Deleted {
    /// Number of keys that are gone.
    pub(crate) keys: usize,
    /// Number of pages that were listed.
    pub(crate) lists: usize,
    /// True if no key with the prefix is left.
    pub(crate) is_complete: bool,
}
