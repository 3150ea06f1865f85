//! Groups of pages, each with a dictionary of its own: those of a site, or those in one language.

use std::collections::{BTreeMap, BTreeSet};

use super::page::Page;
use super::scope::Scope;

/// The smallest number of pages in a group: a visitor then finds as many others as a dictionary may need to pay.
pub(super) const MIN_PAGES: usize = 4;

/// The part of a folder's pages that are in its language, and the part of all other pages that may be in it too, in
/// percent.
const OWN_PERCENT: usize = 90;
const OTHERS_PERCENT: usize = 10;

/// Pages that share a dictionary.
#[derive(Clone, Debug)]
pub(super) struct Group<'p, 't> {
    pub(super) scope: Scope,
    pub(super) pages: Vec<&'p Page<'t>>,
}

/// Divides pages into groups: the folders in a language that the other pages are not in, such as `/de/`, and the
/// rest of the site.
pub(super) fn groups<'p, 't>(pages: &'p [Page<'t>]) -> Vec<Group<'p, 't>> {
    let scope = Scope::around(pages.iter().map(|page| &*page.path));
    let site = Group { scope, pages: pages.iter().collect() };
    let folders = site.folders();
    let of_language: BTreeSet<&str> = folders
        .iter()
        .filter(|(_, group)| has_own_language(group, &site))
        .map(|(name, _)| *name)
        .collect();
    let is_elsewhere = |page: &&&Page<'_>| {
        site.scope.folder_of(&page.path).is_some_and(|name| of_language.contains(name))
    };
    let rest = site.pages.iter().filter(|page| !is_elsewhere(page)).copied().collect();
    let rest = Group { scope: site.scope.clone(), pages: rest };
    let mut groups = vec![rest];
    groups.extend(
        folders.into_iter().filter(|(name, _)| of_language.contains(name)).map(|(_, group)| group),
    );
    groups.retain(|group| group.pages.len() >= MIN_PAGES);
    groups
}

impl<'p, 't> Group<'p, 't> {
    /// Returns the folders directly in the group's scope that are large enough for a group, by their names.
    pub(super) fn folders(&self) -> BTreeMap<&'p str, Self> {
        let mut folders = BTreeMap::<&str, Self>::new();
        for page in self.pages.iter().copied() {
            let Some(name) = self.scope.folder_of(&page.path) else { continue };
            let Some(scope) = self.scope.child(name) else { continue };
            let folder = folders.entry(name).or_insert_with(|| Self { scope, pages: Vec::new() });
            folder.pages.push(page);
        }
        folders.retain(|_, group| group.pages.len() >= MIN_PAGES);
        folders
    }

    /// Returns the number of pages in each language.
    fn languages(&self) -> BTreeMap<&'p str, usize> {
        let mut languages = BTreeMap::new();
        for language in self.pages.iter().filter_map(|page| page.language.as_deref()) {
            *languages.entry(language).or_default() += 1;
        }
        languages
    }
}

/// Returns whether a folder of a site is in a language that the rest of the site is not in.
fn has_own_language(folder: &Group<'_, '_>, site: &Group<'_, '_>) -> bool {
    let languages = folder.languages();
    let most = languages.iter().max_by_key(|(language, count)| (**count, **language));
    let Some((language, count)) = most else { return false };
    let others = site.pages.len() - folder.pages.len();
    let of_others = site.languages().get(language).copied().unwrap_or_default() - count;
    count * 100 >= folder.pages.len() * OWN_PERCENT
        && of_others * 100 <= others * OTHERS_PERCENT
        && others > 0
}
