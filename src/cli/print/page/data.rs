//! The rows of the tables, for the script of the page, and in the markup.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use worker_pack::report::{FileReport, Freshness, Outcome, Printable, SiteWeight, VariantReport};

/// Returns the rows of all files, the largest first.
pub(super) fn files(site: &SiteWeight) -> Value {
    let mut files: Vec<&FileReport> = site.report.files.iter().collect();
    files.sort_by_key(|file| (std::cmp::Reverse(file.sent), &file.route));
    files.into_iter().map(file).collect()
}

/// The row of a file: URL, type, raw, minified, Brotli, gzip, as sent, the smallest variant, what that is, what was done
/// to the file, and its cache policy.
pub(super) fn file(file: &FileReport) -> Value {
    json!([
        Printable(&file.url).to_string(),
        media_type(file),
        file.source,
        file.transformed,
        file.encoded.get("br"),
        file.encoded.get("gzip"),
        file.sent,
        smallest(file).map(|variant| variant.bytes),
        smallest(file).map(kind).unwrap_or_default(),
        outcome(file),
        Printable(&file.cache_control).to_string(),
    ])
}

/// Returns the smallest variant of a file, which some clients get.
fn smallest(file: &FileReport) -> Option<&VariantReport> {
    file.variants.iter().min_by_key(|variant| variant.bytes)
}

/// Returns what a variant is: its media type, or the coding with which it is a difference to a dictionary.
fn kind(variant: &VariantReport) -> String {
    let kind = variant.content_type.as_deref().unwrap_or(&variant.coding);
    Printable(kind).to_string()
}

/// Returns the media type of a file without parameters.
pub(super) fn media_type(file: &FileReport) -> String {
    let essence = file.content_type.split(';').next().unwrap_or_default().trim();
    Printable(essence).to_string()
}

fn outcome(file: &FileReport) -> String {
    let by = file.named_by.as_ref().map(|by| format!(" in {}", Printable(by))).unwrap_or_default();
    match file.transform {
        Outcome::Untouched(reason) => format!("kept: {}{by}", reason.text()),
        _ if file.transformed < file.source => "minified".to_owned(),
        _ => "as built".to_owned(),
    }
}

/// Returns the rows of all pages, the heaviest first.
pub(super) fn pages(site: &SiteWeight) -> Value {
    let mut pages: Vec<_> = site.pages.iter().collect();
    pages.sort_by_key(|page| (std::cmp::Reverse(page.first.bytes), &page.url));
    let row = |page: &worker_pack::report::PageWeight| {
        json!([
            Printable(&page.url).to_string(),
            page.first.bytes,
            page.first.requests,
            page.second.bytes,
            page.second.requests,
            page.later.bytes,
        ])
    };
    pages.into_iter().map(row).collect()
}

/// Returns rows for the script. Texts after the first column, which are much the same in many rows, are numbers
/// of a list of texts.
pub(super) fn compact(rows: &Value) -> Value {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut texts: Vec<String> = Vec::new();
    let mut number = |text: &str| {
        *numbers.entry(text.to_owned()).or_insert_with(|| {
            texts.push(text.to_owned());
            texts.len() - 1
        })
    };
    let mut compacted = rows.clone();
    for row in compacted.as_array_mut().into_iter().flatten() {
        for value in row.as_array_mut().into_iter().flatten().skip(1) {
            if let Value::String(text) = value {
                *value = json!(number(text));
            }
        }
    }
    json!({ "texts": texts, "rows": compacted })
}

/// Returns what a browser's cache does with a file, in words.
pub(super) fn freshness(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Fresh => "not requested again",
        Freshness::Revalidated => "requested again, without a body",
        Freshness::NotStored => "sent again",
    }
}
