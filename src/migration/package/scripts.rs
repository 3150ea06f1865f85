//! The scripts of a migrated project.

use super::command::{branch_of_pages, is_production, rewrite};
use super::{Needs, PackedBy};
use crate::migration::MigrationTarget;
use crate::migration::facts::{self, CompatIn, Leftover, git};
use crate::migration::plan::{Remark, RemarkKind};
use crate::migration::wrangler::ServerIs;

/// The file with the secrets of production, which is never committed.
pub(crate) const SECRETS: &str = ".dev.vars.production";

/// The scripts that change.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    /// The new and changed scripts, in the order in which they are written.
    pub(crate) changed: Vec<(String, String)>,
    /// The names of all scripts that the user may run after the migration, also those that were there.
    pub(crate) names: Vec<String>,
}

/// A script to add.
struct Wanted {
    name: String,
    script: String,
    /// The part of a script by which one of the same name has the same meaning.
    meaning: String,
}

impl Scripts {
    pub(super) fn new(needs: &Needs<'_>, remarks: &mut Vec<Remark>) -> Self {
        let config = configuration(needs);
        let mut scripts = Self::default();
        let mut remark = |kind, text: String| {
            remarks.push(Remark::new(kind, facts::PACKAGE, text));
        };
        for (name, script) in needs.facts.scripts() {
            let rewritten = rewrite(script, &config);
            for command in rewritten.unknown {
                remark(
                    RemarkKind::ByHand,
                    format!(
                        "the script `{name}` runs `{command}`, which Workers do not have; remove or replace it"
                    ),
                );
            }
            for command in rewritten.unconfigured {
                remark(
                    RemarkKind::ByHand,
                    format!(
                        "the script `{name}` stays, since `{command}` names what it deploys; the packed Worker is deployed by `wrangler deploy {config}`"
                    ),
                );
            }
            if let Some(branch) = branch_of_pages(script).filter(|it| !is_production(it)) {
                remark(
                    RemarkKind::NotCarried,
                    format!(
                        "the script `{name}` deployed the branch `{branch}`. It now uploads a version with a preview URL of its own; add `--preview-alias {branch}` for a fixed one"
                    ),
                );
            }
            if rewritten.script != script {
                scripts.changed.push((name.to_owned(), rewritten.script));
            }
        }
        scripts.build(needs, &mut remark);
        for wanted in wanted(needs, &config, &mut remark) {
            scripts.add(needs, wanted, &mut remark);
        }
        scripts
    }

    fn current<'s>(&'s self, needs: &'s Needs<'_>, name: &str) -> Option<&'s str> {
        let changed = self.changed.iter().find(|(one, _)| one == name);
        changed.map(|(_, script)| &**script).or_else(|| needs.facts.script(name))
    }

    fn set(&mut self, name: &str, script: String) {
        match self.changed.iter_mut().find(|(one, _)| one == name) {
            Some((_, changed)) => *changed = script,
            None => self.changed.push((name.to_owned(), script)),
        }
    }

    /// Lets `build` do what comes after `astro build`.
    fn build(&mut self, needs: &Needs<'_>, remark: &mut impl FnMut(RemarkKind, String)) {
        let steps = steps_after_build(needs);
        let is_packed_twice = needs.packed_by == PackedBy::Integration
            && needs.facts.script("build").is_some_and(|it| it.contains("worker-pack build"));
        if is_packed_twice {
            remark(
                RemarkKind::ByHand,
                "the script `build` runs `worker-pack build`, although the integration has packed the site by then; remove the command".to_owned(),
            );
        }
        let current = self.current(needs, "build").unwrap_or("astro build").to_owned();
        let missing: Vec<String> = steps
            .into_iter()
            .filter(|step| {
                let meaning: Vec<&str> = step.split(" --").take(1).collect();
                !current.contains(meaning[0])
            })
            .collect();
        self.names.push("build".to_owned());
        if !current.contains("astro build") {
            if !missing.is_empty() {
                let steps = missing.join(" && ");
                remark(
                    RemarkKind::ByHand,
                    format!(
                        "the script `build` does not run `astro build` itself; run `{steps}` after the build"
                    ),
                );
            }
            return;
        }
        let script = std::iter::once(current).chain(missing).collect::<Vec<_>>().join(" && ");
        if needs.facts.script("build") != Some(&script) {
            self.set("build", script);
        }
    }

    /// Adds a script, unless one of the same meaning is present. One of another meaning stays.
    fn add(
        &mut self,
        needs: &Needs<'_>,
        wanted: Wanted,
        remark: &mut impl FnMut(RemarkKind, String),
    ) {
        let Wanted { name, script, meaning } = wanted;
        let is_replaced = |present: &str| name == "preview" && present.trim() == "astro preview";
        match self.current(needs, &name) {
            Some(present) if present.contains(&meaning) => self.names.push(name),
            Some(present) if !is_replaced(present) => {
                let other = format!("{name}:worker");
                match self.current(needs, &other) {
                    None => {
                        remark(
                            RemarkKind::Changed,
                            format!(
                                "your script `{name}` stays; the one for the Worker is `{other}`"
                            ),
                        );
                        self.names.push(other.clone());
                        self.set(&other, script);
                    }
                    Some(present) if present.contains(&meaning) => self.names.push(other),
                    Some(_) => remark(
                        RemarkKind::ByHand,
                        format!(
                            "your scripts `{name}` and `{other}` stay; add this one by another name: `{script}`"
                        ),
                    ),
                }
            }
            _ => {
                self.set(&name, script);
                self.names.push(name);
            }
        }
    }
}

