//! The screen of the browser whose visits are counted, and the media queries that it matches.
//!
//! It is that of a desktop computer: 1280 × 800 CSS pixels, one device pixel each, light colours.

use cssparser::{Delimiter, ParseError, Parser, ParserInput};
use lightningcss::error::ParserError;
use lightningcss::media_query::{
    MediaCondition, MediaFeatureComparison as Comparison, MediaFeatureId as Id, MediaFeatureName,
    MediaFeatureValue as Value, MediaList, MediaQuery, MediaType, Operator, Qualifier,
    QueryFeature,
};
use lightningcss::stylesheet::ParserOptions;
use lightningcss::traits::{Parse as _, ParseWithOptions as _};
use lightningcss::values::calc::{Calc, MathFunction};
use lightningcss::values::length::{Length, LengthValue};

/// The width of the window in CSS pixels.
pub const WIDTH: u16 = 1280;

/// The height of the window in CSS pixels.
pub const HEIGHT: u16 = 800;

/// The size of `1em` and `1rem` in media queries, in CSS pixels: that of a browser's own style.
const EM: f32 = 16.0;

/// Returns whether the screen matches a list of media queries. An invalid one matches nothing
/// (Media Queries 4 §3.2), and an empty list everything.
pub(super) fn matches(list: &str) -> bool {
    if list.trim().is_empty() {
        return true;
    }
    let queries = comma_separated(list, |query| {
        let query = MediaQuery::parse_with_options(query, &ParserOptions::default()).ok()?;
        Some(matches_query(&query))
    });
    queries.contains(&Some(true))
}

/// Parses the parts of a list. One that is invalid, or has a rest, is none.
fn comma_separated<T>(
    list: &str,
    mut parse: impl FnMut(&mut Parser<'_, '_>) -> Option<T>,
) -> Vec<Option<T>> {
    let mut input = ParserInput::new(list);
    let mut parser = Parser::new(&mut input);
    let mut parts = Vec::new();
    loop {
        let part = parser.parse_until_before(Delimiter::Comma, |part| {
            let parsed = parse(part).filter(|_| part.is_exhausted());
            // The rest is skipped without an error.
            while part.next().is_ok() {}
            Ok::<_, ParseError<'_, ()>>(parsed)
        });
        parts.push(part.ok().flatten());
        if parser.next().is_err() {
            return parts;
        }
    }
}

/// Returns whether the screen matches a list of media queries.
pub(super) fn matches_list(list: &MediaList<'_>) -> bool {
    list.media_queries.is_empty() || list.media_queries.iter().any(matches_query)
}

/// Returns the width of an image by its attribute `sizes`, in CSS pixels (HTML §4.8.4.2.2).
pub(super) fn source_size(sizes: &str) -> f32 {
    let sizes = comma_separated(sizes, |size| {
        // Only an image with `loading="lazy"` has such a size, and Chromium takes the window for others.
        if size.try_parse(|size| size.expect_ident_matching("auto")).is_ok() {
            return Some(f32::from(WIDTH));
        }
        let sized = size.try_parse(|size| {
            let condition = MediaCondition::parse_with_options(size, &ParserOptions::default())?;
            Ok::<_, ParseError<'_, ParserError<'_>>>((Some(condition), Length::parse(size)?))
        });
        let (condition, length) =
            sized.or_else(|_| Length::parse(size).map(|length| (None, length))).ok()?;
        let is_met = condition.is_none_or(|condition| is_met(&condition).unwrap_or(false));
        is_met.then(|| pixels(&length)).flatten()
    });
    sizes.into_iter().flatten().next().unwrap_or(f32::from(WIDTH))
}

fn matches_query(query: &MediaQuery<'_>) -> bool {
    let is_type = match query.media_type {
        MediaType::All | MediaType::Screen => true,
        MediaType::Print | MediaType::Custom(_) => false,
    };
    let condition = query.condition.as_ref().map_or(Some(true), is_met);
    match (&query.qualifier, condition) {
        // A feature that is not known makes the query neither true nor false (§3.1).
        (_, None) => false,
        (Some(Qualifier::Not), Some(is_met)) => !(is_type && is_met),
        (_, Some(is_met)) => is_type && is_met,
    }
}

