//! Makes the plan of a migration, file by file.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::astro_config::{self, AdapterIs, Edited, Wanted};
use super::error::MigrationError;
use super::facts::Leftover;
use super::facts::git::GitState;
use super::facts::{CompatIn, Facts, text_file};
use super::package::{self, PackedBy};
use super::plan::{FileEdit, MigrationPlan, Question, Remark, RemarkKind};
use super::wrangler::{self, ServerIs};
use super::{
    Migration, MigrationTarget, OtherAdapter, carried, git_ignore, rust_worker, worker_name,
};
use crate::output::worker::wrangler::COMPATIBILITY_DATE;
use crate::project::astro_adapter::ADAPTER;

/// The facts that a configuration for wrangler states about a deployment.
struct Deployed {
    environments: Vec<String>,
    /// The compatibility date.
    date: String,
    /// The compatibility flags of the top level.
    flags: Vec<String>,
}

/// A plan that is being made.
pub(super) struct Planning<'p> {
    migration: &'p Migration,
    facts: &'p Facts,
    server: ServerIs,
    edits: Vec<FileEdit>,
    remarks: Vec<Remark>,
    questions: Vec<Question>,
}

impl<'p> Planning<'p> {
    pub(super) fn new(migration: &'p Migration, facts: &'p Facts) -> Self {
        let server = if facts.adapter_reason().is_some() {
            ServerIs::OfAdapter(facts.adapter_major())
        } else if facts.functions_are_packed() || facts.has(Leftover::Worker) {
            ServerIs::OfPages
        } else {
            ServerIs::Missing
        };
        Self { migration, facts, server, edits: vec![], remarks: vec![], questions: vec![] }
    }

    pub(super) fn plan(mut self) -> Result<MigrationPlan, MigrationError> {
        let (facts, target) = (self.facts, self.migration.target);
        if let Some(warning) = facts.git.warning() {
            self.remark(RemarkKind::Warning, "git", warning);
        }
        let packed_by = self.astro_config()?;
        let Deployed { environments, date, flags } = self.wrangler()?;
        let needs = package::Needs {
            facts,
            target,
            server: self.server,
            packed_by,
            environments: &environments,
            date: &date,
            flags: &flags,
        };
        let (text, scripts) = package::edited(&needs, &mut self.remarks)?;
        let before = facts.package.text.clone();
        self.change(
            &facts.package.path.clone(),
            Some(facts.package.marked(&before)),
            facts.package.marked(&text),
        );
        let packed_folder = package::packed_folder(packed_by, facts.build_folder());
        if let Some(text) = git_ignore::edited(facts, target, &packed_folder) {
            let file = facts.ignored.as_ref();
            let path = file.map_or_else(|| PathBuf::from(".gitignore"), |file| file.path.clone());
            let after = file.map_or_else(|| text.clone(), |file| file.marked(&text));
            self.change(&path, file.map(|file| file.marked(&file.text)), after);
        }
        if target == MigrationTarget::Rust {
            let name = self.name();
            self.edits.extend(rust_worker::files(facts, &name, &date)?);
        }
        self.remarks.extend(carried::remarks(facts, target, self.server, &packed_folder));
        self.edits.sort_by(|a, b| a.path.cmp(&b.path));
        // The sort is stable: remarks of a kind stay in the order of the files.
        self.remarks.sort_by_key(|remark| remark.kind);
        Ok(MigrationPlan {
            root: facts.root.clone(),
            edits: self.edits,
            remarks: self.remarks,
            questions: self.questions,
            manager: facts.manager.kind,
            command: facts.command_of("worker-pack", "worker-pack"),
            is_in_git: matches!(facts.git, GitState::Clean | GitState::Dirty(_)),
            is_from_pages: facts.is_pages(),
            scripts,
        })
    }

    fn change(&mut self, path: &Path, before: Option<String>, after: String) {
        if before.as_ref() != Some(&after) {
            self.edits.push(FileEdit { path: path.to_owned(), before, after });
        }
    }

    fn remark(&mut self, kind: RemarkKind, subject: &str, text: impl Into<String>) {
        self.remarks.push(Remark::new(kind, subject, text));
    }

