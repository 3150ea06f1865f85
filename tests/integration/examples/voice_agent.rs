//! The voice agent: a site, a Worker in Rust and a stub of the voice service.

use crate::support::client::{Request, ask};
use crate::support::xtask::{self, Serving};

/// Both in one test: they use the same folder, and would wait for each other.
#[test]
fn the_voice_agent_passes_its_tests_and_is_served_without_an_account_or_a_key() {
    let (stdout, stderr) = xtask::run(&["voice-agent", "--test"]);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");

    let serving = Serving::start(&["voice-agent", "--port", "0"]);
    let address = serving.address();
    let get = |target: &str| ask(&address, &Request::new("GET", target));
    let page = String::from_utf8(get("/voice/").body).unwrap();
    assert!(page.contains("data-voice-agent"), "{page}");
    assert_eq!(get("/api/voice-agent/health").status, 200);
}
