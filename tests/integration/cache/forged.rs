//! Forged results, with right checksums: the output is that without a cache, and the next run finds whole
//! results.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use worker_pack::table::ContentHash;

use super::{build, processed, report, results};
use crate::pack::last_run::build_until_skipped;
use crate::support::site::{FILES, Site, contents};

/// The bytes before the JSON of a result: a hash, and the length of the JSON.
const HEADER: usize = 36;

/// Numbers in the place of lengths.
const NUMBERS: [u64; 5] = [0, 1, 1 << 31, 1 << 63, u64::MAX];

/// A result in the cache.
struct Forgery {
    path: PathBuf,
    key: Vec<u8>,
    /// Its bytes as they were.
    bytes: Vec<u8>,
}

impl Forgery {
    fn new(path: PathBuf) -> Self {
        let name: Vec<&str> =
            path.iter().rev().take(2).map(|part| part.to_str().unwrap()).collect();
        let digits = format!("{}{}", name[1], name[0]);
        let digit = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let key = (0..64).step_by(2).map(digit).collect();
        let bytes = fs::read(&path).unwrap();
        Self { path, key, bytes }
    }

    /// Returns the metadata and the bodies, unless the result is a memory.
    fn parts(&self) -> Option<(Value, &[u8])> {
        let (header, rest) = self.bytes.split_at_checked(HEADER)?;
        let len = u32::from_le_bytes(header[32..].try_into().unwrap()) as usize;
        let (json, bodies) = rest.split_at_checked(len)?;
        Some((serde_json::from_slice(json).ok()?, bodies))
    }

    /// Returns a result with these metadata and bodies, and the right hash.
    fn with(&self, json: &[u8], bodies: &[u8]) -> Vec<u8> {
        let hash = Sha256::new().chain_update(&self.key).chain_update(json).finalize();
        let len = u32::try_from(json.len()).unwrap().to_le_bytes();
        [&hash[..], &len, json, bodies].concat()
    }

    /// Returns a memory with other contents, and the right checksum.
    fn with_memory(&self, contents: &[u8], checksum: Checksum) -> Vec<u8> {
        let sum = match checksum {
            Checksum::Fnv => fnv(contents).to_le_bytes().to_vec(),
            Checksum::Sha256 => Sha256::digest(contents).to_vec(),
        };
        [&self.key[..], &sum, contents].concat()
    }

    /// Returns the kind of memory and its contents.
    fn memory(&self) -> Option<(Checksum, &[u8])> {
        let rest = self.bytes.strip_prefix(&self.key[..])?;
        let fnv_sum =
            rest.split_at_checked(8).filter(|(sum, rest)| fnv(rest).to_le_bytes() == *sum);
        let sha_sum =
            rest.split_at_checked(32).filter(|(sum, rest)| Sha256::digest(rest)[..] == **sum);
        let fnv_sum = fnv_sum.map(|(_, rest)| (Checksum::Fnv, rest));
        fnv_sum.or_else(|| sha_sum.map(|(_, rest)| (Checksum::Sha256, rest)))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Checksum {
    Fnv,
    Sha256,
}

/// The checksum of the memory of a run.
fn fnv(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut sum = 0xcbf2_9ce4_8422_2325 ^ bytes.len() as u64;
    for word in words {
        sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME).rotate_left(23);
    }
    for byte in rest {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(PRIME);
    }
    sum
}

/// Returns all variants of a value with one number, text or list replaced.
fn variants(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let places: Vec<String> = pointers(value, "");
    for place in places {
        let mut replace = |new: Value| {
            let mut changed = value.clone();
            let old = changed.pointer_mut(&place).unwrap();
            if *old != new {
                *old = new;
                all.push(changed);
            }
        };
        match value.pointer(&place).unwrap() {
            Value::Number(_) => NUMBERS.iter().for_each(|number| replace((*number).into())),
            Value::String(text) if text.len() == 64 => replace("0".repeat(64).into()),
            Value::String(_) => replace("other".into()),
            Value::Array(list) if list.len() == 1 => {
                replace([&list[..], list].concat().into());
            }
            _ => {}
        }
    }
    all
}

fn pointers(value: &Value, place: &str) -> Vec<String> {
    let mut all = vec![place.to_owned()];
    match value {
        Value::Array(list) => {
            for (index, one) in list.iter().enumerate() {
                all.extend(pointers(one, &format!("{place}/{index}")));
            }
        }
        Value::Object(fields) => {
            for (name, one) in fields {
                all.extend(pointers(one, &format!("{place}/{name}")));
            }
        }
        _ => {}
    }
    all
}

/// A site that is packed with a cache, and its output without one.
struct Packed {
    site: Site,
    output: std::collections::BTreeMap<PathBuf, Vec<u8>>,
}

impl Packed {
    fn new() -> Self {
        let site = Site::new(&FILES);
        // A page whose facts are cached.
        site.write("long.html", format!("<!doctype html><p>{}", "text ".repeat(2_000)));
        report(&site, &["--cache-dir", "none"]);
        let output = contents(&site.out());
        build_until_skipped(&site, &[]);
        Self { site, output }
    }

