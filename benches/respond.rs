//! The cost of a response with tables of 100, 10,000 and 100,000 routes. It must not grow faster than
//! the logarithm of the table's size.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use worker_pack_runtime::{Asset, ETag, Method, Representation, Request, Table};

const ROUTES: [usize; 3] = [100, 10_000, 100_000];

/// Requests per iteration, spread over the table so that not all of it is in the processor's cache.
const REQUESTS: usize = 1000;

fn main() {
    divan::main();
}

/// Returns a table of pages as Astro writes them, each with a Brotli representation. Everything is
/// borrowed for the lifetime of the program, as in an emitted module.
fn table(routes: usize) -> Table<'static> {
    let asset = |n: usize| {
        let tag = |salt: u128| ETag::new(n as u128 * 2 + salt);
        let path = format!("/section-{:03}/page-{n:06}/index.html", n % 317).leak();
        let identity = Representation::identity(tag(0), b"identity");
        let brotli = Representation::brotli(tag(1), b"brotli");
        let cache_control = "public, max-age=0, must-revalidate";
        Asset::new(path, "text/html; charset=utf-8", cache_control, identity).with_encoded(brotli)
    };
    let mut assets: Vec<Asset<'static>> = (0..routes).map(asset).collect();
    assets.sort_by(|a, b| a.path().cmp(b.path()));
    Table::new(assets.leak())
}

/// Returns the paths of pages spread over a table.
fn paths(routes: usize) -> Vec<String> {
    // A prime number as the step visits the routes out of order.
    (0..REQUESTS)
        .map(|n| n * 7919 % routes)
        .map(|n| format!("/section-{:03}/page-{n:06}/", n % 317))
        .collect()
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
