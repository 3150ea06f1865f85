//! Files whose bytes are not what their names say: what a build writes that fails halfway.

use crate::asset::sniff::{HEAD, Sniffing, sniff};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::SourceFile;
use crate::inspection::subject::Subject;

/// Maximum number of characters of a text that a finding quotes.
const QUOTED: usize = 60;

/// The beginning of a file that stands for one in Git LFS.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Looks at the first bytes of all files.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let files = subject.site().into_iter().flat_map(|site| &site.files);
    files.filter_map(|file| of_file(file, subject.dist_name(&file.name))).collect()
}

/// The format that the name of a file promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Page,
    /// A picture, with the types that its bytes may have.
    Picture(&'static [&'static str]),
    Svg,
    /// Any other file that is not text.
    Binary,
    /// Code or data, which is not a page.
    Text,
}

impl Named {
    fn of(extension: &str) -> Option<Self> {
        Some(match extension {
            "html" | "htm" => Self::Page,
            "png" | "apng" => Self::Picture(&["image/png"]),
            "jpg" | "jpeg" => Self::Picture(&["image/jpeg"]),
            "gif" => Self::Picture(&["image/gif"]),
            "webp" => Self::Picture(&["image/webp"]),
            "avif" => Self::Picture(&["image/avif"]),
            // Browsers accept other pictures as icons.
            "ico" => Self::Picture(&["image/x-icon", "image/png", "image/gif", "image/bmp"]),
            "svg" => Self::Svg,
            "woff" | "woff2" | "ttf" | "otf" | "wasm" | "pdf" | "mp4" | "webm" | "mp3" | "ogg"
            | "wav" | "zip" => Self::Binary,
            "js" | "mjs" | "css" | "json" | "webmanifest" | "xml" => Self::Text,
            _ => return None,
        })
    }
}

fn of_file(file: &SourceFile, name: String) -> Option<Diagnostic> {
    let named = Named::of(&file.route.extension()?)?;
    if file.state.len() == 0 {
        return match named {
            Named::Page => Some(failed(name, "is empty".to_owned())),
            Named::Picture(_) | Named::Svg | Named::Binary => {
                Some(failed(name, "is an empty file".to_owned()))
            }
            // Empty code and data do no harm here.
            Named::Text => None,
        };
    }
    let head = file.head().ok()?;
    if named == Named::Page {
        return unrendered(&head).map(|message| failed(name, message));
    }
    let found = type_of(&head);
    let is_text = matches!(found, "text/plain" | "text/html" | "text/xml");
    match named {
        Named::Picture(_) | Named::Svg | Named::Binary if head.starts_with(LFS) => Some(
            not_type(name, "is a reference of Git LFS, and not the file itself".to_owned())
                .with_help("run `git lfs pull` before the build"),
        ),
        Named::Picture(types) if types.contains(&found) => None,
        Named::Picture(_) if found == "text/plain" => {
            Some(failed(name, format!("contains a text instead of a picture: `{}`", quoted(&head))))
        }
        Named::Svg if found == "text/plain" && !has_svg(&head) => {
            Some(failed(name, format!("contains a text instead of a picture: `{}`", quoted(&head))))
        }
        Named::Svg if is_text && has_svg(&head) => None,
        Named::Svg if found == "text/xml" || head.len() >= HEAD && is_text => None,
        Named::Picture(_) | Named::Svg if is_known(found) => {
            Some(not_type(name, format!("is {}", described(found))))
        }
        Named::Binary if is_text && !is_pdf(&head) => {
            Some(not_type(name, format!("is {}", described(found))))
        }
        Named::Text if found == "text/html" && begins_page(&head) => {
            Some(not_type(name, format!("is {}", described(found))))
        }
        _ => None,
    }
}

fn failed(name: String, message: String) -> Diagnostic {
    Diagnostic::error(Code::PagePrerenderFailed, name, message).with_help(
        "look for the error in the output of `astro build`, which goes on after some failures, and \
         build the site again",
    )
}

fn not_type(name: String, message: String) -> Diagnostic {
    Diagnostic::warning(Code::PageBytesNotType, name, message)
        .with_help("replace the file, or rename it after the type of its bytes")
}

/// Describes a page that is not one: nothing but white space, or the text of an error.
fn unrendered(head: &[u8]) -> Option<String> {
    let text = head.trim_ascii();
    if text.is_empty() {
        return Some("is empty".to_owned());
    }
    let is_short = head.len() < HEAD && !text.contains(&b'<');
    let names_error = text.windows(5).any(|part| part.eq_ignore_ascii_case(b"error"));
    (is_short && names_error)
        .then(|| format!("contains a text instead of a page: `{}`", quoted(head)))
}

/// Returns the type of bytes, with that of pictures in ISO files, which browsers do not sniff.
fn type_of(head: &[u8]) -> &'static str {
    let brand = head.get(4..12).filter(|part| part.starts_with(b"ftyp")).map(|part| &part[4..]);
    match brand {
        Some(b"avif" | b"avis") => "image/avif",
        // Encoders of AVIF write this general brand too.
        Some(b"mif1" | b"miaf") if head.windows(4).take(64).any(|it| it == b"avif") => "image/avif",
        Some(b"heic" | b"heix" | b"mif1") => "image/heic",
        _ => sniff(head, Sniffing::Full),
    }
}

/// Returns whether bytes have a type for certain.
fn is_known(found: &str) -> bool {
    found != "application/octet-stream"
}

/// Describes a type for a message.
fn described(found: &str) -> String {
    match found {
        "text/html" => "a page".to_owned(),
        "text/plain" => "text".to_owned(),
        other => format!("of type `{other}`"),
    }
}

/// Returns whether a text contains the element of a picture in SVG.
fn has_svg(head: &[u8]) -> bool {
    head.windows(4).any(|part| part.eq_ignore_ascii_case(b"<svg"))
}

fn is_pdf(head: &[u8]) -> bool {
    head.starts_with(b"%PDF-")
}

/// Returns whether a text begins as a complete page does. A template may begin with any element.
fn begins_page(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag));
    begins(b"<!doctype html") || begins(b"<html")
}

/// Returns the first line of a text, for a message.
fn quoted(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    line.chars().filter(|c| *c != '`').take(QUOTED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_in_iso_files_have_a_type() {
        assert_eq!(type_of(b"\0\0\0\x20ftypavif\0\0\0\0"), "image/avif");
        assert_eq!(type_of(b"\0\0\0\x20ftypmif1\0\0\0\0mif1avif"), "image/avif");
        assert_eq!(type_of(b"\0\0\0\x20ftypheic\0\0\0\0"), "image/heic");
    }
}
