//! The options of a pack: one type for the command, `worker-pack.toml`, the builder and npm.

mod budget;
mod comments;
mod csp;
mod keep;
mod off_or_list;
mod one_or_many;
mod path_rule;
mod picture_quality;
mod settings;
mod worker;

use std::collections::BTreeSet;

use serde::Deserialize;

pub use crate::asset::cache_policy::CachePolicy;
pub use crate::asset::content_type::ContentType;
pub use crate::asset::path_pattern::PathPattern;
pub use crate::coding::{Effort, encoding};
pub use crate::feedback::findings::Strictness;
pub(crate) use budget::Star;
pub use budget::{Budget, BudgetCoding, ByteLimit, FilePattern, TypePattern};
pub use comments::CommentPattern;
pub use csp::{Csp, CspAttributes, CspDirective};
pub use keep::{Keep, KeepBounds};
pub use path_rule::{PathRule, Publish};
pub use picture_quality::PictureQuality;
pub(crate) use settings::{Minify, Publishing, Settings};
pub use worker::{
    DeployConfig, HeadersOnSsr, Limits, ServerCode, SiteData, SpillTo, WorkerOptions,
};
pub use worker_pack_runtime::Coding;
pub use worker_pack_runtime::behaviour::{Compat, Fidelity, HtmlHandling, NotFoundHandling};

use crate::asset::media_type::CodeLanguage;
use crate::named::{self, named};

/// Everything that decides how a folder is packed. The default is what a site should ship.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// The languages that are minified. Default: all.
    #[serde(deserialize_with = "off_or_list::some_languages")]
    pub minify: BTreeSet<MinifiedLanguage>,
    /// Browserslist queries for the browsers that style sheets are compiled for. Default: none, so
    /// that style sheets still work in every browser that they worked in before.
    pub css_targets: Vec<String>,
    /// The comments that stay in addition to those that programs are known to read. Default: none.
    pub keep_comments: Vec<CommentPattern>,
    /// The content codings of the encoded representations. Default: Brotli.
    #[serde(deserialize_with = "off_or_list::some_codings")]
    pub encodings: BTreeSet<Coding>,
    /// The effort of compression. Default: [`Effort::Max`], but [`Effort::Fast`] in a build script
    /// under Cargo's `debug` profile.
    pub effort: Option<Effort>,
    /// The treatment of pictures, with [`Effort::Max`]. Default: without loss.
    pub pictures: Pictures,
    /// The quality of pictures with other pixels ([`Pictures::Lossy`]). Default: 75.
    pub picture_quality: PictureQuality,
    /// The source of bodies for clients that accept no content coding. Default: whichever ships
    /// fewer bytes in the target.
    pub identity: IdentityBodies,
    /// The treatment of source maps. Default: they are left out.
    pub source_maps: SourceMaps,
    /// The treatment of files and folders whose name begins with a dot. Default: they are left out,
    /// except `.well-known`.
    pub dotfiles: Dotfiles,
    /// The rules for some paths. For each setting, the last one counts that matches a file and has
    /// the setting. Default: none.
    pub rule: Vec<PathRule>,
    /// The limits of what the site, its pages or some of its files may cost. An output is written only if all
    /// are kept. Default: none, besides those of size-limit in the project. In `worker-pack.toml` each is a
    /// `[[budget]]`.
    #[serde(skip)]
    pub budgets: Vec<Budget>,
    /// The hashed files of earlier builds that stay public. Default: none.
    pub keep: Keep,
    /// The files that get a second URL with a fingerprint, the hash of their bytes, which pages and other texts
    /// then load. Default: none but those whose names the build made.
    pub fingerprints: Fingerprints,
    /// The `integrity` attributes that pages get, by which browsers check what they load. Default: those that the
    /// build wrote.
    pub integrity: Integrity,
    /// The treatment of warnings. Default: they do not fail the pack.
    pub strictness: Strictness,
    /// `Link` fields for files that pages load, which Cloudflare turns into Early Hints. Default:
    /// off.
    pub early_hints: EarlyHints,
    /// The dictionaries with which pages and files are sent as their difference to what a browser has. Default:
    /// none. They need the feature `dictionaries` of the library, which the command has.
    pub dictionaries: Dictionaries,
    /// The content security policies that are made for pages. Default: none.
    pub csp: Csp,
    /// The treatment of attributes with code in pages with such a policy. Default: they are blocked.
    pub csp_attributes: CspAttributes,
    /// The directives that are added to such policies. Default: none.
    pub csp_add: Vec<CspDirective>,
    /// The asset server of Cloudflare to match. Default: Pages for a project of Pages, else Workers
    /// Static Assets.
    #[serde(deserialize_with = "named::deserialize_some")]
    pub compat: Option<Compat>,
    /// The URLs of pages. Default: as in the configuration for wrangler, else
    /// `auto-trailing-slash`.
    #[serde(deserialize_with = "named::deserialize_some")]
    pub html_handling: Option<HtmlHandling>,
    /// The response when no file matches. Default: as in the configuration for wrangler, else
    /// `404-page`, which is a plain 404 if the site has no such page.
    #[serde(deserialize_with = "named::deserialize_some")]
    pub not_found_handling: Option<NotFoundHandling>,
    /// The fidelity to Cloudflare's server where it deviates from the RFCs. Default: improved.
    #[serde(deserialize_with = "named::deserialize")]
    pub fidelity: Fidelity,
}

