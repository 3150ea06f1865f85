//! The decision about every file and folder of a build: public or not, and why.

use std::fs::FileType;
use std::path::Path;
use std::sync::Arc;

use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::Compat;

use super::admission::Publication;
use super::assets_ignore::AssetsIgnore;
use super::left_out::LeftOutReason;
use super::special_name::{Guard, OnCloudflare, SpecialName, SpecialNames};
use crate::asset::path_pattern::PathPattern;
use crate::asset::route::RoutePath;
use crate::feedback::error::PackError;
use crate::options::{Options, Publish, Publishing, Settings};
use crate::project::Project;
use crate::project::layout::Layout;

/// The rules by which files of a site are left out.
pub(super) struct Exclusions<'o> {
    layout: Layout,
    /// The path of the public folder below the packed folder. Empty if they are the same.
    asset_prefix: &'static Path,
    options: &'o Options,
    behaviour: Behaviour,
    ignored: AssetsIgnore,
    names: SpecialNames,
    /// The settings of files that no rule matches.
    usual: Arc<Settings>,
}

/// The decision about a file.
pub(super) struct Judgement {
    pub(super) publication: Publication,
    pub(super) settings: Arc<Settings>,
}

/// The decision against publishing a file or folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exclusion {
    pub(super) reason: LeftOutReason,
    pub(super) on_cloudflare: OnCloudflare,
    /// The part of the site that it is about.
    pub(super) extent: Extent,
    /// True if a rule publishes the file by a pattern that does not contain its name.
    pub(super) is_guarded: bool,
}

/// The part of a site that an exclusion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// The file or folder itself.
    Own,
    /// A folder around it, which is excluded as well. It is the one with this number of names in its path.
    Folder(usize),
}

impl Exclusion {
    pub(super) fn of(reason: LeftOutReason) -> Self {
        let on_cloudflare = OnCloudflare::LeftOut;
        Self { reason, on_cloudflare, extent: Extent::Own, is_guarded: false }
    }

    fn by(name: SpecialName, extent: Extent) -> Self {
        Self { on_cloudflare: name.on_cloudflare, extent, ..Self::of(name.reason) }
    }
}

/// A name or pattern that excludes a path, and the part of the path that it is about.
struct Found<'p> {
    name: SpecialName,
    culprit: &'p Path,
}

impl<'o> Exclusions<'o> {
    /// Reads the `.assetsignore` of a site.
    pub(super) fn new(
        project: &Project,
        options: &'o Options,
        behaviour: Behaviour,
    ) -> Result<Self, PackError> {
        let layout = project.layout;
        Ok(Self {
            layout,
            asset_prefix: layout.asset_prefix(),
            options,
            behaviour,
            ignored: AssetsIgnore::read(project)?,
            names: SpecialNames::new(layout, behaviour.compat, options),
            usual: Arc::new(Settings::usual(options)),
        })
    }

    pub(super) fn names(&self) -> SpecialNames {
        self.names
    }

    /// Returns the reason why a folder is not public, if it is not. `path` is relative to the packed
    /// folder.
    pub(super) fn judge_folder(&self, path: &Path) -> Option<Exclusion> {
        if self.layout == Layout::ClientAndServer && path == self.asset_prefix {
            return None;
        }
        let below_root = match self.below_root(path) {
            Ok(below_root) => below_root,
            Err(reason) => return Some(Exclusion::of(reason)),
        };
        let exclusion = excluded(&self.find(below_root, true)?, below_root);
        // A rule that leaves out what is in the folder says that this is meant.
        let inside = RoutePath::from_relative(&below_root.join("any"));
        let settings = inside.map(|route| Settings::of(self.options, &route, self.behaviour));
        Some(match settings {
            Some(Settings { publish: Publishing::LeftOut, .. }) => {
                Exclusion { on_cloudflare: OnCloudflare::LeftOut, ..exclusion }
            }
            _ => exclusion,
        })
    }

    /// Returns whether a rule may publish a file in a folder that is not public.
    pub(super) fn may_publish_below(&self, path: &Path) -> bool {
        let Ok(below_root) = self.below_root(path) else { return false };
        let Some(folder) = RoutePath::from_relative(below_root) else { return false };
        let rules = self.options.rule.iter().filter(|rule| rule.publish == Some(Publish::Yes));
        rules.flat_map(|rule| &rule.paths).any(|pattern| pattern.may_match_below(folder.as_str()))
    }

    /// Decides about a file. `path` is relative to the packed folder.
    ///
    /// # Errors
    /// If it is not public.
    pub(super) fn judge_file(
        &self,
        path: &Path,
        file_type: FileType,
    ) -> Result<Judgement, Exclusion> {
        if !file_type.is_file() {
            return Err(Exclusion::of(LeftOutReason::NotAFile));
        }
        self.judge_path(path)
    }

