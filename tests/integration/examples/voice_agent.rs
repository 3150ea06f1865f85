//! The voice agent: a site, a Worker in Rust and a stub of the voice service.

use crate::support::client::{Request, ask};
use crate::support::xtask::{self, Serving};

#[test]
fn the_voice_agent_passes_its_own_tests() {
    let (stdout, stderr) = xtask::run(&["voice-agent", "--test"]);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
    assert!(stdout.contains("\n# cancelled 0\n"), "{stdout}{stderr}");
}

#[test]
fn the_voice_agent_serves_without_an_account_or_a_key() {
    let serving = Serving::start(&["voice-agent", "--port", "0"]);
    let address = serving.address();
    let get = |target: &str| ask(&address, &Request::new("GET", target));
    let page = String::from_utf8(get("/voice/").body).unwrap();
    assert!(page.contains("data-voice-agent"), "{page}");
    assert_eq!(get("/api/voice-agent/health").status, 200);
}