    /// Plans the configuration of Astro. Returns the program that packs the site.
    fn astro_config(&mut self) -> Result<PackedBy, MigrationError> {
        let facts = self.facts;
        let packed_by = match self.migration.target {
            MigrationTarget::Rust => PackedBy::Crate,
            // Astro packs a build before the functions are compiled.
            MigrationTarget::Worker if facts.functions_are_packed() => PackedBy::Command,
            MigrationTarget::Worker if facts.config.is_none() && facts.is_packed_by_command() => {
                PackedBy::Command
            }
            MigrationTarget::Worker => PackedBy::Integration,
        };
        let adapter = match (self.server, self.migration.answers.other_adapter) {
            (ServerIs::OfAdapter(_), OtherAdapter::Replaced) => AdapterIs::Replacing,
            (ServerIs::OfAdapter(_), OtherAdapter::Kept) => AdapterIs::Added,
            _ => AdapterIs::Kept,
        };
        let call = if facts.is_pages() && facts.compat == CompatIn::Integration {
            "({ compat: 'pages' })"
        } else {
            "()"
        };
        let integration = (packed_by == PackedBy::Integration).then(|| call.to_owned());
        let wanted = Wanted { adapter, integration, adapter_major: facts.adapter_major() };
        let Some(file) = &facts.config else {
            let is_needed = wanted.adapter != AdapterIs::Kept || wanted.integration.is_some();
            if is_needed {
                let path = Path::new(astro_config::NEW_NAME);
                self.change(path, None, astro_config::created(&wanted));
            }
            return Ok(packed_by);
        };
        for unread in &facts.unread_configs {
            let text = format!(
                "Astro does not read it, since `{}` comes first; remove it, or move its settings there",
                file.name()
            );
            self.remark(RemarkKind::ByHand, unread, text);
        }
        let mut edited = astro_config::edit(file, &wanted)?;
        let mut packed_by = packed_by;
        if matches!(edited, Edited::Text { .. })
            && packed_by == PackedBy::Integration
            && facts.is_packed_by_command()
        {
            // The script `build` packs the site already.
            packed_by = PackedBy::Command;
            edited = astro_config::edit(file, &Wanted { integration: None, ..wanted })?;
        }
        match edited {
            Edited::Text { text, removed, unknown, other_adapter } => {
                self.change(&file.path, Some(file.marked(&file.text)), file.marked(&text));
                for (option, instead) in removed {
                    self.remark(
                        RemarkKind::Changed,
                        &file.name(),
                        format!("the option `{option}` of the adapter is removed: {instead}"),
                    );
                }
                for option in unknown {
                    let text = format!(
                        "`{}` {} does not have the option `{option}`; remove it, or correct its name",
                        ADAPTER,
                        facts.adapter_major()
                    );
                    self.remark(RemarkKind::ByHand, &file.name(), text);
                }
                if let Some(other) = other_adapter {
                    self.questions.push(Question {
                        subject: format!("whether `{ADAPTER}` replaces the adapter `{other}`"),
                        text: "worker-pack packs the server of the adapter for Cloudflare alone; the other adapter stays until you say so".to_owned(),
                        answer: "--replace-adapter".to_owned(),
                    });
                }
                if call.contains("pages")
                    && text.contains("compat:")
                    && !file.text.contains("compat:")
                {
                    self.remark(RemarkKind::Changed, &file.name(), "`compat: 'pages'` keeps the URLs, redirects and rules of Pages; remove it for those of Workers Static Assets");
                }
                Ok(packed_by)
            }
            Edited::ByHand { reason, lines } => {
                let text = format!("not edited, since {reason}. Add these lines");
                let remark = Remark::new(RemarkKind::ByHand, &file.name(), text);
                self.remarks.push(remark.with_lines(lines));
                Ok(match packed_by {
                    PackedBy::Integration => PackedBy::Command,
                    other => other,
                })
            }
        }
    }

