//! The rows of a table: assets, redirects and header rules.

use crate::coding::Coding;
use crate::representation::Representation;
use crate::variant::Variant;
use crate::variants::Variants;

/// A file of the site, with its representations.
#[derive(Clone, Copy, Debug)]
pub struct Asset<'a> {
    pub(crate) path: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) cache_control: &'a str,
    pub(crate) link: &'a str,
    pub(crate) use_as_dictionary: &'a str,
    pub(crate) content_security_policy: &'a str,
    pub(crate) identity: Representation<'a>,
    /// In the order of [`Coding::ENCODED`].
    pub(crate) encoded: [Option<Representation<'a>>; Coding::ENCODED.len()],
    pub(crate) variants: Variants<'a>,
}

impl<'a> Asset<'a> {
    /// Makes an asset without encoded representations.
    pub const fn new(
        path: &'a str,
        content_type: &'a str,
        cache_control: &'a str,
        identity: Representation<'a>,
    ) -> Self {
        let encoded = [None; Coding::ENCODED.len()];
        let variants = Variants::Listed(&[]);
        let (link, use_as_dictionary, content_security_policy) = ("", "", "");
        Self {
            path,
            content_type,
            cache_control,
            link,
            use_as_dictionary,
            content_security_policy,
            identity,
            encoded,
            variants,
        }
    }

    /// Sets the value of the `Link` field (RFC 8288), which Cloudflare turns into Early Hints.
    #[must_use]
    pub const fn with_link(self, link: &'a str) -> Self {
        Self { link, ..self }
    }

    /// Sets the value of `Use-As-Dictionary`, by which a client learns for which URLs it can use the asset as a
    /// dictionary (RFC 9842 §2.1).
    #[must_use]
    pub const fn with_use_as_dictionary(self, use_as_dictionary: &'a str) -> Self {
        Self { use_as_dictionary, ..self }
    }

    /// Sets the value of `Content-Security-Policy` (CSP3 §3.1), which is sent with every reply that browsers show the
    /// asset of, and with a 304, which updates a stored one.
    #[must_use]
    pub const fn with_content_security_policy(self, content_security_policy: &'a str) -> Self {
        Self { content_security_policy, ..self }
    }

