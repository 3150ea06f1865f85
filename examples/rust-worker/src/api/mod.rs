//! The API for the site's scripts. Every response is JSON, even an error, and is never cached.

mod health;
mod letters;

use serde::Serialize;
use worker::{Response, Result, console_error};
use worker_pack_runtime::FetchEvent;

/// Returns whether a path belongs to the API, even if no endpoint has it.
pub(crate) fn owns(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Answers a request for a path of the API.
pub(crate) async fn answer(event: &FetchEvent) -> Result<Response> {
    let (path, mut request) = (event.path(), event.request());
    let Some(endpoint) = Endpoint::at(&path) else {
        return problem(404, "no endpoint has this path");
    };
    // Not `request.method()`, which reads an unknown method as GET.
    let method = request.inner().method();
    if !endpoint.methods().contains(&method.as_str()) {
        let mut response = problem(405, "this endpoint does not support the method")?;
        response.headers_mut().set("Allow", &endpoint.methods().join(", "))?;
        return Ok(response);
    }
    let answer = match endpoint {
        Endpoint::Health => health::answer(event.env()).await,
        Endpoint::Letters => letters::answer(&mut request, event.env()).await,
    };
    answer.or_else(|error| {
        console_error!("{method} {path}: {error}");
        problem(500, "internal error")
    })
}

/// An endpoint of the API.
#[derive(Clone, Copy)]
enum Endpoint {
    /// The health of the Worker.
    Health,
    /// Letters to the author.
    Letters,
}

impl Endpoint {
    fn at(path: &str) -> Option<Self> {
        match path {
            "/api/health" => Some(Self::Health),
            "/api/letters" => Some(Self::Letters),
            _ => None,
        }
    }

    fn methods(self) -> &'static [&'static str] {
        match self {
            // Workers send no body in response to a HEAD, whatever the handler returns.
            Self::Health => &["GET", "HEAD"],
            Self::Letters => &["POST"],
        }
    }
}

#[derive(Serialize)]
struct Problem<'a> {
    error: &'a str,
}

/// Makes a response with an error message.
fn problem(status: u16, error: &str) -> Result<Response> {
    json(status, &Problem { error })
}

fn json(status: u16, value: &impl Serialize) -> Result<Response> {
    let mut response = Response::from_json(value)?.with_status(status);
    response.headers_mut().set("Cache-Control", "no-store")?;
    Ok(response)
}
