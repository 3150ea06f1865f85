//! The table in the runtime's binary format, which the runtime reads in place.

use std::collections::BTreeMap;

use worker_pack_runtime::packer::{
    AssetRecord, FileHeader, HeaderOperationRecord, HeaderRuleRecord, RedirectRecord,
    RepresentationRecord, TextRecord, VariantRecord,
};
use worker_pack_runtime::{Body, Coding, ETag, Representation, Stored};
use zerocopy::IntoBytes;

use crate::asset::blob::Blob;
use crate::asset::dictionary::available_dictionary;
use crate::asset::digest::ContentHash;
use crate::options::Identity;
use crate::rules::{Redirect, Redirects, Routing};
use crate::tabulate::AssetTable;

/// Renders a binary table whose stored bodies are indices into the bodies that it comes with.
pub(crate) fn render_with_bodies(table: &AssetTable) -> (Vec<u8>, Vec<&Blob>) {
    let blobs: Vec<&Blob> = table.bodies().into_iter().map(|(_, blob)| blob).collect();
    let indices: BTreeMap<ContentHash, u32> =
        blobs.iter().zip(0..).map(|(blob, index)| (blob.hash(), index)).collect();
    let bytes = render(table, Identity::Stored, |blob| {
        let index = indices[&blob.hash()];
        Stored::Module { index, start: 0, len: len_u32(blob.len()) }
    });
    (bytes, blobs)
}

/// Renders a binary table. `stored` tells where each body is stored that the target has to store.
pub(crate) fn render(
    table: &AssetTable,
    identity: Identity,
    stored: impl Fn(&Blob) -> Stored<'static>,
) -> Vec<u8> {
    let mut assets = Vec::with_capacity(table.entries().len());
    let (mut representations, mut variants) = (Vec::new(), Vec::new());
    let mut texts = Texts::default();
    for entry in table.entries() {
        let encoded = entry.encoded.iter().map(|(coding, blob)| (*coding, blob));
        let all = [(Coding::Identity, &entry.identity)].into_iter().chain(encoded);
        let first = representations.len();
        representations.extend(all.map(|(coding, blob)| {
            let body = match (coding, entry.decoded_from(identity)) {
                (Coding::Identity, Some(brotli)) => Body::decoded(stored(brotli), blob.len()),
                _ => Body::new(stored(blob)),
            };
            record(coding, entry.etag(blob), body)
        }));
        let first_variant = variants.len();
        variants.extend(entry.variants.iter().map(|variant| VariantRecord {
            representation: record(
                variant.coding,
                entry.etag(&variant.body),
                Body::new(stored(&variant.body)),
            ),
            content_type: texts.add(variant.content_type.as_deref().unwrap_or_default()),
            dictionary:
                texts.add(&variant.dictionary.map(available_dictionary).unwrap_or_default()),
        }));
        assets.push(AssetRecord {
            path: texts.add(entry.route.as_str()),
            content_type: texts.add(&entry.content_type),
            cache_control: texts.add(&entry.cache_policy.to_string()),
            link: texts.add(entry.link.as_deref().unwrap_or_default()),
            use_as_dictionary: texts.add(entry.use_as_dictionary.as_deref().unwrap_or_default()),
            content_security_policy: texts
                .add(entry.content_security_policy.as_deref().unwrap_or_default()),
            representation: len_u32(first).into(),
            representations: len_u32(representations.len() - first).into(),
            variant: len_u32(first_variant).into(),
            variants: len_u32(variants.len() - first_variant).into(),
        });
    }
    let (rules, operations) = header_rules(table, &mut texts);
    let Redirects { fixed, dynamic } = &table.rules().redirects;
    let mut redirects = |rules: &[Redirect]| -> Vec<RedirectRecord> {
        let record = |rule: &Redirect| RedirectRecord {
            from: texts.add(&rule.from),
            to: texts.add(&rule.to),
            status: u32::from(rule.status).into(),
            line: rule.line.into(),
        };
        rules.iter().map(record).collect()
    };
    let (fixed, dynamic) = (redirects(fixed), redirects(dynamic));
    let Routing { server, except, others } = &table.rules().routing;
    let mut patterns = |patterns: &[String]| -> Vec<TextRecord> {
        patterns.iter().map(|pattern| texts.add(pattern)).collect()
    };
    let (server, except) = (patterns(server), patterns(except));
    let header = FileHeader {
        magic: FileHeader::MAGIC,
        version: FileHeader::VERSION.into(),
        assets: len_u32(assets.len()).into(),
        representations: len_u32(representations.len()).into(),
        variants: len_u32(variants.len()).into(),
        header_rules: len_u32(rules.len()).into(),
        header_operations: len_u32(operations.len()).into(),
        static_redirects: len_u32(fixed.len()).into(),
        dynamic_redirects: len_u32(dynamic.len()).into(),
        server_paths: len_u32(server.len()).into(),
        excepted_paths: len_u32(except.len()).into(),
        behaviour: table.rules().behaviour.to_bytes(),
        other_paths: u32::from(*others as u8).into(),
    };
    let parts = [
        header.as_bytes(),
        assets.as_slice().as_bytes(),
        representations.as_slice().as_bytes(),
        variants.as_slice().as_bytes(),
        rules.as_slice().as_bytes(),
        operations.as_slice().as_bytes(),
        fixed.as_slice().as_bytes(),
        dynamic.as_slice().as_bytes(),
        server.as_slice().as_bytes(),
        except.as_slice().as_bytes(),
        texts.bytes.as_bytes(),
    ];
    parts.concat()
}

