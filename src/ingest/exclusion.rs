//! Files that never become public, with the reasons.

use std::fmt;
use std::fs::FileType;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::{Deserialize, Serialize};

use crate::exposure::key_file;
use crate::feedback::code::Code;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::options::{Dotfiles, Options, SourceMaps};
use crate::project::Project;
use crate::project::layout::Layout;

/// The reason why a file or folder is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutReason {
    /// `server/` beside `client/`, `_worker.js`, `functions/`.
    ServerCode,
    /// Neither in `client/` nor in `server/` of a build that has both.
    BesideClient,
    /// Rules for the host: `_headers`, `_redirects`, `_routes.json`.
    HostRules,
    /// Configuration of tools: `wrangler.json`, `.assetsignore`.
    ToolConfiguration,
    /// Secrets: `.env*`, `.dev.vars*`, `.npmrc`, private keys.
    Secret,
    /// Leftovers of tools and operating systems: `node_modules`, `.git`, `.DS_Store`.
    Debris,
    /// Matched by `.assetsignore`.
    Ignored,
    /// Source maps, by [`SourceMaps::LeaveOut`].
    SourceMap,
    /// Hidden files, by [`Dotfiles::LeaveOut`].
    Hidden,
    /// A symbolic link that leads out of the site.
    LinkOutside,
    /// A symbolic link to a missing file.
    LinkBroken,
    /// A symbolic link to a folder that contains it.
    LinkLoop,
    /// A name that is not UTF-8, which the table cannot contain.
    NameNotUtf8,
    /// A pipe, a socket or a device.
    NotAFile,
}

impl LeftOutReason {
    /// Returns the code and the remedy of a warning, if the file was probably left out by mistake.
    pub(super) fn warning(self) -> Option<(Code, &'static str)> {
        match self {
            Self::LinkOutside => Some((
                Code::IngestLinkOutside,
                "copy the file into the site if it should be public, else remove the link",
            )),
            Self::LinkBroken => {
                Some((Code::IngestBrokenLink, "remove the link, or build the site again"))
            }
            Self::LinkLoop => Some((Code::IngestLinkLoop, "remove the link")),
            Self::NameNotUtf8 => Some((Code::IngestNameNotUtf8, "rename the file")),
            Self::NotAFile => Some((Code::IngestNotAFile, "remove it from the site")),
            _ => None,
        }
    }
}

impl fmt::Display for LeftOutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServerCode => "server code",
            Self::BesideClient => "not in client/",
            Self::HostRules => "rules for the host",
            Self::ToolConfiguration => "configuration of a tool",
            Self::Secret => "may hold secrets",
            Self::Debris => "left behind by a tool",
            Self::Ignored => "matched by .assetsignore",
            Self::SourceMap => "source map",
            Self::Hidden => "hidden file",
            Self::LinkOutside => "symbolic link to outside the site",
            Self::LinkBroken => "broken symbolic link",
            Self::LinkLoop => "symbolic link to a folder that contains it",
            Self::NameNotUtf8 => "file name is not UTF-8",
            Self::NotAFile => "neither a file nor a folder",
        })
    }
}

/// The rules by which files of a site are left out.
pub(super) struct Exclusions {
    layout: Layout,
    /// The path of the public folder below the packed folder. Empty if they are the same.
    asset_prefix: &'static Path,
    /// The patterns of `.assetsignore`.
    ignored: Gitignore,
    source_maps: SourceMaps,
    dotfiles: Dotfiles,
}

impl Exclusions {
    /// Reads the `.assetsignore` of a site.
    pub(super) fn new(project: &Project, options: &Options) -> Result<Self, PackError> {
        let (layout, root) = (project.layout, project.asset_root());
        let mut patterns = GitignoreBuilder::new(&root);
        let file = root.join(".assetsignore");
        let invalid = |error| PackError::Config { path: file.clone(), message: message(&error) };
        if file.is_file() {
            let read = project.asset_file(".assetsignore").and_then(|file| file.read());
            let text = read.map_err(PackError::io(Stage::Ingest, "read", &file))?;
            let text = String::from_utf8_lossy(&text);
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let mut errors = Vec::new();
            for (line, text) in (1_u64..).zip(text.lines()) {
                if let Err(error) = patterns.add_line(Some(file.clone()), text) {
                    errors.push(ignore::Error::WithLineNumber { line, err: Box::new(error) });
                }
            }
            if !errors.is_empty() {
                return Err(invalid(ignore::Error::Partial(errors)));
            }
        }
        let ignored = patterns.build().map_err(invalid)?;
        let asset_prefix = layout.asset_prefix();
        let Options { source_maps, dotfiles, .. } = *options;
        Ok(Self { layout, asset_prefix, ignored, source_maps, dotfiles })
    }

