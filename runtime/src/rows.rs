//! The rows of a table: assets, redirects and header rules.

use crate::coding::Coding;
use crate::representation::Representation;

/// A file of the site, with its representations.
#[derive(Clone, Copy, Debug)]
pub struct Asset<'a> {
    pub(crate) path: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) cache_control: &'a str,
    pub(crate) link: &'a str,
    pub(crate) identity: Representation<'a>,
    /// In the order of [`Coding::ENCODED`].
    pub(crate) encoded: [Option<Representation<'a>>; Coding::ENCODED.len()],
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
        Self { path, content_type, cache_control, link: "", identity, encoded }
    }

    /// Sets the value of the `Link` field (RFC 8288), which Cloudflare turns into Early Hints.
    #[must_use]
    pub const fn with_link(self, link: &'a str) -> Self {
        Self { link, ..self }
    }

    /// Adds an encoded representation. It replaces an earlier one in the same coding.
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
        self.identity = representation;
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

    /// Returns whether replies depend on `Accept-Encoding`, so that they need `Vary` (RFC 9110 §12.5.5).
    pub fn varies(&self) -> bool {
        self.encoded().next().is_some()
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
