//! Conventions for comments in scripts and style sheets.

use super::{Place, Stays};

/// Texts of comments that stay wherever they are, in lower case: licences, and blocks of metadata that a
/// program looks for in the whole file.
const ANYWHERE: [&str; 16] = [
    // Licences.
    "@license",
    "@licence",
    "@preserve",
    "@copyright",
    "spdx-",
    "licensed under",
    "all rights reserved",
    // Managers of user scripts and user styles.
    "==userscript==",
    "==/userscript==",
    "==userstyle==",
    "==usercss==",
    "==openuserjs==",
    "==userlibrary==",
    // The settings of a snippet for Obsidian.
    "@settings",
    // RPG Maker.
    "@plugindesc",
    // Pages of MediaWiki.
    "<nowiki>",
];

/// Texts of comments that stay at the start of a file, in lower case.
const FIRST: [&str; 20] = [
    "copyright",
    "(c) ",
    "\u{a9}",
    "license",
    "licence",
    "public domain",
    // WordPress.
    "theme name:",
    "plugin name:",
    "template name:",
    // Scriptable.
    "icon-color:",
    // BetterDiscord, before it had tags.
    "meta{",
    // Plugins for menu bars.
    "<xbar.",
    "<bitbar.",
    "<swiftbar.",
    // Types of a module for Deno and editors.
    "/ <reference",
    "/ <amd-",
    // Quantumult X.
    "[rewrite_local]",
    "[task_local]",
    // RPG Maker: a structure of parameters.
    "~struct~",
    // Scripts for Adobe's programs.
    "<javascriptresource",
];

/// Tags at the start of a line in a first comment that describe the file to a program: hosts of plugins,
/// Deno, Google Apps Script, compilers of JSX, Raycast.
const TAGS: [&str; 20] = [
    "name",
    "version",
    "author",
    "namespace",
    "description",
    "match",
    "include",
    "grant",
    "require",
    "updateurl",
    "downloadurl",
    "target",
    "targetengine",
    "onlycurrentdoc",
    "notonlycurrentdoc",
    "deno-types",
    "ts-self-types",
    "jsx",
    "jsximportsource",
    "raycast",
];

/// Texts that tell a bundler what to do with the expression after them, in lower case. Without
/// `webpackIgnore` it would include what has to be loaded at run time.
const BUNDLERS: [&str; 8] = [
    "webpackignore",
    "webpackchunkname",
    "webpackmode",
    "webpackp",
    "webpackexports",
    "webpackinclude",
    "turbopack",
    "vite-ignore",
];

/// Texts that let a bundler leave out what is not used, in lower case.
const EFFECTS: [&str; 4] = ["__pure__", "__no_side_effects__", "__inline__", "__noinline__"];

/// Returns the place at which a comment of a script stays.
pub(super) fn in_script(text: &str, place: Place) -> Option<Stays> {
    let lower = text.to_lowercase();
    let has = |texts: &[&str]| texts.iter().any(|text| lower.contains(text));
    if ["@cc_on", "@if", "@set", "@end", "@elif", "@else"].iter().any(|at| lower.starts_with(at)) {
        return Some(Stays::WithAll);
    }
    if lower.starts_with("# sourceurl=") || lower.starts_with("@ sourceurl=") {
        return Some(Stays::AtEnd);
    }
    if has(&BUNDLERS) {
        return Some(Stays::InPlace);
    }
    if has(&EFFECTS) {
        return Some(Stays::InModules);
    }
    is_kept(&lower, place).then_some(Stays::AtStart)
}

/// Returns whether a comment of a style sheet stays.
pub(super) fn in_style(text: &str, place: Place) -> bool {
    let lower = text.to_lowercase();
    // A place where a manager of user styles puts a value.
    let is_value = lower.starts_with("[[") && lower.ends_with("]]");
    is_value || is_kept(&lower, place) || BUNDLERS.iter().any(|text| lower.contains(text))
}

fn is_kept(lower: &str, place: Place) -> bool {
    let has = |texts: &[&str]| texts.iter().any(|text| lower.contains(text));
    lower.starts_with('!')
        || has(&ANYWHERE)
        || is_notice(lower)
        || place == Place::First && (has(&FIRST) || lower.lines().any(is_tag))
}

/// Returns whether a text contains a notice of copyright: the word, and a year after it.
pub(super) fn is_notice(lower: &str) -> bool {
    lower.split("copyright").skip(1).any(|rest| {
        let near = rest.get(..rest.floor_char_boundary(24)).unwrap_or_default();
        let digits = near.split(|c: char| !c.is_ascii_digit());
        digits.into_iter().any(|number| number.len() == 4)
    })
}

/// Returns whether a line of a comment is a tag that a program reads.
fn is_tag(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || c == '*');
    let Some(rest) = line.strip_prefix('@') else { return false };
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    TAGS.contains(&&rest[..end.unwrap_or(rest.len())])
}
