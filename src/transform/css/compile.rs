//! A style sheet compiled for browsers, rule by rule.
//!
//! lightningcss drops some rules and declarations when it merges rules and removes fallbacks. So it
//! gets one rule at a time, and what it makes of the rule is compared with the rule ([`super::loss`]).
//! A rule that would lose something is compiled less, or stays as it is written.

use std::ops::Range;

use cssparser::{Parser, ParserInput, Token};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::Targets;

use super::{loss, tokens};
use crate::transform::comments::KeptComments;

/// A compiled sheet.
pub(super) struct Compiled {
    pub(super) text: String,
    /// The losses because of which some rules are not compiled.
    pub(super) losses: Vec<String>,
}

/// At-rules whose blocks contain rules. Other at-rules are not compiled.
const GROUPS: [&str; 5] = ["container", "layer", "media", "starting-style", "supports"];

/// Compiles a sheet. `invalid` has the positions of invalid declarations, which stay as they are.
pub(super) fn compile(
    source: &str,
    targets: Targets,
    invalid: &[Range<usize>],
    kept: &KeptComments,
) -> Compiled {
    let mut compiled = Compiled { text: String::with_capacity(source.len()), losses: Vec::new() };
    let rules = rules(source);
    // A namespace changes the meaning of the rules after it.
    let is_plain = !rules.iter().any(|rule| rule.name.as_deref() == Some("namespace"));
    let mut place = Place { targets, invalid, kept, start: 0 };
    for rule in rules {
        place.start = rule.range.start;
        let text = &source[rule.range.clone()];
        if is_plain {
            place.rule(text, &rule, &mut compiled);
        } else {
            compiled.text.push_str(&place.as_written(text));
        }
    }
    compiled
}

/// A rule of a sheet or of a group.
struct Rule {
    range: Range<usize>,
    /// The name of an at-rule, in lower case.
    name: Option<String>,
    /// The content of its block, relative to the rule.
    block: Option<Range<usize>>,
}

/// Splits a list of rules.
fn rules(source: &str) -> Vec<Rule> {
    let mut input = ParserInput::new(source);
    let mut parser = Parser::new(&mut input);
    let mut rules = Vec::new();
    let (mut start, mut name, mut is_empty) = (0, None, true);
    loop {
        let before = parser.position().byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments() else { break };
        let token = token.clone();
        let mut block = None;
        match &token {
            Token::WhiteSpace(_) | Token::Comment(_) => continue,
            Token::AtKeyword(keyword) if is_empty => name = Some(keyword.to_ascii_lowercase()),
            Token::CurlyBracketBlock => {
                let inner = before + 1 - start;
                let end = parser.parse_nested_block(|block| {
                    while block.next_including_whitespace_and_comments().is_ok() {}
                    Ok::<_, cssparser::ParseError<'_, ()>>(block.position().byte_index())
                });
                block = Some(inner..end.unwrap_or(source.len()) - start);
            }
            _ => {}
        }
        is_empty = false;
        if block.is_some() || token == Token::Semicolon {
            let end = parser.position().byte_index();
            rules.push(Rule { range: start..end, name: name.take(), block });
            (start, is_empty) = (end, true);
        }
    }
    if start < source.len() {
        rules.push(Rule { range: start..source.len(), name, block: None });
    }
    rules
}

/// The place of a rule in the sheet.
struct Place<'a> {
    targets: Targets,
    invalid: &'a [Range<usize>],
    kept: &'a KeptComments,
    /// The position of the rule in the sheet.
    start: usize,
}

