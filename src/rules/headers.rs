//! `_headers`, read as Cloudflare reads it, at build time.

use super::{LONGEST_LINE, Line, Rejected, lines, pathname};
use crate::feedback::diagnostic::Diagnostic;

/// How many rules there are when Cloudflare stops reading, which it does before the one after the
/// next: it takes 101.
const MOST_RULES: usize = 100;

/// Fields that say how a body is sent, which the runtime knows and a rule cannot.
const OF_THE_MESSAGE: [&str; 5] =
    ["connection", "content-encoding", "content-length", "content-range", "transfer-encoding"];

/// The fields that a path gets and loses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderRule {
    /// The path, with `*` and `:name`, percent-encoded; with `https://` and a host before it if the
    /// rule is for one host.
    pub(crate) pattern: String,
    /// The names of fields to remove, in lower case.
    pub(crate) remove: Vec<String>,
    /// The fields to set, with their names in lower case.
    pub(crate) set: Vec<(String, String)>,
}

/// The rules of a `_headers` file, and what is wrong with others.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeaderRules {
    pub(crate) rules: Vec<HeaderRule>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl HeaderRules {
    /// Reads a file. What is wrong with it is a warning with its line, and the rest counts.
    pub(crate) fn parse(text: &str, file: &str) -> Self {
        let mut parser =
            Parser { file, source: text, rules: Vec::new(), taken: 0, found: Vec::new() };
        let mut current = Current::None;
        for Line { at, text: line, .. } in lines(text) {
            if line.chars().count() > LONGEST_LINE {
                parser.reject(at, &Rejected::new("is longer than 2,000 characters"));
            } else if is_path(line) {
                if parser.taken == MOST_RULES {
                    parser.reject(
                        at,
                        &Rejected::new("is beyond the rules that Cloudflare takes")
                            .with_help("it takes 101; this one and what follows are left out"),
                    );
                    break;
                }
                parser.end(&mut current);
                current = match Parser::begin(line) {
                    Ok(rule) => Current::Rule(rule, at),
                    Err(rejected) => {
                        parser.reject(at, &rejected);
                        Current::Rejected
                    }
                };
            } else {
                match &mut current {
                    Current::Rule(rule, _) => {
                        if let Err(rejected) = rule.add(line) {
                            parser.reject(at, &rejected);
                        }
                    }
                    Current::Rejected => {}
                    Current::None => parser.reject(at, &Rejected::new("comes before any path")),
                }
            }
        }
        parser.end(&mut current);
        Self { rules: parser.rules, diagnostics: parser.found }
    }
}

/// The rule whose fields are being read, with the place of its path.
enum Current {
    None,
    /// Its path was not taken, so its fields go too.
    Rejected,
    Rule(HeaderRule, usize),
}

struct Parser<'s> {
    file: &'s str,
    source: &'s str,
    rules: Vec<HeaderRule>,
    /// How many rules were read, those for the same path too.
    taken: usize,
    found: Vec<Diagnostic>,
}

impl Parser<'_> {
    fn begin(line: &str) -> Result<HeaderRule, Rejected> {
        let pattern = pattern(line)?;
        Ok(HeaderRule { pattern, remove: Vec::new(), set: Vec::new() })
    }

    /// Ends a rule. A later one for the same path takes the place of an earlier one.
    fn end(&mut self, current: &mut Current) {
        let Current::Rule(rule, at) = std::mem::replace(current, Current::None) else { return };
        if rule.remove.is_empty() && rule.set.is_empty() {
            self.reject(at, &Rejected::new("has no header fields"));
            return;
        }
        self.taken += 1;
        match self.rules.iter_mut().find(|other| other.pattern == rule.pattern) {
            Some(earlier) => {
                *earlier = rule;
                self.reject(at, &Rejected::new("is there a second time: only these fields count"));
            }
            None => self.rules.push(rule),
        }
    }

    fn reject(&mut self, at: usize, rejected: &Rejected) {
        self.found.push(rejected.warning(self.file, self.source, at));
    }
}

impl HeaderRule {
    fn add(&mut self, line: &str) -> Result<(), Rejected> {
        if let Some(name) = line.strip_prefix("! ").filter(|rest| !rest.contains(':')) {
            self.remove.push(field_name(name)?);
            return Ok(());
        }
        let (name, value) = line.split_once(':').ok_or(Rejected::new("is no `Name: value`"))?;
        let (name, value) = (field_name(name)?, value.trim());
        if value.is_empty() {
            return Err(Rejected::new("has no value"));
        }
        if value.chars().any(|character| character.is_control() && character != '\t') {
            return Err(Rejected::new("has a control character in its value"));
        }
        match self.set.iter_mut().find(|(other, _)| *other == name) {
            Some((_, values)) => *values = format!("{values}, {value}"),
            None => self.set.push((name, value.to_owned())),
        }
        Ok(())
    }
}

