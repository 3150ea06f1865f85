//! Media types (RFC 9110 §8.3.1).

use std::fmt;

use serde::{Deserialize, Serialize};
use worker_pack_runtime::behaviour::{Behaviour, Compat, Fidelity};

use crate::asset::extension;
use crate::asset::route::RoutePath;
use crate::asset::sniff::{Sniffing, sniff};

/// A media type without parameters, such as `text/html`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaType(String);

/// The character encoding of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Charset {
    /// UTF-8.
    Utf8,
    /// Another encoding, or not text.
    Unknown,
}

impl Charset {
    /// Detects the encoding of a file's bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if std::str::from_utf8(bytes).is_ok() { Self::Utf8 } else { Self::Unknown }
    }
}

/// The language of a file that the packer transforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Pages, which can contain code in other languages.
    Html,
    /// Any other language.
    Code(CodeLanguage),
}

/// A language other than HTML that the packer transforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeLanguage {
    /// Style sheets.
    Css,
    /// Scripts and modules.
    JavaScript,
    /// JSON and the formats built on it.
    Json,
    /// Vector images.
    Svg,
    /// Feeds, site maps and other XML.
    Xml,
}

/// Types of files other than text that are usually not compressed already, sorted.
const COMPRESSIBLE: [&str; 16] = [
    "application/javascript",
    "application/json",
    "application/octet-stream",
    "application/rtf",
    "application/toml",
    "application/vnd.apple.mpegurl",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/xml",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/svg+xml",
    "image/tiff",
    "image/vnd.microsoft.icon",
    "model/gltf-binary",
];

impl MediaType {
    /// Returns the type of a file from its name alone. Most extensions have one, and some names.
    pub(crate) fn by_name(route: &RoutePath) -> Option<Self> {
        // Apple requests this file, which contains JSON, under a name without an extension.
        if route.file_name() == "apple-app-site-association" {
            return Some(Self::essence("application/json"));
        }
        extension::improved(&route.extension()?).map(Self::essence)
    }

    /// Returns the type of a file whose name has none, from its first bytes.
    pub(crate) fn sniffed(head: &[u8], sniffing: Sniffing) -> Self {
        Self::essence(sniff(head, sniffing))
    }

    /// Creates a type from its essence, `type/subtype`.
    pub fn essence(essence: &str) -> Self {
        Self(essence.to_ascii_lowercase())
    }

    /// Returns the type without parameters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value of `Content-Type`.
    ///
    /// UTF-8 text gets `charset=utf-8`. Text in other encodings gets no charset, which would override
    /// the `<meta charset>` or byte order mark in the file.
    fn content_type(&self, charset: Charset) -> String {
        match charset {
            Charset::Utf8 if self.is_text() => format!("{self}; charset=utf-8"),
            _ => self.0.clone(),
        }
    }

    /// Returns the value of `Content-Type` that a file is sent with, unless a rule sets another one.
    pub(crate) fn sent_as(
        &self,
        charset: Charset,
        route: &RoutePath,
        behaviour: Behaviour,
    ) -> String {
        match behaviour.fidelity {
            Fidelity::Improved => self.content_type(charset),
            // Cloudflare derives the type from the extension alone.
            Fidelity::Strict => Self::content_type_of(behaviour.compat, route),
        }
    }

    /// Returns the value of `Content-Type` that one of Cloudflare's servers sends for a file, which
    /// depends only on the extension. Empty if the server sends none.
    fn content_type_of(compat: Compat, route: &RoutePath) -> String {
        let known = |extension: String| extension::on_cloudflare(compat, &extension);
        match (compat, route.extension().and_then(known)) {
            (Compat::Workers, None) => String::new(),
            (Compat::Pages, None) => "application/octet-stream".to_owned(),
            (_, Some(text)) if text.starts_with("text/") => format!("{text}; charset=utf-8"),
            (_, Some(other)) => other.to_owned(),
        }
    }