/// Returns whether a condition is met, or none if that is unknown.
fn is_met(condition: &MediaCondition<'_>) -> Option<bool> {
    match condition {
        MediaCondition::Feature(feature) => has_feature(feature),
        MediaCondition::Not(inner) => is_met(inner).map(|is_met| !is_met),
        MediaCondition::Operation { operator, conditions } => {
            let all: Vec<Option<bool>> = conditions.iter().map(is_met).collect();
            let decisive = *operator == Operator::Or;
            if all.contains(&Some(decisive)) {
                Some(decisive)
            } else if all.contains(&None) {
                None
            } else {
                Some(!decisive)
            }
        }
        MediaCondition::Unknown(_) => None,
    }
}

fn has_feature(feature: &QueryFeature<'_, Id>) -> Option<bool> {
    match feature {
        QueryFeature::Plain { name, value } => compare(own_value(name)?, Comparison::Equal, value),
        QueryFeature::Boolean { name } => Some(match own_value(name)? {
            Own::Number(number) => number > 0.0,
            Own::Word(word) => !["none", "no-preference"].contains(&word),
        }),
        QueryFeature::Range { name, operator, value } => {
            compare(own_value(name)?, *operator, value)
        }
        QueryFeature::Interval { name, start, start_operator, end, end_operator } => {
            let own = own_value(name)?;
            let from = compare(own, opposite(*start_operator), start)?;
            Some(from && compare(own, *end_operator, end)?)
        }
    }
}

/// The value of a feature: lengths in CSS pixels, resolutions in device pixels.
#[derive(Clone, Copy)]
enum Own {
    Number(f32),
    Word(&'static str),
}

fn own_value(name: &MediaFeatureName<'_, Id>) -> Option<Own> {
    let MediaFeatureName::Standard(id) = name else { return None };
    let (width, height) = (f32::from(WIDTH), f32::from(HEIGHT));
    Some(match id {
        Id::Width | Id::DeviceWidth => Own::Number(width),
        Id::Height | Id::DeviceHeight => Own::Number(height),
        Id::AspectRatio | Id::DeviceAspectRatio => Own::Number(width / height),
        Id::Orientation => Own::Word("landscape"),
        Id::Resolution | Id::WebKitDevicePixelRatio => Own::Number(1.0),
        Id::Color => Own::Number(8.0),
        Id::Monochrome | Id::ColorIndex | Id::Grid => Own::Number(0.0),
        Id::ColorGamut => Own::Word("srgb"),
        Id::DynamicRange | Id::VideoDynamicRange => Own::Word("standard"),
        Id::Pointer | Id::AnyPointer => Own::Word("fine"),
        Id::Hover | Id::AnyHover => Own::Word("hover"),
        Id::Scripting => Own::Word("enabled"),
        Id::Update => Own::Word("fast"),
        Id::DisplayMode => Own::Word("browser"),
        Id::PrefersColorScheme => Own::Word("light"),
        Id::PrefersReducedMotion
        | Id::PrefersReducedTransparency
        | Id::PrefersReducedData
        | Id::PrefersContrast => Own::Word("no-preference"),
        Id::ForcedColors | Id::InvertedColors => Own::Word("none"),
        _ => return None,
    })
}

fn compare(own: Own, comparison: Comparison, value: &Value<'_>) -> Option<bool> {
    let number = match (own, value) {
        (Own::Word(word), Value::Ident(ident)) => return Some(ident.0.eq_ignore_ascii_case(word)),
        (Own::Number(_), Value::Length(length)) => pixels(length)?,
        (Own::Number(_), Value::Number(number)) => *number,
        #[expect(clippy::cast_precision_loss, reason = "features have small numbers")]
        (Own::Number(_), Value::Integer(number)) => *number as f32,
        (Own::Number(_), Value::Boolean(is_set)) => f32::from(u8::from(*is_set)),
        (Own::Number(_), Value::Ratio(ratio)) => ratio.0 / ratio.1,
        (Own::Number(_), Value::Resolution(resolution)) => {
            use lightningcss::values::resolution::Resolution::{Dpcm, Dpi, Dppx};
            match resolution {
                Dpi(dots) => dots / 96.0,
                Dpcm(dots) => dots * 2.54 / 96.0,
                Dppx(dots) => *dots,
            }
        }
        (Own::Word(_), _) | (Own::Number(_), Value::Ident(_) | Value::Env(_)) => return None,
    };
    let Own::Number(own) = own else { return None };
    Some(match comparison {
        Comparison::Equal => (own - number).abs() < f32::EPSILON,
        Comparison::GreaterThan => own > number,
        Comparison::GreaterThanEqual => own >= number,
        Comparison::LessThan => own < number,
        Comparison::LessThanEqual => own <= number,
    })
}

fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::Equal,
        Comparison::GreaterThan => Comparison::LessThan,
        Comparison::GreaterThanEqual => Comparison::LessThanEqual,
        Comparison::LessThan => Comparison::GreaterThan,
        Comparison::LessThanEqual => Comparison::GreaterThanEqual,
    }
}

