//! Style sheets: checked by lightningcss and, if the user names browsers, compiled by it for them.
//!
//! Without named browsers every token stays as it is written ([`tokens`]).

mod attribute;
mod compile;
mod lexeme;
mod loss;
mod references;
mod tokens;

use std::sync::{Arc, PoisonError};

use lightningcss::error::{Error, ErrorLocation, ParserError};
use lightningcss::stylesheet::{ParserOptions, StyleSheet};
use lightningcss::targets::{Browsers, Features, Targets};

use super::comments::KeptComments;
use super::rewrite::{Insertion, is_rewritten};
use super::{MinifyError, SyntaxError, UntouchedReason};
use crate::feedback::error::PackError;
pub(crate) use attribute::references_in_attribute;
use compile::{Compiled, compile};
pub(crate) use references::references;
use tokens::{Intent, Places, meaning};

/// Returns whether the tokens of two style sheets are the same but for insertions in references.
pub(super) fn differ_by(before: &str, after: &str, insertions: &[Insertion]) -> bool {
    let kept = KeptComments::default();
    let found = references(before).all;
    let is_in_reference =
        |it: &Insertion| found.iter().any(|reference| reference.range.contains(&it.at));
    if !insertions.iter().all(is_in_reference) {
        return false;
    }
    let (before, after) = (meaning(before, &kept), meaning(after, &kept));
    let is_same = |(one, other): (&&str, &&str)| is_rewritten(one, other, insertions);
    before.len() == after.len() && before.iter().zip(&after).all(is_same)
}

/// The bytes by which a sheet names its encoding (CSS Syntax §3.2).
const CHARSET: &str = "@charset \"";

/// The browsers that style sheets are compiled for.
#[derive(Clone, Copy, Debug)]
pub(super) enum CssTargets {
    /// No particular browsers: nothing is compiled, every declaration stays.
    AsWritten,
    /// These browsers: newer syntax is compiled for them, and fallbacks they do not need are removed.
    Browsers(Targets),
}

impl CssTargets {
    /// Resolves Browserslist queries.
    ///
    /// # Errors
    /// If a query is invalid, matches no browser, or depends on the date.
    pub(super) fn resolve(queries: &[String]) -> Result<Self, PackError> {
        if queries.is_empty() {
            return Ok(Self::AsWritten);
        }
        // The same input must give the same output on any day.
        if let Some(query) = queries.iter().find(|query| query.contains("year")) {
            let message = format!("`{query}` depends on today's date; name browser versions");
            return Err(PackError::Option { option: "css-targets", message });
        }
        let message = |message| PackError::Option { option: "css-targets", message };
        match Browsers::from_browserslist(queries) {
            Ok(Some(browsers)) => Ok(Self::Browsers(Targets {
                // What lightningcss makes of `light-dark()` is invalid without a `color-scheme`.
                exclude: Features::LightDark,
                ..Targets::from(browsers)
            })),
            Ok(None) => Err(message("the queries match no browser".to_owned())),
            Err(error) => Err(message(error.to_string())),
        }
    }
}

/// A minified style sheet.
#[derive(Debug)]
pub(super) struct MinifiedSheet {
    pub(super) text: String,
    /// The errors of invalid declarations, which browsers skip and which stay as they are. Hacks for old
    /// browsers are none.
    pub(super) errors: Vec<SyntaxError>,
    /// The losses because of which rules are not compiled.
    pub(super) losses: Vec<String>,
}

