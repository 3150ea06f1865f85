//! The table of a manifest: with all routes and rules, and with the lengths of the bodies instead of
//! their bytes.

use std::collections::BTreeMap;

use worker_pack_runtime::packer::pattern::{Wildcards, wildcards};
use worker_pack_runtime::{
    Asset, Behaviour, Body, Coding, ETag, HeaderOperation, HeaderRule, Redirect, Representation,
    Routing, Stored, Table, Variant,
};

use super::BodyIs;
use crate::asset::dictionary::available_dictionary;
use crate::asset::digest::ContentHash;
use crate::output::manifest::{self, Manifest};

/// The bodies of a manifest, by the bits of their entity tags.
pub(super) struct Bodies(BTreeMap<u128, BodyIs>);

impl Bodies {
    fn of(manifest: &Manifest) -> Self {
        let mut bodies = BTreeMap::new();
        for asset in manifest.assets.values() {
            let Some(identity) = asset.representations.last() else { continue };
            let plain = asset.representations.iter().map(|one| (one, identity));
            let variants = asset.variants.iter().map(|variant| {
                // Another media type has its own bytes.
                let own = &variant.representation;
                (own, if variant.content_type.is_some() { own } else { identity })
            });
            for (representation, identity) in plain.chain(variants) {
                let body = BodyIs::Representation {
                    coding: coding(representation),
                    sent: representation.sha256,
                    identity: identity.sha256,
                    identity_len: identity.bytes,
                };
                bodies.insert(representation.sha256.etag().bits(), body);
            }
        }
        Self(bodies)
    }

    /// Finds a body by the place where the table says it is.
    pub(super) fn find(&self, body: &Body<'_>) -> BodyIs {
        let found = match body.stored() {
            Stored::StaticAsset { name, .. } => self.0.get(&name.bits()),
            _ => None,
        };
        found.copied().unwrap_or(BodyIs::Any)
    }
}

/// Makes the table of a manifest, and calls a function with it.
pub(super) fn with_table<T>(
    manifest: &Manifest,
    use_table: impl FnOnce(&Table<'_>, &Bodies) -> T,
) -> T {
    let dictionaries: BTreeMap<ContentHash, String> = manifest
        .assets
        .values()
        .flat_map(|asset| asset.variants.iter().filter_map(|variant| variant.dictionary))
        .map(|hash| (hash, available_dictionary(hash)))
        .collect();
    let variants: Vec<Vec<Variant<'_>>> =
        manifest.assets.values().map(|asset| variants_of(asset, &dictionaries)).collect();
    let assets: Vec<Asset<'_>> = manifest
        .assets
        .iter()
        .zip(&variants)
        .filter_map(|((route, asset), variants)| packed_asset(route, asset, variants))
        .collect();
    let Some(rules) = &manifest.rules else {
        return use_table(&Table::new(&assets), &Bodies::of(manifest));
    };
    let operations: Vec<Vec<HeaderOperation<'_>>> = rules.headers.iter().map(operations).collect();
    let header_rules: Vec<HeaderRule<'_>> = rules
        .headers
        .iter()
        .zip(&operations)
        .map(|(rule, operations)| HeaderRule::new(&rule.pattern, operations))
        .collect();
    // The manifest has the static ones first, sorted.
    let all: Vec<Redirect<'_>> = rules
        .redirects
        .iter()
        .zip(1..)
        .map(|(rule, line)| Redirect::new(&rule.from, &rule.to, rule.status, line))
        .collect();
    let is_static = |rule: &&manifest::Redirect| wildcards(&rule.from) == Wildcards::None;
    let (fixed, dynamic) = all.split_at(rules.redirects.iter().take_while(is_static).count());
    let patterns = |patterns: fn(&manifest::Routing) -> &Vec<String>| -> Vec<&str> {
        rules.routing.iter().flat_map(patterns).map(String::as_str).collect()
    };
    let (server, except) = (patterns(|it| &it.server), patterns(|it| &it.except));
    let others = rules.routing.as_ref().map_or(Routing::ASSETS_FIRST.others, |it| it.others);
    let table = Table::new(&assets)
        .with_header_rules(&header_rules)
        .with_redirects(fixed, dynamic)
        .with_routing(Routing { server: &server, except: &except, others })
        .with_behaviour(behaviour(rules));
    use_table(&table, &Bodies::of(manifest))
}

fn variants_of<'m>(
    asset: &'m manifest::Asset,
    dictionaries: &'m BTreeMap<ContentHash, String>,
) -> Vec<Variant<'m>> {
    let policy = asset.content_security_policy.as_deref();
    asset.variants.iter().map(|one| variant(one, dictionaries, policy)).collect()
}

/// Returns the behaviour. A name that a later version may have means the default.
fn behaviour(rules: &manifest::Rules) -> Behaviour {
    let default = Behaviour::DEFAULT;
    Behaviour {
        compat: rules.compat.parse().unwrap_or(default.compat),
        html_handling: rules.html_handling.parse().unwrap_or(default.html_handling),
        not_found_handling: rules.not_found_handling.parse().unwrap_or(default.not_found_handling),
        fidelity: rules.fidelity,
    }
}

fn variant<'m>(
    of: &'m manifest::Variant,
    dictionaries: &'m BTreeMap<ContentHash, String>,
    policy: Option<&str>,
) -> Variant<'m> {
    let dictionary = of.dictionary.and_then(|hash| dictionaries.get(&hash));
    Variant::new(representation(&of.representation, policy))
        .with_content_type(of.content_type.as_deref().unwrap_or_default())
        .with_dictionary(dictionary.map_or("", String::as_str))
}

fn packed_asset<'m>(
    route: &'m str,
    asset: &'m manifest::Asset,
    variants: &'m [Variant<'m>],
) -> Option<Asset<'m>> {
    let (identity, encoded) = asset.representations.split_last()?;
    let policy = asset.content_security_policy.as_deref();
    let first = Asset::new(
        route,
        &asset.content_type,
        &asset.cache_control,
        representation(identity, policy),
    )
    .with_link(asset.link.as_deref().unwrap_or_default())
    .with_use_as_dictionary(asset.use_as_dictionary.as_deref().unwrap_or_default())
    .with_content_security_policy(policy.unwrap_or_default())
    .with_variants(variants);
    let add = |packed: Asset<'m>, one| packed.with_encoded(representation(one, policy));
    Some(encoded.iter().fold(first, add))
}

/// Makes a representation of an asset with this policy.
fn representation(of: &manifest::Representation, policy: Option<&str>) -> Representation<'static> {
    let name: ETag = of.sha256.etag();
    let len = u32::try_from(of.bytes).unwrap_or(u32::MAX);
    Representation::new(
        coding(of),
        of.sha256.etag_with(policy),
        Body::new(Stored::StaticAsset { name, len }),
    )
}

fn coding(of: &manifest::Representation) -> Coding {
    Coding::from_token(&of.encoding).unwrap_or(Coding::Identity)
}

fn operations(rule: &manifest::HeaderRule) -> Vec<HeaderOperation<'_>> {
    let removed = rule.remove.iter().map(|name| HeaderOperation::Remove(name));
    let set = rule.set.iter().map(|(name, value)| HeaderOperation::Set(name, value));
    removed.chain(set).collect()
}
