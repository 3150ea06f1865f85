//! A run: what to ask, the clients, and the report.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::address::Address;
use super::baseline::Baseline;
use super::crawl;
use super::error::ProbeError;
use super::exchange::{Budget, Client, ClientOptions, MAX_BODY};
use super::observation::Observation;
use super::plan::{Plan, Sample, StatusIs, Subject, plan};
use super::question::Question;
use super::report::{ComparedReport, FindingClass, ProbeFinding, ProbeReport, ProbeSource};
use super::run::{Examined, Runner};
use super::{Expected, Probe, comparison};
use crate::difference::read_manifest;

/// A run: everything that is known before the first request.
pub(super) struct Session<'p> {
    probe: &'p Probe,
    client: Client,
    second: Option<Client>,
    baseline: Option<Baseline>,
    plan: Option<Plan>,
}

/// The questions, and the answers.
#[derive(Default)]
struct Found {
    routes: usize,
    asked: usize,
    paths: usize,
    findings: Vec<ProbeFinding>,
    new: Vec<Observation>,
    old: Vec<Observation>,
    /// The reason why a crawl found nothing to ask for.
    refused: Option<String>,
}

impl<'p> Session<'p> {
    /// Reads what is needed, and makes the clients. Nothing is asked yet.
    pub(super) fn open(probe: &'p Probe) -> Result<Self, ProbeError> {
        let address = Address::parse(&probe.url)?;
        let second = probe.second.as_deref().map(Address::parse).transpose()?;
        let paths: Result<Vec<String>, ProbeError> =
            probe.paths.iter().map(|it| path(it)).collect();
        let paths = paths?;
        let baseline = probe.baseline.as_deref().map(Baseline::read).transpose()?;
        if let Some(path) = &probe.save {
            Baseline::check_place(path)?;
        }
        let plan = match &probe.expected {
            Expected::Nothing => None,
            Expected::Manifest(name) => {
                let manifest = read_manifest(name, &probe.options, &probe.cache)?;
                let origin = address.origin();
                let sample = Sample(probe.limits.routes);
                Some(plan(&manifest, (address.host(), &origin), sample, &paths))
            }
        };
        let plan = match (plan, &baseline) {
            (Some(plan), Some(baseline)) => Some(with_baseline(plan, baseline)),
            (None, Some(baseline)) => Some(with_baseline(Plan::default(), baseline)),
            (plan, None) => plan,
        };
        let limits = probe.limits;
        let budget = Arc::new(Budget::new(limits.time, limits.download));
        let options = |headers: &Vec<_>| ClientOptions {
            headers: headers.clone(),
            timeout: limits.timeout,
            certificates: probe.certificates.clone(),
        };
        let client = Client::new(address, &options(&probe.headers), Arc::clone(&budget))?;
        let second = match second {
            Some(second) => Some(Client::new(second, &options(&probe.second_headers), budget)?),
            None => None,
        };
        Ok(Self { probe, client, second, baseline, plan })
    }

    /// Asks, judges, compares, and writes the baseline that is wanted.
    pub(super) fn run(self) -> Result<ProbeReport, ProbeError> {
        let failed = |error: std::io::Error| ProbeError::Client { message: error.to_string() };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(failed)?;
        let found = self.ask(&runtime)?;
        runtime.shutdown_background();
        if let Some(path) = &self.probe.save {
            Baseline::new(self.probe.url.clone(), found.new.clone()).write(path)?;
        }
        Ok(self.report(found))
    }

    fn ask(&self, runtime: &Runtime) -> Result<Found, ProbeError> {
        runtime.block_on(async {
            self.greet(&self.client).await?;
            if let Some(second) = &self.second {
                self.greet(second).await?;
            }
            let concurrency = self.probe.limits.concurrency.max(1);
            let runner = |second: Option<&Client>| Runner {
                client: self.client.clone(),
                second: second.cloned(),
                concurrency,
                progress: Arc::clone(&self.probe.progress),
            };
            let (plan, crawled) = match (&self.plan, &self.second) {
                (Some(plan), _) => (plan.clone(), None),
                (None, old) => {
                    // The old site knows the URLs that have to be kept.
                    let client = old.as_ref().unwrap_or(&self.client);
                    let most = self.probe.limits.routes;
                    let crawled =
                        crawl::crawl(client, most, concurrency, &*self.probe.progress).await;
                    if old.is_none() {
                        return Ok(Found {
                            routes: crawled.found,
                            asked: crawled.asked,
                            paths: crawled.asked + 1,
                            findings: crawled.findings,
                            new: crawled.observations,
                            old: Vec::new(),
                            refused: crawled.refused,
                        });
                    }
                    let targets = crawled.observations.iter().map(|it| it.path.clone());
                    let subjects: Vec<Subject> = targets.map(Subject::unknown).collect();
                    let (routes, asked) = (crawled.found, subjects.len());
                    let plan = Plan { subjects, routes, asked };
                    (plan, Some((crawled.observations, crawled.refused)))
                }
            };
            let second = self.second.as_ref().filter(|_| crawled.is_none());
            let examined = runner(second).examine(plan.subjects).await;
            // The routes come first, and the rest is missing if the run has ended early.
            let (paths, asked) = (examined.len(), plan.asked.min(examined.len()));
            let mut found = Found { routes: plan.routes, asked, paths, ..Found::default() };
            for Examined { findings, observations, old } in examined {
                found.findings.extend(findings);
                found.new.extend(observations);
                found.old.extend(old);
            }
            if let Some((old, refused)) = crawled {
                found.old.extend(old);
                found.refused = refused;
            }
            Ok(found)
        })
    }

