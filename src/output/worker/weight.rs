//! The weight of a Worker: its size, memory and start-up time, compared with the limits of the
//! platform.

use std::io::Write;

use bytesize::ByteSize;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::placement::Placement;
use super::relief::Relief;
use super::{Bundle, Module, ModuleKind};
use crate::asset::blob::Blob;
use crate::cache::{Cache, CacheKey};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::Limits;
use crate::parallel;

/// Number of parts that messages name, the largest ones.
const NAMED_PARTS: usize = 5;

/// Memory of an isolate besides its modules, in bytes: V8's heap of an empty Worker, and the
/// initial pages of the engine.
const BASE_MEMORY: usize = 4 * 1024 * 1024;

/// Bytes of V8's heap for each byte of source text, once it is parsed and run.
const HEAP_PER_SCRIPT_BYTE: usize = 4;

/// Time to load a megabyte of modules, in microseconds, as measured in `benches/README.md`: data is
/// copied, code is parsed and run.
const MICROS_PER_DATA_MB: usize = 6_000;
const MICROS_PER_SCRIPT_MB: usize = 20_000;

/// Bytes of data that are loaded in a millisecond.
const DATA_BYTES_PER_MS: usize = 1_000_000_000 / MICROS_PER_DATA_MB;

/// The subject of diagnostics about the whole Worker, in the place of a file.
const WORKER_SUBJECT: &str = "worker";

/// The weight of a Worker. Sizes are in bytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// The path of a file, or a description such as `the engine`.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
}

impl Weight {
    /// Weighs a Worker.
    pub(crate) fn of(
        bundle: &Bundle,
        placement: &Placement,
        cache: &Cache,
    ) -> Result<Self, PackError> {
        let modules: Vec<_> = bundle.modules.iter().chain(&bundle.compiled).collect();
        let is_script = |kind: ModuleKind| kind != ModuleKind::Other;
        let sum = |script: bool| -> usize {
            let of_kind = modules.iter().filter(|(_, module)| is_script(module.kind) == script);
            of_kind.map(|(_, module)| module.len()).sum()
        };
        let (scripts, data) = (sum(true), sum(false));
        let gzip = parallel::map_largest_first(
            modules.iter().map(|(_, module)| *module).collect(),
            |module| module.len(),
            |module| gzip_len(module, cache),
        );
        let gzip: usize = gzip.into_iter().sum::<Result<_, _>>()?;
        let mut parts = bundle.parts.clone();
        parts.sort_by(|a, b| (b.size, &a.name).cmp(&(a.size, &b.name)));
        Ok(Self {
            modules: modules.len(),
            size: scripts + data,
            gzip,
            // The table is in memory twice, since the engine copies it out of its module.
            memory: BASE_MEMORY + data + placement.table.len() + scripts * HEAP_PER_SCRIPT_BYTE,
            startup: (data * MICROS_PER_DATA_MB + scripts * MICROS_PER_SCRIPT_MB) / 1_000_000_000,
            static_assets: placement.spilled.len(),
            static_assets_size: placement.spilled.values().map(|one| one.blob.len()).sum(),
            parts,
        })
    }

