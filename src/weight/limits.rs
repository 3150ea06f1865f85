//! The comparison of a Worker with the limits of the platform, for packed Workers and for built ones of any
//! kind.

use bytesize::ByteSize;
use serde::Serialize;

use super::{DATA_BYTES_PER_MS, StaticAsset, Weight};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::named::named;
use crate::options::Limits;

/// Number of parts that messages name, the largest ones.
const NAMED_PARTS: usize = 5;

/// The subject of diagnostics about the whole Worker, in the place of a file.
const WORKER_SUBJECT: &str = "worker";

/// The bytes by which a Worker is too heavy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// Bytes of modules.
    Plain(usize),
    /// Bytes of modules under gzip.
    UnderGzip(usize),
}

/// The remedies for a Worker that exceeds a limit. They depend on how it is built.
pub(crate) trait Remedies {
    /// Returns what makes the Worker lighter by the excess, as an imperative or as “… is enough”.
    fn lighter(&self, excess: Excess) -> String;

    /// Returns what to do about a file that Workers Static Assets do not accept.
    fn too_large_asset(&self) -> String;

    /// Returns what to do about too many files in Workers Static Assets.
    fn too_many_assets(&self) -> String;
}

/// Compares a Worker with the limits and marks. Returns a diagnostic for each one exceeded.
pub(crate) fn compare(
    weight: &Weight,
    limits: &Limits,
    static_assets: &[StaticAsset],
    remedies: &impl Remedies,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let largest = largest(weight);
    let mut over = |code, what: &str, size: usize, limit: ByteSize| {
        let excess = excess(size, limit);
        if excess > 0 {
            let lighter = remedies.lighter(Excess::Plain(excess));
            let size = ByteSize::b(size as u64);
            let message = format!("{what} {size}; the limit is {limit}");
            let error = Diagnostic::error(code, WORKER_SUBJECT, message);
            diagnostics.push(error.with_help(format!(
                "{lighter}; or raise the limit in `limits` if your account has a higher one; \
                 largest: {largest}"
            )));
        }
    };
    over(Code::WorkerTooLarge, "its modules total", weight.size, limits.size);
    over(Code::WorkerTooMuchMemory, "an isolate would use about", weight.memory, limits.memory);
    // Of several exceeded marks, only the highest is reported.
    let mark = limits.gzip_marks.iter().filter(|mark| weight.gzip as u64 > mark.as_u64()).max();
    if let Some(mark) = mark {
        let gzip = ByteSize::b(weight.gzip as u64);
        let message = format!("its modules total {gzip} under gzip, more than {mark}");
        let warning = Diagnostic::warning(Code::WorkerLargeUnderGzip, WORKER_SUBJECT, message);
        let lighter = remedies.lighter(Excess::UnderGzip(excess(weight.gzip, *mark)));
        diagnostics.push(warning.with_help(format!(
            "some accounts are still limited to 3 MB (free) or 10 MB (paid); if yours is not, \
             change `gzip-marks` in `limits`, else {lighter}; largest: {largest}"
        )));
    }
    if weight.startup > limits.startup_mark as usize {
        let message = format!("it may take {} ms to start", weight.startup);
        let warning = Diagnostic::warning(Code::WorkerSlowStart, WORKER_SUBJECT, message);
        let excess = (weight.startup - limits.startup_mark as usize) * DATA_BYTES_PER_MS;
        let lighter = remedies.lighter(Excess::Plain(excess));
        diagnostics.push(
            warning.with_help(format!("Cloudflare allows 1 s; {lighter}; largest: {largest}")),
        );
    }
    for asset in static_assets {
        let (size, limit) = (ByteSize::b(asset.size as u64), limits.static_asset);
        if size > limit {
            let message = format!("is {size}; Workers Static Assets accept files up to {limit}");
            let code = Code::WorkerStaticAssetTooLarge;
            let error = Diagnostic::error(code, &asset.file, message);
            diagnostics.push(error.with_help(remedies.too_large_asset()));
        }
    }
    if static_assets.len() > limits.static_assets {
        let (count, limit) = (static_assets.len(), limits.static_assets);
        let message =
            format!("{count} files would go to Workers Static Assets; the limit is {limit}");
        let error = Diagnostic::error(Code::WorkerTooManyStaticAssets, WORKER_SUBJECT, message);
        diagnostics.push(error.with_help(remedies.too_many_assets()));
    }
    diagnostics
}

/// Lists the largest parts with their sizes.
fn largest(weight: &Weight) -> String {
    let parts = weight.parts.iter().take(NAMED_PARTS);
    let named: Vec<String> =
        parts.map(|part| format!("{} {}", part.name, ByteSize::b(part.size as u64))).collect();
    named.join(", ")
}

/// Returns the bytes above a limit.
fn excess(weight: usize, limit: ByteSize) -> usize {
    usize::try_from((weight as u64).saturating_sub(limit.as_u64())).unwrap_or(usize::MAX)
}

named! {
    /// A quantity of a Worker that the platform limits.
    pub enum Quantity {
        /// The size of all modules, in bytes.
        Size = "size",
        /// Their size under gzip, in bytes.
        Gzip = "gzip",
        /// The memory of an isolate, in bytes, estimated from the modules.
        Memory = "memory",
        /// The time to start, in milliseconds, estimated from the modules.
        Startup = "startup",
        /// The size of the largest file in Workers Static Assets, in bytes.
        StaticAsset = "static-asset",
        /// The number of files in Workers Static Assets.
        StaticAssets = "static-assets",
    }
}

named! {
    /// The consequence of exceeding a limit.
    pub enum Bound {
        /// The Worker cannot be deployed, or fails.
        Limit = "limit",
        /// A warning: the Worker may be refused, or be slow.
        Mark = "mark",
    }
}

/// The share of a limit that a Worker takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// The quantity that is limited.
    pub quantity: Quantity,
    /// Its value.
    pub value: u64,
    /// The limit.
    pub limit: u64,
    /// The consequence of exceeding it.
    pub bound: Bound,
}

/// Returns the share of each limit and mark. Those of Workers Static Assets are missing if no file goes
/// there.
pub(crate) fn shares(
    weight: &Weight,
    limits: &Limits,
    static_assets: &[StaticAsset],
) -> Vec<Share> {
    let share = |quantity, value: usize, limit: u64, bound| Share {
        quantity,
        value: value as u64,
        limit,
        bound,
    };
    let mut all = vec![share(Quantity::Size, weight.size, limits.size.as_u64(), Bound::Limit)];
    let mut marks: Vec<u64> = limits.gzip_marks.iter().map(ByteSize::as_u64).collect();
    marks.sort_unstable();
    all.extend(marks.into_iter().map(|it| share(Quantity::Gzip, weight.gzip, it, Bound::Mark)));
    all.push(share(Quantity::Memory, weight.memory, limits.memory.as_u64(), Bound::Limit));
    let startup = u64::from(limits.startup_mark);
    all.push(share(Quantity::Startup, weight.startup, startup, Bound::Mark));
    if let Some(largest) = static_assets.iter().map(|asset| asset.size).max() {
        let limit = limits.static_asset.as_u64();
        all.push(share(Quantity::StaticAsset, largest, limit, Bound::Limit));
        let (count, limit) = (static_assets.len(), limits.static_assets as u64);
        all.push(share(Quantity::StaticAssets, count, limit, Bound::Limit));
    }
    all
}
