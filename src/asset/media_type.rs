//! Media types (RFC 9110 §8.3.1), determined from a file's extension or, without one, its bytes.

use std::fmt;

use serde::{Deserialize, Serialize};
use worker_pack_runtime::behaviour::{Behaviour, Compat, Fidelity};

use crate::asset::route::RoutePath;

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

/// Types that `mime_guess` does not know, or knows by an outdated name, sorted by extension.
const CORRECTIONS: [(&str, &str); 35] = [
    ("atom", "application/atom+xml"),
    ("avif", "image/avif"),
    ("cjs", "text/javascript"),
    ("geojson", "application/geo+json"),
    ("glb", "model/gltf-binary"),
    ("gltf", "model/gltf+json"),
    ("ico", "image/vnd.microsoft.icon"),
    ("js", "text/javascript"),
    ("jsonld", "application/ld+json"),
    ("jsx", "text/jsx"),
    ("jxl", "image/jxl"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("manifest", "text/cache-manifest"),
    ("map", "application/json"),
    ("markdown", "text/markdown"),
    ("md", "text/markdown"),
    ("mid", "audio/midi"),
    ("mjs", "text/javascript"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("psd", "image/vnd.adobe.photoshop"),
    ("rss", "application/rss+xml"),
    ("toml", "application/toml"),
    ("topojson", "application/json"),
    ("ts", "video/mp2t"),
    ("ttf", "font/ttf"),
    ("usdz", "model/vnd.usdz+zip"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xml", "application/xml"),
    ("yaml", "text/yaml"),
    ("yml", "text/yaml"),
];

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
    /// Returns the type of a file. One without an extension is text if its bytes are.
    pub fn of(route: &RoutePath, bytes: &[u8]) -> Self {
        Self::by_extension(route).unwrap_or_else(|| Self::sniffed(route, bytes))
    }

    /// Returns the type of a file from its name alone, if it has an extension.
    pub(crate) fn by_extension(route: &RoutePath) -> Option<Self> {
        let known = Self::of_extension(&route.extension()?);
        Some(Self(known.unwrap_or("application/octet-stream").to_owned()))
    }

    fn of_extension(extension: &str) -> Option<&'static str> {
        match CORRECTIONS.binary_search_by_key(&extension, |(name, _)| name) {
            Ok(index) => Some(CORRECTIONS[index].1),
            Err(_) => mime_guess::from_ext(extension).first_raw(),
        }
    }

    fn sniffed(route: &RoutePath, bytes: &[u8]) -> Self {
        // Apple requests this file, which contains JSON, under a name without an extension.
        let json = route.file_name() == "apple-app-site-association";
        let is_text = |text: &str| {
            !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c'))
        };
        Self::essence(match std::str::from_utf8(bytes) {
            Ok(_) if json => "application/json",
            Ok(text) if is_text(text) => "text/plain",
            _ => "application/octet-stream",
        })
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
        let known = route.extension().and_then(|extension| Self::of_extension(&extension));
        match (compat, known) {
            (Compat::Workers, None) => String::new(),
            (Compat::Pages, None) => "application/octet-stream".to_owned(),
            (Compat::Pages, Some("text/javascript")) => "application/javascript".to_owned(),
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
        MediaType::of(&path.into(), bytes).content_type(Charset::of(bytes))
    }

    #[test]
    fn tables_are_sorted_for_binary_search() {
        assert!(CORRECTIONS.is_sorted_by_key(|(extension, _)| extension));
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
            ("/a.unheard-of", "application/octet-stream"),
        ] {
            assert_eq!(content_type(path, b"text"), expected, "{path}");
        }
    }

    #[test]
    fn types_without_an_extension_follow_from_the_bytes() {
        assert_eq!(content_type("/LICENSE", b"Text\n"), "text/plain; charset=utf-8");
        assert_eq!(content_type("/blob", b"\0\x01"), "application/octet-stream");
        assert_eq!(content_type("/latin", b"caf\xe9"), "application/octet-stream");
        assert_eq!(content_type("/apple-app-site-association", b"{}"), "application/json");
    }

    #[test]
    fn text_in_other_encodings_gets_no_charset() {
        assert_eq!(content_type("/old.html", b"<meta charset=latin1>caf\xe9"), "text/html");
    }
}
