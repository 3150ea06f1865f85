//! The pipeline on the example blog, from files to a table, and Brotli's share of its time.

use std::io::Write;
use std::path::Path;

use brotlic::{BrotliEncoderOptions, CompressorWriter, Quality};
use divan::Bencher;
use divan::counter::BytesCount;
use worker_pack::cache::CacheLocation;
use worker_pack::table::AssetEntry;
use worker_pack::{Options, Pack, Packed};

fn main() {
    divan::main();
}

fn pack(options: Options) -> Packed {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/blog/dist");
    Pack::from_dir(dist)
        .options(options)
        .cache(CacheLocation::Nowhere)
        .run()
        .expect("the blog can be packed")
}

/// Measures packing with the given options, in bytes of the build per second.
fn bench(bencher: Bencher<'_, '_>, options: &Options) {
    let bytes = pack(options.clone()).report().totals.source;
    bencher.counter(BytesCount::new(bytes)).bench_local(|| pack(options.clone()));
}

#[divan::bench]
fn with_defaults(bencher: Bencher<'_, '_>) {
    bench(bencher, &Options::default());
}

#[divan::bench]
fn without_minifying(bencher: Bencher<'_, '_>) {
    bench(bencher, &Options { minify: [].into(), ..Options::default() });
}

#[divan::bench]
fn without_compressing(bencher: Bencher<'_, '_>) {
    bench(bencher, &Options { encodings: [].into(), ..Options::default() });
}

/// Brotli at quality 11 on each compressible file, one after the other: the lower bound for a pack on
/// one core.
#[divan::bench]
fn brotli_alone(bencher: Bencher<'_, '_>) {
    let packed = pack(Options { encodings: [].into(), ..Options::default() });
    let is_text = |entry: &&AssetEntry| entry.media_type.is_compressible();
    let entries = packed.table().entries().iter().filter(is_text);
    let bodies: Vec<_> =
        entries.map(|entry| entry.identity.read().expect("the blog has not changed")).collect();
    let bytes: usize = bodies.iter().map(|body| body.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for body in &bodies {
            let encoder = BrotliEncoderOptions::new()
                .quality(Quality::best())
                .size_hint(u32::try_from(body.len()).unwrap_or(u32::MAX))
                .build()
                .expect("the parameters are in their ranges");
            let mut writer = CompressorWriter::with_encoder(encoder, Vec::new());
            writer.write_all(body).expect("memory can be written");
            divan::black_box(writer.into_inner().ok());
        }
    });
}