    fn forgeries(&self) -> Vec<Forgery> {
        results(&self.site).into_iter().map(Forgery::new).collect()
    }

    /// Writes a forged result, and checks that it is not used.
    fn survives(&self, path: &Path, forged: &[u8], what: &str) {
        fs::write(path, forged).unwrap();
        for (round, is_healed) in [("the first run", false), ("the second run", true)] {
            let _ = fs::remove_dir_all(self.site.out());
            let built = build(&self.site, &["--strictness", "strict"]);
            let stderr = String::from_utf8_lossy(&built.stderr);
            assert!(built.status.success(), "{what}, {round}: {stderr}");
            assert!(contents(&self.site.out()) == self.output, "{what}, {round}");
            let report: Value = serde_json::from_slice(&built.stdout).unwrap();
            if is_healed {
                assert_eq!(processed(&report), [""; 0], "{what}, {round}");
                assert!(!report["diagnostics"].to_string().contains("cache/"), "{what}, {round}");
            }
        }
    }
}

#[test]
fn forged_metadata_is_not_used() {
    let packed = Packed::new();
    for forgery in packed.forgeries() {
        let Some((json, bodies)) = forgery.parts() else { continue };
        for variant in variants(&json) {
            // The facts about a page cannot be told from those of another page.
            if variant.get("hints").is_some() {
                continue;
            }
            let text = variant.to_string();
            packed.survives(&forgery.path, &forgery.with(text.as_bytes(), bodies), &text);
        }
        for len in [0, 1 << 31, u32::MAX] {
            let mut bytes = forgery.bytes.clone();
            bytes[32..HEADER].copy_from_slice(&len.to_le_bytes());
            packed.survives(&forgery.path, &bytes, &format!("the length {len}"));
        }
    }
}

#[test]
fn cut_or_random_results_are_not_used() {
    let packed = Packed::new();
    let mut state = 1_u32;
    let mut random = |len: usize| -> Vec<u8> {
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        std::iter::repeat_with(next).take(len).collect()
    };
    for forgery in packed.forgeries() {
        let len = forgery.bytes.len();
        for cut in [0, 1, 31, 32, HEADER, len / 2, len - 1] {
            packed.survives(&forgery.path, &forgery.bytes[..cut], &format!("cut at {cut}"));
        }
        let noise = random(500);
        packed.survives(&forgery.path, &forgery.with(&noise, &[]), "random metadata");
        for checksum in [Checksum::Fnv, Checksum::Sha256] {
            let bytes = forgery.with_memory(&noise, checksum);
            packed.survives(&forgery.path, &bytes, "a random memory");
        }
        if let Some((json, bodies)) = forgery.parts() {
            let noise = random(bodies.len() + 7);
            let json = json.to_string();
            for bodies in [&noise[..], &noise[..bodies.len()], &[bodies, &noise].concat()] {
                packed.survives(
                    &forgery.path,
                    &forgery.with(json.as_bytes(), bodies),
                    "random bodies",
                );
            }
        }
    }
}

/// Changes the first encoded body of a result, and the hash and length of it.
fn with_body(forgery: &Forgery, body: &[u8]) -> Option<Vec<u8>> {
    let (mut json, bodies) = forgery.parts()?;
    let extent = json.pointer_mut("/encoded/0/extent")?;
    let len = usize::try_from(extent["len"].as_u64()?).unwrap();
    let hash = ContentHash::of(body).to_string();
    *extent = serde_json::json!({ "hash": hash, "len": body.len() });
    let bodies = [body, &bodies[len..]].concat();
    Some(forgery.with(json.to_string().as_bytes(), &bodies))
}

#[test]
fn bodies_of_other_files_and_decompression_bombs_are_not_used() {
    let packed = Packed::new();
    let brotli = |bytes: &[u8]| {
        use std::io::Write;
        let mut writer = brotlic::CompressorWriter::new(Vec::new());
        writer.write_all(bytes).unwrap();
        writer.into_inner().unwrap()
    };
    let bomb = brotli(&vec![0; 200_000_000]);
    let small = brotli(b"something else");
    let mut forged = 0;
    for forgery in packed.forgeries() {
        for body in [&bomb, &small] {
            let Some(bytes) = with_body(&forgery, body) else { continue };
            packed.survives(&forgery.path, &bytes, &format!("a body of {} bytes", body.len()));
            forged += 1;
        }
    }
    assert!(forged > 2, "no result has an encoded body");
}

#[test]
fn results_of_other_keys_are_not_used() {
    let packed = Packed::new();
    let forgeries = packed.forgeries();
    for one in &forgeries {
        for other in forgeries.iter().filter(|other| other.path != one.path) {
            packed.survives(&one.path, &other.bytes, "the result of another key");
        }
    }
}

#[test]
fn forged_memories_are_not_used() {
    let packed = Packed::new();
    let mut memories = 0;
    for forgery in packed.forgeries() {
        let Some((checksum, bytes)) = forgery.memory() else { continue };
        memories += 1;
        let empty = [8_u64, 0, 8, 0, 0, 2].map(u64::to_le_bytes).concat();
        let empty = [&empty[..], b"{}"].concat();
        packed.survives(&forgery.path, &forgery.with_memory(&empty, checksum), "no files");
        for at in (0..bytes.len().saturating_sub(8)).step_by(8).take(40) {
            for number in NUMBERS {
                let mut changed = bytes.to_vec();
                changed[at..at + 8].copy_from_slice(&number.to_le_bytes());
                let forged = forgery.with_memory(&changed, checksum);
                packed.survives(&forgery.path, &forged, &format!("{number} at {at}"));
            }
        }
    }
    assert_eq!(memories, 4, "the files, the names in them, the clean ones and the last run");
}

#[test]
fn a_forged_memory_of_an_unchanged_site_neither_fails_nor_directs_cargo() {
    let packed = Packed::new();
    for forgery in packed.forgeries() {
        let Some((Checksum::Fnv, bytes)) = forgery.memory() else { continue };
        let line = b"cargo::rerun-if-changed=";
        let at = bytes.windows(line.len()).position(|part| part == line).unwrap();
        let mut directive = bytes.to_vec();
        directive[at..at + 20].copy_from_slice(b"cargo::rustc-cfg=abc");
        let mut report = bytes.to_vec();
        let end = report.len() - 1;
        report[end] = b'!';
        for forged in [directive, report] {
            build_until_skipped(&packed.site, &[]);
            fs::write(&forgery.path, forgery.with_memory(&forged, Checksum::Fnv)).unwrap();
            let built = build(&packed.site, &[]);
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
            assert!(contents(&packed.site.out()) == packed.output);
            fs::remove_dir_all(packed.site.out()).unwrap();
        }
    }
}