    /// Sets the variants, the preferred one first.
    #[must_use]
    pub const fn with_variants(self, variants: &'a [Variant<'a>]) -> Self {
        Self { variants: Variants::Listed(variants), ..self }
    }

    /// Adds an encoded representation, or replaces that without a coding. It replaces an earlier one in the same
    /// coding. One that is encoded with a dictionary is left out, since it is a [`Variant`].
    #[must_use]
    pub const fn with_encoded(mut self, representation: Representation<'a>) -> Self {
        let mut index = 0;
        // A `for` loop is not possible in a `const fn`.
        while index < Coding::ENCODED.len() {
            if Coding::ENCODED[index] as u8 == representation.coding() as u8 {
                self.encoded[index] = Some(representation);
                return self;
            }
            index += 1;
        }
        if representation.coding() as u8 == Coding::Identity as u8 {
            self.identity = representation;
        }
        self
    }

    /// Returns the decoded path of the file below the site's root, with a leading slash.
    pub const fn path(&self) -> &'a str {
        self.path
    }

    /// Returns the value of the `Content-Type` field (RFC 9110 §8.3).
    pub const fn content_type(&self) -> &'a str {
        self.content_type
    }

    /// Returns the value of the `Cache-Control` field (RFC 9111 §5.2).
    pub const fn cache_control(&self) -> &'a str {
        self.cache_control
    }

    /// Returns the value of the `Link` field, if the asset has one.
    pub const fn link(&self) -> Option<&'a str> {
        if self.link.is_empty() { None } else { Some(self.link) }
    }

    /// Returns the representation without a content coding.
    pub const fn identity(&self) -> Representation<'a> {
        self.identity
    }

    /// Returns the representations with a content coding, in the order of [`Coding`].
    pub fn encoded(&self) -> impl DoubleEndedIterator<Item = Representation<'a>> + use<'a> {
        self.encoded.into_iter().flatten()
    }

    /// Returns the value of `Use-As-Dictionary`, if the asset can be used as one (RFC 9842 §2.1).
    pub const fn use_as_dictionary(&self) -> Option<&'a str> {
        if self.use_as_dictionary.is_empty() { None } else { Some(self.use_as_dictionary) }
    }

    /// Returns the value of `Content-Security-Policy`, if the asset has a policy (CSP3 §3.1).
    pub const fn content_security_policy(&self) -> Option<&'a str> {
        if self.content_security_policy.is_empty() {
            None
        } else {
            Some(self.content_security_policy)
        }
    }

    /// Returns the variants, the preferred one first.
    pub fn variants(&self) -> impl Iterator<Item = Variant<'a>> + use<'a> {
        self.variants.iter()
    }

    /// Returns the fields that replies depend on, as the value of `Vary` (RFC 9110 §12.5.5). Returns none if they
    /// depend on none.
    ///
    /// An asset that is a dictionary itself names `Available-Dictionary` too: Firefox 147 has dropped answers
    /// that do not (RFC 9842 §6.2).
    pub fn vary(&self) -> Option<&'static str> {
        let has = |of: fn(&Variant<'a>) -> bool| self.variants().any(|one| of(&one));
        let by_dictionary =
            self.use_as_dictionary().is_some() || has(|one| one.dictionary().is_some());
        let by_coding = by_dictionary
            || self.encoded().next().is_some()
            || has(|one| one.representation().coding() != Coding::Identity);
        let by_type = has(|one| one.content_type().is_some());
        match (by_coding, by_dictionary, by_type) {
            (false, _, false) => None,
            (false, _, true) => Some("Accept"),
            (true, false, false) => Some("Accept-Encoding"),
            (true, false, true) => Some("Accept, Accept-Encoding"),
            (true, true, false) => Some("Accept-Encoding, Available-Dictionary"),
            (true, true, true) => Some("Accept, Accept-Encoding, Available-Dictionary"),
        }
    }
}

/// A redirect or a rewrite: a rule of `_redirects`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirect<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) status: u16,
    pub(crate) line: u32,
}

impl<'a> Redirect<'a> {
    /// Makes a rule.
    ///
    /// `from` is a pattern as in [`HeaderRule::new`]. In `to`, a path or a URL that begins with
    /// `https://`, `:name` is replaced by the text that the pattern's wildcard of that name matched.
    /// The status 200 rewrites: the asset at `to` answers without a redirect. If two rules without
    /// wildcards match, one with a host and one without, the one with the lower `line` counts.
    pub const fn new(from: &'a str, to: &'a str, status: u16, line: u32) -> Self {
        Self { from, to, status, line }
    }
}

/// A rule of `_headers`: a pattern of paths, and operations on header fields.
#[derive(Clone, Copy, Debug)]
pub struct HeaderRule<'a> {
    pattern: &'a str,
    operations: &'a [HeaderOperation<'a>],
}

impl<'a> HeaderRule<'a> {
    /// Makes a rule for the paths that a pattern matches: `*` matches any characters, `:name` one
    /// segment, and a pattern with a host begins with `https://`.
    pub const fn new(pattern: &'a str, operations: &'a [HeaderOperation<'a>]) -> Self {
        Self { pattern, operations }
    }

    pub(crate) const fn pattern(&self) -> &'a str {
        self.pattern
    }

    pub(crate) const fn operations(&self) -> &'a [HeaderOperation<'a>] {
        self.operations
    }
}

/// An operation of a header rule. Field names are in lower case. In a value, `:name` is replaced by the
/// text that the pattern's wildcard of that name matched, `:splat` by that of `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderOperation<'a> {
    /// Removes a field.
    Remove(&'a str),
    /// Sets a field.
    Set(&'a str, &'a str),
    /// Sets a field that a response of the Worker's own code lacks. The replies of a table have theirs.
    Default(&'a str, &'a str),
}