impl Options {
    /// Returns the effort. In build scripts, the default depends on the profile.
    ///
    /// Cargo sets `PROFILE` for them, to `debug` for the profile `dev` and those that inherit from
    /// it.
    pub(crate) fn effort(&self) -> Effort {
        let in_build_script = std::env::var_os("OUT_DIR").is_some();
        let is_debug = std::env::var_os("PROFILE").is_some_and(|profile| profile == "debug");
        let default = if in_build_script && is_debug { Effort::Fast } else { Effort::Max };
        self.effort.unwrap_or(default)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            minify: MinifiedLanguage::ALL.into(),
            css_targets: Vec::new(),
            keep_comments: Vec::new(),
            encodings: [Coding::Brotli].into(),
            effort: None,
            pictures: Pictures::default(),
            picture_quality: PictureQuality::default(),
            identity: IdentityBodies::default(),
            source_maps: SourceMaps::default(),
            dotfiles: Dotfiles::default(),
            rule: Vec::new(),
            budgets: Vec::new(),
            keep: Keep::Off,
            fingerprints: Fingerprints::default(),
            integrity: Integrity::default(),
            strictness: Strictness::default(),
            early_hints: EarlyHints::default(),
            dictionaries: Dictionaries::default(),
            csp: Csp::default(),
            csp_attributes: CspAttributes::default(),
            csp_add: Vec::new(),
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
    /// The treatment of pictures, which takes effect with [`Effort::Max`].
    #[derive(Default)]
    pub enum Pictures {
        /// They stay as they are.
        Off = "off",
        /// PNG files become smaller without a change of any pixel. Clients that accept WebP get
        /// the same pixels as WebP, where that saves a tenth or more.
        #[default]
        Lossless = "lossless",
        /// Photographs may have other pixels, of a quality that is measured
        /// ([`Options::picture_quality`]). JPEG files become smaller, clients that accept AVIF or WebP get
        /// photographs of either, and other PNG files are treated as with `Lossless`. This needs the feature
        /// `lossy` of the library, which the command has.
        Lossy = "lossy",
    }
}

named! {
    /// The source of bodies for clients that accept no content coding.
    #[derive(Default)]
    pub enum IdentityBodies {
        /// In a Worker for JavaScript hosts, the decoded Brotli body, which ships fewer bytes. But
        /// a stored copy if the existing configuration lacks `nodejs_compat`, which provides the
        /// decoder. In a Rust module, a stored copy, since the decoder is a feature of the runtime
        /// that adds about 170 KB.
        #[default]
        Auto = "auto",
        /// A stored copy of each file.
        Stored = "stored",
        /// The decoded Brotli body, which costs some CPU time for each such request.
        Decoded = "decoded",
    }
}

impl IdentityBodies {
    /// Resolves the choice for a target with the given default.
    pub(crate) fn or(self, default: Identity) -> Identity {
        match self {
            Self::Auto => default,
            Self::Stored => Identity::Stored,
            Self::Decoded => Identity::Decoded,
        }
    }
}

named! {
    /// The source of identity bodies in a target, with [`IdentityBodies::Auto`] resolved.
    pub enum Identity {
        /// A copy of each file.
        Stored = "stored",
        /// The Brotli body, which is decoded.
        Decoded = "decoded",
    }
}

named! {
    /// The treatment of source maps.
    #[derive(Default)]
    pub enum SourceMaps {
        /// They are not public.
        #[default]
        LeaveOut = "leave-out",
        /// They are not public. Those of what is minified are written into the folder `source-maps` of the
        /// output, from what is served to the sources of the build, and the scripts get debug ids.
        Write = "write",
        /// They are public. The files that they describe are not minified, since the maps would no
        /// longer match.
        Publish = "publish",
    }
}

named! {
    /// The `integrity` attributes of scripts and style sheets in pages (W3C Subresource Integrity).
    #[derive(Default)]
    pub enum Integrity {
        /// Those that the build wrote.
        #[default]
        Off = "off",
        /// Pages load scripts and style sheets of the site by the hashes of their bytes, if their URLs never get
        /// other bytes. Files that the build has named by their bytes are then served as the build wrote them.
        Add = "add",
        /// The same, and the import map of each page has the hashes of the modules that its code imports (HTML
        /// §8.1.6.2), in as far as their URLs never get other bytes.
        Modules = "modules",
    }
}

named! {
    /// The treatment of hidden files.
    #[derive(Default)]
    pub enum Dotfiles {
        /// They are not public, except those in `.well-known` (RFC 8615).
        #[default]
        LeaveOut = "leave-out",
        /// They are public, except those that contain secrets or configuration.
        Publish = "publish",
    }
}

named! {
    /// The files that get a second URL with a fingerprint, the hash of their bytes, which never changes its content.
    #[derive(Default)]
    pub enum Fingerprints {
        /// None: only files whose names have a hash of the build are immutable.
        #[default]
        Off = "off",
        /// Pictures, fonts, media, style sheets and scripts that pages and other texts load by another name, such as
        /// those in `public/`. Their own URLs stay, and are revalidated.
        Public = "public",
        /// Also those that the build has named by bytes that are not served: code that is minified, pictures that are
        /// optimised.
        All = "all",
    }
}

named! {
    /// `Link` fields for files that pages load, which Cloudflare turns into Early Hints.
    #[derive(Default)]
    pub enum EarlyHints {
        /// None.
        #[default]
        Off = "off",
        /// Each page has its links of the kinds `preconnect`, `preload` and `modulepreload` in a
        /// `Link` field, up to a maximum number.
        On = "on",
    }
}

named! {
    /// The dictionaries with which pages and files are sent as their difference to what a browser has (RFC 9842).
    #[derive(Default)]
    pub enum Dictionaries {
        /// None.
        #[default]
        Off = "off",
        /// For pages: another page of the site.
        Pages = "pages",
        /// For files with a hash in their names: their predecessors in earlier builds.
        Deltas = "deltas",
        /// For both.
        On = "on",
    }
}

impl Dictionaries {
    /// Returns whether pages have dictionaries.
    pub(crate) fn are_for_pages(self) -> bool {
        matches!(self, Self::Pages | Self::On)
    }

    /// Returns whether hashed files have their predecessors as dictionaries.
    pub(crate) fn are_for_hashed_files(self) -> bool {
        matches!(self, Self::Deltas | Self::On)
    }
}
