//! The cost of a response with tables of 100, 10,000 and 100,000 routes. It must not grow faster than
//! the logarithm of the table's size.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use worker_pack_runtime::packer::{
    self, AssetRecord, FileHeader, RepresentationRecord, TextRecord,
};
use worker_pack_runtime::{
    Behaviour, Body, Coding, ETag, Method, Representation, Request, Stored, Table,
};
use zerocopy::IntoBytes;

const ROUTES: [usize; 3] = [100, 10_000, 100_000];

/// Requests per iteration, spread over the table so that not all of it is in the processor's cache.
const REQUESTS: usize = 1000;

fn main() {
    divan::main();
}

/// The bodies of every page.
static BODIES: [&[u8]; 1] = [b"identitybrotli"];

/// Returns a table of pages as Astro writes them, each with a Brotli representation. It has the form
/// of an emitted module.
fn table(routes: usize) -> Table<'static> {
    let mut texts = String::new();
    let mut text = |text: &str| {
        let record = TextRecord { start: number(texts.len()), len: number(text.len()) };
        texts.push_str(text);
        record
    };
    let no_link = text("");
    let content_type = text("text/html; charset=utf-8");
    let cache_control = text("public, max-age=0, must-revalidate");
    let mut paths: Vec<String> = (0..routes).map(|n| format!("{}index.html", path(n))).collect();
    paths.sort_unstable();
    let asset = |(n, path): (usize, &String)| AssetRecord {
        path: text(path),
        content_type,
        cache_control,
        link: no_link,
        use_as_dictionary: no_link,
        content_security_policy: no_link,
        representation: number(2 * n),
        representations: number(2),
        variant: number(0),
        variants: number(0),
    };
    let assets: Vec<AssetRecord> = paths.iter().enumerate().map(asset).collect();
    let representations: Vec<RepresentationRecord> = (0..routes)
        .flat_map(|n| [(n, Coding::Identity, 0, 8), (n, Coding::Brotli, 8, 6)])
        .map(|(n, coding, start, len)| {
            let body = Body::new(Stored::Module { index: 0, start, len });
            let tag = ETag::new(u128::MAX / (2 * n as u128 + u128::from(len)));
            RepresentationRecord::new(&Representation::new(coding, tag, body))
        })
        .collect::<Option<_>>()
        .expect("the bodies are in a module");
    let header = FileHeader {
        magic: FileHeader::MAGIC,
        version: FileHeader::VERSION.into(),
        assets: number(assets.len()),
        representations: number(representations.len()),
        variants: number(0),
        header_rules: number(0),
        header_operations: number(0),
        static_redirects: number(0),
        dynamic_redirects: number(0),
        server_paths: number(0),
        excepted_paths: number(0),
        behaviour: Behaviour::DEFAULT.to_bytes(),
        other_paths: number(0),
    };
    let records = [assets.as_bytes(), representations.as_bytes()].concat();
    let bytes = [header.as_bytes(), &*records, texts.as_bytes()].concat();
    packer::table(bytes.leak(), &BODIES)
}

/// Converts a number for a record.
fn number<N: From<u32>>(number: usize) -> N {
    N::from(u32::try_from(number).expect("the table is small"))
}

/// Returns the path of a page.
fn path(n: usize) -> String {
    format!("/section-{:03}/page-{n:06}/", n % 317)
}

/// Returns the paths of pages spread over a table.
fn paths(routes: usize) -> Vec<String> {
    // A prime number as the step visits the routes out of order.
    (0..REQUESTS).map(|n| path(n * 7919 % routes)).collect()
}

/// Measures a request to each of many paths.
fn respond_to_all(bencher: Bencher<'_, '_>, routes: usize, request: Request<'static>) {
    let (table, paths) = (table(routes), paths(routes));
    bencher.counter(ItemsCount::new(REQUESTS)).bench_local(|| {
        for path in &paths {
            black_box(table.respond(black_box(&Request { path, ..request })));
        }
    });
}

/// The request of a browser.
const GET: Request<'static> =
    Request { accept_encoding: Some("gzip, deflate, br, zstd"), ..Request::new(Method::Get, "/") };

#[divan::bench(args = ROUTES)]
fn page(bencher: Bencher<'_, '_>, routes: usize) {
    respond_to_all(bencher, routes, GET);
}

#[divan::bench(args = ROUTES)]
fn not_modified(bencher: Bencher<'_, '_>, routes: usize) {
    respond_to_all(bencher, routes, Request { if_none_match: Some("*"), ..GET });
}

#[divan::bench(args = ROUTES)]
fn missing_file(bencher: Bencher<'_, '_>, routes: usize) {
    let table = table(routes);
    let paths: Vec<String> = (0..REQUESTS).map(|n| format!("/api/{n}/session")).collect();
    bencher.counter(ItemsCount::new(REQUESTS)).bench_local(|| {
        for path in &paths {
            black_box(table.respond(black_box(&Request { path, ..GET })));
        }
    });
}
