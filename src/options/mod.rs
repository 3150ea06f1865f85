//! The options of a pack: one type for the command, `worker-pack.toml`, the builder and npm.

mod worker;

use std::collections::BTreeSet;

use serde::Deserialize;

pub use crate::asset::cache_policy::{CachePolicy, CacheRule, PathPattern};
pub use crate::coding::{Effort, encoding};
pub use crate::feedback::findings::Strictness;
pub use worker::{HeadersOnSsr, Limits, ServerCode, WorkerOptions};
pub use worker_pack_runtime::Coding;
pub use worker_pack_runtime::behaviour::{Compat, Fidelity, HtmlHandling, NotFoundHandling};

use crate::asset::media_type::CodeLanguage;
use crate::coding;
use crate::named::{self, named};

/// Everything that decides how a folder is packed. The default is what a site should ship.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// The languages that are minified. Default: all.
    pub minify: BTreeSet<MinifiedLanguage>,
    /// Browserslist queries for the browsers that style sheets are compiled for. Default: none,
    /// which keeps style sheets working wherever they worked before.
    pub css_targets: Vec<String>,
    /// The content codings of the encoded representations. Default: Brotli.
    #[serde(deserialize_with = "coding::deserialize")]
    pub encodings: BTreeSet<Coding>,
    /// How much work a smaller body is worth. Default: all, but in a build script of Cargo's `debug`
    /// profile little.
    pub effort: Option<Effort>,
    /// How clients are served that take no content coding. Default: whatever ships fewer bytes.
    pub identity: IdentityBodies,
    /// What becomes of source maps. Default: they are left out.
    pub source_maps: SourceMaps,
    /// What becomes of files and folders whose name begins with a dot. Default: they are left out,
    /// all but `.well-known`.
    pub dotfiles: Dotfiles,
    /// Whether a warning fails the pack. Default: it does not.
    pub strictness: Strictness,
    /// The cache policies of some paths. Of the rules that match a path the last one counts; where
    /// none does, Astro's hashed files are immutable and all others are revalidated.
    pub cache_policy: Vec<CacheRule>,
    /// Whether pages send ahead what they load, as `Link` fields that Cloudflare makes Early Hints
    /// of. Default: they do not.
    pub early_hints: EarlyHints,
    /// Whose rules are followed. Default: those of Workers Static Assets for a site that is deployed
    /// to them, else those of Pages.
    #[serde(deserialize_with = "named::deserialize_some")]
    pub compat: Option<Compat>,
    /// Which URLs a page has. Default: what the configuration for wrangler says, else
    /// `auto-trailing-slash`.
    #[serde(deserialize_with = "named::deserialize_some")]
    pub html_handling: Option<HtmlHandling>,
    /// What is answered where nothing is. Default: what the configuration for wrangler says, else
    /// `404-page`.
    #[serde(deserialize_with = "named::deserialize_some")]
    pub not_found_handling: Option<NotFoundHandling>,
    /// How closely Cloudflare's server is followed. Default: improved.
    #[serde(deserialize_with = "named::deserialize")]
    pub fidelity: Fidelity,
}

impl Options {
    /// Returns the effort, which depends on the profile in build scripts unless it is set.
    ///
    /// Cargo tells its build scripts `PROFILE`, which is `debug` for `dev` and what inherits from it.
    pub(crate) fn effort(&self) -> Effort {
        let in_build_script = std::env::var_os("OUT_DIR").is_some();
        let is_debug = std::env::var_os("PROFILE").is_some_and(|profile| profile == "debug");
        let usual = if in_build_script && is_debug { Effort::Fast } else { Effort::Max };
        self.effort.unwrap_or(usual)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            minify: MinifiedLanguage::ALL.into(),
            css_targets: Vec::new(),
            encodings: [Coding::Brotli].into(),
            effort: None,
            identity: IdentityBodies::default(),
            source_maps: SourceMaps::default(),
            dotfiles: Dotfiles::default(),
            strictness: Strictness::default(),
            cache_policy: Vec::new(),
            early_hints: EarlyHints::default(),
            compat: None,
            html_handling: None,
            not_found_handling: None,
            fidelity: Fidelity::Improved,
        }
    }
}

named! {
    /// A language that can be minified.
    pub enum MinifiedLanguage {
        /// HTML pages.
        Html = "html",
        /// Style sheets, in files and, with `Html`, in pages.
        Css = "css",
        /// Scripts and modules, in files and, with `Html`, in pages.
        JavaScript = "js",
        /// JSON, web app manifests and, with `Html`, JSON-LD and import maps in pages.
        Json = "json",
        /// Vector images.
        Svg = "svg",
        /// Feeds, site maps and other XML.
        Xml = "xml",
    }
}

impl From<CodeLanguage> for MinifiedLanguage {
    fn from(language: CodeLanguage) -> Self {
        match language {
            CodeLanguage::Css => Self::Css,
            CodeLanguage::JavaScript => Self::JavaScript,
            CodeLanguage::Json => Self::Json,
            CodeLanguage::Svg => Self::Svg,
            CodeLanguage::Xml => Self::Xml,
        }
    }
}

named! {
    /// How clients are served that take no content coding.
    #[derive(Default)]
    pub enum IdentityBodies {
        /// In a Worker for JavaScript hosts by decoding, which ships fewer bytes, unless its
        /// configuration lacks `nodejs_compat`, which the decoder comes with. In a Rust module from
        /// a copy, since there the decoder is a feature of the runtime, of about 170 KB.
        #[default]
        Auto = "auto",
        /// From a copy of each file as it is.
        Stored = "stored",
        /// By decoding the Brotli body, at the price of some CPU time for each such request.
        Decoded = "decoded",
    }
}

impl IdentityBodies {
    /// Resolves the choice for a target, whose usual one is given.
    pub(crate) fn or(self, usual: Identity) -> Identity {
        match self {
            Self::Auto => usual,
            Self::Stored => Identity::Stored,
            Self::Decoded => Identity::Decoded,
        }
    }
}

named! {
    /// The source of identity bodies in a target, once [`IdentityBodies::Auto`] is resolved.
    pub enum Identity {
        /// A copy of each file.
        Stored = "stored",
        /// The Brotli body, which is decoded.
        Decoded = "decoded",
    }
}

named! {
    /// What becomes of source maps.
    #[derive(Default)]
    pub enum SourceMaps {
        /// They are not public.
        #[default]
        LeaveOut = "leave-out",
        /// They are public, and the files they describe are not minified, since the maps would no
        /// longer fit.
        Publish = "publish",
    }
}

named! {
    /// What becomes of hidden files.
    #[derive(Default)]
    pub enum Dotfiles {
        /// They are not public, but for what lies in `.well-known` (RFC 8615).
        #[default]
        LeaveOut = "leave-out",
        /// They are public, but for those that hold secrets or configuration.
        Publish = "publish",
    }
}

named! {
    /// Whether pages send ahead what they load.
    #[derive(Default)]
    pub enum EarlyHints {
        /// They do not.
        #[default]
        Off = "off",
        /// Each page with links of the kinds `preconnect`, `preload` and `modulepreload` has them in
        /// its `Link` field, as many as are worth it.
        On = "on",
    }
}