    /// Returns the reason why an entry is not public, if it is not. `path` is relative to the packed
    /// folder.
    pub(super) fn reason(&self, path: &Path, file_type: FileType) -> Option<LeftOutReason> {
        if !file_type.is_dir() && !file_type.is_file() {
            return Some(LeftOutReason::NotAFile);
        }
        if self.layout == Layout::ClientAndServer && path == self.asset_prefix {
            return None;
        }
        let by_name = match self.reason_by_name(path) {
            Some(LeftOutReason::Secret) if self.is_published_by_rule(path) => {
                self.is_hidden(path).then_some(LeftOutReason::Hidden)
            }
            reason => reason,
        };
        by_name.or_else(|| {
            let below_root = path.strip_prefix(self.asset_prefix).ok()?;
            let ignored = self
                .ignored
                .matched_path_or_any_parents(below_root, file_type.is_dir())
                .is_ignore();
            ignored.then_some(LeftOutReason::Ignored)
        })
    }

    /// Returns whether a rule such as `!/keys/demo.pem` publishes a file that would be left out because
    /// of its content. Its last part has to be the very name of the file or of a folder around it, so
    /// that no pattern publishes a secret by accident.
    pub(super) fn is_published_by_rule(&self, path: &Path) -> bool {
        if self.ignored.num_whitelists() == 0 {
            return false;
        }
        let Ok(below_root) = path.strip_prefix(self.asset_prefix) else { return false };
        below_root.ancestors().filter(|path| !path.as_os_str().is_empty()).any(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            [false, true].into_iter().any(|is_folder| {
                let rule = self.ignored.matched(path, is_folder);
                rule.inner().is_some_and(|rule| {
                    let pattern = rule.original().trim_end_matches('/');
                    let last = pattern.rsplit('/').next().unwrap_or_default();
                    let last = last.strip_prefix('!').unwrap_or(last).replace('\\', "");
                    rule.is_whitelist() && last == *name
                })
            })
        })
    }

    /// Returns whether a file would be hidden anyway, whatever it contains.
    pub(super) fn is_hidden(&self, path: &Path) -> bool {
        self.dotfiles == Dotfiles::LeaveOut
            && path
                .iter()
                .map(|name| name.to_string_lossy())
                .any(|name| name.starts_with('.') && name != ".well-known")
    }

    /// Returns the reason why the target of a link, or a folder that contains it, is not public.
    ///
    /// The walk checks folders before it enters them, but a link can point below any folder.
    pub(super) fn reason_for_target(
        &self,
        path: &Path,
        file_type: FileType,
    ) -> Option<LeftOutReason> {
        let in_folder = path
            .ancestors()
            .skip(1)
            .filter(|folder| folder.starts_with(self.asset_prefix) && *folder != self.asset_prefix)
            .find_map(|folder| self.reason_by_name(folder));
        in_folder.or_else(|| self.reason(path, file_type))
    }

    /// Returns the reason why an entry is not public, judging by its path alone.
    pub(super) fn reason_by_name(&self, path: &Path) -> Option<LeftOutReason> {
        let Ok(below_root) = path.strip_prefix(self.asset_prefix) else {
            return Some(if self.layout.is_in_server_folder(path) {
                LeftOutReason::ServerCode
            } else {
                LeftOutReason::BesideClient
            });
        };
        // Cloudflare gives these names a meaning only at the root.
        let at_root = below_root.components().count() == 1;
        let name = path.file_name()?.to_string_lossy();
        match &*name {
            "_worker.js" | "functions" if at_root && self.layout != Layout::ClientAndServer => {
                // Outside of a Pages project, a folder called `functions` can contain pages.
                (name == "_worker.js" || self.layout == Layout::PagesWorker)
                    .then_some(LeftOutReason::ServerCode)
            }
            "_worker.js" if at_root => Some(LeftOutReason::ServerCode),
            "_headers" | "_redirects" | "_routes.json" if at_root => Some(LeftOutReason::HostRules),
            ".assetsignore" if at_root => Some(LeftOutReason::ToolConfiguration),
            "wrangler.json" | "wrangler.jsonc" | "wrangler.toml" => {
                Some(LeftOutReason::ToolConfiguration)
            }
            "node_modules" | ".git" | ".wrangler" | ".netlify" | ".vercel" | ".DS_Store"
            | "Thumbs.db" => Some(LeftOutReason::Debris),
            secret if key_file::holds_passwords(secret) => Some(LeftOutReason::Secret),
            ".well-known" => None,
            hidden if hidden.starts_with('.') && self.dotfiles == Dotfiles::LeaveOut => {
                Some(LeftOutReason::Hidden)
            }
            map if is_source_map(map) && self.source_maps == SourceMaps::LeaveOut => {
                Some(LeftOutReason::SourceMap)
            }
            _ => None,
        }
    }
}

/// Describes an error without the path of the file, which the error around it names.
fn message(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. } => message(err),
        ignore::Error::Partial(errors) => errors.iter().map(message).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// Returns whether a file is the source map of a script or a style sheet. Other files end in `.map`
/// too.
pub(crate) fn is_source_map(name: &str) -> bool {
    [".js.map", ".mjs.map", ".cjs.map", ".css.map"].iter().any(|suffix| name.ends_with(suffix))
}
