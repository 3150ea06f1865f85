//! The report as one page of HTML, which needs no network.

use worker_pack::report::{SiteWeight, WeightReport};

/// The weight of the Worker, as far as it is known.
pub(crate) enum WorkerPart {
    /// No Worker is built.
    Missing,
    Weighed(Box<WeightReport>),
    /// It cannot be weighed, for this reason.
    Unknown(String),
}

pub(crate) fn page(_site: &SiteWeight, _worker: &WorkerPart) -> String {
    String::new()
}
