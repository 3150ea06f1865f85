//! The routes that differ.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Change, FieldChange, RouteChange, Sent};
use crate::asset::fingerprint;
use crate::output::manifest::{Asset, Variant};

/// The assets of a site, by their routes.
type Assets = BTreeMap<String, Asset>;

/// Compares the assets of two sites by their URLs. Files of earlier builds are no part of either: they are
/// on their way out, and no page of the site loads them.
pub(super) fn changes(old: &Assets, new: &Assets) -> Vec<RouteChange> {
    let by_url = |assets: &Assets| -> BTreeMap<String, Asset> {
        let own = assets.values().filter(|asset| !asset.kept);
        own.map(|asset| (asset.url.clone(), asset.clone())).collect()
    };
    let (mut old, new) = (by_url(old), by_url(new));
    let mut changes = Vec::new();
    let mut added = Vec::new();
    for (url, asset) in new {
        match old.remove(&url) {
            Some(before) => changes.extend(changed(&before, &asset)),
            None => added.push(asset),
        }
    }
    let mut removed: BTreeMap<String, Vec<Asset>> = BTreeMap::new();
    for asset in old.into_values() {
        removed.entry(fingerprint::starred(&asset.url)).or_default().push(asset);
    }
    for asset in added {
        let similar = removed.get_mut(&fingerprint::starred(&asset.url));
        changes.push(match similar.and_then(|similar| take_most_similar(similar, &asset)) {
            Some(before) => renamed(&before, &asset),
            None => added_or_removed(Change::Added, &asset),
        });
    }
    let removed = removed.into_values().flatten();
    changes.extend(removed.map(|asset| added_or_removed(Change::Removed, &asset)));
    changes.sort_by(|a, b| a.url.cmp(&b.url));
    changes
}

/// Removes an asset with the same bytes from a list, or else the first one.
fn take_most_similar(similar: &mut Vec<Asset>, asset: &Asset) -> Option<Asset> {
    let same = similar.iter().position(|other| content(other) == content(asset));
    (!similar.is_empty()).then(|| similar.remove(same.unwrap_or_default()))
}

fn added_or_removed(change: Change, asset: &Asset) -> RouteChange {
    let sent = Sent::of(asset);
    let (old, new) = if change == Change::Added { (None, sent) } else { (sent, None) };
    RouteChange {
        change,
        url: asset.url.clone(),
        old_url: None,
        downloaded: new.as_ref().map_or(0, |new| new.bytes),
        old,
        new,
        fields: Vec::new(),
    }
}

fn renamed(before: &Asset, after: &Asset) -> RouteChange {
    let (old, new) = (Sent::of(before), Sent::of(after));
    RouteChange {
        change: Change::Renamed,
        url: after.url.clone(),
        old_url: Some(before.url.clone()),
        // A cache finds a body by its URL, but a browser may use the old one as a dictionary.
        downloaded: with_dictionary(before, after)
            .or(new.as_ref().map(|new| new.bytes))
            .unwrap_or(0),
        old,
        new,
        fields: fields(before, after),
    }
}

fn changed(before: &Asset, after: &Asset) -> Option<RouteChange> {
    let fields = fields(before, after);
    let (old, new) = (Sent::of(before), Sent::of(after));
    if fields.is_empty() && old == new {
        return None;
    }
    // A browser revalidates by the hash of the representation that it gets.
    let sent = |asset: &Asset| asset.representations.first().map(|first| first.sha256);
    let has_new_body = sent(before) != sent(after);
    Some(RouteChange {
        change: Change::Changed,
        url: after.url.clone(),
        old_url: None,
        downloaded: new.as_ref().filter(|_| has_new_body).map_or(0, |new| new.bytes),
        old,
        new,
        fields,
    })
}

/// Returns the size of the body that is encoded with the file before as its dictionary, if there is one.
fn with_dictionary(before: &Asset, after: &Asset) -> Option<usize> {
    let before = before.representations.last()?.sha256;
    let for_it = after.variants.iter().find(|variant| variant.dictionary == Some(before))?;
    Some(for_it.representation.bytes)
}

/// Returns the parts of two assets that differ.
fn fields(before: &Asset, after: &Asset) -> Vec<FieldChange> {
    let parts = [
        ("content", content(before), content(after)),
        ("content-type", before.content_type.clone(), after.content_type.clone()),
        ("cache-control", before.cache_control.clone(), after.cache_control.clone()),
        ("variants", variants(before), variants(after)),
        (
            "use-as-dictionary",
            before.use_as_dictionary.clone().unwrap_or_default(),
            after.use_as_dictionary.clone().unwrap_or_default(),
        ),
        (
            "content-security-policy",
            before.content_security_policy.clone().unwrap_or_default(),
            after.content_security_policy.clone().unwrap_or_default(),
        ),
    ];
    let differ = parts.into_iter().filter(|(_, old, new)| old != new);
    differ.map(|(name, old, new)| FieldChange { name: name.to_owned(), old, new }).collect()
}

/// Returns the media types of the variants, and whether some are encoded with a dictionary. Which one it is changes
/// with every build.
fn variants(asset: &Asset) -> String {
    let name = |variant: &Variant| match &variant.content_type {
        Some(content_type) => content_type.clone(),
        None => variant.representation.encoding.clone(),
    };
    let names: BTreeSet<String> = asset.variants.iter().map(name).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Returns the hash of the bytes without a content coding.
fn content(asset: &Asset) -> String {
    let identity = asset.representations.last();
    identity.map(|identity| identity.sha256.to_string()).unwrap_or_default()
}