    /// Decides about a file by its path, which is relative to the packed folder.
    ///
    /// # Errors
    /// If it is not public.
    pub(super) fn judge_path(&self, path: &Path) -> Result<Judgement, Exclusion> {
        let below_root = self.below_root(path).map_err(Exclusion::of)?;
        let Some(route) = RoutePath::from_relative(below_root) else {
            let named = self.find(below_root, false);
            return Err(named.map_or(Exclusion::of(LeftOutReason::NameNotUtf8), |found| {
                excluded(&found, below_root)
            }));
        };
        let settings = if self.options.rule.is_empty() {
            Arc::clone(&self.usual)
        } else {
            Arc::new(Settings::of(self.options, &route, self.behaviour))
        };
        let found = self.find(below_root, false);
        let excluded = |found: &Found<'_>| excluded(found, below_root);
        let by_rule = |patterns: &[PathPattern]| {
            let is_exact = patterns.iter().any(PathPattern::is_exact);
            if is_exact { Publication::ByRule } else { Publication::Usual }
        };
        let publication = match (&settings.publish, &found) {
            (Publishing::LeftOut, None) => return Err(Exclusion::of(LeftOutReason::ByRule)),
            (Publishing::LeftOut, Some(found)) => {
                return Err(Exclusion { on_cloudflare: OnCloudflare::LeftOut, ..excluded(found) });
            }
            (Publishing::Public(patterns), Some(found)) if !is_open(found, patterns) => {
                return Err(Exclusion { is_guarded: true, ..excluded(found) });
            }
            (Publishing::Public(patterns), _) => by_rule(patterns),
            (Publishing::Usual, Some(found)) => return Err(excluded(found)),
            (Publishing::Usual, None) if self.ignored.publishes(below_root) => Publication::ByRule,
            (Publishing::Usual, None) => Publication::Usual,
        };
        Ok(Judgement { publication, settings })
    }

    /// Returns the path below the public folder, or the reason why a path outside is not public.
    fn below_root<'p>(&self, path: &'p Path) -> Result<&'p Path, LeftOutReason> {
        path.strip_prefix(self.asset_prefix).map_err(|_| {
            if self.layout.is_in_server_folder(path) {
                LeftOutReason::ServerCode
            } else {
                LeftOutReason::BesideClient
            }
        })
    }

    /// Returns the outermost name that excludes a path, else what `.assetsignore` says.
    fn find<'p>(&self, below_root: &'p Path, is_folder: bool) -> Option<Found<'p>> {
        let mut parts: Vec<&Path> = below_root.ancestors().collect();
        parts.retain(|part| !part.as_os_str().is_empty());
        let special = parts.into_iter().rev().find_map(|culprit| {
            let name = self.meaning(culprit)?;
            Some(Found { name, culprit })
        });
        let ignored = || {
            let culprit = self.ignored.ignored(below_root, is_folder)?;
            Some(Found { name: self.names.ignored(), culprit })
        };
        match special {
            None => ignored(),
            // Neither Cloudflare nor the site publishes it.
            Some(found) => Some(match ignored() {
                Some(both) if both.name.on_cloudflare == OnCloudflare::LeftOut => {
                    let on_cloudflare = OnCloudflare::LeftOut;
                    Found { name: SpecialName { on_cloudflare, ..found.name }, ..found }
                }
                _ => found,
            }),
        }
    }

    /// Returns the meaning of a name, unless a line of `.assetsignore` publishes the file.
    fn meaning(&self, below_root: &Path) -> Option<SpecialName> {
        let name = self.names.meaning(below_root)?;
        // Wrangler leaves these out by lines before those of the site.
        let is_own_line = self.behaviour.compat == Compat::Workers
            && ["_headers", "_redirects", ".assetsignore"].iter().any(|own| below_root == *own);
        if is_own_line && self.ignored.includes(below_root) {
            return None;
        }
        let is_published =
            name.reason == LeftOutReason::Secret && self.ignored.publishes(below_root);
        if !is_published {
            return Some(name);
        }
        let hidden = SpecialName { reason: LeftOutReason::Hidden, guard: Guard::Open, ..name };
        self.names.is_hidden(below_root).then_some(hidden)
    }
}

/// Returns whether one of the patterns suffices to publish a file in spite of its name.
fn is_open(found: &Found<'_>, patterns: &[PathPattern]) -> bool {
    let culprit = RoutePath::from_relative(found.culprit);
    found.name.guard == Guard::Open
        || culprit.is_some_and(|it| patterns.iter().any(|pattern| pattern.names(it.as_str())))
}

fn excluded(found: &Found<'_>, below_root: &Path) -> Exclusion {
    let extent = if found.culprit == below_root {
        Extent::Own
    } else {
        Extent::Folder(found.culprit.iter().count())
    };
    Exclusion::by(found.name, extent)
}