impl Place<'_> {
    fn rule(&mut self, text: &str, rule: &Rule, compiled: &mut Compiled) {
        let name = rule.name.as_deref();
        if let (Some(name), Some(block)) = (name, &rule.block)
            && GROUPS.contains(&name)
        {
            return self.group(text, block, compiled);
        }
        let is_compiled = rule.block.is_some() && (name.is_none() || name == Some("keyframes"));
        let here = self.start..self.start + text.len();
        let is_valid = !self.invalid.iter().any(|it| it.start < here.end && here.start < it.end);
        if is_compiled && is_valid {
            match self.compiled(text) {
                Ok(output) => {
                    for comment in tokens::kept_comments(text, self.kept) {
                        compiled.text.push_str(&comment);
                        compiled.text.push('\n');
                    }
                    return compiled.text.push_str(&output);
                }
                Err(lost) => compiled.losses.push(lost),
            }
        }
        compiled.text.push_str(&self.as_written(text));
    }

    /// Compiles the rules of a group one by one, and the start of the group.
    fn group(&mut self, text: &str, block: &Range<usize>, compiled: &mut Compiled) {
        let start = self.start;
        compiled.text.push_str(&self.prelude(&text[..block.start - 1]));
        compiled.text.push('{');
        let inner = &text[block.clone()];
        for rule in rules(inner) {
            self.start = start + block.start + rule.range.start;
            self.rule(&inner[rule.range.clone()], &rule, compiled);
        }
        compiled.text.push('}');
    }

    /// Compiles the start of a group, which is seen around a rule of our own.
    fn prelude(&self, text: &str) -> String {
        const RULE: &str = "{worker-pack{--a:b}}";
        let as_written = || tokens::squeeze(text, &[], self.kept);
        let probe = format!("{text}{RULE}");
        let compiled = print(&probe, self.targets, Depth::Syntax);
        let start = compiled.as_deref().and_then(|output| output.strip_suffix(RULE));
        match start {
            // One at-rule more would need another brace at the end.
            Some(start)
                if !start.contains('{') && tokens::kept_comments(text, self.kept).is_empty() =>
            {
                start.to_owned()
            }
            _ => as_written(),
        }
    }

    /// Compiles a rule as deeply as it loses nothing.
    ///
    /// # Errors
    /// If it would lose something at any depth. The message says what.
    fn compiled(&self, text: &str) -> Result<String, String> {
        let syntax = print(text, self.targets, Depth::Syntax).ok_or("a rule")?;
        if let Some(lost) = loss::of_syntax(text, &syntax) {
            return Err(lost);
        }
        let declarations = print(text, self.targets, Depth::Declarations);
        Ok(declarations
            .filter(|declarations| loss::of_rules(&syntax, declarations).is_none())
            .unwrap_or(syntax))
    }

    fn as_written(&self, text: &str) -> String {
        let own = self.invalid.iter().filter_map(|it| {
            Some(it.start.checked_sub(self.start)?..it.end.checked_sub(self.start)?)
        });
        tokens::squeeze(text, &own.collect::<Vec<_>>(), self.kept)
    }
}

/// The parts of a rule that are compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Selectors, nesting, media queries.
    Syntax,
    /// Also declarations: prefixes, colours and logical properties for the browsers.
    Declarations,
}

/// Compiles a rule without looking at the result.
fn print(text: &str, targets: Targets, depth: Depth) -> Option<String> {
    let mut sheet = StyleSheet::parse(text, ParserOptions::default()).ok()?;
    if depth == Depth::Declarations {
        sheet.minify(MinifyOptions { targets, ..MinifyOptions::default() }).ok()?;
    }
    // All comments that stay are put in front, and not those at the start alone.
    sheet.license_comments.clear();
    let options = PrinterOptions { minify: true, targets, ..PrinterOptions::default() };
    let code = sheet.to_css(options).ok()?.code;
    Some(if text.is_ascii() { escaped(&code) } else { code })
}

/// Returns a rule in ASCII characters. lightningcss prints the characters that the author escaped, but
/// not every response names its charset.
fn escaped(code: &str) -> String {
    let escape = |c: char| match c {
        c if c.is_ascii() => c.to_string(),
        c => format!("\\{:x} ", u32::from(c)),
    };
    code.chars().map(escape).collect()
}
