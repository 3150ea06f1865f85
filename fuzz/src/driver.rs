//! Runs a target without coverage, on its seeds and on mutations of them.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::Target;
use crate::mutate::{Numbers, mutate};

/// An input that breaks an invariant.
#[derive(Debug)]
pub struct Broken {
    /// The input, shortened as long as it still does.
    pub input: Vec<u8>,
    /// The message of the panic.
    pub message: String,
}

/// The number of recent mutations that are mutated again.
const POOL: usize = 64;

/// Runs a target on its seeds, and then on some mutations.
///
/// # Errors
/// The first input that breaks an invariant.
pub fn drive((name, target): Target, executions: usize) -> Result<(), Broken> {
    let seeds = seeds(name);
    let dictionary = dictionary(name);
    for seed in &seeds {
        try_input(target, seed)?;
    }
    let mut numbers = Numbers::new(1);
    let mut pool = seeds.clone();
    for execution in 0..executions {
        let other = numbers.pick(&seeds).cloned().unwrap_or_default();
        let input = numbers.pick(&pool).cloned().unwrap_or_default();
        let input = mutate(&mut numbers, &input, &other, &dictionary);
        try_input(target, &input)?;
        let place = seeds.len() + execution % POOL;
        match pool.get_mut(place) {
            // Most descend from a seed, so that inputs do not become noise.
            Some(old) if numbers.below(4) > 0 => old.clone_from(&seeds[numbers.below(seeds.len())]),
            Some(old) => *old = input,
            None => pool.push(input),
        }
    }
    Ok(())
}

fn try_input(target: fn(&[u8]), input: &[u8]) -> Result<(), Broken> {
    let Some(message) = message(target, input) else { return Ok(()) };
    let mut input = input.to_vec();
    let mut len = input.len().div_ceil(2);
    while len > 0 {
        let mut at = 0;
        while at < input.len() {
            let mut shorter = input.clone();
            shorter.drain(at..(at + len).min(input.len()));
            if self::message(target, &shorter).is_some() {
                input = shorter;
            } else {
                at += len;
            }
        }
        len /= 2;
    }
    let message = self::message(target, &input).unwrap_or(message);
    Err(Broken { input, message })
}

/// Returns the message of a target's panic.
fn message(target: fn(&[u8]), input: &[u8]) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| target(input))).err()?;
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    Some(text.unwrap_or_default().to_owned())
}

/// Returns the seeds of a target: the files in `seeds/` and its name.
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("seeds").join(name))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    files.iter().filter_map(|file| fs::read(file).ok()).collect()
}

/// Returns the tokens of a target, in the format of libFuzzer's dictionaries: one in quotes on each
/// line, with `\xHH`, `\\` and `\"` as escapes.
pub fn dictionary(name: &str) -> Vec<Vec<u8>> {
    let file = root().join("dictionaries").join(name).with_extension("dict");
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .filter_map(|line| Some(unescaped(line.strip_prefix('"')?.strip_suffix('"')?)))
        .collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend(&rest.as_bytes()[..at]);
        let escape = &rest[at + 1..];
        let hex = escape.strip_prefix('x').and_then(|hex| hex.get(..2));
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &escape[3..];
        } else {
            let len = escape.chars().next().map_or(0, char::len_utf8);
            bytes.extend(&escape.as_bytes()[..len]);
            rest = &escape[len..];
        }
    }
    bytes.extend(rest.as_bytes());
    bytes
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