/// Minifies a style sheet, and checks that the result is valid and has lost nothing.
pub(super) fn minify(
    source: &str,
    targets: &CssTargets,
    kept: &KeptComments,
) -> Result<MinifiedSheet, MinifyError> {
    let errors = errors(source)?;
    let (mut invalid, mut reported) = (Vec::new(), Vec::new());
    let places = (!errors.is_empty()).then(|| Places::of(source, kept));
    let places = places.as_ref();
    for error in errors {
        match places.and_then(|places| places.around(error.offset)) {
            Some((place, intent)) => {
                invalid.push(place.clone());
                if *intent == Intent::Unknown {
                    reported.push(error);
                }
            }
            // Browsers skip the whole rule, and perhaps more.
            None => return Err(error.into()),
        }
    }
    let (text, losses) = match *targets {
        // The parsed sheet is not printed, since that would rewrite declarations.
        CssTargets::AsWritten => {
            let squeezed = tokens::squeeze(source, &invalid, kept);
            if tokens::meaning(&squeezed, kept) != tokens::meaning(source, kept) {
                return Err(MinifyError::Unfaithful("a token was lost".to_owned()));
            }
            (squeezed, Vec::new())
        }
        CssTargets::Browsers(targets) => {
            let Compiled { text, losses } = compile(source, targets, &invalid, kept);
            (text, losses)
        }
    };
    // Without a comment before it, a rule that had no effect would name the encoding of the sheet.
    if text.starts_with(CHARSET) && !source.starts_with(CHARSET) {
        return Err(MinifyError::Untouched(UntouchedReason::CommentsMatter));
    }
    // lightningcss accepted the source, so it must accept the result as well.
    let unfaithful = |error: SyntaxError| MinifyError::Unfaithful(error.message);
    let rest = self::errors(&text).map_err(unfaithful)?;
    if rest.len() > invalid.len() {
        return Err(MinifyError::Unfaithful("a declaration became invalid".to_owned()));
    }
    Ok(MinifiedSheet { text, errors: reported, losses })
}

/// Parses a sheet, and returns the errors from which a browser recovers.
///
/// # Errors
/// If there is another error.
fn errors(source: &str) -> Result<Vec<SyntaxError>, SyntaxError> {
    let error =
        |Error { kind, loc }: Error<_>| syntax_error(source, ToString::to_string(&kind), loc);
    let Err(first) = StyleSheet::parse(source, ParserOptions::default()) else {
        return Ok(Vec::new());
    };
    let warnings = Arc::default();
    let options = ParserOptions {
        error_recovery: true,
        warnings: Some(Arc::clone(&warnings)),
        ..ParserOptions::default()
    };
    StyleSheet::parse(source, options).map_err(error)?;
    let found = warnings.read().unwrap_or_else(PoisonError::into_inner);
    let is_error = |found: &&Error<ParserError<'_>>| !is_remark(&found.kind);
    let errors: Vec<_> = found.iter().filter(is_error).cloned().map(error).collect();
    if errors.is_empty() { Err(error(first)) } else { Ok(errors) }
}

/// Returns whether a warning is about what lightningcss does not know, and browsers may.
fn is_remark(kind: &ParserError<'_>) -> bool {
    use lightningcss::error::SelectorError::{UnsupportedPseudoClass, UnsupportedPseudoElement};
    match kind {
        ParserError::AtRuleInvalid(_)
        | ParserError::DeprecatedNestRule
        | ParserError::DeprecatedCssModulesValueRule => true,
        ParserError::SelectorError(error) => {
            matches!(error, UnsupportedPseudoClass(_) | UnsupportedPseudoElement(_))
        }
        _ => false,
    }
}

