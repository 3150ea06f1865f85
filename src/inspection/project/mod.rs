//! The rules on the project around a build: its packages, scripts and configurations.

mod adapter;
mod bindings;
mod commands;
mod configuration;
mod environments;
mod gradual;
mod node;
mod packages;
mod pages;
mod schema;
mod scope;
mod site;
mod version;

use super::rule::Rule;
use crate::feedback::code::Code;

/// The rules on the project.
pub(super) const RULES: &[Rule] = &[
    Rule { codes: &[Code::ProjectInvalidConfig], find: configuration::invalid },
    Rule { codes: &[Code::ProjectConfigSchema, Code::ProjectNoSchema], find: schema::find },
    Rule { codes: &[Code::ProjectPagesConfig], find: pages::config },
    Rule { codes: &[Code::ProjectPagesOutput], find: pages::output },
    Rule { codes: &[Code::ProjectAdapterOption], find: adapter::options },
    Rule { codes: &[Code::ProjectEnvFlag], find: environments::flags },
    Rule { codes: &[Code::ProjectEnvLost], find: environments::lost },
    Rule { codes: &[Code::ProjectEnvInherit], find: bindings::not_inherited },
    Rule { codes: &[Code::ProjectSessionProvision], find: bindings::sessions },
    Rule { codes: &[Code::ProjectKvDuplicate], find: bindings::duplicates },
    Rule { codes: &[Code::ProjectNodeMissing], find: node::missing },
    Rule { codes: &[Code::ProjectNodeRedundant], find: node::redundant },
    Rule { codes: &[Code::ProjectProcessV2], find: node::process },
    Rule { codes: &[Code::ProjectWranglerPeer], find: bindings::wrangler_peer },
    Rule { codes: &[Code::ProjectCiVariable], find: pages::ci_variables },
    Rule { codes: &[Code::ProjectWorkerJsPublic], find: pages::worker_js },
    Rule { codes: &[Code::ProjectHeadersSsr], find: site::headers },
    Rule { codes: &[Code::ProjectBasePath], find: site::base },
    Rule { codes: &[Code::ProjectNo404], find: site::not_found },
    Rule { codes: &[Code::ProjectDevVarsShipped], find: site::secret_files },
    Rule { codes: &[Code::ProjectVersionAffinity], find: gradual::affinity },
];
