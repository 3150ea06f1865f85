//! The pipeline on the example blog, from files to a table, and what of it is Brotli alone.

use std::path::Path;

use divan::Bencher;
use divan::counter::BytesCount;
use worker_pack::{Options, Pack, Packed};

fn main() {
    divan::main();
}

fn pack(options: Options) -> Packed {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/blog/dist");
    Pack::from_dir(dist).options(options).run().expect("the blog can be packed")
}

fn bench(bencher: Bencher<'_, '_>, options: &Options) {
    let bytes = pack(options.clone()).report().totals.source;
    bencher.counter(BytesCount::new(bytes)).bench_local(|| pack(options.clone()));
}

#[divan::bench]
fn everything(bencher: Bencher<'_, '_>) {
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

/// Brotli 11 over each different text body, one after the other: the floor of a pack on one core.
#[divan::bench]
fn brotli_alone(bencher: Bencher<'_, '_>) {
    let packed = pack(Options { encodings: [].into(), ..Options::default() });
    let bodies: Vec<_> = packed
        .table()
        .entries()
        .iter()
        .filter(|entry| entry.media_type.is_compressible())
        .map(|entry| entry.identity.clone())
        .collect();
    let bytes: usize = bodies.iter().map(worker_pack::Blob::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for body in &bodies {
            let params = brotli::enc::BrotliEncoderParams {
                quality: 11,
                lgwin: 22,
                size_hint: body.len(),
                ..Default::default()
            };
            let mut encoded = Vec::new();
            brotli::BrotliCompress(&mut &**body.bytes(), &mut encoded, &params).expect("memory");
            divan::black_box(encoded);
        }
    });
}
