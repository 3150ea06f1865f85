//! The directives of a policy, as the value of `Content-Security-Policy`.

use std::collections::BTreeSet;
use std::fmt;

use super::page::{Blocked, BlockedKind, PagePolicy};
use super::source::{self, NONE, STRICT_DYNAMIC, UNSAFE_INLINE};
use crate::options::CspDirective;

/// Maximum length of the field, in bytes. Hosts and clients limit all fields of a response together, most often to
/// 16 KB. Of that, `Link` may take 4 KiB.
pub(super) const MAX_LEN: usize = 11 * 1024;

/// The directives of a policy with their sources, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directives(Vec<(String, BTreeSet<String>)>);

/// Directives that fit into a response.
pub(super) struct Fitting {
    /// `None` if even those without hashes of styles do not fit.
    pub(super) directives: Option<Directives>,
    /// The length of the field with all hashes, if it is too long.
    pub(super) too_long: Option<usize>,
}

impl Directives {
    /// Makes the directives of a policy. The user's are added.
    pub(super) fn of(policy: &PagePolicy, added: &[CspDirective]) -> Self {
        let mut directives = Self(Vec::new());
        directives.set("script-src", &policy.scripts);
        directives.set_hashes("script-src-attr", &policy.handlers);
        directives.set("style-src", &policy.styles);
        directives.set_hashes("style-src-attr", &policy.style_attributes);
        if !policy.workers.is_empty() {
            directives.set("worker-src", &policy.workers);
        }
        directives.set("object-src", &policy.objects);
        directives.set("base-uri", &policy.bases);
        for one in added {
            directives.add(one);
        }
        directives
    }

    fn set(&mut self, name: &str, sources: &BTreeSet<String>) {
        let sources = if sources.is_empty() { [NONE.to_owned()].into() } else { sources.clone() };
        self.0.push((name.to_owned(), sources));
    }

    /// Sets a directive for attributes, whose hashes count with `'unsafe-hashes'` only. In a directive of their own,
    /// they allow no element.
    fn set_hashes(&mut self, name: &str, hashes: &BTreeSet<String>) {
        if !hashes.is_empty() {
            let keyword = ["'unsafe-hashes'".to_owned()];
            self.0.push((name.to_owned(), hashes.iter().cloned().chain(keyword).collect()));
        }
    }

    /// Adds a directive of the user.
    fn add(&mut self, added: &CspDirective) {
        let own = self.0.iter_mut().find(|(name, _)| name == added.name());
        let Some((_, sources)) = own else {
            let sources = added.sources().map(str::to_owned).collect();
            self.0.push((added.name().to_owned(), sources));
            return;
        };
        sources.extend(added.sources().map(str::to_owned));
        if sources.contains(UNSAFE_INLINE) {
            // A hash beside it would turn it off.
            sources.retain(|source| !source::is_hash(source) && source != STRICT_DYNAMIC);
        }
        if sources.len() > 1 {
            sources.remove(NONE);
        }
    }

    fn get(&self, name: &str) -> Option<&BTreeSet<String>> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, sources)| sources)
    }

    /// Returns whether the directives allow a part of a page after all, because of those of the user.
    pub(super) fn allow(&self, blocked: &Blocked) -> bool {
        let (name, fallback) = match blocked.kind {
            BlockedKind::Handler => ("script-src-attr", "script-src"),
            BlockedKind::StyleAttribute => ("style-src-attr", "style-src"),
            BlockedKind::ScriptUrl => ("script-src-elem", "script-src"),
            BlockedKind::ScriptWithoutHost => {
                let scheme = format!("{}:", blocked.text);
                return self.get("script-src").is_some_and(|sources| sources.contains(&scheme));
            }
        };
        let sources = self.get(name).or_else(|| self.get(fallback));
        sources.is_some_and(|sources| sources.contains(UNSAFE_INLINE))
    }

    /// Returns whether they fit into a response.
    pub(super) fn fit(&self) -> bool {
        self.to_string().len() <= MAX_LEN
    }

    /// Returns the directives as far as they fit into a response. Style sheets are less dangerous than scripts, so
    /// their hashes are left out first, and any inline style sheet is allowed.
    pub(super) fn fitting(self) -> Fitting {
        let len = self.to_string().len();
        if self.fit() {
            return Fitting { directives: Some(self), too_long: None };
        }
        let mut shorter = self;
        shorter.0.retain(|(name, _)| name != "style-src-attr");
        if let Some((_, sources)) = shorter.0.iter_mut().find(|(name, _)| name == "style-src") {
            sources.retain(|source| !source::is_hash(source) && source != NONE);
            sources.insert(UNSAFE_INLINE.to_owned());
        }
        let fits = shorter.fit();
        Fitting { directives: fits.then_some(shorter), too_long: Some(len) }
    }
}

impl fmt::Display for Directives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, sources)) in self.0.iter().enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { "; " })?;
            sources.iter().try_for_each(|source| write!(f, " {source}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(styles: usize) -> PagePolicy {
        let hash = |number: usize| source::hash(&number.to_string());
        PagePolicy { styles: (0..styles).map(hash).collect(), ..PagePolicy::default() }
    }

    fn with(added: &[&str], policy: &PagePolicy) -> String {
        let added: Vec<CspDirective> = added.iter().map(|one| one.parse().unwrap()).collect();
        Directives::of(policy, &added).to_string()
    }

    #[test]
    fn a_page_without_code_allows_none() {
        let none = "script-src 'none'; style-src 'none'; object-src 'none'; base-uri 'none'";
        assert_eq!(with(&[], &PagePolicy::default()), none);
    }

    #[test]
    fn sources_of_the_user_join_those_of_the_page() {
        let added = ["script-src a.example", "style-src 'unsafe-inline'", "img-src 'self'"];
        let expected = "script-src a.example; style-src 'unsafe-inline'; object-src 'none'; \
                        base-uri 'none'; img-src 'self'";
        assert_eq!(with(&added, &policy(2)), expected);
    }

    #[test]
    fn hashes_of_styles_are_left_out_if_they_do_not_fit() {
        let directives = |styles| Directives::of(&policy(styles), &[]);
        assert_eq!(directives(150).fitting().too_long, None);
        let fitting = directives(300).fitting();
        assert!(fitting.too_long.is_some_and(|len| len > MAX_LEN));
        let field = fitting.directives.unwrap().to_string();
        assert!(field.contains("style-src 'unsafe-inline';"), "{field}");
        let scripts = policy(300).styles;
        let scripts = PagePolicy { scripts, ..PagePolicy::default() };
        assert!(Directives::of(&scripts, &[]).fitting().directives.is_none());
    }
}