/// Reads a field's name (RFC 9110 §5.1) as rules have it.
fn field_name(name: &str) -> Result<String, Rejected> {
    let name = name.trim().to_ascii_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(Rejected::new("has no valid field name"));
    }
    if OF_THE_MESSAGE.contains(&&*name) {
        return Err(Rejected::new("names a field that says how a body is sent"));
    }
    Ok(name)
}

fn is_path(line: &str) -> bool {
    let scheme = || line.split_once("://").is_some_and(|(scheme, _)| !scheme.contains(' '));
    line.starts_with('/') || scheme()
}

/// Reads a path line as the pattern that requests are matched against.
fn pattern(line: &str) -> Result<String, Rejected> {
    let (host, path) = match line.split_once("://") {
        Some(("https", rest)) if !line.starts_with('/') => {
            rest.split_at(rest.find('/').unwrap_or(rest.len()))
        }
        Some(_) if !line.starts_with('/') => {
            return Err(Rejected::new("has a host without https://"));
        }
        _ => ("", line),
    };
    // A placeholder's colon comes before a letter, a port's before a digit.
    let is_port = |(_, port): (&str, &str)| port.starts_with(|c: char| c.is_ascii_digit());
    if host.rsplit_once(':').is_some_and(is_port) {
        return Err(Rejected::new("has a port"));
    }
    let path = pathname(path)?;
    let stars = host.matches('*').count() + path.matches('*').count();
    let has_splat = path.contains(":splat") || host.contains(":splat");
    if stars > 1 || stars == 1 && has_splat {
        return Err(Rejected::new("has more than one splat (`*`, `:splat`)"));
    }
    Ok(if host.is_empty() { path } else { format!("https://{host}{path}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> (Vec<HeaderRule>, Vec<String>) {
        let HeaderRules { rules, diagnostics } = HeaderRules::parse(text, "_headers");
        let place = |found: &Diagnostic| {
            let line = found.excerpt.as_ref().map_or(0, |excerpt| excerpt.line);
            format!("{line}: {}", found.message)
        };
        (rules, diagnostics.iter().map(place).collect())
    }

    #[test]
    fn rules_are_read_as_cloudflare_reads_them() {
        let (rules, found) = parse(
            "\u{feff}# all\r\n/*\r\n  X-Frame-Options: DENY\r\n  ! Server\r\n  x-a: 1\n  X-A: 2\n\
             /ü x?query#hash\n  A: :b\nhttps://:x.example/p/*\n  B: c",
        );
        assert_eq!(found, Vec::<String>::new());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(rules.len(), 3);
        assert_eq!(rules[0].set, [pair("x-frame-options", "DENY"), pair("x-a", "1, 2")]);
        assert_eq!(rules[0].remove, ["server"]);
        assert_eq!(rules[1].pattern, "/%C3%BC%20x");
        assert_eq!(rules[2].pattern, "https://:x.example/p/*");
    }

    #[test]
    fn what_is_not_taken_is_told_with_its_line() {
        let (rules, found) = parse(
            "A: before\n/a\n/b/*/*\n  A: gone\nhttp://x/\n  A: b\nhttps://x:80/\n  A: b\n/c\n  A:\n  \
             B C: d\n  Content-Length: 1\n  no colon\n  E: f\0g\n  H: i\n/c\n  J: k",
        );
        assert_eq!(rules.len(), 1, "{rules:?}");
        assert_eq!(rules[0].set, [("j".to_owned(), "k".to_owned())]);
        let lines: Vec<&str> =
            found.iter().map(|one| one.split_once(':').expect("a line").0).collect();
        assert_eq!(
            lines,
            ["1", "2", "3", "5", "7", "10", "11", "12", "13", "14", "16"],
            "{found:?}"
        );
    }

    #[test]
    fn no_more_rules_are_taken_than_cloudflare_takes() {
        let text = (0..200).map(|n| format!("/{n}\n  a: b")).collect::<Vec<_>>().join("\n");
        let (rules, found) = parse(&text);
        assert_eq!((rules.len(), found.len()), (101, 1));
        assert_eq!(parse(&format!("/a\n  b: {}", "c".repeat(3000))).1.len(), 2);
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_lets_no_line_break_through(text in "(/|[a-z:*! \\r\\n\\x00é#]){0,60}") {
            for rule in parse(&text).0 {
                for (name, value) in &rule.set {
                    prop_assert!(!name.contains(['\r', '\n', '\0']) && !value.contains(['\r', '\n', '\0']));
                }
            }
        }
    }
}