    /// Asks for the home page: if that has no answer, or leads to another host, nothing else makes sense.
    async fn greet(&self, client: &Client) -> Result<(), ProbeError> {
        let url = client.address().to_string();
        let answer = client.ask("/", Question::Usual, None, MAX_BODY).await;
        let answer = match answer {
            Ok(answer) => answer,
            // What is wrong with the page is found out later.
            Err(super::exchange::Trouble::TooLong(_)) => return Ok(()),
            Err(trouble) => {
                return Err(ProbeError::NoAnswer { url, message: trouble.to_string() });
            }
        };
        let Some(location) =
            answer.field("location").filter(|_| (300..400).contains(&answer.status))
        else {
            return Ok(());
        };
        let address = client.address();
        let Some(to) = address.resolve("/", &location) else { return Ok(()) };
        let is_planned = self.plan.iter().flat_map(|plan| &plan.subjects).any(|subject| {
            subject.target == "/"
                && subject
                    .questions
                    .iter()
                    .any(|(_, expected)| expected.status == StatusIs::Exactly(answer.status))
        });
        if address.target_of(&to).is_some() || is_planned {
            return Ok(());
        }
        let to = to.origin().ascii_serialization();
        let is_access = to.ends_with(".cloudflareaccess.com");
        let remedy = if is_access {
            "it is behind Cloudflare Access: pass a service token with `--header`".to_owned()
        } else {
            "probe that".to_owned()
        };
        Err(ProbeError::Elsewhere { url, to, remedy })
    }

    fn report(self, found: Found) -> ProbeReport {
        let Found { routes, asked, paths, mut findings, new, old, refused } = found;
        findings.sort();
        let is_failure = |finding: &&ProbeFinding| finding.class != FindingClass::Note;
        let failed: BTreeSet<&String> =
            findings.iter().filter(is_failure).map(|finding| &finding.path).collect();
        let failed = failed.len();
        let Session { probe, client, second, baseline, plan } = self;
        let compared = match (second, baseline) {
            (Some(second), _) => {
                let (answers, differences) = comparison::of(&old, &new);
                let url = second.address().to_string();
                let deployment = Some(second.tally().report(url.clone()));
                Some(ComparedReport { with: url, deployment, answers, differences })
            }
            (None, Some(baseline)) => {
                let (answers, differences) = comparison::of(&baseline.answers, &new);
                let path = probe.baseline.as_deref().unwrap_or(std::path::Path::new(""));
                let with = path.to_string_lossy().into_owned();
                Some(ComparedReport { with, deployment: None, answers, differences })
            }
            (None, None) => None,
        };
        let (source, expected) = match (&probe.expected, plan) {
            (Expected::Manifest(name), _) => (ProbeSource::Manifest, Some(name.clone())),
            (Expected::Nothing, Some(_)) => (ProbeSource::Baseline, None),
            (Expected::Nothing, None) => (ProbeSource::Crawl, None),
        };
        let url = client.address().to_string();
        ProbeReport {
            version: ProbeReport::VERSION,
            source,
            expected,
            routes,
            asked,
            paths,
            failed,
            stopped: client.budget().exhausted().or(refused),
            deployment: client.tally().report(url),
            findings,
            compared,
        }
    }
}

/// Adds the paths of a baseline that a plan does not have.
fn with_baseline(mut plan: Plan, baseline: &Baseline) -> Plan {
    let known: BTreeSet<String> = plan.subjects.iter().map(|it| it.target.clone()).collect();
    let paths: BTreeSet<&String> = baseline.answers.iter().map(|answer| &answer.path).collect();
    let further: Vec<Subject> = paths
        .into_iter()
        .filter(|path| path.starts_with('/') && !known.contains(*path))
        .map(|path| Subject::unknown(path.clone()))
        .collect();
    if plan.routes == 0 {
        (plan.routes, plan.asked) = (further.len(), further.len());
    }
    plan.subjects.extend(further);
    plan
}

/// Checks a path that the user names.
fn path(text: &str) -> Result<String, ProbeError> {
    let is_text = text.chars().all(|c| !c.is_control() && c != ' ' && c != '#');
    if text.starts_with('/') && is_text {
        return Ok(text.to_owned());
    }
    let message = "a path begins with `/`, and contains neither spaces nor `#`".to_owned();
    Err(ProbeError::Option { option: "path", message })
}

/// Returns the number of paths with an error.
pub(super) fn paths_with_errors(report: &ProbeReport) -> usize {
    let errors = report.findings.iter().filter(|finding| finding.class == FindingClass::Error);
    errors.map(|finding| &finding.path).collect::<BTreeSet<_>>().len()
}
