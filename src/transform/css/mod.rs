//! Style sheets: checked by lightningcss and, if the user names browsers, compiled by it for them.
//!
//! Without named browsers every token stays as it is written ([`tokens`]).

mod tokens;

use std::collections::BTreeSet;

use lightningcss::error::{Error, ErrorLocation};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::{Browsers, Targets};

use super::comments::KeptComments;
use super::{MinifyError, SyntaxError, UntouchedReason};
use crate::feedback::error::PackError;

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
            Ok(Some(browsers)) => Ok(Self::Browsers(Targets::from(browsers))),
            Ok(None) => Err(message("the queries match no browser".to_owned())),
            Err(error) => Err(message(error.to_string())),
        }
    }
}

/// Minifies a style sheet, and checks that the result is valid and has lost no declaration.
pub(super) fn minify(
    source: &str,
    targets: &CssTargets,
    kept: &KeptComments,
) -> Result<String, MinifyError> {
    let sheet = parse(source)?;
    let minified = match *targets {
        // The parsed sheet is not printed, since that would rewrite declarations.
        CssTargets::AsWritten => {
            let squeezed = tokens::squeeze(source, kept);
            if tokens::meaning(&squeezed, kept) != tokens::meaning(source, kept) {
                return Err(MinifyError::Unfaithful("a token was lost".to_owned()));
            }
            squeezed
        }
        CssTargets::Browsers(targets) => {
            let compiled = compile(source, sheet, targets, kept)?;
            if let Some(lost) = lost_declaration(source, &compiled, kept) {
                return Err(MinifyError::LostDeclaration(lost));
            }
            compiled
        }
    };
    // Without a comment before it, a rule that had no effect would name the encoding of the sheet.
    if minified.starts_with(CHARSET) && !source.starts_with(CHARSET) {
        return Err(MinifyError::Untouched(UntouchedReason::CommentsMatter));
    }
    // lightningcss accepted the source, so it must accept the result as well.
    let unfaithful = |error: SyntaxError| MinifyError::Unfaithful(error.message);
    parse(&minified).map_err(unfaithful)?;
    Ok(minified)
}

/// Returns a declaration that a compiled sheet has lost: a custom property whose value changed, or a
/// property with no related property in the output.
///
/// Related properties share a root, since lightningcss merges longhands into shorthands and rewrites
/// properties for older browsers: `inset` as `top`, `place-items` as `align-items`.
fn lost_declaration(source: &str, compiled: &str, kept: &KeptComments) -> Option<String> {
    // The root is the first word of the name, or a name for a group of words that stand in for
    // each other.
    let root = |name: &str| -> String {
        let name = name.to_ascii_lowercase();
        let name = ["-webkit-", "-moz-", "-ms-", "-o-"]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
            .unwrap_or(&name);
        match name.split('-').next().unwrap_or_default() {
            "inset" | "top" | "right" | "bottom" | "left" => "inset",
            "place" | "align" | "justify" => "place",
            "inline" | "block" | "width" | "height" | "min" | "max" => "size",
            "grid" | "gap" | "row" | "column" | "columns" => "grid",
            "flex" | "box" | "order" => "flex",
            "print" | "color" => "color",
            "word" | "overflow" => "overflow",
            first => first,
        }
        .to_owned()
    };
    let output = tokens::declarations(compiled, kept);
    let roots: BTreeSet<String> = output.iter().map(|(name, _)| root(name)).collect();
    let custom: BTreeSet<(&str, &str)> =
        output.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
    tokens::declarations(source, kept).into_iter().find_map(|(name, value)| {
        let is_present = match &value {
            Some(value) => custom.contains(&(name, value.as_str())),
            None => roots.contains(&root(name)),
        };
        (!is_present).then(|| name.to_owned())
    })
}

/// Compiles a sheet for browsers, and puts its legal comments in front.
fn compile(
    source: &str,
    mut sheet: StyleSheet<'_>,
    targets: Targets,
    kept: &KeptComments,
) -> Result<String, SyntaxError> {
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .map_err(|error| syntax_error(source, error.kind.to_string(), error.loc))?;
    // lightningcss preserves only some comments at the start of the sheet. They are dropped here and
    // prepended below together with all others.
    sheet.license_comments.clear();
    let printed = sheet
        .to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() })
        .map_err(|error| syntax_error(source, error.kind.to_string(), error.loc))?;
    let code = if source.is_ascii() { escaped(&printed.code) } else { printed.code };
    let comments = tokens::kept_comments(source, kept).into_iter();
    Ok(comments.map(|comment| comment + "\n").chain([code]).collect())
}

/// Returns a sheet in ASCII characters. lightningcss prints the characters that the author escaped, but
/// not every response names its charset.
fn escaped(code: &str) -> String {
    let escape = |c: char| match c {
        c if c.is_ascii() => c.to_string(),
        c => format!("\\{:x} ", u32::from(c)),
    };
    code.chars().map(escape).collect()
}

fn parse(source: &str) -> Result<StyleSheet<'_>, SyntaxError> {
    StyleSheet::parse(source, ParserOptions::default())
        .map_err(|Error { kind, loc }| syntax_error(source, kind.to_string(), loc))
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

    fn minify(source: &str, targets: &CssTargets) -> Result<String, MinifyError> {
        super::minify(source, targets, &KeptComments::default())
    }

    fn minified(source: &str) -> String {
        minify(source, &CssTargets::AsWritten).unwrap()
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
        let output = minify("/*! c */ a { &:hover { color: red } }", &targets).unwrap();
        assert_eq!(output, "/*! c */\na:hover{color:red}");
        for query in ["netscape 4", "last 2 years"] {
            assert!(CssTargets::resolve(&[query.to_owned()]).is_err(), "{query}");
        }
    }

    #[test]
    fn compiling_fails_if_a_declaration_would_be_lost() {
        for (target, source) in [
            ("defaults", "a{translate:1px 2px;transform:rotate(1deg)}"),
            ("defaults", "a{--x: 1.00000000001}"),
            ("defaults", "a{--duration: 200ms}"),
        ] {
            let targets = CssTargets::resolve(&[target.to_owned()]).unwrap();
            let result = minify(source, &targets);
            assert!(matches!(result, Err(MinifyError::LostDeclaration(_))), "{source}: {result:?}");
        }
        let targets = CssTargets::resolve(&["chrome 80".to_owned()]).unwrap();
        for source in [
            "a{inset:0;margin-top:1px;margin-right:1px;margin-bottom:1px;margin-left:1px}",
            "a{place-items:center;margin-inline:1px;gap:1px;--x: red;color:oklch(60% .2 30)}",
        ] {
            assert!(minify(source, &targets).is_ok(), "{source}");
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
