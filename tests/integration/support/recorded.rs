//! Recorded responses of Cloudflare's servers, kept outside the repository. Without them, the tests that
//! replay them print a note and pass.

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

/// Reads a file of recorded responses, if it is present.
pub(crate) fn recorded(name: &str) -> Option<Value> {
    let folder = std::env::var_os("WORKER_PACK_CONFORMANCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if let Ok(bytes) = std::fs::read(&path) {
        return Some(serde_json::from_slice(&bytes).unwrap());
    }
    let message = format!("SKIPPED: {} is missing\n", path.display());
    std::io::stderr().write_all(message.as_bytes()).unwrap();
    None
}
