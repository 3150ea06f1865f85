//! `robots.txt` (RFC 9309): the paths that robots may ask for, and sitemaps.

use crate::probe::question::USER_AGENT;

/// The rules of a site for robots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    /// Patterns of paths, and whether they are allowed.
    rules: Vec<(String, Permission)>,
    /// The URLs of sitemaps.
    pub(super) sitemaps: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permission {
    Allowed,
    Forbidden,
}

impl Robots {
    /// Parses the file. The group that names this program counts, else the one for all (§2.2.1).
    pub(super) fn parse(text: &str) -> Self {
        let product = USER_AGENT.split('/').next().unwrap_or_default();
        let of = |agent: &str| rules_for(agent, text);
        let rules = of(product).or_else(|| of("*")).unwrap_or_default();
        let sitemaps = lines(text).filter(|(name, _)| name == "sitemap");
        Self { rules, sitemaps: sitemaps.map(|(_, value)| value.to_owned()).collect() }
    }

    /// Returns whether robots may ask for a path: the longest pattern that matches counts (§2.2.2).
    pub(super) fn allow(&self, target: &str) -> bool {
        let matching = self.rules.iter().filter(|(pattern, _)| matches(pattern, target));
        let longest = matching.max_by_key(|(pattern, permission)| {
            (pattern.len(), *permission == Permission::Allowed)
        });
        longest.is_none_or(|(_, permission)| *permission == Permission::Allowed)
    }
}

fn lines(text: &str) -> impl Iterator<Item = (String, &str)> {
    text.lines().filter_map(|line| {
        let line = line.split('#').next().unwrap_or_default();
        let (name, value) = line.split_once(':')?;
        Some((name.trim_matches(['\u{feff}', ' ', '\t']).to_ascii_lowercase(), value.trim()))
    })
}

/// Returns the rules for a robot, or none if no group names it. A group may be empty.
fn rules_for(agent: &str, text: &str) -> Option<Vec<(String, Permission)>> {
    let (mut is_meant, mut is_in_group, mut is_named_at_all) = (false, false, false);
    let mut rules = Vec::new();
    for (name, value) in lines(text) {
        let permission = match &*name {
            "user-agent" => {
                let is_named = value.eq_ignore_ascii_case(agent);
                is_meant = if is_in_group { is_named } else { is_meant || is_named };
                is_named_at_all |= is_named;
                is_in_group = false;
                continue;
            }
            "allow" => Permission::Allowed,
            "disallow" => Permission::Forbidden,
            _ => continue,
        };
        is_in_group = true;
        // An empty pattern matches nothing.
        if is_meant && !value.is_empty() {
            rules.push((value.to_owned(), permission));
        }
    }
    is_named_at_all.then_some(rules)
}

/// Matches the beginning of a path. `*` stands for any characters, `$` at the end for the end.
fn matches(pattern: &str, target: &str) -> bool {
    let (pattern, is_whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*').peekable();
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = target.strip_prefix(first) else { return false };
    if parts.peek().is_none() {
        return !is_whole || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if is_whole && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rule_of_the_group_counts() {
        let robots = Robots::parse(
            "\u{feff}# hello\r\nUser-agent: other\r\nDisallow: /\r\n\r\nUser-agent: *\r\nUser-Agent: b\r\n\
             Disallow: /admin # not this\r\nAllow: /admin/public\r\nDisallow: /*.pdf$\r\nDisallow:\r\n\
             Sitemap: https://example.com/map.xml\r\n",
        );
        assert_eq!(robots.sitemaps, ["https://example.com/map.xml"]);
        for (target, allowed) in [
            ("/", true),
            ("/admin", false),
            ("/admin/x", false),
            ("/admin/public/x", true),
            ("/a/b.pdf", false),
            ("/a/b.pdf?c", true),
        ] {
            assert_eq!(robots.allow(target), allowed, "{target}");
        }
        assert!(Robots::default().allow("/"));
        let own = Robots::parse("User-agent: *\nDisallow: /\nUser-agent: Worker-Pack\nAllow: /\n");
        assert!(own.allow("/a"));
        let all = "User-agent: worker-pack\nDisallow:\n\nUser-agent: *\nDisallow: /\n";
        assert!(Robots::parse(all).allow("/a"));
    }
}