fn record(coding: Coding, etag: ETag, body: Body<'_>) -> RepresentationRecord {
    let representation = Representation::new(coding, etag, body);
    RepresentationRecord::new(&representation).expect("its bytes are stored elsewhere")
}

/// Makes the records of the header rules, and of the policies for responses of the server.
fn header_rules(
    table: &AssetTable,
    texts: &mut Texts,
) -> (Vec<HeaderRuleRecord>, Vec<HeaderOperationRecord>) {
    let mut operations = Vec::new();
    let mut rules = Vec::new();
    for rule in &table.rules().headers {
        let first = operations.len();
        // Removals come first, so that a rule can remove a field and set it again.
        let removed = rule.remove.iter().map(|name| (HeaderOperationRecord::REMOVE, name, ""));
        let set = rule.set.iter().map(|(name, value)| (HeaderOperationRecord::SET, name, &**value));
        operations.extend(removed.chain(set).map(|(kind, name, value)| HeaderOperationRecord {
            kind: kind.into(),
            name: texts.add(name),
            value: texts.add(value),
        }));
        rules.push(HeaderRuleRecord {
            pattern: texts.add(&rule.pattern),
            operation: len_u32(first).into(),
            operations: len_u32(operations.len() - first).into(),
        });
    }
    for policy in &table.rules().policies {
        rules.push(HeaderRuleRecord {
            pattern: texts.add(&policy.pattern),
            operation: len_u32(operations.len()).into(),
            operations: 1.into(),
        });
        operations.push(HeaderOperationRecord {
            kind: HeaderOperationRecord::DEFAULT.into(),
            name: texts.add("cache-control"),
            value: texts.add(&policy.value),
        });
    }
    (rules, operations)
}

/// The texts of a binary table. Equal texts are stored once.
#[derive(Default)]
struct Texts {
    bytes: String,
    records: BTreeMap<String, TextRecord>,
}

impl Texts {
    fn add(&mut self, text: &str) -> TextRecord {
        if let Some(record) = self.records.get(text) {
            return *record;
        }
        let (start, len) = (len_u32(self.bytes.len()), len_u32(text.len()));
        let record = TextRecord { start: start.into(), len: len.into() };
        self.bytes.push_str(text);
        self.records.insert(text.to_owned(), record);
        record
    }
}

/// Converts a size to the 32-bit integers of a binary table. A Worker is limited to 64 MiB.
pub(crate) fn len_u32(len: usize) -> u32 {
    u32::try_from(len).expect("sites are smaller than 4 GiB")
}
