//! The source maps of a site's scripts.

use std::io;

use rayon::prelude::*;

use super::{Mapped, Places, Script, SourceMapFile};
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::Site;
use crate::options::Options;
use crate::represent::{Represented, RepresentedFile};
use crate::survey::Survey;
use crate::transform::Outcome;
use crate::transform::comments::KeptComments;
use crate::transform::javascript::Names;

/// The folder of the maps of public files, below that of all maps.
const PUBLIC: &str = "public";

/// A byte order mark.
const MARK: char = '\u{feff}';

/// Makes the source maps of all minified scripts of a site.
///
/// # Errors
/// Returns what is wrong with scripts that have changed while they were packed.
pub(crate) fn of_site(
    site: &Site,
    survey: &Survey,
    represented: &Represented,
    options: &Options,
) -> Result<Vec<SourceMapFile>, Vec<Diagnostic>> {
    let kept = KeptComments::new(&options.keep_comments);
    let places = Places::of(&site.project);
    let scripts = represented.files.par_iter().filter(|file| is_minified_script(file));
    let maps: Vec<_> = scripts.map(|file| of_file(file, site, survey, &kept, &places)).collect();
    let (maps, errors): (Vec<_>, Vec<_>) = maps.into_iter().partition(Result::is_ok);
    if errors.is_empty() {
        Ok(maps.into_iter().flatten().collect())
    } else {
        Err(errors.into_iter().filter_map(Result::err).collect())
    }
}

fn is_minified_script(file: &RepresentedFile) -> bool {
    file.outcome == Outcome::Minified
        && file.media_type.language() == Some(Language::Code(CodeLanguage::JavaScript))
}

fn of_file(
    file: &RepresentedFile,
    site: &Site,
    survey: &Survey,
    kept: &KeptComments,
    places: &Places,
) -> Result<SourceMapFile, Diagnostic> {
    let unreadable = |error: &io::Error| Diagnostic::unreadable(&file.source.name, error);
    let bytes = file.source.content.read().map_err(|error| unreadable(&error))?;
    let text = String::from_utf8_lossy(&bytes);
    let source = text.trim_start_matches(MARK);
    let name = format!("{PUBLIC}{}", file.source.route.as_str());
    let script = Script {
        name: &name,
        path: &file.source.name,
        source,
        written: (source, &|offset| offset),
        kind: survey.script_kind(&file.source.route),
        names: Names::PreservedIfRead,
    };
    let mapped = script.mapped(&site.project, places, kept);
    // A mark that stays is no part of the script.
    let is_served = |mapped: &Mapped| {
        [mapped.code.clone(), format!("{MARK}{}", mapped.code)]
            .iter()
            .any(|code| ContentHash::of(code.as_bytes()) == file.identity.hash())
    };
    let changed = || unreadable(&io::Error::other("it has changed while it was packed"));
    mapped.filter(is_served).map(|mapped| mapped.map).ok_or_else(changed)
}
