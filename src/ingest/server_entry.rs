//! The modules that configurations for wrangler name as the entry of a Worker.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{LeftOut, Publication, SourceFile};
use crate::exposure::server_finding;
use crate::feedback::diagnostic::Diagnostic;
use crate::project::Project;
use crate::project::deploy_config::DeployConfig;
use crate::project::wrangler::WranglerConfig;

/// Finds public files that a configuration of the project or of the build names as the entry of a
/// Worker.
pub(super) fn find(
    project: &Project,
    files: &[SourceFile],
    left_out: &[LeftOut],
) -> Vec<Diagnostic> {
    let names = left_out.iter().map(|left_out| left_out.file.as_str());
    let names = names.chain(files.iter().map(|file| file.name.as_str()));
    let is_config = |name: &&str| {
        let last = name.rsplit('/').next().unwrap_or_default();
        WranglerConfig::NAMES.contains(&last)
    };
    let built = names.filter(is_config).map(|name| project.folder.join(name));
    let deployed = project.root().and_then(|root| DeployConfig::find(&root)?.target());
    let paths = built.chain(deployed);
    // One that is not valid names no entry.
    let configs = paths.filter_map(|path| WranglerConfig::read(&path).ok());
    let mut entries: BTreeSet<PathBuf> = configs.filter_map(|config| config.main()).collect();
    entries.extend(project.config.main());
    if entries.is_empty() {
        return Vec::new();
    }
    let is_entry = |file: &&SourceFile| {
        let path = file.path.canonicalize();
        file.publication == Publication::Usual && path.is_ok_and(|path| entries.contains(&path))
    };
    let exposed = files.iter().filter(is_entry);
    exposed.map(|file| server_finding(&file.name, &file.route)).collect()
}
