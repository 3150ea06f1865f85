//! Options and targets: the arguments take precedence over the configuration.

use std::collections::BTreeSet;

use worker_pack::Target;
use worker_pack::options::{Effort, Limits, Options, SourceMaps, WorkerOptions};
use worker_pack::target::{Engine, RustWorkerTarget, WorkerTarget};

use super::{Config, Purpose, WORKER_OUT};
use crate::cli::args::{
    BuildArguments, LimitArguments, List, PackArguments, ResponseArguments, RunArguments,
    TargetKind, WorkerArguments,
};
use crate::cli::exit::Failure;

impl Config {
    pub(super) fn target(&self, arguments: &BuildArguments) -> Result<Target, Failure> {
        let configured = || self.out.as_ref().map(|out| self.folder.join(out));
        let out = arguments.out.clone().or_else(configured);
        match arguments.target.or(self.target).unwrap_or_default() {
            TargetKind::Rust => out.map(Target::RustModule).ok_or(Failure::NoOut),
            TargetKind::RustWorker => {
                let root = out.unwrap_or_else(|| self.folder.clone());
                let options = self.worker(&arguments.worker);
                Ok(Target::RustWorker(RustWorkerTarget { root, options }))
            }
            TargetKind::Worker => {
                let out = out.unwrap_or_else(|| self.folder.join(WORKER_OUT));
                let engine = self.engine(&arguments.worker)?;
                let options = self.worker(&arguments.worker);
                Ok(Target::Worker(WorkerTarget { out, engine, options }))
            }
        }
    }

    pub(super) fn engine(&self, arguments: &WorkerArguments) -> Result<Engine, Failure> {
        let configured = || self.engine.as_ref().map(|engine| self.folder.join(engine));
        match arguments.engine.clone().or_else(configured) {
            Some(path) => Ok(Engine::from_file(path)?),
            None => Engine::embedded().ok_or(Failure::NoEngine),
        }
    }

    pub(super) fn worker(&self, arguments: &WorkerArguments) -> WorkerOptions {
        let WorkerArguments {
            engine: _,
            headers_on_ssr,
            server_code,
            spill_above,
            budget,
            spill_to,
            deploy_config,
            site_data,
            limits,
        } = arguments;
        let options = &self.worker;
        WorkerOptions {
            headers_on_ssr: headers_on_ssr.unwrap_or(options.headers_on_ssr),
            server_code: server_code.unwrap_or(options.server_code),
            spill_above: spill_above.or(options.spill_above),
            budget: budget.or(options.budget),
            spill_to: spill_to.unwrap_or(options.spill_to),
            deploy_config: deploy_config.unwrap_or(options.deploy_config),
            site_data: site_data.unwrap_or(options.site_data),
            limits: limits_of(limits, &options.limits),
        }
    }

    pub(super) fn options(
        &self,
        run: &RunArguments,
        pack: &PackArguments,
        purpose: Purpose,
    ) -> Options {
        let PackArguments {
            minify,
            css_targets,
            keep_comments,
            encodings,
            effort,
            pictures,
            picture_quality,
            identity,
            source_maps,
            dotfiles,
            rule,
            budgets,
            keep,
            fingerprints,
            integrity,
            responses,
        } = pack;
        let ResponseArguments {
            early_hints,
            dictionaries,
            csp,
            csp_attributes,
            csp_add,
            compat,
            html_handling,
            not_found_handling,
            fidelity,
        } = responses;
        let options = self.pack.clone();
        let default_effort = match purpose {
            Purpose::Once => None,
            Purpose::Watch => Some(Effort::Fast),
        };
        let list = |list: &Option<_>| list.as_ref().map(set);
        // The last match counts, so the rules of the arguments follow those of the file.
        let rules = [options.rule, rule.clone()].concat();
        let budgets = match purpose {
            Purpose::Once => [self.budget.clone(), budgets.clone()].concat(),
            // The sizes are not those that ship.
            Purpose::Watch => Vec::new(),
        };
        Options {
            minify: list(minify).unwrap_or(options.minify),
            css_targets: if css_targets.is_empty() {
                options.css_targets
            } else {
                css_targets.clone()
            },
            keep_comments: if keep_comments.is_empty() {
                options.keep_comments
            } else {
                keep_comments.clone()
            },
            encodings: encodings.as_ref().map(set).unwrap_or(options.encodings),
            effort: effort.or(options.effort).or(default_effort),
            pictures: pictures.unwrap_or(options.pictures),
            picture_quality: picture_quality.unwrap_or(options.picture_quality),
            identity: identity.unwrap_or(options.identity),
            source_maps: match (source_maps.unwrap_or(options.source_maps), purpose) {
                // They would take longer than the rest, at each change.
                (SourceMaps::Write, Purpose::Watch) => SourceMaps::LeaveOut,
                (source_maps, _) => source_maps,
            },
            dotfiles: dotfiles.unwrap_or(options.dotfiles),
            rule: rules,
            budgets,
            keep: keep.clone().unwrap_or(options.keep),
            fingerprints: fingerprints.unwrap_or(options.fingerprints),
            integrity: integrity.unwrap_or(options.integrity),
            strictness: run.strictness.unwrap_or(options.strictness),
            early_hints: early_hints.unwrap_or(options.early_hints),
            dictionaries: dictionaries.unwrap_or(options.dictionaries),
            csp: csp.unwrap_or(options.csp),
            csp_attributes: csp_attributes.unwrap_or(options.csp_attributes),
            csp_add: if csp_add.is_empty() { options.csp_add } else { csp_add.clone() },
            compat: compat.or(options.compat),
            html_handling: html_handling.or(options.html_handling),
            not_found_handling: not_found_handling.or(options.not_found_handling),
            fidelity: fidelity.unwrap_or(options.fidelity),
        }
    }
}

fn set<T: Copy + Ord>(list: &List<T>) -> BTreeSet<T> {
    list.0.iter().copied().collect()
}

pub(super) fn limits_of(arguments: &LimitArguments, limits: &Limits) -> Limits {
    let LimitArguments {
        limit_size,
        limit_gzip_marks,
        limit_memory,
        limit_startup_mark,
        limit_static_asset,
        limit_static_assets,
        limit_r2_upload,
    } = arguments;
    Limits {
        size: limit_size.unwrap_or(limits.size),
        gzip_marks: match limit_gzip_marks {
            Some(marks) => marks.0.clone(),
            None => limits.gzip_marks.clone(),
        },
        memory: limit_memory.unwrap_or(limits.memory),
        startup_mark: limit_startup_mark.unwrap_or(limits.startup_mark),
        static_asset: limit_static_asset.unwrap_or(limits.static_asset),
        static_assets: limit_static_assets.unwrap_or(limits.static_assets),
        r2_upload: limit_r2_upload.unwrap_or(limits.r2_upload),
    }
}
