//! Keys for clients that open their call themselves, which only Realtime has.

use serde::{Deserialize, Serialize};

use super::Mint;
use super::call::Call;
use crate::clock;
use crate::problem::Answer;
use crate::upstream::Upstream;
use crate::voice::{CallConfig, client_secret, secret_of};

/// The key of the token in the object's storage.
const KEY: &str = "token";

/// Time in which the client has to open its call, in seconds. It may open several with one key, so the
/// time is short.
const SECONDS: u32 = 60;

/// Time for which a key that is given again is valid at least, in milliseconds.
const LEAST: u64 = 10_000;

/// A key for a client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Token {
    /// The key.
    pub(crate) value: String,
    /// The end of its validity in seconds since the epoch.
    pub(crate) expires_at: u64,
    pub(crate) model: String,
    pub(crate) base_url: String,
}

impl Call {
    /// Gets a key. A request that is sent again gets the same key, as long as that is valid.
    pub(super) async fn mint(&self, mint: Mint) -> Answer<Token> {
        match self.minted().await? {
            Some(token) => Ok(token),
            None => self.once(self.ask_for_token(mint)).await,
        }
    }

    /// Returns the key that the same request got before, if it is still valid.
    pub(super) async fn minted(&self) -> Answer<Option<Token>> {
        let known: Option<String> = self.storage.get(KEY).await?;
        let known = known.and_then(|known| serde_json::from_str::<Token>(&known).ok());
        let earliest = clock::now() + LEAST;
        Ok(known.filter(|token| token.expires_at.saturating_mul(1000) > earliest))
    }

    async fn ask_for_token(&self, mint: Mint) -> Answer<Token> {
        let models = &self.settings.models;
        let config =
            CallConfig { models, safety_identifier: &mint.safety_identifier, transcript: &[] };
        let upstream = Upstream::new(&self.settings, &mint.base_url, &self.readings)?;
        let secret = secret_of(&upstream.send(client_secret(&config, SECONDS)).await?)?;
        let token = Token {
            value: secret.value,
            expires_at: secret.expires_at,
            model: models.realtime.clone(),
            base_url: mint.base_url,
        };
        self.storage.put(KEY, serde_json::to_string(&token)?).await?;
        self.wake_at(token.expires_at.saturating_mul(1000)).await?;
        Ok(token)
    }
}
