//! `_headers`, read as Cloudflare reads it, at build time.

use super::{Line, MAX_LINE_LEN, Rejected, lines, pathname};
use crate::asset::cache_policy::CachePolicy;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// Number of rules after which Cloudflare stops reading. It tests the limit before adding a rule,
/// so it accepts 101.
const MAX_RULES: usize = 100;

/// Fields about the transfer of a message, which only the runtime and its host can set.
const MESSAGE_FIELDS: [&str; 5] =
    ["connection", "content-encoding", "content-length", "content-range", "transfer-encoding"];

/// Changes to the header fields of responses at matching URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderRule {
    /// The path, percent-encoded, with `*` and `:name` as wildcards. A rule for a single host
    /// begins with `https://` and the host.
    pub(crate) pattern: String,
    /// The names of the fields to remove, in lower case.
    pub(crate) remove: Vec<String>,
    /// The fields to set, with their names in lower case.
    pub(crate) set: Vec<(String, String)>,
}

/// The rules of a `_headers` file, and the problems found in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeaderRules {
    pub(crate) rules: Vec<HeaderRule>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl HeaderRules {
    /// Parses a file. A line with a problem is skipped with a warning, and all others count.
    pub(crate) fn parse(text: &str, file: &str) -> Self {
        let mut parser =
            Parser { file, source: text, rules: Vec::new(), accepted: 0, diagnostics: Vec::new() };
        let mut current = Current::None;
        for Line { at, text: line, .. } in lines(text) {
            if line.chars().count() > MAX_LINE_LEN {
                parser.reject(at, &Rejected::too_long());
            } else if is_path(line) {
                if parser.accepted == MAX_RULES {
                    let message = "more than the rules that Cloudflare reads";
                    let rejected = Rejected::new(Code::RulesTooManyHeaderRules, message)
                        .with_help("it reads 101; this line and all below are ignored");
                    parser.reject(at, &rejected);
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
                    // The rejected path has been reported, and its fields need no warning.
                    Current::Rejected => {}
                    Current::None => {
                        let message = "header does not belong to a path";
                        let rejected = Rejected::new(Code::RulesHeaderBeforePath, message)
                            .with_help("write a path such as `/*` on a line above");
                        parser.reject(at, &rejected);
                    }
                }
            }
        }
        parser.end(&mut current);
        Self { rules: parser.rules, diagnostics: parser.diagnostics }
    }
}

/// The rule whose fields are being read.
enum Current {
    None,
    /// A rule whose path was rejected, so that its fields are skipped.
    Rejected,
    /// A rule, and the offset of its path line in bytes.
    Rule(HeaderRule, usize),
}

/// The state of parsing a file.
struct Parser<'s> {
    file: &'s str,
    source: &'s str,
    rules: Vec<HeaderRule>,
    /// The number of rules read, including replaced ones with the same path.
    accepted: usize,
    diagnostics: Vec<Diagnostic>,
}

impl Parser<'_> {
    /// Starts a rule with its path line.
    fn begin(line: &str) -> Result<HeaderRule, Rejected> {
        let pattern = pattern(line)?;
        Ok(HeaderRule { pattern, remove: Vec::new(), set: Vec::new() })
    }

    /// Ends a rule. It replaces an earlier one with the same path.
    fn end(&mut self, current: &mut Current) {
        let Current::Rule(rule, at) = std::mem::replace(current, Current::None) else { return };
        if rule.remove.is_empty() && rule.set.is_empty() {
            let message = "path has no headers";
            let rejected = Rejected::new(Code::RulesPathWithoutHeaders, message)
                .with_help("write `Name: value` on the lines below, or remove the path");
            self.reject(at, &rejected);
            return;
        }
        self.accepted += 1;
        match self.rules.iter_mut().find(|other| other.pattern == rule.pattern) {
            // As on Cloudflare, the later rule counts.
            Some(earlier) => {
                let rejected = repeated(earlier, &rule);
                *earlier = rule;
                self.reject(at, &rejected);
            }
            None => self.rules.push(rule),
        }
    }

    fn reject(&mut self, at: usize, rejected: &Rejected) {
        self.diagnostics.push(rejected.diagnostic(self.file, self.source, at));
    }
}

