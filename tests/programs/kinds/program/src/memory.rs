//! Memory that grows, and what becomes of responses meanwhile.

use std::cell::RefCell;

use worker::js_sys::{self, Function, Reflect};
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::web_sys::Response;
use worker::{IntoResponse as _, Result};
use worker_pack_runtime::FetchEvent;

/// Enough for the memory to grow.
const PART: usize = 4 * 1024 * 1024;

thread_local! {
    static HELD: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Does something with the memory.
pub(crate) async fn answer(action: &str, event: &FetchEvent) -> Result<Response> {
    match action {
        "grow" => {
            grow();
            text("grown")
        }
        "release" => {
            HELD.take();
            text("released")
        }
        "collect" => {
            // V8 has it if the flag `--expose-gc` is given.
            let gc: Function = Reflect::get(&js_sys::global(), &"gc".into())?.unchecked_into();
            gc.call0(&JsValue::UNDEFINED)?;
            text(&core::arch::wasm32::memory_size::<0>().to_string())
        }
        "panic" => panic!("on purpose"),
        "late-panic" => {
            // After a turn of the event loop, so that the promise of the response has been returned.
            worker::Delay::from(std::time::Duration::ZERO).await;
            panic!("on purpose")
        }
        "error" => Err("on purpose".into()),
        _ => event.not_found().await,
    }
}

/// Grows the memory between the reply and its sending, if the request says so.
pub(crate) fn grow_before_sending(event: &FetchEvent) -> Result<()> {
    if event.request().inner().headers().has("x-grow")? {
        grow();
    }
    Ok(())
}

/// Takes memory and writes over all of it.
fn grow() {
    HELD.with_borrow_mut(|held| held.push(vec![0xaa; PART]));
}

fn text(text: &str) -> Result<Response> {
    worker::Response::ok(text)?.into_raw().map_err(|error| {
        let error: Box<dyn std::error::Error> = error.into();
        worker::Error::RustError(error.to_string())
    })
}
