//! Sessions, stored in Workers KV.

use serde::Serialize;
use worker::js_sys::Date;
use worker::{Env, Error, KvStore, Result};

/// The lifetime of a session.
pub(super) const LIFETIME_SECONDS: u32 = 1800;

/// The namespace with the binding `SESSIONS`.
pub(super) struct Sessions(KvStore);

/// A new session.
pub(super) struct Session {
    id: String,
    expires_at: String,
}

/// The stored part of a session.
#[derive(Serialize)]
struct Record<'a> {
    expires_at: &'a str,
}

impl Sessions {
    pub(super) fn of(env: &Env) -> Result<Self> {
        env.kv("SESSIONS").map(Self)
    }

    /// Returns the namespace itself, which also stores the counts of the rate limit.
    pub(super) fn namespace(&self) -> &KvStore {
        &self.0
    }

    /// Reads from the namespace to test that it answers.
    pub(super) async fn reach(&self) -> Result<()> {
        self.0.get("health").text().await.map(drop).map_err(Error::from)
    }

    /// Opens a session with an id that cannot be guessed.
    pub(super) async fn open(&self) -> Result<Session> {
        let session = Session { id: random_id()?, expires_at: from_now(LIFETIME_SECONDS) };
        let key = format!("session/{}", session.id);
        let record = Record { expires_at: &session.expires_at };
        self.0.put(&key, record)?.expiration_ttl(LIFETIME_SECONDS.into()).execute().await?;
        Ok(session)
    }
}

impl Session {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn expires_at(&self) -> &str {
        &self.expires_at
    }
}

/// Returns 128 random bits from Web Crypto, as hexadecimal digits.
pub(super) fn random_id() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Returns the time after some seconds, in ISO 8601.
fn from_now(seconds: u32) -> String {
    let time = Date::new_0();
    time.set_utc_seconds(time.get_utc_seconds() + seconds);
    time.to_iso_string().into()
}
