//! Stage 3: transforms the files of a site and makes their representations.
//!
//! Results come from the cache if it has them. Otherwise all cores work on the files, the largest
//! first, and bodies that several files share are compressed once.

mod cached;
mod key;
mod queue;
mod results;
mod source;
mod worker;

use worker_pack_runtime::Coding;

use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Charset, MediaType};
use crate::asset::variant::Variant;
use crate::cache::Cache;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::feedback::progress::Progress;
use crate::feedback::timings::FileTime;
use crate::ingest::{Site, SourceFile};
use crate::options::Options;
use crate::survey::Survey;
use crate::transform::Outcome;
use worker::Workers;

/// A file with all its representations.
#[derive(Clone, Debug)]
pub(crate) struct RepresentedFile {
    /// The file.
    pub(crate) source: SourceFile,
    /// The hash of the file's bytes before the transform.
    pub(crate) hash: ContentHash,
    /// The media type of the file.
    pub(crate) media_type: MediaType,
    /// The character encoding of its text.
    pub(crate) charset: Charset,
    /// The result of the transform.
    pub(crate) outcome: Outcome,
    /// The value of its `Link` field, if it has one.
    pub(crate) link: Option<String>,
    /// The name of the file because of which this one keeps its bytes, if there is one.
    pub(crate) named_by: Option<String>,
    /// The bytes without a content coding.
    pub(crate) identity: Blob,
    /// The encoded bytes, the preferred coding first.
    pub(crate) encoded: Vec<(Coding, Blob)>,
    /// The variants, the preferred one first.
    pub(crate) variants: Vec<Variant>,
    /// The diagnostics of the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The time spent on the file, unless its representations were cached.
    pub(crate) time: Option<FileTime>,
}

/// The files of a site with all their representations, in the order of the site.
#[derive(Debug)]
pub(crate) struct Represented {
    pub(crate) files: Vec<RepresentedFile>,
}

/// Makes the representations of a site's files.
///
/// # Errors
/// If there is an error among the diagnostics of the files, or among the `findings` so far.
pub(crate) fn represent(
    site: &Site,
    survey: &Survey,
    options: &Options,
    cache: &Cache,
    progress: &dyn Progress,
    findings: &Findings,
) -> Result<Represented, PackError> {
    let all: Vec<usize> = (0..site.files.len()).collect();
    let files = represent_some(site, survey, &all, options, cache, progress, findings)?;
    Ok(Represented { files })
}

/// Makes the representations of some of a site's files, given by their indices, in that order.
///
/// # Errors
/// As for [`represent`].
pub(crate) fn represent_some(
    site: &Site,
    survey: &Survey,
    indices: &[usize],
    options: &Options,
    cache: &Cache,
    progress: &dyn Progress,
    findings: &Findings,
) -> Result<Vec<RepresentedFile>, PackError> {
    let workers = Workers::new(site, survey, indices, options, cache, progress, findings)?;
    rayon::broadcast(|_| workers.run());
    let results = workers.finish();
    let mut findings = findings.clone();
    findings.add(results.diagnostics());
    findings.check()?;
    Ok(results.into_files(indices))
}