/// Rejects the earlier rule of a path that has two.
///
/// Astro's adapter puts a rule for its hashed files in front of those of the site, which may have one for
/// the same path. Such files are immutable without a rule.
fn repeated(earlier: &HeaderRule, later: &HeaderRule) -> Rejected {
    let HeaderRule { pattern, remove, set } = earlier;
    let is_of_adapter = |name: &str, value: &str| {
        pattern.ends_with("/_astro/*")
            && name == "cache-control"
            && value == CachePolicy::Immutable.to_string()
    };
    let lost = set.iter().filter(|field| !later.set.contains(field));
    let lost = lost.filter(|(name, value)| !is_of_adapter(name, value)).map(|(name, _)| name);
    let lost: Vec<&str> = lost
        .chain(remove.iter().filter(|name| !later.remove.contains(name)))
        .map(String::as_str)
        .collect();
    if lost.is_empty() {
        let message = format!("`{pattern}` has a rule above too, which says nothing else");
        return Rejected::harmless(Code::RulesDuplicatePath, message);
    }
    let lost = lost.join(", ");
    let message = format!("`{pattern}` has a rule above, whose headers are ignored: {lost}");
    Rejected::new(Code::RulesDuplicatePath, message)
        .with_help("write all headers of a path below it once")
}

impl HeaderRule {
    /// Adds a line with a field: `Name: value`, or `! Name` to remove it.
    fn add(&mut self, line: &str) -> Result<(), Rejected> {
        if let Some(name) = line.strip_prefix("! ").filter(|rest| !rest.contains(':')) {
            self.remove.push(field_name(name)?);
            return Ok(());
        }
        let (name, value) = line.split_once(':').ok_or_else(|| syntax("expected `Name: value`"))?;
        let (name, value) = (field_name(name)?, value.trim());
        if value.is_empty() {
            let message = format!("`{name}` has no value");
            return Err(Rejected::new(Code::RulesHeaderWithoutValue, message)
                .with_help("write a value, or `! Name` to remove a header"));
        }
        if value.chars().any(|character| character.is_control() && character != '\t') {
            return Err(syntax("the value contains a control character"));
        }
        // Fields of the same name are joined into one (RFC 9110 §5.3).
        match self.set.iter_mut().find(|(other, _)| *other == name) {
            Some((_, values)) => *values = format!("{values}, {value}"),
            None => self.set.push((name, value.to_owned())),
        }
        Ok(())
    }
}

/// Parses the name of a field (RFC 9110 §5.1) into lower case.
fn field_name(name: &str) -> Result<String, Rejected> {
    let name = name.trim().to_ascii_lowercase();
    // A name is a token (RFC 9110 §5.6.2).
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(syntax("the name is not a valid header name"));
    }
    if MESSAGE_FIELDS.contains(&&*name) {
        let message = format!("`{name}` depends on how each response is sent: it cannot be set");
        return Err(Rejected::new(Code::RulesReservedHeader, message).with_help("remove the line"));
    }
    Ok(name)
}

fn syntax(message: &'static str) -> Rejected {
    Rejected::new(Code::RulesHeaderSyntax, message)
}

fn is_path(line: &str) -> bool {
    let scheme = || line.split_once("://").is_some_and(|(scheme, _)| !scheme.contains(' '));
    line.starts_with('/') || scheme()
}

