//! Stage 1: finds the files of a build, and decides which of them are public.

mod admission;
pub(crate) mod assets_ignore;
mod conflict;
mod earlier;
mod exclusion;
mod file_type;
mod hidden;
mod left_out;
mod link;
mod notice;
mod only_page;
mod rule_use;
mod server_entry;
mod size;
mod special_name;
mod walk;
mod whole_project;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

pub(crate) use admission::{Publication, decides_by_content};
pub(crate) use earlier::EarlierFiles;
pub(crate) use file_type::{FileType, TypeSource};
pub use left_out::{LeftOut, LeftOutReason};
pub(crate) use size::{LargeFiles, MAX_ASSET_SIZE};
pub(crate) use special_name::is_source_map;

use crate::asset::route::RoutePath;
use crate::asset::sniff::Sniffing;
use crate::cache::FileState;
use crate::disk::FileIn;
use crate::feedback::code::Code;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::options::{HeadersOnSsr, Options, Settings};
use crate::project::Project;
use crate::rules::SiteRules;
use walk::{Walk, Walked};

/// The files of a build.
#[derive(Debug)]
pub(crate) struct Site {
    /// The project that the build belongs to.
    pub project: Project,
    /// The public files, sorted by route.
    pub files: Vec<SourceFile>,
    /// The files and folders that are not public, sorted by path.
    pub left_out: Vec<LeftOut>,
    /// The site's rules for URLs and header fields.
    pub rules: SiteRules,
    /// Whether the modules of a server are a part of the output.
    pub(crate) server: ServerModulesAre,
    /// The time before the state of the first file was read.
    pub looked_at: SystemTime,
}

/// A public file.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Its route in the table.
    pub route: RoutePath,
    /// Its path in the file system.
    pub path: PathBuf,
    /// Its bytes. If a link leads to them, they are those of its target.
    pub content: FileIn,
    /// Its name in diagnostics: the path below the packed folder, with slashes.
    pub name: String,
    /// Its metadata, by which a later change is detected.
    pub state: FileState,
    /// The reason why it is public.
    pub publication: Publication,
    /// Its settings: the options, as the rules for its path change them.
    pub settings: Arc<Settings>,
    /// The types that its bytes may have, if its name does not tell.
    pub sniffing: Sniffing,
}

/// The choices of a target on which earlier stages depend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Treatment {
    /// The treatment of files that are larger than a static asset may be.
    pub(crate) large_files: LargeFiles,
    /// The rules that it applies to responses of the site's server.
    pub(crate) headers_on_ssr: HeadersOnSsr,
    /// Whether it ships the modules of the site's server.
    pub(crate) server: ServerModulesAre,
}

/// The place of a server's modules, as a target decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerModulesAre {
    /// They are a part of the output.
    Shipped,
    /// They stay where they are, and someone else may run them.
    LeftOut,
}

impl Treatment {
    /// That of targets that treat nothing in a way of their own.
    pub(crate) const NONE: Self = Self {
        large_files: LargeFiles::Warned,
        headers_on_ssr: HeadersOnSsr::Off,
        server: ServerModulesAre::LeftOut,
    };
}

/// Finds the public files of a project, and reads the rules of the site.
///
/// # Errors
/// If the site has neither a public file nor a server, or the configuration cannot be read. Problems with single files
/// are findings.
pub(crate) fn ingest(
    project: Project,
    options: &Options,
    treatment: Treatment,
    findings: &mut Findings,
) -> Result<Site, PackError> {
    let (rules, mut diagnostics) = SiteRules::read(&project, options)?;
    let walked = Walk::through(&project, options, treatment.headers_on_ssr, &rules)?;
    let Walked { files, left_out, diagnostics: found, started } = walked;
    diagnostics.extend(found);
    if treatment.large_files == LargeFiles::Movable {
        diagnostics.retain(|found| found.code != Code::IngestLargeFile);
    }
    findings.add(diagnostics);
    findings.add(server_entry::find(&project, &files, &left_out));
    let rules_file = project.layout.asset_name(SiteRules::REDIRECTS);
    findings.add(hidden::find(&files, &rules, &rules_file));
    findings.add(whole_project::find(&files, &left_out).into_iter().collect());
    findings.add(only_page::find(&project, &files, &rules, options).into_iter().collect());
    // A server may have no public files, and if some could not be read, their errors say more than that the
    // site is empty.
    let has_server = project.layout.server_entry(&project.dist).is_some();
    if files.is_empty() && !has_server && findings.check().is_ok() {
        return Err(PackError::EmptySite { path: project.dist, left_out: left_out.len() });
    }
    let server = treatment.server;
    Ok(Site { project, files, left_out, rules, server, looked_at: started })
}
