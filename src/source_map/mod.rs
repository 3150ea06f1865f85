//! The source maps of minified scripts: from what is served, through the map that the build wrote if there
//! is one, to what the developers wrote. They are written beside the output, and are not public.

mod chain;
mod lines;
mod places;
mod site;

use crate::asset::debug_id::DebugId;
use crate::project::Project;
use crate::transform::comments::KeptComments;
use crate::transform::javascript::{self, Names, ScriptKind};
pub(crate) use places::Places;
pub(crate) use site::of_site;

/// A source map.
#[derive(Clone, Debug)]
pub(crate) struct SourceMapFile {
    /// Its path below the folder of source maps, with slashes.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// A script that is minified.
pub(crate) struct Script<'s> {
    /// The path of its map below the folder of source maps, without the extension.
    pub(crate) name: &'s str,
    /// Its path below the packed folder, with slashes.
    pub(crate) path: &'s str,
    /// Its source, as the minifier gets it.
    pub(crate) source: &'s str,
    /// Its source, as the build wrote it, with the place there of each place in `source`, in bytes.
    pub(crate) written: (&'s str, &'s dyn Fn(usize) -> usize),
    pub(crate) kind: ScriptKind,
    pub(crate) names: Names,
}

/// A minified script with its debug id, and its source map.
pub(crate) struct Mapped {
    pub(crate) code: String,
    pub(crate) map: SourceMapFile,
}

impl Script<'_> {
    /// Minifies the script and makes its source map. Returns `None` if it cannot be minified.
    pub(crate) fn mapped(
        &self,
        project: &Project,
        places: &Places,
        kept: &KeptComments,
    ) -> Option<Mapped> {
        let minified = javascript::minify_mapped(self.source, self.kind, self.names, kept).ok()?;
        let built = Places::map_of(project, self.path, self.written.0);
        let file = self.name.rsplit('/').next().unwrap_or_default();
        let id = DebugId::of(&minified.code);
        let bytes = chain::render(&minified.origins, self, built.as_ref(), places, file, id);
        let map = SourceMapFile { name: format!("{}.map", self.name), bytes };
        Some(Mapped { code: DebugId::added_to(&minified.code), map })
    }
}