/// Returns a length in CSS pixels, or none if it depends on more than the screen.
fn pixels(length: &Length) -> Option<f32> {
    match length {
        Length::Value(value) => value.to_px().or_else(|| relative(value)),
        Length::Calc(calc) => calculated(calc),
    }
}

fn relative(value: &LengthValue) -> Option<f32> {
    use LengthValue::{Dvh, Dvw, Em, Lvh, Lvw, Rem, Svh, Svw, Vh, Vmax, Vmin, Vw};
    let (width, height) = (f32::from(WIDTH), f32::from(HEIGHT));
    Some(match value {
        Em(it) | Rem(it) => it * EM,
        Vw(it) | Dvw(it) | Svw(it) | Lvw(it) | Vmax(it) => it * width / 100.0,
        Vh(it) | Dvh(it) | Svh(it) | Lvh(it) | Vmin(it) => it * height / 100.0,
        _ => return None,
    })
}

fn calculated(calc: &Calc<Length>) -> Option<f32> {
    let all = |all: &[Calc<Length>]| all.iter().map(calculated).collect::<Option<Vec<f32>>>();
    match calc {
        Calc::Value(length) => pixels(length),
        Calc::Number(_) => None,
        Calc::Sum(a, b) => Some(calculated(a)? + calculated(b)?),
        Calc::Product(factor, inner) => Some(factor * calculated(inner)?),
        Calc::Function(function) => match &**function {
            MathFunction::Calc(inner) => calculated(inner),
            MathFunction::Min(them) => all(them)?.into_iter().reduce(f32::min),
            MathFunction::Max(them) => all(them)?.into_iter().reduce(f32::max),
            MathFunction::Clamp(least, value, most) => {
                let (least, most) = (calculated(least)?, calculated(most)?);
                Some(calculated(value)?.min(most).max(least))
            }
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_queries_are_those_of_a_light_desktop_screen() {
        for query in [
            "",
            "all",
            "screen and (min-width: 60em)",
            "(width >= 60rem)",
            "(900px < width < 1300px)",
            "not print",
            "(prefers-color-scheme: light)",
            "(max-width: 400px), (orientation: landscape)",
            "(hover) and (pointer: fine)",
            "(min-resolution: 1dppx)",
            "(aspect-ratio > 1/1)",
            "], screen",
            "(made-up: 1), (min-width: 1px)",
        ] {
            assert!(matches(query), "{query}");
        }
        for query in [
            "print",
            "(max-width: 40em)",
            "(prefers-color-scheme: dark)",
            "(prefers-reduced-motion: reduce)",
            "(min-resolution: 2dppx)",
            "(width: 40em) or (monochrome)",
            "not all and (min-width: 1px)",
            "(made-up: 1)",
            "][",
            "screen nonsense",
            "print, ",
        ] {
            assert!(!matches(query), "{query}");
        }
    }

    #[test]
    fn the_size_of_an_image_is_the_first_whose_condition_is_met() {
        for (sizes, expected) in [
            ("(width > 60rem) 38rem, 100vw", 608.0),
            ("(max-width: 600px) 480px, 800px", 800.0),
            ("calc(50vw - 20px)", 620.0),
            ("min(640px, 100vw)", 640.0),
            ("", 1280.0),
            ("nonsense", 1280.0),
            ("50%, 300px", 300.0),
            ("auto, 300px", 1280.0),
            ("[, (min-width: 1px) 400px, 300px", 1280.0),
        ] {
            assert!(
                (source_size(sizes) - expected).abs() < 0.01,
                "{sizes}: {}",
                source_size(sizes)
            );
        }
    }
}