    /// Returns the language of files of this type, if the packer transforms them.
    pub(crate) fn language(&self) -> Option<Language> {
        let code = match self.as_str() {
            "text/html" => return Some(Language::Html),
            "text/css" => CodeLanguage::Css,
            "text/javascript" | "application/javascript" => CodeLanguage::JavaScript,
            "image/svg+xml" => CodeLanguage::Svg,
            // XHTML stays untouched: pages served as such depend on exact XML parsing.
            "application/xhtml+xml" => return None,
            "application/json" => CodeLanguage::Json,
            "application/xml" | "text/xml" => CodeLanguage::Xml,
            other if other.ends_with("+json") => CodeLanguage::Json,
            other if other.ends_with("+xml") => CodeLanguage::Xml,
            _ => return None,
        };
        Some(Language::Code(code))
    }

    /// Returns whether files of this type are worth compressing. Most images, audio, video, WOFF
    /// fonts and archives are compressed already.
    pub fn is_compressible(&self) -> bool {
        self.is_text()
            || self.0.ends_with("+json")
            || self.0.ends_with("+xml")
            || COMPRESSIBLE.binary_search(&self.as_str()).is_ok()
    }

    pub(crate) fn is_text(&self) -> bool {
        self.0.starts_with("text/")
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content_type(path: &str, bytes: &[u8]) -> String {
        let by_name = MediaType::by_name(&path.into());
        let media_type = by_name.unwrap_or_else(|| MediaType::sniffed(bytes, Sniffing::Full));
        media_type.content_type(Charset::of(bytes))
    }

    #[test]
    fn the_table_is_sorted_for_binary_search() {
        assert!(COMPRESSIBLE.is_sorted());
    }

    #[test]
    fn types_follow_from_extensions_and_text_gets_a_charset() {
        for (path, expected) in [
            ("/a.html", "text/html; charset=utf-8"),
            ("/a.css", "text/css; charset=utf-8"),
            ("/a.js", "text/javascript; charset=utf-8"),
            ("/a.MJS", "text/javascript; charset=utf-8"),
            ("/a.md", "text/markdown; charset=utf-8"),
            ("/a.txt", "text/plain; charset=utf-8"),
            ("/a.csv", "text/csv; charset=utf-8"),
            ("/a.json", "application/json"),
            ("/a.js.map", "application/json"),
            ("/a.webmanifest", "application/manifest+json"),
            ("/a.xml", "application/xml"),
            ("/a.svg", "image/svg+xml"),
            ("/a.avif", "image/avif"),
            ("/a.webp", "image/webp"),
            ("/a.jpg", "image/jpeg"),
            ("/a.ico", "image/vnd.microsoft.icon"),
            ("/a.woff2", "font/woff2"),
            ("/a.wasm", "application/wasm"),
            ("/a.mp3", "audio/mpeg"),
            ("/a.mp4", "video/mp4"),
            ("/a.pdf", "application/pdf"),
            ("/a.unheard-of", "text/plain; charset=utf-8"),
            ("/a.wgsl", "text/wgsl; charset=utf-8"),
            ("/a.cjs", "text/javascript; charset=utf-8"),
            ("/a.rs", "text/x-rust; charset=utf-8"),
        ] {
            assert_eq!(content_type(path, b"text"), expected, "{path}");
        }
    }

    #[test]
    fn types_without_an_extension_follow_from_the_bytes() {
        assert_eq!(content_type("/LICENSE", b"Text\n"), "text/plain; charset=utf-8");
        assert_eq!(content_type("/blob", b"\0\x01"), "application/octet-stream");
        assert_eq!(content_type("/latin", b"caf\xe9"), "text/plain");
        assert_eq!(content_type("/apple-app-site-association", b"{}"), "application/json");
    }

    #[test]
    fn text_in_other_encodings_gets_no_charset() {
        assert_eq!(content_type("/old.html", b"<meta charset=latin1>caf\xe9"), "text/html");
    }
}
