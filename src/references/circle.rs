//! Circles: files that load each other. The hash of each would depend on those of the others.
//!
//! So they get one fingerprint together, from the bytes that they would have if it were a stand-in. It changes if any
//! of them does.

use std::collections::BTreeSet;

use super::answers::PLACEHOLDER;
use super::given::Given;
use super::names::Names;
use crate::asset::digest::ContentHash;
use crate::feedback::error::PackError;
use crate::ingest::{Site, TypeSource};
use crate::options::Options;
use crate::survey::Survey;
use crate::transform::{Minifier, transform};

impl Names {
    /// Gives the files of a circle their fingerprint. All other files that they load have theirs.
    ///
    /// # Errors
    /// If the options are wrong.
    pub(super) fn give_to_circle(
        &mut self,
        circle: &BTreeSet<usize>,
        site: &Site,
        survey: &Survey,
        options: &Options,
    ) -> Result<(), PackError> {
        let minifier = Minifier::new(options)?;
        let route = |index: usize| &site.files[index].route;
        self.stand_in(circle.iter().filter_map(|index| {
            Some((*index, Given::with_text(route(*index), PLACEHOLDER.to_owned())?))
        }));
        let hashes = circle.iter().map(|index| {
            let bytes = self.bytes_with_stand_ins(*index, site, survey, options, &minifier);
            ContentHash::of(&bytes).to_string()
        });
        let hash = ContentHash::of(hashes.collect::<String>().as_bytes());
        self.settle(circle.iter().map(|index| (*index, Given::of(route(*index), hash))).collect());
        Ok(())
    }

    /// Returns the bytes that a file would have. A file that cannot be read fails the build later.
    fn bytes_with_stand_ins(
        &self,
        index: usize,
        site: &Site,
        survey: &Survey,
        options: &Options,
        minifier: &Minifier,
    ) -> Vec<u8> {
        let file = &site.files[index];
        let bytes = file.content.read().unwrap_or_default();
        let Some(media_type) = file.certain_type() else { return bytes };
        let rewritten =
            self.rewriting(index).and_then(|rewriting| rewriting.apply(&bytes, &media_type));
        let context = survey.context(site, index, &media_type, TypeSource::Certain, options);
        let context = self.context(index, context);
        let bytes = rewritten.unwrap_or(bytes);
        transform(&file.name, bytes, &media_type, context, minifier).bytes
    }
}
