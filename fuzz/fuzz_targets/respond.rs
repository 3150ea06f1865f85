//! The target `respond` for cargo-fuzz.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| worker_pack_fuzz::run("respond", data));
