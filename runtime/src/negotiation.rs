//! Proactive negotiation of the representation (RFC 9110 §12.1): first of its media type, then of its content
//! coding, with or without a dictionary.

use crate::accept::TypeWeight;
use crate::accept_encoding::AcceptEncoding;
use crate::coding::Coding;
use crate::etag::ETag;
use crate::representation::Representation;
use crate::request::Request;
use crate::rows::Asset;
use crate::variant::Variant;
use crate::weight::Weight;

/// The representation that a client gets, with its media type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) representation: Representation<'a>,
    pub(crate) content_type: &'a str,
}

/// Chooses the representation of an asset that suits the client best. Returns none if the client refuses all of
/// them, which is the only case for a 406 (RFC 9110 §15.5.7).
///
/// A media type that the client refuses is no reason for a 406: the asset's own one is sent all the same
/// (§12.5.1).
pub(crate) fn choose<'a>(asset: &Asset<'a>, request: &Request<'_>) -> Option<Chosen<'a>> {
    if let Some(content_type) = named_type(asset, request) {
        let of_type =
            variants(asset, request).filter(|one| one.content_type() == Some(content_type));
        let all = of_type.map(|variant| variant.representation());
        if let Some(representation) = by_coding(all, request.accept_encoding) {
            return Some(Chosen { representation, content_type });
        }
    }
    let own = variants(asset, request).filter(|one| one.content_type().is_none());
    let all = own.map(|variant| variant.representation()).chain(plain(asset));
    let representation = by_coding(all, request.accept_encoding)?;
    Some(Chosen { representation, content_type: asset.content_type() })
}

/// Chooses among the representations that every server of assets knows: of the asset's own media type, without
/// a dictionary.
pub(crate) fn choose_plain<'a>(
    asset: &Asset<'a>,
    accept_encoding: Option<&str>,
) -> Option<Representation<'a>> {
    by_coding(plain(asset), accept_encoding)
}

/// Returns the representation with an entity tag that a client may have, although another one was chosen: one
/// of the same media type, in a coding that the client accepts, or encoded with a dictionary. Only a client that
/// has decoded such a body has its tag, since other caches are told not to store it.
pub(crate) fn known<'a>(
    asset: &Asset<'a>,
    chosen: Chosen<'a>,
    request: &Request<'_>,
    is_known: impl Fn(ETag) -> bool,
) -> Option<Chosen<'a>> {
    let accepted = request.accept_encoding.map(AcceptEncoding::parse).unwrap_or_default();
    let of_type = |variant: &Variant<'a>| {
        variant.content_type().unwrap_or(asset.content_type()) == chosen.content_type
    };
    let variants = asset.variants().filter(of_type).map(|variant| variant.representation());
    let plain = plain(asset).filter(|_| chosen.content_type == asset.content_type());
    let mut all = variants
        .chain(plain)
        .filter(|one| one.coding() == Coding::DictionaryBrotli || accepted.accepts(one.coding()));
    let representation = all.find(|one| is_known(one.etag()))?;
    Some(Chosen { representation, ..chosen })
}

/// Returns the representations without a dictionary, the preferred coding first.
fn plain<'a>(asset: &Asset<'a>) -> impl Iterator<Item = Representation<'a>> + use<'a> {
    asset.encoded().chain([asset.identity()])
}

/// Returns the variants that need no dictionary, or that of the client.
fn variants<'a>(asset: &Asset<'a>, request: &Request<'_>) -> impl Iterator<Item = Variant<'a>> {
    let available = request.available_dictionary.map(|field| field.trim_matches([' ', '\t']));
    asset
        .variants()
        .filter(move |variant| variant.dictionary().is_none_or(|own| available == Some(own)))
}

/// Returns the media type of a variant that the client names, with no lower weight than the asset's own type,
/// and the highest of all. Among equal weights the first one is preferred.
fn named_type<'a>(asset: &Asset<'a>, request: &Request<'_>) -> Option<&'a str> {
    let field = request.accept?;
    let mut best: Option<(Weight, &str)> = None;
    for content_type in asset.variants().filter_map(|variant| variant.content_type()) {
        if let Some(weight) = TypeWeight::of(content_type, field).if_named()
            && best.is_none_or(|(highest, _)| weight > highest)
        {
            best = Some((weight, content_type));
        }
    }
    let own = TypeWeight::of(asset.content_type(), field).or_refused();
    best.filter(|(weight, _)| *weight >= own).map(|(_, content_type)| content_type)
}

/// Chooses the representation whose coding has the highest weight (RFC 9110 §12.5.3).
///
/// Among equal weights the first one is preferred, so that identity comes last. Without the field any coding is
/// acceptable, but most clients that omit it are simple tools: they get identity.
fn by_coding<'a>(
    all: impl Iterator<Item = Representation<'a>>,
    accept_encoding: Option<&str>,
) -> Option<Representation<'a>> {
    let Some(field) = accept_encoding else {
        return all.filter(|one| one.coding() == Coding::Identity).last();
    };
    let accepted = AcceptEncoding::parse(field);
    let mut best: Option<Representation<'a>> = None;
    for one in all.filter(|one| accepted.accepts(one.coding())) {
        let weight = |of: Representation<'_>| accepted.weight(of.coding());
        if best.is_none_or(|best| weight(one) > weight(best)) {
            best = Some(one);
        }
    }
    best
}

#[cfg(test)]
mod tests;
