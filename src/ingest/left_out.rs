//! The reasons why files are not public.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::feedback::code::Code;

/// A file or folder that is not public. The name of a folder ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its path below the packed folder, with slashes.
    pub file: String,
    /// The reason why it is not public.
    pub reason: LeftOutReason,
}

/// The reason why a file or folder is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutReason {
    /// `server/` beside `client/`, `_worker.js`, on Pages `functions`.
    ServerCode,
    /// Neither in `client/` nor in `server/` of a build that has both.
    BesideClient,
    /// Rules for the host: `_headers`, `_redirects`, on Pages `_routes.json`.
    HostRules,
    /// Configuration of tools: `wrangler.json`, `.assetsignore`.
    ToolConfiguration,
    /// Secrets: `.env*`, `.dev.vars*`, `.npmrc`, private keys.
    Secret,
    /// Leftovers of tools and operating systems: `.git`, `.DS_Store`, on Pages `node_modules`.
    Debris,
    /// Matched by `.assetsignore`.
    Ignored,
    /// Left out by a rule, [`PathRule::publish`](crate::options::PathRule::publish).
    ByRule,
    /// Source maps, by [`SourceMaps::LeaveOut`](crate::options::SourceMaps::LeaveOut).
    SourceMap,
    /// Hidden files, by [`Dotfiles::LeaveOut`](crate::options::Dotfiles::LeaveOut).
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
            Self::ByRule => "left out by a rule",
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
