//! `POST /api/letters`: a letter to the author, stored in Workers KV.

use serde::{Deserialize, Serialize};
use worker::{Env, Error, KvStore, Request, Response, Result};

/// The time that a letter is kept, in seconds.
const LIFETIME_SECONDS: u64 = 90 * 24 * 60 * 60;

/// The longest body, in bytes.
const MAX_LEN: usize = 10_000;

/// The namespace with the binding `LETTERS`.
pub(super) struct Letters(KvStore);

/// A letter, as it is sent and stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Letter {
    name: String,
    text: String,
}

#[derive(Serialize)]
struct Stored<'a> {
    letter: &'a str,
}

impl Letters {
    pub(super) fn of(env: &Env) -> Result<Self> {
        env.kv("LETTERS").map(Self)
    }

    /// Reads from the namespace to test that it answers.
    pub(super) async fn reach(&self) -> Result<()> {
        self.0.get("health").text().await.map(drop).map_err(Error::from)
    }

    /// Stores a letter, and returns its identifier.
    async fn store(&self, letter: &Letter) -> Result<String> {
        let id = random_id()?;
        let text = serde_json::to_string(letter)?;
        let put = self.0.put(&format!("letter/{id}"), text)?;
        put.expiration_ttl(LIFETIME_SECONDS).execute().await?;
        Ok(id)
    }
}

/// Stores the letter in the body of a request.
pub(super) async fn answer(request: &mut Request, env: &Env) -> Result<Response> {
    let letters = Letters::of(env)?;
    let body = request.text().await?;
    if body.len() > MAX_LEN {
        return super::problem(413, "the letter is too long");
    }
    match serde_json::from_str::<Letter>(&body) {
        Ok(letter) if letter.text.trim().is_empty() => super::problem(422, "the letter is empty"),
        Ok(letter) => {
            let id = letters.store(&letter).await?;
            super::json(201, &Stored { letter: &id })
        }
        Err(_) => super::problem(400, "the body has to be JSON with `name` and `text`"),
    }
}

/// Returns 128 random bits from Web Crypto, as hexadecimal digits.
fn random_id() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
