//! Bodies in R2: their files, and the list by which wrangler uploads them.

use std::collections::BTreeMap;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::placement::{Placement, Spilled, files};
use super::wrangler::{Bucket, ProgramIs};
use super::write::BUNDLE;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::Limits;

/// The folder of the bodies, below the bundle's folder.
pub(super) const OBJECTS: &str = "r2";
/// The list of the bodies for `wrangler r2 bulk put`, in the bundle's folder.
pub(super) const UPLOADS: &str = "r2.json";

/// The report on files in R2.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct R2Report {
    /// The files of the site, sorted.
    pub files: Vec<String>,
    /// Number of their bodies.
    pub objects: usize,
    /// Total size of these bodies.
    pub size: usize,
    /// The list of their bodies for `wrangler r2 bulk put`, relative to the folder of the configuration.
    /// The paths in it are relative to that folder, too.
    pub uploads: String,
    /// The buckets from which the Worker reads them, that of the top level first.
    pub buckets: Vec<Bucket>,
}

impl R2Report {
    pub(super) fn new(
        objects: &BTreeMap<String, Spilled>,
        buckets: Vec<Bucket>,
        program: ProgramIs,
    ) -> Self {
        let size = objects.values().map(|one| one.blob.len()).sum();
        let (files, objects) = (files(objects), objects.len());
        Self {
            files,
            objects,
            size,
            uploads: program.path_of(&format!("{BUNDLE}/{UPLOADS}")),
            buckets,
        }
    }
}

/// Renders the list of uploads, if there are bodies for R2. A body that is too large for wrangler is
/// missing, since wrangler would upload nothing otherwise.
pub(super) fn uploads(
    placement: &Placement,
    limits: &Limits,
    program: ProgramIs,
) -> Option<String> {
    if placement.r2_objects.is_empty() {
        return None;
    }
    let all = placement.r2_objects.iter().filter(|(_, body)| !is_too_large(body, limits));
    let entry = |(key, _)| {
        let file = program.path_of(&format!("{BUNDLE}/{OBJECTS}/{key}"));
        json!({ "key": key, "file": file })
    };
    let list = Value::Array(all.map(entry).collect());
    Some(format!("{list:#}\n"))
}

/// Finds the bodies that wrangler does not upload.
pub(super) fn large_uploads(placement: &Placement, limits: &Limits) -> Vec<Diagnostic> {
    let all = placement.r2_objects.iter().filter(|(_, body)| is_too_large(body, limits));
    let warning = |(key, body): (&String, &Spilled)| {
        let (size, limit) = (ByteSize::b(body.blob.len() as u64), limits.r2_upload);
        let message = format!("is {size}; wrangler uploads files up to {limit} to R2");
        Diagnostic::warning(Code::WorkerLargeUpload, &body.file, message).with_help(format!(
            "upload `{BUNDLE}/{OBJECTS}/{key}` by another client of R2, such as rclone, before you \
             deploy; until then requests for it fail"
        ))
    };
    all.map(warning).collect()
}

fn is_too_large(body: &Spilled, limits: &Limits) -> bool {
    body.blob.len() as u64 > limits.r2_upload.as_u64()
}
