//! Sites with a server behind their assets, in the layouts of Astro's adapter.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use worker_pack_runtime::behaviour::{HtmlHandling, NotFoundHandling};

use crate::files::Files;
use crate::tools::workerd::COMPATIBILITY_DATE;

/// A server that says which request it got, and asks the assets if it is told to.
const SERVER: &str = "\
export default {
  fetch(request, env) {
    if (request.headers.get('x-ask') === 'assets') return env.ASSETS.fetch(request);
    const { pathname, search } = new URL(request.url);
    const headers = { 'X-Server': `${request.method} ${pathname}${search}` };
    return new Response('server', { headers });
  },
};
";

/// The configuration of a site with a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct WithServer {
    pub(super) html: HtmlHandling,
    pub(super) not_found: NotFoundHandling,
    pub(super) first: First,
    pub(super) layout: Layout,
}

/// The value of `run_worker_first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Missing,
    False,
    True,
    Patterns,
}

impl First {
    pub(super) const ALL: [Self; 4] = [Self::Missing, Self::Patterns, Self::True, Self::False];
    const PATTERNS: [&str; 4] = ["/docs/*", "/nothing/*", "/old0", "!/docs/b/*"];

    fn value(self) -> Option<Value> {
        match self {
            Self::Missing => None,
            Self::False => Some(json!(false)),
            Self::True => Some(json!(true)),
            Self::Patterns => Some(json!(Self::PATTERNS)),
        }
    }
}

/// The arrangement of files and server, by the version of Astro's adapter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layout {
    /// `_worker.js` among the files.
    Adapter12,
    /// `client` and `server`.
    Adapter14,
}

impl WithServer {
    /// Returns the configuration of a round. 96 successive rounds go through all of them.
    pub(super) fn of_round(round: usize) -> Self {
        let not_found = NotFoundHandling::ALL[round % NotFoundHandling::ALL.len()];
        let first = First::ALL[(round + round / 12) % First::ALL.len()];
        let layout = [Layout::Adapter12, Layout::Adapter14][(round + round / 48) % 2];
        Self { html: HtmlHandling::ALL[round % HtmlHandling::ALL.len()], not_found, first, layout }
    }

    /// Returns the files of a project with these public files.
    pub(super) fn project(self, public: Files) -> Files {
        let (folder, server) = match self.layout {
            Layout::Adapter12 => ("dist", "dist/_worker.js/index.js"),
            Layout::Adapter14 => ("dist/client", "dist/server/entry.mjs"),
        };
        let mut files: Files =
            public.into_iter().map(|(name, bytes)| (Path::new(folder).join(name), bytes)).collect();
        let mut add = |name: PathBuf, text: String| files.insert(name, text.into_bytes());
        add(server.into(), SERVER.to_owned());
        add(self.config(), self.config_text());
        let ignored = "_worker.js\n_routes.json\nwrangler.json\n";
        add(Path::new(folder).join(".assetsignore"), ignored.to_owned());
        if let Layout::Adapter12 = self.layout {
            // Workers ignore it.
            let routes = json!({ "version": 1, "include": ["/*"], "exclude": ["/a/*"] });
            add(Path::new(folder).join("_routes.json"), routes.to_string());
        }
        files
    }

    /// Returns the path of the configuration for wrangler in the project.
    pub(super) fn config(self) -> PathBuf {
        match self.layout {
            Layout::Adapter12 => "wrangler.json",
            Layout::Adapter14 => "dist/server/wrangler.json",
        }
        .into()
    }

    fn config_text(self) -> String {
        let (main, directory) = match self.layout {
            Layout::Adapter12 => ("dist/_worker.js/index.js", "dist"),
            Layout::Adapter14 => ("entry.mjs", "../client"),
        };
        let mut assets = json!({
            "binding": "ASSETS",
            "directory": directory,
            "html_handling": self.html.name(),
            "not_found_handling": self.not_found.name(),
        });
        if let Some(first) = self.first.value() {
            assets["run_worker_first"] = first;
        }
        json!({
            "name": "oracle",
            "main": main,
            "compatibility_date": COMPATIBILITY_DATE,
            "assets": assets,
        })
        .to_string()
    }
}

impl fmt::Display for WithServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { html, not_found, first, layout } = self;
        write!(f, "a server behind workers ({html}, {not_found}, {first:?}, {layout:?})")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rounds_go_through_all_configurations() {
        let all: BTreeSet<String> =
            (0..96).map(|round| WithServer::of_round(round).to_string()).collect();
        assert_eq!(all.len(), 96);
    }
}
