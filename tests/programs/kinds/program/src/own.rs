//! Responses of the Worker's own, to be finished.

use futures_util::stream;
use worker::js_sys::{self, Function, Object, Promise, Reflect};
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{EncodeBody, Error, Response, Result, WebSocketPair, web_sys};
use worker_pack_runtime::FetchEvent;

/// `hello hello hello hello`, compressed by Brotli.
const COMPRESSED: &[u8] = include_bytes!("hello.br");

/// Answers with a response of a kind.
pub(crate) async fn answer(kind: &str, event: &FetchEvent) -> Result<web_sys::Response> {
    let response = match kind {
        "text" => Response::ok("text")?,
        "fields" => {
            let mut response = Response::ok("fields")?;
            let headers = response.headers_mut();
            for (name, value) in [
                ("Set-Cookie", "one=1; Path=/"),
                ("Set-Cookie", "two=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT"),
                ("X-Several", "a"),
                ("X-Several", "b"),
                ("Vary", "Origin"),
                ("Cache-Control", "private"),
            ] {
                headers.append(name, value)?;
            }
            response
        }
        "stream" => {
            let parts =
                ["one ", "two ", "three"].map(|part| Ok::<_, Error>(part.as_bytes().to_vec()));
            Response::from_stream(stream::iter(parts))?
        }
        "compressed" => {
            let mut response =
                Response::from_bytes(COMPRESSED.to_vec())?.with_encode_body(EncodeBody::Manual);
            response.headers_mut().set("Content-Encoding", "br")?;
            response
        }
        "cookie" => {
            let mut response = Response::empty()?;
            response.headers_mut().set("Set-Cookie", "one=1")?;
            response
        }
        "empty" => Response::empty()?,
        "204" => Response::empty()?.with_status(204),
        "304" => Response::empty()?.with_status(304),
        "404" => Response::error("missing", 404)?,
        "socket" => {
            let pair = WebSocketPair::new()?;
            pair.server.accept()?;
            pair.server.send_with_str("hello")?;
            Response::from_websocket(pair.client)?
        }
        "redirect" => {
            return Ok(web_sys::Response::redirect_with_status("https://a.example/", 303)?);
        }
        _ => match kind.strip_prefix("fetched/") {
            Some(path) => return fetched(path, event).await,
            None => Response::error("unknown kind", 404)?,
        },
    };
    Ok(response.into())
}

/// Fetches a path of this Worker itself, to which the tests connect `fetch`. The header fields of such a
/// response cannot be changed.
async fn fetched(path: &str, event: &FetchEvent) -> Result<web_sys::Response> {
    let init = Object::new();
    if path.contains("manual") {
        Reflect::set(&init, &"encodeResponseBody".into(), &"manual".into())?;
    }
    Reflect::set(&init, &"redirect".into(), &"manual".into())?;
    Reflect::set(&init, &"method".into(), &event.request().inner().method().into())?;
    let global = js_sys::global();
    let fetch: Function = Reflect::get(&global, &"fetch".into())?.unchecked_into();
    let url = format!("http://upstream.example/{}", path.trim_start_matches("manual/"));
    let promise: Promise = fetch.call2(&JsValue::UNDEFINED, &url.into(), &init)?.unchecked_into();
    Ok(JsFuture::from(promise).await?.unchecked_into())
}
