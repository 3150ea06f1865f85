//! A request to a Worker, with everything that is needed to answer it.

use worker::js_sys::Promise;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{Request, Response};
use worker::{Context, Env, IntoResponse, Result};

use super::{scripts, started};
use crate::path;
use crate::request::{self, Method};
use crate::table::Table;

/// A request to a Worker that serves a table, beside an API and the site's server.
///
/// ```ignore
/// #[event(fetch)]
/// async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
///     let mut event = FetchEvent::new(&TABLE, request, env, context);
///     if let Some(response) = event.asset().await? {
///         return Ok(response);
///     }
///     if api::owns(&event.path()) {
///         return event.finish(api::answer(&event).await?);
///     }
///     event.server_or_not_found().await
/// }
/// ```
#[derive(Debug)]
pub struct FetchEvent {
    table: usize,
    request: Request,
    env: Env,
    context: Context,
}

impl FetchEvent {
    /// Makes an event of the parameters of a handler.
    pub fn new(table: &Table<'static>, request: Request, env: Env, context: Context) -> Self {
        Self { table: started::number(table), request, env, context }
    }

    /// Answers a request that has an asset, and leaves the others to the Worker's own code. A path that
    /// belongs to that code (`run_worker_first`, `_routes.json`) is left to it even if it has an asset.
    ///
    /// # Errors
    /// If the host refuses a header field of the table.
    pub async fn asset(&mut self) -> Result<Option<Response>> {
        let answer = scripts::answer(self.table, &self.request)?;
        match answer.dyn_into::<Response>() {
            Ok(response) => Ok(Some(response)),
            Err(other) => match other.dyn_into::<Request>() {
                Ok(request) => {
                    self.request = request;
                    Ok(None)
                }
                Err(promise) => response(promise).await.map(Some),
            },
        }
    }

    /// Answers with the asset at the path even if the path belongs to the Worker's own code, or with
    /// the nearest `404.html`. The code calls this once it has decided that the client may see the
    /// asset.
    ///
    /// # Errors
    /// If the host refuses a header field of the table.
    pub async fn guarded_asset(&self) -> Result<Response> {
        response(scripts::guarded_asset(self.table, &self.request)?).await
    }

    /// Answers a request that nothing else answers, with the nearest `404.html`.
    ///
    /// # Errors
    /// If the host refuses a header field of the table.
    pub async fn not_found(&self) -> Result<Response> {
        response(scripts::not_found(self.table, &self.request)?).await
    }

    /// Asks the site's server. Returns none if the site has no server.
    ///
    /// The server gets the client's request with its body, the environment and the context. Its
    /// response may be a stream, or accept a WebSocket. A server that fails before it responds is
    /// answered by status 500, and the error is in the log.
    ///
    /// # Errors
    /// If the host refuses to call the server.
    pub async fn server(&self) -> Result<Option<Response>> {
        let answer = scripts::ask_server(&self.request, self.env.as_ref(), self.context.as_ref())?;
        if answer.is_undefined() {
            return Ok(None);
        }
        response(answer).await.map(Some)
    }

    /// Answers by the site's server or, without one, with the nearest `404.html`.
    ///
    /// # Errors
    /// If the host refuses to call the server, or a header field of the table.
    pub async fn server_or_not_found(&self) -> Result<Response> {
        match self.server().await? {
            Some(response) => Ok(response),
            None => self.not_found().await,
        }
    }

    /// Applies the rules of the site's `_headers` to a response of the Worker's own code or of the
    /// server, by the path of the request. The responses of the table have them already.
    ///
    /// # Errors
    /// If the host refuses a header field.
    pub fn finish(&self, response: impl IntoResponse) -> Result<Response> {
        let response = response.into_raw().map_err(|error| {
            let error: Box<dyn std::error::Error> = error.into();
            worker::Error::RustError(error.to_string())
        })?;
        Ok(scripts::finish(self.table, &self.request, &response)?)
    }

    /// Returns the path by which the table decides, in the form that browsers send.
    ///
    /// The Worker's own code should decide by it too. The path of the client's request may have another
    /// spelling, such as `/x/../api`, which looks like a path of another part of the Worker. After
    /// [`FetchEvent::asset`], the URL of the request has this path.
    pub fn path(&self) -> String {
        let url = self.request.url();
        path::normalize(request::Request::from_url(Method::Get, &url).path).into_owned()
    }

    /// Returns the request, whose body can be read once: by the caller or by the server.
    pub fn request(&self) -> worker::Request {
        // Not the method of the same name, which reads the body of a stream twice.
        Clone::clone(&self.request).into()
    }

    /// Returns the bindings of the Worker.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Returns the context, which keeps the Worker alive after its response (`wait_until`).
    pub fn context(&self) -> &Context {
        &self.context
    }
}

/// Waits for a response, if it is a promise.
async fn response(answer: JsValue) -> Result<Response> {
    match answer.dyn_into::<Promise>() {
        Ok(promise) => Ok(JsFuture::from(promise).await?.unchecked_into()),
        Err(response) => Ok(response.unchecked_into()),
    }
}
