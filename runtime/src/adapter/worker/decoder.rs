//! The decoder of the program, for bodies that are stored as Brotli alone.

use worker::wasm_bindgen::closure::Closure;

use super::scripts::Decode;

/// Returns the decoder as a function of JavaScript.
#[cfg(feature = "brotli")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature there is none")]
pub(super) fn function() -> Option<Closure<Decode>> {
    use worker::js_sys::Uint8Array;
    use worker::wasm_bindgen::JsError;

    Some(Closure::new(|brotli: Uint8Array, len| {
        let decoded = crate::decode::brotli(&brotli.to_vec(), len);
        let decoded = decoded.ok_or_else(|| JsError::new("a body cannot be decoded"))?;
        Ok(Uint8Array::from(&*decoded))
    }))
}

/// Returns none, so that the scripts use the decoder of the host.
#[cfg(not(feature = "brotli"))]
pub(super) fn function() -> Option<Closure<Decode>> {
    None
}
