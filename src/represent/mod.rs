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
use crate::asset::route::RoutePath;
use crate::asset::variant::Variant;
use crate::cache::Cache;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::feedback::progress::Progress;
use crate::feedback::timings::FileTime;
use crate::ingest::{Site, SourceFile};
use crate::options::Options;
use crate::references::{FingerprintReport, IntegrityReport, Names, ServerNames};
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
    /// Its second route, whose name has a fingerprint, if it has one.
    pub(crate) fingerprinted: Option<RoutePath>,
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

/// What is known of a site before its files are represented.
#[derive(Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) site: &'k Site,
    pub(crate) survey: &'k Survey,
    pub(crate) names: &'k Names,
}

/// The files of a site with all their representations, in the order of the site.
#[derive(Debug)]
pub(crate) struct Represented {
    pub(crate) files: Vec<RepresentedFile>,
    /// The names of files that could have a fingerprint.
    pub(crate) fingerprints: Vec<FingerprintReport>,
    /// The fingerprints that the modules of the server get.
    pub(crate) server_names: ServerNames,
    /// The hashes by which pages load scripts and style sheets.
    pub(crate) integrity: Vec<IntegrityReport>,
    /// The notes about scripts and style sheets that pages load without a hash.
    pub(crate) notes: Vec<Diagnostic>,
}

/// Makes the representations of a site's files: first those of files with a fingerprint, from leaves to roots,
/// then those of all others, which name them.
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
    let mut names = Names::plan(site, survey, options, cache);
    let mut files: Vec<Option<RepresentedFile>> = site.files.iter().map(|_| None).collect();
    let represent = |names: &Names, indices: &[usize]| {
        let known = Known { site, survey, names };
        represent_some(known, indices, options, cache, progress, findings)
    };
    let mut failure = None;
    loop {
        let round = names.next_round(site, survey, options)?;
        if round.is_empty() {
            break;
        }
        match represent(&names, &round) {
            Ok(some) => {
                for (index, file) in round.into_iter().zip(some) {
                    names.give(site, index, file.hash, &file.identity)?;
                    files[index] = Some(file);
                }
            }
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    let rest: Vec<usize> = (0..files.len()).filter(|index| files[*index].is_none()).collect();
    // If a file has failed, the others are worked on to find their errors, and its own once more.
    let some = represent(&names, &rest)?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    for (index, file) in rest.into_iter().zip(some) {
        files[index] = Some(file);
    }
    let with_route =
        |(index, file)| RepresentedFile { fingerprinted: names.route(index).cloned(), ..file };
    let files = files.into_iter().flatten().enumerate().map(with_route).collect();
    let (integrity, notes) = names.integrity(site);
    let (fingerprints, server_names) = (names.report(site), names.of_server());
    Ok(Represented { files, fingerprints, server_names, integrity, notes })
}

/// Makes the representations of some of a site's files, given by their indices, in that order.
///
/// # Errors
/// As for [`represent`].
pub(crate) fn represent_some(
    known: Known<'_>,
    indices: &[usize],
    options: &Options,
    cache: &Cache,
    progress: &dyn Progress,
    findings: &Findings,
) -> Result<Vec<RepresentedFile>, PackError> {
    let workers = Workers::new(known, indices, options, cache, progress, findings)?;
    rayon::broadcast(|_| workers.run());
    let results = workers.finish();
    let mut findings = findings.clone();
    findings.add(results.diagnostics());
    findings.check()?;
    Ok(results.into_files(indices))
}