/// Parses a path line into the pattern that requests are matched against.
fn pattern(line: &str) -> Result<String, Rejected> {
    let (host, path) = match line.split_once("://") {
        Some(("https", rest)) if !line.starts_with('/') => {
            rest.split_at(rest.find('/').unwrap_or(rest.len()))
        }
        Some(_) if !line.starts_with('/') => {
            let message = "the host does not begin with https://";
            return Err(Rejected::new(Code::RulesHeaderHost, message)
                .with_help("write `https://HOST/PATH`, or the path alone"));
        }
        _ => ("", line),
    };
    // A placeholder's colon comes before a letter, a port's before a digit.
    let is_port = |(_, port): (&str, &str)| port.starts_with(|c: char| c.is_ascii_digit());
    if host.rsplit_once(':').is_some_and(is_port) {
        return Err(Rejected::new(Code::RulesHeaderHost, "the host has a port")
            .with_help("write the host without the port"));
    }
    let host = match host {
        "" => String::new(),
        host => super::host::host(host).map_err(|problem| {
            Rejected::new(Code::RulesHeaderHost, format!("the host {problem}")).with_help(
                "write the host as in a URL, with `*` and `:name` for its variable parts",
            )
        })?,
    };
    let path = pathname(path);
    let stars = host.matches('*').count() + path.matches('*').count();
    let has_splat = path.contains(":splat") || host.contains(":splat");
    if stars > 1 || stars == 1 && has_splat {
        let message = "path has more than one wildcard (`*` or `:splat`)";
        return Err(Rejected::new(Code::RulesRepeatedWildcard, message)
            .with_help("use `*` at most once, and `:name` for the other parts"));
    }
    Ok(if host.is_empty() { path } else { format!("https://{host}{path}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> (Vec<HeaderRule>, Vec<String>) {
        let HeaderRules { rules, diagnostics } = HeaderRules::parse(text, "_headers");
        let place = |diagnostic: &Diagnostic| {
            let line = diagnostic.excerpt.as_ref().map_or(0, |excerpt| excerpt.line);
            format!("{line}: {}", diagnostic.message)
        };
        (rules, diagnostics.iter().map(place).collect())
    }

    #[test]
    fn rules_are_read_as_cloudflare_reads_them() {
        let (rules, diagnostics) = parse(
            "\u{feff}# all\r\n/*\r\n  X-Frame-Options: DENY\r\n  ! Server\r\n  x-a: 1\n  X-A: 2\n\
             /ü x?query#hash\n  A: :b\nhttps://:x.example/p/*\n  B: c",
        );
        assert_eq!(diagnostics, Vec::<String>::new());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(rules.len(), 3);
        assert_eq!(rules[0].set, [pair("x-frame-options", "DENY"), pair("x-a", "1, 2")]);
        assert_eq!(rules[0].remove, ["server"]);
        assert_eq!(rules[1].pattern, "/%C3%BC%20x");
        assert_eq!(rules[2].pattern, "https://:x.example/p/*");
    }

    #[test]
    fn rejected_lines_are_reported_with_their_numbers() {
        let (rules, diagnostics) = parse(
            "A: before\n/a\n/b/*/*\n  A: gone\nhttp://x/\n  A: b\nhttps://x:80/\n  A: b\n/c\n  A:\n  \
             B C: d\n  Content-Length: 1\n  no colon\n  E: f\0g\n  H: i\n/c\n  J: k",
        );
        assert_eq!(rules.len(), 1, "{rules:?}");
        assert_eq!(rules[0].set, [("j".to_owned(), "k".to_owned())]);
        let lines: Vec<&str> =
            diagnostics.iter().map(|one| one.split_once(':').expect("a line").0).collect();
        assert_eq!(
            lines,
            ["1", "2", "3", "5", "7", "10", "11", "12", "13", "14", "16"],
            "{diagnostics:?}"
        );
    }

    #[test]
    fn rules_beyond_the_limit_of_cloudflare_are_rejected() {
        let text = (0..200).map(|n| format!("/{n}\n  a: b")).collect::<Vec<_>>().join("\n");
        let (rules, diagnostics) = parse(&text);
        assert_eq!((rules.len(), diagnostics.len()), (101, 1));
        assert_eq!(parse(&format!("/a\n  b: {}", "c".repeat(3000))).1.len(), 2);
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_values_contain_no_line_breaks(text in "(/|[a-z:*! \\r\\n\\x00é#]){0,60}") {
            for rule in parse(&text).0 {
                for (name, value) in &rule.set {
                    prop_assert!(!name.contains(['\r', '\n', '\0']) && !value.contains(['\r', '\n', '\0']));
                }
            }
        }
    }
}
