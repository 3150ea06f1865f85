//! Facts about a client that Cloudflare's edge knows, in `request.cf`.

use worker::js_sys::Reflect;
use worker::wasm_bindgen::JsValue;
use worker::web_sys::Request;

/// Where a request has arrived, and what its client accepts. Each fact may be missing, as in development.
#[derive(Debug, Default)]
pub(crate) struct Edge {
    /// The airport code of the data centre, such as `AMS`.
    pub(crate) colo: Option<String>,
    /// The continent of the client: `AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`.
    pub(crate) continent: Option<String>,
    /// The client's own `Accept-Encoding`. The edge replaces the field of the request.
    pub(crate) accept_encoding: Option<String>,
}

impl Edge {
    /// Reads the facts of a request.
    pub(crate) fn of(request: &Request) -> Self {
        let text =
            |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok()?.as_string();
        match Reflect::get(request.as_ref(), &"cf".into()) {
            Ok(cf) if cf.is_object() => Self {
                colo: text(&cf, "colo"),
                continent: text(&cf, "continent"),
                accept_encoding: text(&cf, "clientAcceptEncoding"),
            },
            _ => Self::default(),
        }
    }
}
