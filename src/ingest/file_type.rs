//! The media type of a file: by a rule, by its name, or by its first bytes.

use std::io::{self, Read as _};

use worker_pack_runtime::behaviour::Fidelity;

use super::SourceFile;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::content_type::ContentType;
use crate::asset::media_type::{Language, MediaType};
use crate::asset::sniff::{self, Sniffing};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::PathPattern;

/// The media type of a file, with the source of that knowledge.
#[derive(Clone, Debug)]
pub(crate) struct FileType {
    pub(crate) media_type: MediaType,
    pub(crate) source: TypeSource,
}

/// The source of a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeSource {
    /// A rule of the user, or the name of the file.
    Certain,
    /// The first bytes of the file.
    Bytes,
    /// The first bytes of the file, which are those of a page. It is shown as text, since `_headers` forbids
    /// browsers to sniff.
    BytesOfPage,
}

impl FileType {
    /// Warns of a page that browsers show as text.
    pub(crate) fn diagnostic(&self, file: &SourceFile) -> Option<Diagnostic> {
        if self.source != TypeSource::BytesOfPage {
            return None;
        }
        let message = "is a page, but is shown as text: its name does not say so, and `_headers` \
                       forbids browsers to look (`X-Content-Type-Options: nosniff`)";
        let paths = PathPattern::in_toml(file.route.as_str());
        let help = format!(
            "a `[[pack.rule]]` with `{paths}` and `content-type = \"text/html; charset=utf-8\"` \
             makes it a page"
        );
        Some(Diagnostic::warning(Code::TransformShownAsText, &file.name, message).with_help(help))
    }
}

impl SourceFile {
    /// Returns the media type: by a rule, else by its name, else by its first bytes, of which at most
    /// [`sniff::HEAD`] are needed. This is the only place that decides on it.
    pub(crate) fn media_type<B: AsRef<[u8]>>(
        &self,
        head: impl FnOnce() -> io::Result<B>,
    ) -> io::Result<FileType> {
        if let Some(media_type) = self.certain_type() {
            return Ok(FileType { media_type, source: TypeSource::Certain });
        }
        let head = head()?;
        let media_type = MediaType::sniffed(head.as_ref(), self.sniffing);
        let full = MediaType::sniffed(head.as_ref(), Sniffing::Full);
        let is_page = full != media_type && full.language() == Some(Language::Html);
        let source = if is_page { TypeSource::BytesOfPage } else { TypeSource::Bytes };
        Ok(FileType { media_type, source })
    }

    /// Returns the media type by a rule, else by its name.
    pub(crate) fn certain_type(&self) -> Option<MediaType> {
        let by_rule = self.settings.content_type.as_ref().map(ContentType::media_type);
        by_rule.or_else(|| MediaType::by_name(&self.route))
    }

    /// Returns the cache policy: that of a rule, else that of the host. Cloudflare revalidates hashed files too.
    pub(crate) fn cache_policy(&self, fidelity: Fidelity) -> CachePolicy {
        let policy = match fidelity {
            Fidelity::Improved => CachePolicy::of(&self.route),
            Fidelity::Strict => CachePolicy::Revalidate,
        };
        self.settings.cache.clone().unwrap_or(policy)
    }

    /// Reads the first bytes.
    pub(crate) fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.content.open()?.take(sniff::HEAD as u64).read_to_end(&mut head)?;
        Ok(head)
    }
}
