//! A Worker in Rust with handlers of every kind, beside those of the server in `site`.

#![expect(missing_docs, reason = "the macro for Durable Objects adds functions without")]

use std::cell::Cell;

use worker::durable::State;
use worker::web_sys::{Request, Response};
use worker::{
    Context, DurableObject, Env, Error, Result, ScheduleContext, ScheduledEvent, console_error,
    durable_object, event,
};
use worker_pack_runtime::FetchEvent;

mod site {
    worker_pack_runtime::include_site!();
}

thread_local! {
    static STARTS: Cell<u32> = const { Cell::new(0) };
}

/// Counts that the program starts, beside the start of the table.
#[event(start)]
fn start() {
    STARTS.set(STARTS.get() + 1);
}

/// Answers from the table, fails in each way in which a program fails, or asks the server.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let mut event = FetchEvent::new(&site::TABLE, request, env, context);
    if let Some(response) = event.asset().await? {
        return Ok(response);
    }
    match &*event.path() {
        "/rust/starts" => event.finish(worker::Response::ok(STARTS.get().to_string())?),
        "/rust/error" => Err(Error::RustError("the program gives up".to_owned())),
        "/rust/panic" => panic!("the program fails"),
        "/rust/late-panic" => {
            let answered = event.server().await?.is_some();
            panic!("the program fails after the server, which has answered: {answered}")
        }
        "/rust/object" => {
            let object = event.env().durable_object("RUST_OBJECT")?.get_by_name("one")?;
            let response = object.fetch_with_str("https://object.invalid/").await?;
            event.finish(response)
        }
        path if path.starts_with("/finished/") => match event.server().await? {
            Some(response) => event.finish(response),
            None => event.not_found().await,
        },
        _ => event.server_or_not_found().await,
    }
}

/// Takes the place of the server's handler.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, _env: Env, _context: ScheduleContext) {
    console_error!("scheduled: by Rust");
}

/// A Durable Object of the program.
#[durable_object]
pub struct RustObject {
    state: State,
}

impl DurableObject for RustObject {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, _request: worker::Request) -> Result<worker::Response> {
        let calls = self.state.storage().get::<u32>("calls").await?.unwrap_or_default() + 1;
        self.state.storage().put("calls", calls).await?;
        worker::Response::ok(format!("call {calls} of an object in Rust"))
    }
}
