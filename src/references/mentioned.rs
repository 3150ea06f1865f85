//! The names that keep a file from getting a fingerprint: those outside of references.
//!
//! Each URL of a module is an instance of it, with its own variables. So the name of a script is looked for in data
//! as well, and a reference to it that would stay counts as any other place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use super::locate::Spot;
use super::mention::Mentions;
use super::parsers::Parsers;
use super::plan::{Plan, is_script};
use super::report::TextPlace;
use super::text::{Contents, Reading, Text};
use crate::asset::media_type::{CodeLanguage, Language, MediaType};
use crate::asset::route::RoutePath;
use crate::ingest::{Site, is_source_map};
use crate::survey::{OtherText, Survey, is_read};
use crate::transform::reference::References;

/// Returns the first place of each file's name that is neither in a reference nor in what no program compares
/// with a URL. `plan` has the texts that will be rewritten, and `others` are those that are not public files.
pub(super) fn mentioned(
    site: &Site,
    survey: &Survey,
    plan: &Plan,
    others: &[OtherText],
    files: &BTreeSet<usize>,
    parsers: Parsers<'_>,
) -> BTreeMap<usize, TextPlace> {
    let names = files.iter().map(|index| (*index, site.files[*index].route.file_name()));
    let Some(mentions) = Mentions::of(names) else {
        let nowhere = TextPlace { file: String::new(), line: 1, column: 1 };
        return files.iter().map(|index| (*index, nowhere.clone())).collect();
    };
    let indices: Vec<usize> = (0..site.files.len()).collect();
    let of_files = indices.par_iter().flat_map_iter(|index| {
        let file = &site.files[*index];
        let is_read = is_read(&file.route, file.state.len());
        let bytes = is_read.then(|| file.content.read().ok()).flatten().unwrap_or_default();
        let found: Vec<Found> =
            mentions.find(&bytes).map(|(range, of)| (range, of.to_vec())).collect();
        if found.is_empty() {
            return Vec::new();
        }
        let text = Text::of_file(site, survey, *index, bytes.clone(), Reading::ByType, parsers);
        let explanation = Explanation {
            references: text.as_ref().and_then(|text| text.contents.references()),
            is_inert: matches!(text, Some(Text { contents: Contents::Inert, .. })),
            spots: plan.texts.get(index).map_or(&[], |text| &text.spots),
            is_loaded_by_none: is_source_map(&file.name),
        };
        let unexplained = found.into_iter().map(|found| explanation.left(site, found));
        places(&file.name, &bytes, unexplained)
    });
    let is_headers = |name: &str| name.rsplit('/').next() == Some("_headers");
    let of_others = others.iter().flat_map(|text| {
        let is_meant = |range: &Range<usize>| {
            is_code(&text.name) || is_headers(&text.name) && is_in_field(&text.bytes, range)
        };
        let found = mentions.find(&text.bytes).filter(|(range, _)| is_meant(range));
        let module = plan.server.get(&text.name);
        let explanation = Explanation {
            references: module.map(|module| &module.references),
            is_inert: false,
            spots: module.map_or(&[], |module| &module.spots),
            is_loaded_by_none: false,
        };
        let found = found.map(|(range, of)| explanation.left(site, (range, of.to_vec())));
        places(&text.name, &text.bytes, found)
    });
    let mut first = BTreeMap::new();
    let mut all: Vec<(usize, TextPlace)> = of_files.collect();
    all.extend(of_others);
    all.sort();
    for (index, place) in all {
        first.entry(index).or_insert(place);
    }
    first
}

/// The places of a text where a name does no harm.
struct Explanation<'t> {
    references: Option<&'t References>,
    /// True if no program compares what is in it with a URL.
    is_inert: bool,
    /// The names that will be rewritten.
    spots: &'t [Spot],
    /// True if no program of a page loads it.
    is_loaded_by_none: bool,
}

impl Explanation<'_> {
    /// Returns those files of a name that it does harm to.
    fn left(&self, site: &Site, (place, files): Found) -> Found {
        let is_covered = |index: &usize| {
            if is_script(&site.files[*index]) {
                self.covers_script(&place)
            } else {
                self.covers(&place)
            }
        };
        let left = files.into_iter().filter(|index| !is_covered(index)).collect();
        (place, left)
    }

    /// Returns whether a name does no harm to a file that keeps its own URL as well.
    fn covers(&self, place: &Range<usize>) -> bool {
        self.is_inert || self.references.is_some_and(|references| references.explain(place))
    }

    /// Returns whether no program loads a script by a name: it will be rewritten, leads to another file, or is in
    /// what no program reads.
    fn covers_script(&self, place: &Range<usize>) -> bool {
        let next = self.spots.partition_point(|spot| spot.at < place.start);
        let is_reference = self.spots.get(next).is_some_and(|spot| spot.at < place.end);
        let is_inert = self.references.is_some_and(|references| references.is_inert(place));
        is_reference || is_inert || self.is_loaded_by_none
    }
}

/// A name in a text, with the files that it may mean.
type Found = (Range<usize>, Vec<usize>);

/// Returns the first place of each file.
fn places(name: &str, bytes: &[u8], found: impl Iterator<Item = Found>) -> Vec<(usize, TextPlace)> {
    let mut first = BTreeMap::<usize, usize>::new();
    for (range, files) in found {
        for index in files {
            first.entry(index).or_insert(range.start);
        }
    }
    first.into_iter().map(|(index, at)| (index, TextPlace::of(name, bytes, at))).collect()
}

/// Returns whether a place of a `_headers` file lies in a field, and not in the path of a rule.
fn is_in_field(bytes: &[u8], place: &Range<usize>) -> bool {
    let before = &bytes[..place.start];
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes[line].is_ascii_whitespace()
}

/// Returns whether a file that is not public is code, by its name.
fn is_code(name: &str) -> bool {
    let route = RoutePath::from_relative(name.as_ref());
    let media_type = route.as_ref().and_then(MediaType::by_name);
    let language = media_type.and_then(|media_type| media_type.language());
    matches!(
        language,
        Some(Language::Html | Language::Code(CodeLanguage::JavaScript | CodeLanguage::Css))
    )
}
