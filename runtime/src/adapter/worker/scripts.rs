//! The functions of `host/program.js`.

use worker::js_sys::Uint8Array;
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};

/// Decodes Brotli to bytes of a known length.
pub(super) type Decode = dyn Fn(Uint8Array, usize) -> Result<Uint8Array, JsError>;

/// Answers a question about the request text of a length, with a status. See
/// [`ProgramQuestion`](crate::exchange::questions::ProgramQuestion).
pub(super) type Ask = dyn FnMut(u32, usize, u32) -> usize;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, module = "/host/program.js")]
extern "C" {
    /// Makes a table answer requests.
    pub(super) fn start(
        table: usize,
        memory: JsValue,
        ask: &Closure<Ask>,
        decode: Option<&Closure<Decode>>,
    );

    /// Makes the table of the host answer requests, once it has loaded it.
    #[wasm_bindgen(js_name = startOfHost)]
    pub(super) fn start_of_host(
        table: usize,
        memory: JsValue,
        ask: &Closure<Ask>,
        decode: Option<&Closure<Decode>>,
    );

    /// Returns the response to a client, a promise of it, or the request for the Worker's own code.
    #[wasm_bindgen(catch)]
    pub(super) fn answer(table: usize, request: &Request) -> Result<JsValue, JsValue>;

    /// Returns the asset at a path, or the 404 page, or a promise of it.
    #[wasm_bindgen(catch, js_name = guardedAsset)]
    pub(super) fn guarded_asset(table: usize, request: &Request) -> Result<JsValue, JsValue>;

    /// Returns the 404 page, or a promise of it.
    #[wasm_bindgen(catch, js_name = notFound)]
    pub(super) fn not_found(table: usize, request: &Request) -> Result<JsValue, JsValue>;

    /// Applies the header rules of the site to a response.
    #[wasm_bindgen(catch)]
    pub(super) fn finish(
        table: usize,
        request: &Request,
        response: &Response,
    ) -> Result<Response, JsValue>;

    /// Returns a promise of the response of the site's server, or `undefined` without a server.
    #[wasm_bindgen(catch, js_name = askServer)]
    pub(super) fn ask_server(
        request: &Request,
        env: &JsValue,
        context: &JsValue,
    ) -> Result<JsValue, JsValue>;
}

// wasm-bindgen copies the files that are named here. The one above imports these.

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, module = "/host/assets.js")]
extern "C" {
    type Assets;
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, module = "/host/r2.js")]
extern "C" {
    type R2;
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, module = "/host/static_assets.js")]
extern "C" {
    type StaticAssets;
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, module = "/host/engine.js")]
extern "C" {
    type Engine;
}
