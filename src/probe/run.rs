//! Asks the questions of a plan, some paths at a time, and judges the answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::task::JoinSet;

use super::ProbeProgress;
use super::exchange::{Answer, Client, MAX_BODY, Outcome};
use super::judgement::{has_expected_status, judge};
use super::observation::Observation;
use super::plan::{BodyIs, Expectation, Subject};
use super::question::Question;
use super::report::ProbeFinding;

/// Room for what a host adds to a body of known length, such as a script of its own, in bytes.
const SLACK: usize = 64 * 1024;

/// A path after its questions were asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Examined {
    pub(crate) findings: Vec<ProbeFinding>,
    /// The answers of the deployment.
    pub(crate) observations: Vec<Observation>,
    /// The answers of the second one.
    pub(crate) old: Vec<Observation>,
}

/// The deployments, and how to ask them.
#[derive(Clone)]
pub(crate) struct Runner {
    pub(crate) client: Client,
    pub(crate) second: Option<Client>,
    pub(crate) concurrency: usize,
    pub(crate) progress: Arc<dyn ProbeProgress>,
}

impl Runner {
    /// Asks about all paths, in their order. After the budget is used up, the rest is missing.
    pub(crate) async fn examine(&self, subjects: Vec<Subject>) -> Vec<Examined> {
        let questions: usize = subjects.iter().map(|subject| subject.questions.len()).sum();
        self.progress.planned(questions * if self.second.is_some() { 2 } else { 1 });
        let (subjects, next) = (Arc::new(subjects), Arc::new(AtomicUsize::new(0)));
        let mut tasks = JoinSet::new();
        for _ in 0..self.concurrency.min(subjects.len()) {
            let (runner, subjects, next) = (self.clone(), Arc::clone(&subjects), Arc::clone(&next));
            tasks.spawn(async move {
                let mut examined = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(subject) = subjects.get(index) else { break };
                    if runner.client.budget().exhausted().is_some() {
                        break;
                    }
                    examined.push((index, runner.examine_one(subject).await));
                }
                examined
            });
        }
        let mut all: Vec<(usize, Examined)> =
            tasks.join_all().await.into_iter().flatten().collect();
        all.sort_by_key(|(index, _)| *index);
        all.into_iter().map(|(_, examined)| examined).collect()
    }

    async fn examine_one(&self, subject: &Subject) -> Examined {
        let outcomes = self.ask_all(&self.client, subject).await;
        let findings = judge(subject, &outcomes, self.client.address());
        let old = match &self.second {
            Some(second) => observations(subject, &self.ask_all(second, subject).await),
            None => Vec::new(),
        };
        Examined { findings, observations: observations(subject, &outcomes), old }
    }

    /// Asks the questions about a path one after the other.
    async fn ask_all(&self, client: &Client, subject: &Subject) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = Vec::new();
        let mut tag = None;
        let mut is_in_order = true;
        for (question, expected) in &subject.questions {
            let is_possible = *question != Question::Unchanged || tag.is_some();
            if !is_in_order || !is_possible || client.budget().exhausted().is_some() {
                outcomes.push(Outcome::NotAsked);
                self.progress.answered();
                continue;
            }
            let limit = limit(expected);
            let asked = client.ask(&subject.target, *question, tag.as_deref(), limit).await;
            self.progress.answered();
            outcomes.push(match asked {
                Ok(answer) => {
                    if *question == Question::Usual {
                        tag = answer.field("etag");
                        is_in_order = has_expected_status(expected, &answer);
                    }
                    Outcome::Answered(Box::new(answer))
                }
                Err(trouble) => {
                    is_in_order = false;
                    Outcome::Failed(trouble)
                }
            });
        }
        outcomes
    }
}

/// Returns the length of the longest body that is read.
fn limit(expected: &Expectation) -> usize {
    match expected.body {
        BodyIs::Representation { identity_len, .. } => identity_len.saturating_add(SLACK),
        BodyIs::Any => MAX_BODY,
    }
}

fn observations(subject: &Subject, outcomes: &[Outcome]) -> Vec<Observation> {
    let questions = subject.questions.iter().map(|(question, _)| *question);
    let of = |(question, answer): (Question, &Answer)| {
        Observation::of(&subject.target, question, answer)
    };
    let answered = questions.zip(outcomes);
    answered.filter_map(|(question, outcome)| Some((question, outcome.answer()?))).map(of).collect()
}
