//! The usage of a call, and its cost.

use serde::{Deserialize, Serialize};

/// The tokens and seconds that a call has used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Usage {
    /// Tokens of audio that the model has heard, without those from its cache.
    pub(crate) audio_input_tokens: u64,
    /// Tokens of text that the model has read, without those from its cache.
    pub(crate) text_input_tokens: u64,
    /// Tokens of both kinds from the cache of the service.
    pub(crate) cached_input_tokens: u64,
    pub(crate) audio_output_tokens: u64,
    pub(crate) text_output_tokens: u64,
    /// Audio that Live bills by its length, in seconds.
    pub(crate) seconds: f64,
}

/// A change of the usage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum UsageChange {
    /// A response has used this much (Realtime).
    Add(Usage),
    /// The call has used this many seconds since its beginning (Live).
    TotalSeconds(f64),
}

/// The prices of the service in USD, from the variable `PRICES`. Those of tokens are for a million.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Prices {
    audio_input: f64,
    text_input: f64,
    cached_input: f64,
    audio_output: f64,
    text_output: f64,
    /// The price of a minute of Live.
    minute: f64,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            audio_input: 32.0,
            text_input: 4.0,
            cached_input: 0.4,
            audio_output: 64.0,
            text_output: 16.0,
            minute: 0.06,
        }
    }
}

impl Usage {
    /// Applies a change.
    pub(crate) fn change(&mut self, change: UsageChange) {
        match change {
            UsageChange::Add(more) => {
                self.audio_input_tokens += more.audio_input_tokens;
                self.text_input_tokens += more.text_input_tokens;
                self.cached_input_tokens += more.cached_input_tokens;
                self.audio_output_tokens += more.audio_output_tokens;
                self.text_output_tokens += more.text_output_tokens;
                self.seconds += more.seconds;
            }
            UsageChange::TotalSeconds(seconds) => self.seconds = self.seconds.max(seconds),
        }
    }

    /// Returns the cost in USD.
    #[expect(clippy::cast_precision_loss, reason = "a call has far less than 2^52 tokens")]
    pub(crate) fn cost(&self, prices: &Prices) -> f64 {
        let tokens = self.audio_input_tokens as f64 * prices.audio_input
            + self.text_input_tokens as f64 * prices.text_input
            + self.cached_input_tokens as f64 * prices.cached_input
            + self.audio_output_tokens as f64 * prices.audio_output
            + self.text_output_tokens as f64 * prices.text_output;
        tokens / 1e6 + self.seconds / 60.0 * prices.minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_that_of_all_tokens_and_minutes() {
        let mut usage = Usage::default();
        let response = Usage {
            audio_input_tokens: 1000,
            cached_input_tokens: 500,
            audio_output_tokens: 2000,
            ..Usage::default()
        };
        usage.change(UsageChange::Add(response.clone()));
        usage.change(UsageChange::Add(response));
        let cost = usage.cost(&Prices::default());
        assert!((cost - (0.064 + 0.0004 + 0.256)).abs() < 1e-12, "{cost}");

        usage.change(UsageChange::TotalSeconds(30.0));
        usage.change(UsageChange::TotalSeconds(60.0));
        let more = usage.cost(&Prices::default()) - cost;
        assert!((more - 0.06).abs() < 1e-12, "{more}");
    }
}
