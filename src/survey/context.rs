//! The consequences of the survey for each file: what may change, and what the user is told.

use super::Survey;
use super::router::RoutedCode;
use crate::asset::media_type::{Charset, MediaType};
use crate::asset::route::RoutePath;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::{Site, SourceFile, TypeSource};
use crate::options::{ContentType, Csp, MinifiedLanguage, Minify, Options};
use crate::rules::InlineHashes;
use crate::transform::{
    ByteOrderMark, OwnPolicies, Preserve, ScriptKind, TransformContext, UntouchedReason,
};

impl Survey {
    /// Returns the context that a file is to be transformed in.
    pub(crate) fn context<'s>(
        &self,
        site: &'s Site,
        index: usize,
        media_type: &MediaType,
        type_source: TypeSource,
        options: &Options,
    ) -> TransformContext<'s> {
        let SourceFile { route, settings, .. } = &site.files[index];
        let sent = match &settings.content_type {
            Some(set) => set.to_string(),
            None => media_type.sent_as(Charset::Utf8, route, site.rules.behaviour),
        };
        // A rule of the site that sets another type decides about the charset as well.
        let mark = if sent.contains("charset=") && !site.rules.change_types() {
            ByteOrderMark::Removed
        } else {
            ByteOrderMark::Stays
        };
        let preserve = self.preserve(site, index, type_source);
        let script_kind = self.usage.script_kind(route);
        let own_policies = match options.csp {
            Csp::Off => OwnPolicies::Stay,
            Csp::Hashes | Csp::StrictDynamic => OwnPolicies::Completed(options.csp_attributes),
        };
        let (minify, debug_ids) = (&settings.minify, self.debug_ids);
        TransformContext { preserve, script_kind, mark, minify, debug_ids, own_policies }
    }

    /// Returns the kind of script that pages load a file as.
    pub(crate) fn script_kind(&self, route: &RoutePath) -> ScriptKind {
        self.usage.script_kind(route)
    }

    /// Returns the part of a file that must not change, whatever pages load by its hash.
    pub(crate) fn preserve(&self, site: &Site, index: usize, type_source: TypeSource) -> Preserve {
        let SourceFile { route, settings, .. } = &site.files[index];
        let surveyed = &self.files[index];
        let has_hashes_in_headers = site.rules.inline_hashes == InlineHashes::InHeaders;
        // The strictest requirement wins: a whole file before the inline code of a page.
        let content_type = settings.content_type.as_ref();
        if settings.minify.is_off_by_rule()
            || content_type.is_some_and(ContentType::has_other_charset)
        {
            Preserve::All(UntouchedReason::ByRule)
        } else if self.usage.checked_by(route).is_some() {
            Preserve::All(UntouchedReason::IntegrityChecked)
        } else if surveyed.named_by.is_some() {
            Preserve::All(UntouchedReason::NamedByHash)
        } else if self.usage.doubted_by(route).is_some() {
            Preserve::All(UntouchedReason::LoadedInDoubt)
        } else if self.shown_by(route).is_some() && !matches!(settings.minify, Minify::ByRule(_)) {
            Preserve::All(UntouchedReason::ReadAsText)
        } else if self.mapped.contains(route) {
            Preserve::All(UntouchedReason::SourceMapPublished)
        } else if type_source != TypeSource::Certain {
            Preserve::All(UntouchedReason::Sniffed)
        } else if has_hashes_in_headers
            || surveyed.has_hashed_code()
            || (surveyed.has_router && self.routed_code != RoutedCode::Free)
        {
            Preserve::InlineCode
        } else {
            Preserve::Nothing
        }
    }

    /// Returns the name of the file because of which a file keeps its bytes.
    pub(crate) fn named_by(&self, site: &Site, index: usize) -> Option<&str> {
        let route = &site.files[index].route;
        let named_by = self.files[index].named_by.as_deref();
        named_by
            .or_else(|| self.usage.checked_by(route))
            .or_else(|| self.usage.doubted_by(route))
            .or_else(|| self.shown_by(route))
    }

    /// Returns whether a page offers to save a file. A saved file has the name of the file, so it needs its format.
    pub(crate) fn is_downloaded(&self, site: &Site, index: usize) -> bool {
        self.usage.is_downloaded(&site.files[index].route)
    }

    /// Returns the name of a text that fetches code as data, or links to it.
    fn shown_by(&self, route: &RoutePath) -> Option<&str> {
        self.fetched.get(route).map(String::as_str).or_else(|| self.usage.linked_by(route))
    }

    /// Returns what the survey noticed about a file.
    pub(crate) fn diagnostics(
        &self,
        site: &Site,
        index: usize,
        type_source: TypeSource,
    ) -> Vec<Diagnostic> {
        let SourceFile { name, settings, .. } = &site.files[index];
        let surveyed = &self.files[index];
        let mut diagnostics = surveyed.diagnostics(name);
        let is_page = surveyed.usage.is_some() && settings.minify.has(MinifiedLanguage::Html);
        if is_page && self.preserve(site, index, type_source) == Preserve::InlineCode {
            let policy = || "a content security policy lists its hashes".to_owned();
            let has_hashes =
                surveyed.has_code_hashes || site.rules.inline_hashes == InlineHashes::InHeaders;
            let (code, by) = match (&surveyed.code_named_by, self.routed_code.reason()) {
                (Some(by), _) => (Code::HtmlHashedCode, format!("`{by}` contains its hash")),
                (None, Some(router)) if !has_hashes => (Code::HtmlRoutedCode, router),
                (None, _) => (Code::HtmlHashedCode, policy()),
            };
            let message = format!("inline code is not minified: {by}");
            diagnostics.push(Diagnostic::note(code, name, message));
        }
        diagnostics
    }
}