    /// Compares the Worker with the limits and marks. Returns a diagnostic for each one exceeded.
    pub(crate) fn compare(
        &self,
        limits: &Limits,
        placement: &Placement,
        cache: &Cache,
    ) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let largest = self.largest();
        let lighter = |excess| advice(Relief::of(placement, excess, Blob::len));
        let mut over = |code, what: &str, weight: usize, limit: ByteSize| {
            let excess = excess(weight, limit);
            if excess > 0 {
                let lighter = lighter(excess);
                let weight = ByteSize::b(weight as u64);
                let message = format!("{what} {weight}; the limit is {limit}");
                let error = Diagnostic::error(code, WORKER_SUBJECT, message);
                diagnostics.push(error.with_help(format!(
                    "{lighter}; or raise the limit in `limits` if your account has a higher one; \
                     largest: {largest}"
                )));
            }
        };
        over(Code::WorkerTooLarge, "its modules total", self.size, limits.size);
        over(Code::WorkerTooMuchMemory, "an isolate would use about", self.memory, limits.memory);
        // Of several exceeded marks, only the highest is reported.
        let mark = limits.gzip_marks.iter().filter(|mark| self.gzip as u64 > mark.as_u64()).max();
        if let Some(mark) = mark {
            let gzip = ByteSize::b(self.gzip as u64);
            let message = format!("its modules total {gzip} under gzip, more than {mark}");
            let warning = Diagnostic::warning(Code::WorkerLargeUnderGzip, WORKER_SUBJECT, message);
            // Bodies that are compressed together are a little smaller than one by one.
            let weight = |body: &Blob| {
                let module = Module { kind: ModuleKind::Other, parts: vec![body.clone()] };
                gzip_len(&module, cache).unwrap_or_default() / 100 * 99
            };
            let relief = Relief::of(placement, excess(self.gzip, *mark), weight);
            let lighter = advice(relief);
            diagnostics.push(warning.with_help(format!(
                "some accounts are still limited to 3 MB (free) or 10 MB (paid); if yours is not, \
                 change `gzip-marks` in `limits`, else {lighter}; largest: {largest}"
            )));
        }
        if self.startup > limits.startup_mark as usize {
            let message = format!("it may take {} ms to start", self.startup);
            let warning = Diagnostic::warning(Code::WorkerSlowStart, WORKER_SUBJECT, message);
            let excess = (self.startup - limits.startup_mark as usize) * DATA_BYTES_PER_MS;
            let lighter = lighter(excess);
            diagnostics.push(
                warning.with_help(format!("Cloudflare allows 1 s; {lighter}; largest: {largest}")),
            );
        }
        for spilled in placement.spilled.values() {
            let (size, limit) = (ByteSize::b(spilled.blob.len() as u64), limits.static_asset);
            if size > limit {
                let message =
                    format!("is {size}; Workers Static Assets accept files up to {limit}");
                let code = Code::WorkerStaticAssetTooLarge;
                let error = Diagnostic::error(code, &spilled.file, message);
                diagnostics.push(error.with_help("serve it from R2, and leave it out of the site"));
            }
        }
        if placement.spilled.len() > limits.static_assets {
            let (count, limit) = (placement.spilled.len(), limits.static_assets);
            let message =
                format!("{count} files would go to Workers Static Assets; the limit is {limit}");
            let error = Diagnostic::error(Code::WorkerTooManyStaticAssets, WORKER_SUBJECT, message);
            diagnostics.push(error.with_help(
                "raise `budget` or `spill-above`, or `static-assets` in `limits` if your account \
                 has a higher limit",
            ));
        }
        diagnostics
    }

    /// Lists the largest parts with their sizes.
    fn largest(&self) -> String {
        let parts = self.parts.iter().take(NAMED_PARTS);
        let named: Vec<String> =
            parts.map(|part| format!("{} {}", part.name, ByteSize::b(part.size as u64))).collect();
        named.join(", ")
    }
}

/// Returns the advice for a Worker that is too heavy.
fn advice(relief: Option<Relief>) -> String {
    match relief {
        Some(relief) => format!("{relief} moves enough files to Workers Static Assets"),
        None => "moving all files to Workers Static Assets would not be enough; ship less server \
                 code"
            .to_owned(),
    }
}

/// Returns the bytes above a limit.
fn excess(weight: usize, limit: ByteSize) -> usize {
    usize::try_from((weight as u64).saturating_sub(limit.as_u64())).unwrap_or(usize::MAX)
}

/// Returns the size of a module under gzip. It is cached, since compressing is slow.
fn gzip_len(module: &Module, cache: &Cache) -> Result<usize, PackError> {
    let hashes: Vec<u8> = module.parts.iter().flat_map(|part| *part.hash().as_bytes()).collect();
    let key = CacheKey::new("gzip", &[&hashes]);
    // Bytes that cannot be compressed grow by the headers of gzip's blocks.
    let max = module.len() + module.len() / 64 + 1024;
    if let Some(known) = cache.get_meta::<usize>(key, 0, |len| *len <= max) {
        return Ok(known);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    for part in &module.parts {
        // Writing into memory does not fail.
        let _ = encoder.write_all(&part.read()?);
    }
    let len = encoder.finish().map_or(module.len(), |compressed| compressed.len());
    let _ = cache.put(key, len, &[]);
    Ok(len)
}