/// Returns the flags that name the configuration that is deployed. wrangler compiles a crate in the folder in
/// which it runs.
fn configuration(needs: &Needs<'_>) -> String {
    match needs.target {
        MigrationTarget::Worker => {
            let folder = packed_folder(needs.packed_by, needs.facts.build_folder());
            format!("--config {folder}/wrangler.jsonc")
        }
        MigrationTarget::Rust => "--cwd worker --config wrangler.jsonc".to_owned(),
    }
}

/// Returns the folder of the packed Worker: `dist-worker` beside that of the build.
pub(crate) fn packed_folder(packed_by: PackedBy, build_folder: &str) -> String {
    const NAME: &str = "dist-worker";
    match (packed_by, build_folder.rsplit_once('/')) {
        (PackedBy::Integration, Some((around, _))) => format!("{around}/{NAME}"),
        _ => NAME.to_owned(),
    }
}

/// Returns the commands that have to follow `astro build`.
fn steps_after_build(needs: &Needs<'_>) -> Vec<String> {
    let folder = needs.facts.build_folder();
    let mut steps = Vec::new();
    if needs.facts.functions_are_packed() {
        // A file of the user's comes before one that is made of the functions.
        let routes = if needs.facts.has(Leftover::Routes) {
            String::new()
        } else {
            format!(" --output-routes-path {folder}/_routes.json")
        };
        let flags: String =
            needs.flags.iter().flat_map(|flag| [" --compatibility-flag ", flag]).collect();
        steps.push(format!(
            "wrangler pages functions build --outdir {folder}/_worker.js{routes} --compatibility-date {}{flags}",
            needs.date
        ));
    }
    // The configuration of a crate gets its settings and environments before wrangler reads it.
    if needs.packed_by != PackedBy::Integration {
        steps.push(pack_command(needs));
    }
    steps
}

/// Returns the argument of a command for the folder of the build, unless it is the default one.
fn folder_to_pack(needs: &Needs<'_>) -> String {
    match needs.facts.build_folder() {
        "dist" => String::new(),
        folder => format!(" {folder}"),
    }
}

fn pack_command(needs: &Needs<'_>) -> String {
    let dist = folder_to_pack(needs);
    let is_as_on_pages = needs.facts.is_pages() && needs.facts.compat == CompatIn::Integration;
    let compat = if is_as_on_pages { " --compat pages" } else { "" };
    match needs.target {
        MigrationTarget::Worker => format!("worker-pack build{dist} --target worker{compat}"),
        MigrationTarget::Rust => {
            format!("worker-pack build{dist} --target rust-worker --out worker")
        }
    }
}

/// Returns a name as an argument of a command. Returns `None` if shells read it in different ways.
fn argument_of(name: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        return Some(name.to_owned());
    }
    let is_special = |c: char| "\"'$`\\!%^".contains(c) || c.is_control();
    (!name.is_empty() && !name.chars().any(is_special)).then(|| format!("\"{name}\""))
}

/// Returns the scripts that a project should have.
fn wanted(
    needs: &Needs<'_>,
    config: &str,
    remark: &mut impl FnMut(RemarkKind, String),
) -> Vec<Wanted> {
    let wrangler = |name: &str, command: &str| Wanted {
        name: name.to_owned(),
        script: format!("wrangler {command} {config}"),
        meaning: format!("wrangler {command}"),
    };
    let other = |name: &str, script: &str| Wanted {
        name: name.to_owned(),
        script: script.to_owned(),
        meaning: script.to_owned(),
    };
    let mut wanted = Vec::new();
    // `worker-pack serve` does not run the site's server.
    wanted.push(match (needs.server, needs.target) {
        (ServerIs::Missing, MigrationTarget::Worker) => {
            other("preview", &format!("worker-pack serve{}", folder_to_pack(needs)))
        }
        _ => wrangler("preview", "dev"),
    });
    wanted.push(wrangler("deploy", "deploy"));
    for environment in needs.environments {
        let Some(argument) = argument_of(environment) else { continue };
        let mut one = wrangler(&format!("deploy:{environment}"), "deploy");
        let flag = format!(" --env {argument}");
        one.script.push_str(&flag);
        flag.trim_start().clone_into(&mut one.meaning);
        wanted.push(one);
    }
    wanted.push(wrangler("tail", "tail"));
    wanted.push(wrangler("canary", "versions upload"));
    wanted.push(wrangler("canary:deploy", "versions deploy"));
    wanted.push(wrangler("rollback", "rollback"));
    wanted.push(wrangler("kv:list", "kv namespace list"));
    if needs.server != ServerIs::Missing {
        if git::is_committed(&needs.facts.root, SECRETS) {
            remark(
                RemarkKind::Warning,
                format!(
                    "`{SECRETS}` is committed, so there is no script for it: remove the file from git, and change the secrets in it"
                ),
            );
        } else {
            let folder = if needs.target == MigrationTarget::Rust { "../" } else { "" };
            wanted.push(wrangler("secrets", &format!("secret bulk {folder}{SECRETS}")));
        }
    }
    wanted.push(other("check", "worker-pack check"));
    wanted.push(other("probe", "worker-pack probe"));
    wanted.push(other("migrate:assets", &pack_command(needs)));
    let dry_run = format!("worker-pack check && wrangler deploy --dry-run {config}");
    wanted.push(other("migrate:test", &dry_run));
    wanted
}
