//! A crawl: the URLs of a site of which nothing is known, by its links and its sitemaps.

mod links;
mod robots;
mod sitemap;

use std::collections::{BTreeMap, BTreeSet};

use super::ProbeProgress;
use super::address::Address;
use super::decoding::{coding_of, decode};
use tokio::task::JoinSet;
use url::Url;

use super::exchange::{Answer, Client, MAX_BODY, Trouble};
use super::observation::Observation;
use super::plan::UNKNOWN_PATH;
use super::question::Question;
use super::report::{Asked, Check, FindingClass, ProbeFinding};
use links::Links;
use robots::Robots;

/// The result of a crawl.
#[derive(Debug, Default)]
pub(crate) struct Crawled {
    pub(crate) observations: Vec<Observation>,
    pub(crate) findings: Vec<ProbeFinding>,
    /// Number of URLs that were found, asked for or not.
    pub(crate) found: usize,
    /// Number of those that were asked for. An unknown path was asked for besides.
    pub(crate) asked: usize,
    /// The reason why nothing was asked for, if nothing was.
    pub(crate) refused: Option<String>,
}

/// The URLs that are known, and the page that each was found on.
#[derive(Debug)]
struct Frontier<'a> {
    address: &'a Address,
    robots: Robots,
    known: BTreeMap<String, String>,
    waiting: BTreeSet<String>,
}

impl Frontier<'_> {
    /// Adds the target of a reference, if it is of this site and robots may ask for it.
    fn add(&mut self, page: &str, reference: &str) {
        let Some(url) = self.address.resolve(page, reference) else { return };
        let Some(target) = self.address.target_of(&url) else { return };
        // The edge answers these paths itself.
        if target.starts_with("/cdn-cgi/") || !self.robots.allow(&target) {
            return;
        }
        if !self.known.contains_key(&target) {
            self.waiting.insert(target.clone());
            self.known.insert(target, page.to_owned());
        }
    }
}

impl Crawled {
    /// Adds an answer, and what it links to.
    fn add(&mut self, frontier: &mut Frontier<'_>, target: &str, answer: &Answer) {
        self.observations.push(Observation::of(target, Question::Usual, answer));
        if answer.status >= 400 {
            let message = match frontier.known.get(target) {
                Some(page) if *page != target => format!("linked from `{page}`"),
                _ => "does not answer".to_owned(),
            };
            let found = Some(answer.status.to_string());
            self.findings.push(finding(target, Check::Link, message, found));
            return;
        }
        if let Some(location) = answer.field("location") {
            frontier.add(target, &location);
        }
        let references = references(answer, &frontier.address.url(target));
        if references.is_none() {
            let message = "the page cannot be decoded, so its links are unknown".to_owned();
            let found = answer.field("content-encoding");
            self.findings.push(finding(target, Check::Coding, message, found));
        }
        for reference in references.iter().flatten() {
            frontier.add(target, reference);
        }
    }
}

/// Asks for some URLs at the same time. The answers are in the order of the URLs.
async fn ask_all(
    client: &Client,
    targets: Vec<String>,
    progress: &dyn ProbeProgress,
) -> Vec<(String, Result<Answer, Trouble>)> {
    let mut tasks = JoinSet::new();
    for target in targets {
        let client = client.clone();
        tasks.spawn(async move {
            let answer = client.ask(&target, Question::Usual, None, MAX_BODY).await;
            (target, answer)
        });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        progress.answered();
        // A task that panicked has printed why.
        answers.extend(answer);
    }
    answers.sort_by(|(a, _), (b, _)| a.cmp(b));
    answers
}

/// Crawls a site from its home page up to a number of URLs, some of them at the same time.
pub(crate) async fn crawl(
    client: &Client,
    most: usize,
    concurrency: usize,
    progress: &dyn ProbeProgress,
) -> Crawled {
    let address = client.address();
    let robots = match text(client, "/robots.txt").await {
        Some(text) => Robots::parse(&text),
        None => Robots::default(),
    };
    let mut frontier =
        Frontier { address, robots, known: BTreeMap::new(), waiting: BTreeSet::new() };
    frontier.add("/", "/");
    let mut sitemaps: Vec<String> = frontier.robots.sitemaps.clone();
    sitemaps.extend(["/sitemap.xml", "/sitemap-index.xml"].map(str::to_owned));
    for url in sitemap::urls(client, &sitemaps, most).await {
        frontier.add("/", &url);
    }
    let mut crawled = Crawled::default();
    progress.planned(most);
    while !frontier.waiting.is_empty() && client.budget().exhausted().is_none() {
        let wave = concurrency.min(most - crawled.asked);
        let targets: Vec<String> =
            std::iter::from_fn(|| frontier.waiting.pop_first()).take(wave).collect();
        if targets.is_empty() {
            break;
        }
        crawled.asked += targets.len();
        for (target, answer) in ask_all(client, targets, progress).await {
            match answer {
                Ok(answer) => crawled.add(&mut frontier, &target, &answer),
                Err(trouble) => {
                    let message = trouble.to_string();
                    crawled.findings.push(finding(&target, Check::Answer, message, None));
                }
            }
        }
    }
    // The answer to an unknown path belongs to the baseline.
    if let Ok(answer) = client.ask(UNKNOWN_PATH, Question::Usual, None, MAX_BODY).await {
        crawled.observations.push(Observation::of(UNKNOWN_PATH, Question::Usual, &answer));
    }
    crawled.found = frontier.known.len();
    if crawled.found == 0 {
        crawled.refused = Some("`robots.txt` forbids robots to ask for `/`".to_owned());
    }
    crawled
}

fn finding(path: &str, check: Check, message: String, found: Option<String>) -> ProbeFinding {
    ProbeFinding {
        class: FindingClass::Error,
        check,
        path: path.to_owned(),
        asked: Asked::Usual,
        message,
        expected: None,
        found,
    }
}

/// Returns the references of a page at a URL, or none if it cannot be decoded. Other files have no references.
fn references(answer: &Answer, url: &Url) -> Option<Vec<String>> {
    let kind = answer.field("content-type").unwrap_or_default();
    if !kind.contains("html") {
        return Some(Vec::new());
    }
    let Links { base, references } = links::of_page(&decoded(answer)?);
    let Some(base) = base.and_then(|base| url.join(&base).ok()) else { return Some(references) };
    let absolute = references.iter().filter_map(|reference| base.join(reference).ok());
    Some(absolute.map(String::from).collect())
}

fn decoded(answer: &Answer) -> Option<Vec<u8>> {
    let coding = coding_of(answer.field("content-encoding").as_deref()).ok()?;
    decode(coding, &answer.body, MAX_BODY).ok()
}

/// Returns the text at a path, if there is one.
async fn text(client: &Client, target: &str) -> Option<String> {
    let answer = client.ask(target, Question::Usual, None, MAX_BODY).await.ok()?;
    let is_page = answer.field("content-type").is_some_and(|kind| kind.contains("html"));
    if answer.status != 200 || is_page {
        return None;
    }
    Some(String::from_utf8_lossy(&decoded(&answer)?).into_owned())
}
