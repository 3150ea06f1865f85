//! A running deployment, asked for what was packed: the plan of the questions is made from the manifest,
//! the client asks them, and the judgement compares.

mod address;
mod baseline;
mod canary;
mod comparison;
mod crawl;
mod decoding;
mod error;
mod exchange;
mod judgement;
mod latency;
mod observation;
mod plan;
mod question;
mod report;
mod run;
mod session;
mod sides;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use canary::{Bounds, CanaryReport, CanaryRound, CanaryState, Pause, Watch};
pub use error::ProbeError;
pub use exchange::client::{Certificates, HeaderField};
pub use latency::Latency;
pub use report::{
    Asked, Check, ComparedReport, DeploymentReport, FindingClass, FirstAnswer, ProbeFinding,
    ProbeReport, ProbeSource, SideDifference,
};

use crate::cache::CacheLocation;
use crate::options::Options;
use address::Address;
use canary::Canary;
use session::Session;

/// The progress of a probe. Its methods are called from several threads.
pub trait ProbeProgress: Send + Sync {
    /// So many requests follow.
    fn planned(&self, requests: usize);

    /// A request has been answered, or has failed.
    fn answered(&self);
}

/// No progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unseen;

impl ProbeProgress for Unseen {
    fn planned(&self, _requests: usize) {}

    fn answered(&self) {}
}

/// The source of what is expected of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// A manifest: a file, a folder with one, a build, or one of them in a revision of git.
    Manifest(String),
    /// Nothing: the URLs are those of a baseline, or are found by a crawl.
    #[default]
    Nothing,
}

/// The bounds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeLimits {
    /// The largest number of routes to ask for.
    pub routes: usize,
    /// Number of paths that are asked for at the same time.
    pub concurrency: usize,
    /// Time for a request.
    pub timeout: Duration,
    /// Time for the whole run.
    pub time: Duration,
    /// Number of bytes for the whole run.
    pub download: u64,
}

impl Default for ProbeLimits {
    fn default() -> Self {
        Self {
            routes: 500,
            concurrency: 8,
            timeout: Duration::from_secs(10),
            time: Duration::from_mins(5),
            download: 500_000_000,
        }
    }
}

/// A probe of a running deployment: it sends `GET` and `HEAD`, and one `POST` to a file, and changes nothing.
#[derive(Clone)]
pub struct Probe {
    url: String,
    second: Option<String>,
    expected: Expected,
    options: Options,
    cache: CacheLocation,
    limits: ProbeLimits,
    paths: Vec<String>,
    headers: Vec<HeaderField>,
    second_headers: Vec<HeaderField>,
    certificates: Certificates,
    baseline: Option<PathBuf>,
    save: Option<PathBuf>,
    progress: Arc<dyn ProbeProgress>,
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Probe").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Probe {
    /// Probes the deployment at a URL.
    pub fn of(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            second: None,
            expected: Expected::Nothing,
            options: Options::default(),
            cache: CacheLocation::default(),
            limits: ProbeLimits::default(),
            paths: Vec::new(),
            headers: Vec::new(),
            second_headers: Vec::new(),
            certificates: Certificates::default(),
            baseline: None,
            save: None,
            progress: Arc::new(Unseen),
        }
    }

    /// Sets the second deployment, such as the old one, which is asked the same.
    #[must_use]
    pub fn second(self, url: Option<String>) -> Self {
        Self { second: url, ..self }
    }

    /// Sets what to expect.
    #[must_use]
    pub fn expect(self, expected: Expected) -> Self {
        Self { expected, ..self }
    }

    /// Sets the options with which a build is packed that stands for a manifest.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Sets the place of the cache for such a build.
    #[must_use]
    pub fn cache(self, cache: CacheLocation) -> Self {
        Self { cache, ..self }
    }

    /// Sets the bounds of the run.
    #[must_use]
    pub fn limits(self, limits: ProbeLimits) -> Self {
        Self { limits, ..self }
    }

    /// Adds paths that the manifest does not have, such as those of the server.
    #[must_use]
    pub fn paths(self, paths: Vec<String>) -> Self {
        Self { paths, ..self }
    }

    /// Sets header fields of the requests to the first deployment, such as those of an access token.
    #[must_use]
    pub fn headers(self, headers: Vec<HeaderField>) -> Self {
        Self { headers, ..self }
    }

    /// Sets header fields of the requests to the second deployment.
    #[must_use]
    pub fn second_headers(self, second_headers: Vec<HeaderField>) -> Self {
        Self { second_headers, ..self }
    }

    /// Sets the certificates that are accepted.
    #[must_use]
    pub fn certificates(self, certificates: Certificates) -> Self {
        Self { certificates, ..self }
    }

    /// Sets the baseline to compare with.
    #[must_use]
    pub fn baseline(self, baseline: Option<PathBuf>) -> Self {
        Self { baseline, ..self }
    }

    /// Sets the file into which the answers are written as a baseline.
    #[must_use]
    pub fn save(self, save: Option<PathBuf>) -> Self {
        Self { save, ..self }
    }

    /// Sets the observer of the progress.
    #[must_use]
    pub fn progress(self, progress: Arc<dyn ProbeProgress>) -> Self {
        Self { progress, ..self }
    }

    /// Asks and judges.
    ///
    /// # Errors
    /// If the URL, the manifest or an option is invalid, or the first request has no answer. An answer that
    /// is not as expected is in the report.
    pub fn run(&self) -> Result<ProbeReport, ProbeError> {
        Session::open(self)?.run()
    }

    /// Returns whether an error is that of the first deployment.
    fn is_first(&self, error: &ProbeError) -> bool {
        let ProbeError::NoAnswer { url, .. } = error else { return true };
        Address::parse(&self.url).is_ok_and(|first| first.to_string() == *url)
    }

    /// Asks and judges again and again, until a bound is exceeded, or the watch is over. `told` gets each
    /// round.
    ///
    /// # Errors
    /// As for [`Probe::run`], in the first round. A later round without an answer exceeds a bound.
    pub fn watch(
        &self,
        watch: Watch,
        bounds: Bounds,
        pause: &dyn Pause,
        told: &mut dyn FnMut(&CanaryRound),
    ) -> Result<CanaryReport, ProbeError> {
        let mut canary = Canary::new(bounds);
        let (mut last, mut reason) = (None, None);
        while reason.is_none() {
            match self.run() {
                Ok(report) => {
                    let errors = session::paths_with_errors(&report);
                    let second =
                        report.compared.as_ref().and_then(|it| it.deployment.as_ref()?.first_byte);
                    let times = [report.deployment.first_byte, second];
                    reason = canary.add(report.paths, errors, times);
                    last = Some(report);
                }
                // That the second deployment does not answer is no reason to go back to it.
                Err(error @ ProbeError::NoAnswer { .. })
                    if last.is_some() && self.is_first(&error) =>
                {
                    reason = Some(error.to_string());
                    let _ = canary.add(0, 0, [None, None]);
                }
                Err(error) => return Err(error),
            }
            canary.rounds().last().into_iter().for_each(&mut *told);
            if reason.is_some() || !watch.goes_on(canary.rounds().len(), pause.elapsed()) {
                break;
            }
            pause.wait(watch.interval);
        }
        let state = if reason.is_some() { CanaryState::RollBack } else { CanaryState::Healthy };
        let rounds = canary.rounds().to_vec();
        let version = ProbeReport::VERSION;
        Ok(CanaryReport { version, url: self.url.clone(), state, reason, rounds, last })
    }
}
