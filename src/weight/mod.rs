//! The weight of a Worker: its size, memory and start-up time. [`limits`] compares it with the limits of
//! the platform, for a Worker that is being packed and for one that is built.

pub(crate) mod limits;
pub(crate) mod program;

use std::io::Write;
use std::iter;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::asset::blob::Blob;
use crate::cache::{Cache, CacheKey};
use crate::feedback::error::PackError;
use crate::parallel;
use program::Program;

/// Memory of an isolate besides its modules, in bytes: V8's heap of an empty Worker.
const BASE_MEMORY: usize = 3 * 1024 * 1024;

/// Bytes of V8's heap for each byte of source text, once it is parsed and run.
const HEAP_PER_SCRIPT_BYTE: usize = 4;

/// Time to load a megabyte of modules, in microseconds, as measured in `benches/README.md`: data is
/// copied, code is parsed and run, and code of WebAssembly is compiled.
const MICROS_PER_DATA_MB: usize = 6_000;
const MICROS_PER_SCRIPT_MB: usize = 20_000;
const MICROS_PER_PROGRAM_MB: usize = 4_000;

/// Bytes of data that are loaded in a millisecond.
const DATA_BYTES_PER_MS: usize = 1_000_000_000 / MICROS_PER_DATA_MB;

/// The weight of a Worker. Sizes are in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Weight {
    /// Number of modules.
    pub modules: usize,
    /// Total size of the modules.
    pub size: usize,
    /// Total size of the modules under gzip, which wrangler shows.
    pub gzip: usize,
    /// Memory of an isolate, estimated from the modules.
    pub memory: usize,
    /// Start-up time in milliseconds, estimated from the modules.
    pub startup: usize,
    /// Number of files in Workers Static Assets.
    pub static_assets: usize,
    /// Total size of these files.
    pub static_assets_size: usize,
    /// The parts of the Worker, the largest first.
    pub parts: Vec<Part>,
}

/// A part of a Worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The path of a file, or a description such as `the engine`.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
}

/// A module of a Worker, by what a host does to load it.
#[derive(Clone, Debug)]
pub(crate) enum Load {
    /// JavaScript, which is parsed and run.
    Script,
    /// Bytes, which are copied.
    Data,
    /// WebAssembly, which is compiled and gets memory.
    Program(Program),
}

impl Load {
    /// Returns how a host loads bytes in a file of this name that is not a script. WebAssembly that
    /// cannot be read is data.
    pub(crate) fn of_bytes(name: &str, parts: &[Blob]) -> Result<Self, PackError> {
        match parts {
            [module] if is_program(name) => {
                Ok(Program::read(&module.read()?).map_or(Self::Data, Self::Program))
            }
            _ => Ok(Self::Data),
        }
    }
}

/// Returns whether a module of this name is WebAssembly.
pub(crate) fn is_program(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == "wasm")
}

/// A module to weigh.
#[derive(Clone, Debug)]
pub(crate) struct WeighedModule<'m> {
    pub(crate) load: Load,
    /// Its bytes.
    pub(crate) parts: &'m [Blob],
}

/// A file in Workers Static Assets.
#[derive(Clone, Debug)]
pub(crate) struct StaticAsset {
    /// The file, for messages.
    pub(crate) file: String,
    pub(crate) size: usize,
}

impl WeighedModule<'_> {
    fn len(&self) -> usize {
        self.parts.iter().map(Blob::len).sum()
    }
}

impl Weight {
    /// Weighs a Worker. `copied` is the number of bytes that a program copies out of another module
    /// into its memory.
    pub(crate) fn of(
        modules: &[WeighedModule<'_>],
        copied: usize,
        static_assets: &[StaticAsset],
        mut parts: Vec<Part>,
        cache: &Cache,
    ) -> Result<Self, PackError> {
        let gzip = parallel::map_largest_first(
            streams(modules),
            |parts| parts.iter().map(Blob::len).sum(),
            |parts| gzip_len(&parts, cache),
        );
        let gzip = gzip.into_iter().sum::<Result<_, _>>()?;
        let (mut scripts, mut data, mut code, mut declared) = (0, 0, 0, 0_usize);
        for module in modules {
            match &module.load {
                Load::Script => scripts += module.len(),
                Load::Data => data += module.len(),
                Load::Program(program) => {
                    data += module.len();
                    code += program.code;
                    // A module may declare any number.
                    declared = declared.saturating_add(program.memory);
                }
            }
        }
        let micros = [
            (data, MICROS_PER_DATA_MB),
            (scripts, MICROS_PER_SCRIPT_MB),
            (code, MICROS_PER_PROGRAM_MB),
        ];
        let micros: usize = micros.iter().map(|(size, per_mb)| size * per_mb).sum();
        parts.sort_by(|a, b| (b.size, &a.name).cmp(&(a.size, &b.name)));
        Ok(Self {
            modules: modules.len(),
            size: scripts + data,
            gzip,
            memory: (BASE_MEMORY + data + copied + scripts * HEAP_PER_SCRIPT_BYTE)
                .saturating_add(declared),
            startup: micros / 1_000_000_000,
            static_assets: static_assets.len(),
            static_assets_size: static_assets.iter().map(|asset| asset.size).sum(),
            parts,
        })
    }
}

/// Returns the bytes to compress together for the size of all modules under gzip. Wrangler
/// compresses all modules as one stream, in which scripts repeat each other. Other modules share
/// little with their neighbours, so each is measured, and cached, by itself.
fn streams(modules: &[WeighedModule<'_>]) -> Vec<Vec<Blob>> {
    let is_script = |module: &&WeighedModule<'_>| matches!(module.load, Load::Script);
    let (scripts, others): (Vec<_>, Vec<_>) = modules.iter().partition(is_script);
    let scripts = scripts.iter().flat_map(|script| script.parts.to_vec()).collect();
    let others = others.into_iter().map(|module| module.parts.to_vec());
    iter::once(scripts).chain(others).filter(|parts: &Vec<Blob>| !parts.is_empty()).collect()
}

/// Returns the size of some bytes under gzip. It is cached, since compressing is slow.
pub(crate) fn gzip_len(parts: &[Blob], cache: &Cache) -> Result<usize, PackError> {
    let hashes: Vec<u8> = parts.iter().flat_map(|part| *part.hash().as_bytes()).collect();
    let key = CacheKey::new("gzip", &[&hashes]);
    let len = parts.iter().map(Blob::len).sum::<usize>();
    // Bytes that cannot be compressed grow by the headers of gzip's blocks.
    let max = len + len / 64 + 1024;
    if let Some(known) = cache.get_meta::<usize>(key, 0, |len| *len <= max) {
        return Ok(known);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    for part in parts {
        // Writing into memory does not fail.
        let _ = encoder.write_all(&part.read()?);
    }
    let len = encoder.finish().map_or(len, |compressed| compressed.len());
    let _ = cache.put(key, len, &[]);
    Ok(len)
}
