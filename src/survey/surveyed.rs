//! Facts about one file of a site.

use worker_pack_runtime::Behaviour;

use super::naming::Naming;
use super::usage::Usage;
use crate::asset::checksum::{Checksum, Checksums};
use crate::asset::digest::ContentHash;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::SourceFile;
use crate::options::{EarlyHints, Integrity, Options};
use crate::transform::html::{EarlyLinks, EarlyModules, PageFacts, early_links};

/// Facts about one file.
#[derive(Debug, Default)]
pub(crate) struct Surveyed {
    /// The hash of its bytes, if this run has read it, or an earlier one did and it is unchanged.
    pub(crate) hash: Option<ContentHash>,
    /// The early links of a page.
    pub(crate) early_links: EarlyLinks,
    /// The name of a text that contains a checksum of the file.
    pub(crate) named_by: Option<String>,
    /// True if a policy in the page lists hashes of its inline code.
    pub(super) has_code_hashes: bool,
    /// True if Astro's `ClientRouter` may exchange the page's content for that of another page.
    pub(crate) has_router: bool,
    /// True if the page is not minified, since browsers may see it in another way.
    pub(super) is_doubtful: bool,
    /// The name of a text that contains a checksum of the page's inline code.
    pub(super) code_named_by: Option<String>,
    /// The fingerprint of the files that a page loads, see [`Usage::fingerprint`].
    pub(super) usage: Option<u64>,
    /// The checksums of the bytes, if the file is a text.
    pub(super) own: Option<Checksums>,
    /// The checksums of other files and of inline code that the file contains.
    pub(super) names: Vec<Checksum>,
    /// Patterns of the paths that the file fetches as data.
    pub(super) fetched: Vec<String>,
    /// The checksums of a page's inline code.
    pub(super) code: Vec<Checksums>,
    /// The reason why a page cannot be read.
    pub(super) unreadable: Option<String>,
}

impl Surveyed {
    pub(super) fn page(
        file: &SourceFile,
        hash: Option<ContentHash>,
        facts: PageFacts,
        usage: &Usage,
        options: &Options,
        behaviour: Behaviour,
    ) -> Self {
        let early_links = match options.early_hints {
            EarlyHints::Off => EarlyLinks::default(),
            EarlyHints::On => {
                let modules = match options.integrity {
                    Integrity::Modules => EarlyModules::LeftToPage,
                    Integrity::Add | Integrity::Off => facts.early_modules,
                };
                let path = file.route.url_path_in(behaviour);
                early_links(&facts.hints, modules, facts.base.as_deref(), &path)
            }
        };
        Self {
            hash,
            early_links,
            has_code_hashes: facts.has_code_hashes,
            has_router: facts.has_router,
            is_doubtful: facts.is_doubtful,
            usage: Some(usage.fingerprint()),
            code: facts.code,
            unreadable: facts.unreadable,
            ..Self::default()
        }
    }

    /// Returns the checksums of the file and of its inline code.
    pub(super) fn checksums(&self) -> impl Iterator<Item = &Checksums> {
        self.own.iter().chain(&self.code)
    }

    /// Finds the texts that name the file or its inline code.
    pub(super) fn find_names(&mut self, naming: &Naming) {
        self.named_by = self.own.as_ref().and_then(|own| naming.by(own)).map(str::to_owned);
        let by = self.code.iter().find_map(|code| naming.by(code));
        self.code_named_by = by.map(str::to_owned);
    }

    /// Returns whether a text names the file or its inline code.
    pub(super) fn is_named(&self) -> bool {
        self.named_by.is_some() || self.code_named_by.is_some()
    }

    /// Returns whether the page's inline code has to keep its bytes.
    pub(super) fn has_hashed_code(&self) -> bool {
        self.has_code_hashes || self.code_named_by.is_some()
    }

    /// Returns what the survey noticed about the file by itself.
    pub(super) fn diagnostics(&self, name: &str) -> Vec<Diagnostic> {
        let unreadable = self.unreadable.as_ref().map(|cause| {
            let message =
                format!("cannot be read, so that it may load any file by its hash: {cause}");
            Diagnostic::warning(Code::HtmlUnreadable, name, message)
                .with_help("correct the markup; until then every file is served unchanged")
        });
        unreadable.into_iter().chain(self.too_many_hints(name)).collect()
    }

    /// Returns a note if the page has more early links than the limits allow.
    fn too_many_hints(&self, name: &str) -> Option<Diagnostic> {
        let left_out = self.early_links.left_out;
        let message = match left_out {
            0 => return None,
            1 => "1 link is not sent as an Early Hint: the page has too many".to_owned(),
            count => format!("{count} links are not sent as Early Hints: the page has too many"),
        };
        let help = "preload only what the page needs first";
        Some(Diagnostic::note(Code::HtmlTooManyEarlyHints, name, message).with_help(help))
    }
}
