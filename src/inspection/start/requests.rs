//! Requests to a Worker on loopback.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};

use crate::asset::digest::ContentHash;

/// The time after which a reply is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// The field of the observing module.
const FIELD: &str = "x-worker-pack-check";

/// A client of one Worker.
#[derive(Debug)]
pub(super) struct Client {
    runtime: Runtime,
    http: reqwest::Client,
    port: u16,
}

/// A reply of a Worker.
#[derive(Debug)]
pub(super) struct Replied {
    pub(super) status: u16,
    /// The hash of the body.
    pub(super) body: ContentHash,
    /// The message of the code about an error.
    pub(super) told: Told,
}

/// The messages of the code of a Worker while it made a reply.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Told {
    pub(super) errors: Vec<String>,
    /// The hosts that it asked.
    pub(super) outside: Vec<String>,
}

impl Client {
    /// Makes a client. Returns the reason if that fails.
    pub(super) fn new(port: u16) -> Result<Self, String> {
        // The first provider of a process stays. No request here uses it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { runtime, http, port })
    }

    /// Asks for a path, as a client that accepts no content coding.
    pub(super) fn ask(&self, path: &str) -> Result<Replied, String> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let ask = async {
            let reply = self.http.get(url).header("accept-encoding", "identity").send().await?;
            let status = reply.status().as_u16();
            let field = reply.headers().get(FIELD).and_then(|field| field.to_str().ok());
            let told = field.and_then(|field| serde_json::from_str(field).ok());
            let body = ContentHash::of(&reply.bytes().await?);
            Ok(Replied { status, body, told: told.unwrap_or_default() })
        };
        self.runtime.block_on(ask).map_err(|error: reqwest::Error| innermost(&error))
    }
}

/// Returns the message of the error that caused all others.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