    /// Plans the configuration for wrangler.
    fn wrangler(&mut self) -> Result<Deployed, MigrationError> {
        let facts = self.facts;
        let name = self.name();
        let has_own_name = facts.wrangler.as_ref().is_some_and(|file| file.name().is_some());
        let session_binding = facts.configured.session_binding.as_deref();
        let sessions =
            facts.sources.sessions.as_ref().map(|_| session_binding.unwrap_or("SESSION"));
        let needs = wrangler::Needs {
            server: self.server,
            sessions: sessions.filter(|_| matches!(self.server, ServerIs::OfAdapter(_))),
            build_folder: facts.build_folder(),
            name: &name,
            entry_point: facts.configured.worker_entry_point.as_deref(),
            answers: &self.migration.answers,
        };
        let mut found = wrangler::settle(facts.wrangler.as_ref(), &needs);
        let (text, values) = wrangler::edited(&facts.root, facts.wrangler.as_ref(), &mut found)?;
        let file = facts.wrangler.as_ref().map(|it| &it.file);
        let path = file.map_or_else(|| PathBuf::from(wrangler::NEW_NAME), |file| file.path.clone());
        let after = file.map_or_else(|| text.clone(), |file| file.marked(&text));
        self.change(&path, file.map(|file| file.marked(&file.text)), after);
        self.remarks.extend(found.remarks);
        if !has_own_name && self.migration.answers.name.is_none() {
            self.questions.push(Question {
                subject: "the name of the Worker".to_owned(),
                text: format!("`{name}` is taken from the project's files"),
                answer: "--name NAME".to_owned(),
            });
        }
        self.questions.extend(found.questions);
        if facts.wrangler.is_none() && facts.is_pages() {
            self.ask_about_the_dashboard();
        }
        for unread in &facts.unread {
            let text = format!(
                "wrangler does not read it, since `{}` comes first; remove it, or move its settings there",
                text_file::shown(&path)
            );
            self.remarks.push(Remark::new(RemarkKind::ByHand, unread, text));
        }
        let values = Value::Object(values);
        let environments = values.get("env").and_then(Value::as_object);
        let flags = values.get("compatibility_flags").and_then(Value::as_array);
        let flags = flags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let date = values.get("compatibility_date").and_then(Value::as_str);
        Ok(Deployed {
            environments: environments.into_iter().flat_map(|all| all.keys().cloned()).collect(),
            date: date.unwrap_or(COMPATIBILITY_DATE).to_owned(),
            flags: flags.collect(),
        })
    }

    /// Asks about the settings of a project of Pages that are in the dashboard alone.
    fn ask_about_the_dashboard(&mut self) {
        let download = self.facts.command_of("wrangler", "wrangler pages download config NAME");
        let mut ask = |subject: &str, text: String, answer: &str| {
            self.questions.push(Question {
                subject: subject.to_owned(),
                text,
                answer: answer.to_owned(),
            });
        };
        ask(
            "the settings in the dashboard of Pages",
            format!(
                "the project has no configuration for wrangler. `{download}` writes one with the bindings, variables and compatibility date of the dashboard; run it first, and then `init` again"
            ),
            "or the flags below",
        );
        ask(
            "KV namespaces",
            "their bindings and ids are in the dashboard (Settings, Bindings)".to_owned(),
            "--kv BINDING=ID",
        );
        ask("variables", "their names and values are in the dashboard (Settings, Variables); secrets do not belong here".to_owned(), "--var NAME=VALUE");
    }

    /// Returns the name of the Worker.
    fn name(&self) -> String {
        let facts = self.facts;
        let configured = facts.wrangler.as_ref().and_then(|file| file.name().map(str::to_owned));
        let of_pages = || facts.scripts().find_map(|(_, script)| package::project_of_pages(script));
        let of_package = || Some(facts.package_values.get("name")?.as_str()?.to_owned());
        let of_folder = || Some(facts.root.file_name()?.to_string_lossy().into_owned());
        let given = self.migration.answers.name.clone().or(configured);
        let named = given.or_else(|| {
            let guessed = [of_pages(), of_package(), of_folder()];
            guessed.into_iter().flatten().find_map(|name| worker_name(&name))
        });
        named.unwrap_or_else(|| "site".to_owned())
    }
}
