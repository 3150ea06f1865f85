//! Questions to Durable Objects, each of which is asked by a `POST` of JSON.

use serde::Serialize;
use worker::{Env, Method, Request, RequestInit, Response};

use crate::problem::{Answer, Kind, Problem};

/// Asks the object of a name, and returns its response.
///
/// # Errors
/// If the binding is missing, or the object fails.
pub(crate) async fn ask(
    env: &Env,
    binding: &str,
    name: &str,
    question: &impl Serialize,
) -> Answer<Response> {
    let objects = env.durable_object(binding).map_err(|_| {
        let detail = format!("the Durable Object binding `{binding}` is missing");
        Problem::new(Kind::NotConfigured, detail)
    })?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(serde_json::to_string(question)?.into()));
    let request = Request::new_with_init("http://object/", &init)?;
    Ok(objects.get_by_name(name)?.fetch_with_request(request).await?)
}