fn syntax_error(source: &str, message: String, place: Option<ErrorLocation>) -> SyntaxError {
    let offset = place.map_or(0, |place| {
        let lines = source.split_inclusive('\n').take(place.line as usize);
        // lightningcss counts lines from 0 and columns in UTF-16 units from 1. Units are taken for
        // bytes, which is exact on ASCII lines and good enough for an excerpt on others.
        lines.map(str::len).sum::<usize>() + (place.column as usize).saturating_sub(1)
    });
    SyntaxError { message, offset }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minify(source: &str, targets: &CssTargets) -> Result<MinifiedSheet, MinifyError> {
        super::minify(source, targets, &KeptComments::default())
    }

    fn minified(source: &str) -> String {
        minify(source, &CssTargets::AsWritten).unwrap().text
    }

    #[test]
    fn modern_css_is_never_dropped() {
        for source in [
            "a{&:hover{color:red}}",
            "@layer base,theme;@layer base{a{color:red}}",
            "@container card (width > 20em){a{color:red}}",
            "@property --x{syntax:'<length>';inherits:false;initial-value:0px}",
            "@scope (.a) to (.b){img{border:1px solid}}",
            "@starting-style{a{opacity:0}}",
            "a{color:light-dark(red,blue)}",
            "a{color:color-mix(in oklab,red,var(--b))}",
            "a:has(> img){color:red}",
            "a{anchor-name:--tip;position-area:top}",
            "a{width:calc-size(auto,size * 2)}",
            "@view-transition{navigation:auto}",
            "@font-palette-values --p{font-family:X;base-palette:1}",
            "@unheard-of foo{a{b:c}}",
            "a{text-box:trim-both cap alphabetic;animation-timeline:scroll()}",
            "@position-try --x{top:anchor(bottom)}",
            "a{color:if(style(--x: 1): red;else:blue)}",
        ] {
            assert_eq!(minified(source), source);
            let spaced = source.replace('{', " {\n  ").replace(';', " ;\n  ").replace('}', "\n}\n");
            let without_space = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(without_space(&minified(&spaced)), without_space(source));
        }
    }

    #[test]
    fn fallbacks_for_other_browsers_are_preserved() {
        for source in [
            "a{height:100vh;height:100dvh;color:#f00;color:oklch(60% .2 30)}",
            "a{-webkit-backdrop-filter:blur(2px);backdrop-filter:blur(2px)}",
            "a{animation:spin 1s linear;animation-timeline:scroll()}",
            "a{top:0;right:0;bottom:0;left:0}",
            "@media (min-width:40em) and (max-width:60em){a{color:red}}",
            ".c:has(img){color:red}.d{color:red}",
            ".input:-ms-input-placeholder{color:red}",
            "a{--layer:2147483647;--duration:200ms;--one: 01}",
        ] {
            assert_eq!(minified(source), source);
        }
    }

    #[test]
    fn newer_syntax_is_compiled_for_named_browsers() {
        let targets = CssTargets::resolve(&["safari 14".to_owned()]).unwrap();
        let output = minify("/*! c */ a { &:hover { color: red } }", &targets).unwrap().text;
        assert_eq!(output, "/*! c */\na:hover{color:red}");
        for query in ["netscape 4", "last 2 years"] {
            assert!(CssTargets::resolve(&[query.to_owned()]).is_err(), "{query}");
        }
    }

    fn compiled(source: &str, browsers: &str) -> MinifiedSheet {
        minify(source, &CssTargets::resolve(&[browsers.to_owned()]).unwrap()).unwrap()
    }

    #[test]
    fn rules_that_would_lose_something_stay_as_they_are_written() {
        for source in ["a{--x: 1.00000000001}", "a{--duration: 200ms}"] {
            let MinifiedSheet { text, losses, .. } =
                compiled(&format!("b{{c:d}}{source}b{{&:hover{{color:red}}}}"), "defaults");
            assert!(text.contains(source), "{text}");
            assert_eq!(losses.len(), 1, "{text}");
        }
    }

    #[test]
    fn declarations_are_compiled_as_far_as_nothing_is_lost() {
        for (browsers, source, expected) in [
            (
                "safari 14",
                "a{inset:0;margin-top:1px}",
                "a{margin-top:1px;top:0;bottom:0;left:0;right:0}",
            ),
            ("safari 14", "a{user-select:none}", "a{-webkit-user-select:none;user-select:none}"),
        ] {
            assert_eq!(compiled(source, browsers).text, expected);
        }
        for (browsers, source) in [
            ("defaults", "a{translate:1px 2px;transform:rotate(1deg)}"),
            ("chrome 120", "a{-webkit-backdrop-filter:blur(2px);backdrop-filter:blur(2px)}"),
            ("chrome 80", "a{position:sticky;position:-webkit-sticky}"),
            ("chrome 120", "a{height:100vh;height:100dvh}"),
        ] {
            let sheet = compiled(source, browsers);
            assert_eq!((sheet.text.as_str(), sheet.losses.len()), (source, 0));
        }
    }

    #[test]
    fn syntax_errors_carry_their_offset() {
        let source = "a { color: red }\nb { color: \n}}\n";
        let Err(MinifyError::Invalid(error)) = minify(source, &CssTargets::AsWritten) else {
            panic!()
        };
        assert!(source[..error.offset].matches('\n').count() >= 1, "{error:?}");
    }
}
