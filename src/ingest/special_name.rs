//! Names of files and folders that are not public, and what Cloudflare does with them.
//!
//! Wrangler leaves out `_headers`, `_redirects` and `.assetsignore` of Workers Static Assets, and for
//! Pages a fixed list. Other names are public on Cloudflare. Some of them are left out all the same,
//! since publishing them would be a mistake: that is reported, with the rule that publishes them.

use std::path::Path;

use worker_pack_runtime::behaviour::Compat;

use super::left_out::LeftOutReason;
use crate::exposure::key_file;
use crate::options::{Dotfiles, Options, SourceMaps};
use crate::project::layout::Layout;

/// The meaning of the name of a file or folder that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SpecialName {
    pub(super) reason: LeftOutReason,
    pub(super) on_cloudflare: OnCloudflare,
    pub(super) guard: Guard,
}

/// The treatment of a file by the Cloudflare server that the site follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OnCloudflare {
    /// It is not public there either.
    LeftOut,
    /// It is not public there either, but may be a page.
    PageLeftOut,
    /// It is public there.
    Public,
    /// It is public there, and of no use.
    Useless,
}

/// The rules that publish a file in spite of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// Any that matches it.
    Open,
    /// Those that contain the name, letter by letter.
    ByName,
}

/// Everything besides its path that decides on the meaning of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpecialNames {
    layout: Layout,
    compat: Compat,
    source_maps: SourceMaps,
    dotfiles: Dotfiles,
}

impl SpecialNames {
    pub(super) fn new(layout: Layout, compat: Compat, options: &Options) -> Self {
        let Options { source_maps, dotfiles, .. } = *options;
        Self { layout, compat, source_maps, dotfiles }
    }

    /// Returns the meaning of the last name in a path below the public folder, if it has one.
    pub(super) fn meaning(self, below_root: &Path) -> Option<SpecialName> {
        use Guard::{ByName, Open};
        use OnCloudflare::{LeftOut, PageLeftOut, Public, Useless};
        let at_root = below_root.components().count() == 1;
        let name = below_root.file_name()?.to_string_lossy();
        let on_pages = self.compat == Compat::Pages;
        let unless_pages = |other| if on_pages { LeftOut } else { other };
        let is_server = self.layout == Layout::PagesWorker;
        let (reason, on_cloudflare, guard) = match &*name {
            "_worker.js" if at_root => {
                let on_cloudflare = if is_server { LeftOut } else { unless_pages(Public) };
                (LeftOutReason::ServerCode, on_cloudflare, ByName)
            }
            "functions" if at_root && on_pages => {
                let on_cloudflare = if is_server { LeftOut } else { PageLeftOut };
                (LeftOutReason::ServerCode, on_cloudflare, ByName)
            }
            "_headers" | "_redirects" if at_root => (LeftOutReason::HostRules, LeftOut, ByName),
            "_routes.json" if at_root && on_pages => (LeftOutReason::HostRules, LeftOut, ByName),
            ".assetsignore" if at_root => (LeftOutReason::ToolConfiguration, LeftOut, ByName),
            // Of a sample project, in a folder, it is an asset like any other.
            "wrangler.json" | "wrangler.jsonc" | "wrangler.toml" if at_root => {
                (LeftOutReason::ToolConfiguration, Public, ByName)
            }
            "node_modules" if on_pages => (LeftOutReason::Debris, LeftOut, Open),
            ".DS_Store" => (LeftOutReason::Debris, unless_pages(Useless), Open),
            "Thumbs.db" => (LeftOutReason::Debris, Useless, Open),
            ".git" => (LeftOutReason::Debris, unless_pages(Public), ByName),
            ".wrangler" if at_root => (LeftOutReason::Debris, unless_pages(Public), ByName),
            ".wrangler" | ".netlify" | ".vercel" => (LeftOutReason::Debris, Public, ByName),
            secret if key_file::holds_passwords(secret) => (LeftOutReason::Secret, Public, ByName),
            ".well-known" => return None,
            hidden if hidden.starts_with('.') && self.dotfiles == Dotfiles::LeaveOut => {
                (LeftOutReason::Hidden, Public, Open)
            }
            map if is_source_map(map) && self.source_maps != SourceMaps::Publish => {
                (LeftOutReason::SourceMap, Useless, Open)
            }
            _ => return None,
        };
        Some(SpecialName { reason, on_cloudflare, guard })
    }

    /// Returns whether a path would be hidden anyway, whatever the file contains.
    pub(super) fn is_hidden(self, path: &Path) -> bool {
        self.dotfiles == Dotfiles::LeaveOut
            && path
                .iter()
                .map(|name| name.to_string_lossy())
                .any(|name| name.starts_with('.') && name != ".well-known")
    }

    /// Returns the name of the server whose rules count.
    pub(super) fn host(self) -> &'static str {
        match self.compat {
            Compat::Workers => "Workers Static Assets",
            Compat::Pages => "Pages",
        }
    }

    /// Returns what Cloudflare does with a file that `.assetsignore` matches. Pages does not read it.
    pub(super) fn ignored(self) -> SpecialName {
        let on_cloudflare = match self.compat {
            Compat::Workers => OnCloudflare::LeftOut,
            Compat::Pages => OnCloudflare::Public,
        };
        SpecialName { reason: LeftOutReason::Ignored, on_cloudflare, guard: Guard::Open }
    }
}

/// Returns whether a file is the source map of a script or a style sheet. Other files end in `.map`
/// too.
pub(crate) fn is_source_map(name: &str) -> bool {
    [".js.map", ".mjs.map", ".cjs.map", ".css.map"].iter().any(|suffix| name.ends_with(suffix))
}
