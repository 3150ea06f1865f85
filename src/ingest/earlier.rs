//! The decision about files of earlier builds: whether the site would publish them today.

use std::path::Path;
use std::sync::Arc;

use super::exclusion::Exclusions;
use crate::asset::route::RoutePath;
use crate::feedback::error::PackError;
use crate::ingest::Site;
use crate::options::{Options, Settings};

/// The rules of a site about what is public, for files that are not in its build.
pub(crate) struct EarlierFiles<'o>(Exclusions<'o>);

impl<'o> EarlierFiles<'o> {
    /// Reads the rules.
    ///
    /// # Errors
    /// If `.assetsignore` cannot be read.
    pub(crate) fn of(site: &Site, options: &'o Options) -> Result<Self, PackError> {
        Exclusions::new(&site.project, options, site.rules.behaviour).map(Self)
    }

    /// Returns the settings of a file, if a build that contained it would publish it.
    pub(crate) fn settings(&self, site: &Site, route: &RoutePath) -> Option<Arc<Settings>> {
        let below = Path::new(route.as_str().trim_start_matches('/'));
        let path = site.project.layout.asset_prefix().join(below);
        self.0.judge_path(&path).ok().map(|judgement| judgement.settings)
    }
}
